import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { logIn } from '../../clients/postgresql/log-in';
import type { Environment } from '../../modules';
import { accessModel } from '../../modules/access/model';
import { databaseScripts } from '../../modules/access/sql';
import { masterUsernameOf } from '../../modules/environment/cluster';
import { stackName } from '../../modules/environment/environment';
import { identityNameOf } from '../../modules/environment/principals';
import { OUTPUTS } from '../../modules/names/outputs';
import type { Deployment } from './deploy';
import type { LocalDoor } from './logins';
import { expectThat, type Report } from './report';

/** Does with each document what Identity Center does with one in a permission set. */
export async function documentPrincipals(
  environment: Environment,
  deployment: Deployment,
  iam: IAMClient,
  roles: ReadonlyMap<string, string>,
): Promise<void> {
  const outputs = await deployment.outputs(stackName(environment, 'policies'));
  const documents = outputs[OUTPUTS.policyDocuments] as Record<string, string>;
  for (const [key, principal] of Object.entries(environment.principals)) {
    if (principal.kind !== 'document') continue;
    const PolicyDocument = documents[key];
    if (PolicyDocument === undefined) throw new Error(`The policies stack has no document for ${key}.`);
    await iam.send(
      new PutRolePolicyCommand({
        RoleName: identityNameOf(roles.get(key) as string),
        PolicyName: 'permission-set',
        PolicyDocument,
      }),
    );
  }
}

export async function deploy(
  report: Report,
  environment: Environment,
  deployment: Deployment,
  aurora: {
    readonly certificateAuthorityFile: string;
    masterPassword(): Promise<string | undefined> | string | undefined;
  },
  postgresqlMissing: string | undefined,
): Promise<LocalDoor> {
  const { name, region, cluster } = environment;
  const stacks = stackNames(environment, postgresqlMissing);
  const all = postgresqlMissing === undefined;
  const named = all ? [`${name}-*`] : stacks;
  await report.step(`cdktf deploy ${named.map((stack) => `'${stack}'`).join(' ')}`, () =>
    deployment.deploy(...named),
  );
  for (const stack of stacks)
    await report.check(`deployed.${stack}`, async () => {
      const outputs = Object.keys(await deployment.outputs(stack));
      expectThat(outputs.length > 0, 'has no outputs');
      return `outputs ${outputs.join(', ')}`;
    });
  const outputs = await deployment.outputs(stackName(environment, 'policies'));
  const door: LocalDoor = {
    host: String(outputs[OUTPUTS.endpoint]),
    port: Number(outputs[OUTPUTS.port]),
    region,
    database: cluster.databaseName,
    address: '127.0.0.1',
    certificateAuthority: readFileSync(aurora.certificateAuthorityFile, 'utf8'),
  };
  if (postgresqlMissing !== undefined) {
    report.skip(`deployed.${stackName(environment, 'database')}`, postgresqlMissing);
    report.say('The same access is applied by the SQL export instead.');
    await report.check('sql', async () => {
      const scripts = databaseScripts(accessModel(environment));
      for (const { database, statements } of scripts)
        await logIn(
          { ...door, database },
          masterUsernameOf(cluster),
          (await aurora.masterPassword()) ?? '',
          async (client) => {
            await client.query(['BEGIN;', ...statements, 'COMMIT;'].join('\n'));
          },
        );
      const count = scripts.reduce((sum, script) => sum + script.statements.length, 0);
      return `${count} statements applied as ${masterUsernameOf(cluster)}`;
    });
  }
  return door;
}

export function stackNames(environment: Environment, postgresqlMissing: string | undefined): string[] {
  return [
    ...(environment.cluster.kind === 'created' ? [stackName(environment, 'cluster')] : []),
    ...(postgresqlMissing === undefined ? [stackName(environment, 'database')] : []),
    stackName(environment, 'policies'),
  ];
}

export async function checkPlans(
  report: Report,
  environment: Environment,
  deployment: Deployment,
  postgresqlMissing: string | undefined,
): Promise<void> {
  for (const stack of stackNames(environment, postgresqlMissing))
    await report.check(`second-plan.${stack}`, async () => {
      const { changes, output } = await deployment.plan(stack);
      expectThat(!changes, `changes: ${output.slice(output.indexOf('Terraform will perform'))}`);
      return 'no changes';
    });
  if (postgresqlMissing !== undefined)
    report.skip(`second-plan.${stackName(environment, 'database')}`, 'it was not deployed');
  await report.check('tools.review', async () => {
    const plans = stackNames(environment, postgresqlMissing).map((stack) =>
      join('logs', `${stack}.plan.json`),
    );
    const { code, output } = await deployment.tool('review', ...plans);
    expectThat(code === 0, output.trim());
    return `of the plans of ${plans.length} stacks: ${output.trim()}`;
  });
}
