import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { IAMClient } from '@aws-sdk/client-iam';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { Command, InvalidArgumentError, Option } from 'commander';
import { lookUp } from '../../clients/aws/clusters';
import { silenceNodeVersionWarning } from '../../clients/aws/node-version-warning';
import { signToken } from '../../clients/aws/token';
import type { Environment } from '../../modules';
import { accessModel } from '../../modules/access/model';
import type { MembershipMode } from '../../modules/access/rds-iam-membership';
import { deploymentPermissions } from '../../modules/connect/deploying-role/deploying-role';
import { masterUsernameOf } from '../../modules/environment/cluster';
import { stackName } from '../../modules/environment/environment';
import { loginsOf } from '../../modules/environment/principals';
import { rdsParts } from '../../modules/names/arn';
import { connectCommand } from '../../modules/names/commands';
import { OUTPUTS } from '../../modules/names/outputs';
import { findTerraform, whyProviderMissing } from '../../planning/find-terraform';
import { type LocalAurora, OWNER_CREDENTIALS, startLocalAurora } from '../local-aurora';
import { writeShellFile } from '../playground/place';
import type { PostgresMajor } from '../postgres/postgres-binaries';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../project-directory';
import { REFUSALS_LOG } from '../run-log';
import { checkLogins, checkMaster, checkRefusals, checkTools, type Scene } from './checks';
import { createDeployment, localVariables, shellVariables } from './deploy';
import { checkPlans, deploy, documentPrincipals, stackNames } from './deploy-environment';
import { runExperiment } from './experiment';
import { allow, createIamCluster } from './iam-master';
import { createIdentities, createUser } from './identities';
import { assumeRole, type LocalDoor } from './logins';
import { checkPermissions } from './permission-checks';
import { isTaken, type Ready, writeReadyFile } from './ready-file';
import { expectThat, Report } from './report';
import { createRole } from './roles';
import { filesWithSecrets, secretsOfToken } from './secrets';
import { checkWebIdentities } from './web-identity-checks';

// `npm start`: the main job, end to end, on one machine.

silenceNodeVersionWarning();

interface StartOptions {
  readonly json?: boolean;
  readonly keep?: boolean;
  readonly ready?: string;
  readonly postgres: PostgresMajor;
  readonly mode: MembershipMode;
  readonly master: 'password' | 'iam';
}

const options = new Command('npm start --')
  .description('Deploy the environment "local" to Local Aurora, log in, and report.')
  .option('--json', 'end with the report as one line of JSON')
  .option('--keep', 'leave it running until Ctrl-C')
  .option('--ready <file>', 'where to write what a client needs (default: .local/ready.json)')
  .option('--postgres <major>', '15, 16, 17 or 18', majorVersion, 17 as PostgresMajor)
  .addOption(
    new Option(
      '--mode <mode>',
      'how memberships in rds_iam count: as RDS is believed to, or as vanilla pg_hba',
    )
      .choices(['rds', 'vanilla'])
      .default('rds'),
  )
  .addOption(
    new Option('--master <how>', 'how the master logs in; with iam, an existing cluster is deployed to')
      .choices(['password', 'iam'])
      .default('password'),
  )
  .parse()
  .opts<StartOptions>();

function majorVersion(text: string): PostgresMajor {
  if (!/^1[5-8]$/.test(text)) throw new InvalidArgumentError('It is not 15, 16, 17 or 18.');
  return Number(text) as PostgresMajor;
}

class Interrupted extends Error {}

/** What to undo at the end, in the opposite order. */
const undo: (() => unknown)[] = [];
const report = new Report();
/** Everything is done, and Ctrl-C is how it ends. */
let kept = false;
let interrupt: (signal: string) => void = () => {};
const interrupted = new Promise<never>((_resolve, reject) => {
  interrupt = (signal) => reject(new Interrupted(signal));
});
interrupted.catch(() => {});
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt(signal));

main().then((code) => {
  process.exitCode = code;
});

async function main(): Promise<number> {
  let code = 1;
  try {
    const work = run();
    // An interrupted step goes on failing in the background while it is cleaned up.
    work.catch(() => {});
    await Promise.race([work, interrupted]);
    code = report.failed ? 1 : 0;
  } catch (error) {
    if (error instanceof Interrupted && kept) {
      code = report.failed ? 1 : 0;
    } else if (error instanceof Interrupted) {
      report.end(`Interrupted (${error.message}).`);
      code = 130;
    } else console.error(error instanceof Error ? error.message : error);
  }
  for (const each of undo.reverse())
    try {
      await each();
    } catch (error) {
      console.error(`Cleaning up: ${error instanceof Error ? error.message : error}`);
      code ||= 1;
    }
  const { checks } = report;
  const count = (status: string) => checks.filter((check) => check.status === status).length;
  report.end(`${count('passed')} checks passed, ${count('failed')} failed, ${count('skipped')} skipped`);
  if (options.json) process.stdout.write(`${JSON.stringify({ checks })}\n`);
  return code;
}

async function run(): Promise<void> {
  mkdirSync(LOCAL_DIRECTORY, { recursive: true });
  const directory = mkdtempSync(join(LOCAL_DIRECTORY, 'run-'));
  // Again, if a file comes in between: the last one of a process that is just ending.
  undo.push(() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 }));
  const toolsDirectory = join(LOCAL_DIRECTORY, 'tools');

  const terraform = await findTerraform(join(toolsDirectory, 'terraform'));
  if ('missing' in terraform) throw new Error(`Local Aurora needs Terraform: ${terraform.missing}.`);
  const region = 'eu-west-1';
  const aurora = await report.step('Start Local Aurora', () => {
    const started = startLocalAurora({
      directory,
      toolsDirectory,
      region,
      major: options.postgres,
      mode: options.mode,
    });
    // Interrupted in the middle of it, it is waited for: what has started by then must be stopped.
    undo.push(() =>
      started.then(
        (running) => running.stop(),
        () => {},
      ),
    );
    return started;
  });
  report.say(
    `AWS endpoint ${aurora.awsEndpoint}, PostgreSQL ${aurora.postgresVersion} behind port ${aurora.port}, memberships as ${aurora.mode}`,
  );
  const iam = new IAMClient({ endpoint: aurora.awsEndpoint, region, credentials: OWNER_CREDENTIALS });
  undo.push(() => iam.destroy());
  const deployer = options.master === 'iam' ? await createUser(iam, 'deploy') : undefined;
  // The environment reads where the database is when it is loaded.
  Object.assign(process.env, localVariables(aurora, region, deployer));
  const environment = (await import('../../environments/local')).default;
  if (deployer) {
    await report.step('Create a cluster whose master logs in by IAM', () =>
      createIamCluster(aurora, environment),
    );
    await allow(iam, 'deploy', deploymentPermissions(environment)[stackName(environment, 'database')]);
  }
  const { roles, users } = await createIdentities(environment, iam);
  const deployment = createDeployment({
    directory,
    aurora,
    terraform,
    region,
    ...(deployer ? { deployer } : {}),
  });
  undo.push(() => deployment.abort());

  const missing = {
    aws: await whyProviderMissing(terraform, 'aws'),
    postgresql: await whyProviderMissing(terraform, 'postgresql'),
  };
  if (missing.aws !== undefined) throw new Error(`Local Aurora needs the AWS provider: ${missing.aws}.`);
  const login = masterLogin(environment, aurora, deployer);
  const door = await deploy(
    report,
    environment,
    deployment,
    { certificateAuthorityFile: aurora.certificateAuthorityFile, masterPassword: login },
    missing.postgresql,
  );
  await documentPrincipals(environment, deployment, iam, roles);
  const password = aurora.masterPassword();
  if (password === undefined && !deployer) throw new Error('No cluster was created at the AWS endpoint.');
  const credentials = new Map<string, AwsCredentialIdentity>(users);
  for (const [key, arn] of roles)
    for (const login of principalLogins(environment, key))
      credentials.set(login, await assumeRole(aurora.awsEndpoint, region, arn));
  const strangerArn = await createRole(iam, {
    name: 'stranger',
    account: environment.account,
    partition: 'aws',
  });
  const scene: Scene = {
    report,
    door,
    model: accessModel(environment),
    credentials,
    stranger: await assumeRole(aurora.awsEndpoint, region, strangerArn),
    master: { username: masterUsernameOf(environment.cluster), byIam: deployer !== undefined, secret: login },
    refusals: aurora.refusals,
    used: new Set(),
  };
  publish(environment, aurora, door, roles, directory, deployer);

  await checkPlans(report, environment, deployment, missing.postgresql);
  await checkPermissions(report, environment, stackNames(environment, missing.postgresql), aurora.calls);
  const outputs = await deployment.outputs(stackName(environment, 'policies'));
  const webIdentitySecrets = new Set<string>();
  const admitted = await checkWebIdentities({
    report,
    door,
    environment,
    awsEndpoint: aurora.awsEndpoint,
    issuer: aurora.issuer,
    newRoles: (outputs[OUTPUTS.roleArns] ?? {}) as Record<string, string>,
    used: scene.used,
    secrets: webIdentitySecrets,
  });
  // A login may have no other principal than such a role.
  for (const [login, session] of admitted) if (!credentials.has(login)) credentials.set(login, session);
  await checkLogins(scene);
  await checkRefusals(scene);
  await checkMaster(scene);
  const [first] = credentials.keys();
  if (first !== undefined)
    await runExperiment({
      report,
      door,
      iam,
      awsEndpoint: aurora.awsEndpoint,
      account: environment.account,
      partition: rdsParts(String(outputs[OUTPUTS.clusterArn]))?.partition ?? '',
      identifier: environment.cluster.identifier,
      resourceId: String(outputs[OUTPUTS.clusterResourceId]),
      login: first,
      used: scene.used,
    });
  await checkTools(scene, environment.name, deployment.tool, missing.postgresql !== undefined);
  await report.check('secrets', async () => {
    const secrets = [
      ...(password === undefined ? [] : [password]),
      ...[...credentials.values()].flatMap(({ secretAccessKey, sessionToken }) => [
        secretAccessKey,
        sessionToken ?? secretAccessKey,
      ]),
      ...[...scene.used].flatMap(secretsOfToken),
      ...webIdentitySecrets,
    ];
    const found = [
      ...filesWithSecrets(directory, secrets),
      // The file to source holds the deployer's key, so that a person can be the deployer.
      ...filesWithSecrets(directory, deployer ? [deployer.secretAccessKey] : []).filter(
        (file) => file !== 'env.sh',
      ),
    ];
    expectThat(found.length === 0, `a password, key or token is in ${found.join(', ')}`);
    return `none of ${secrets.length} passwords, keys and tokens is in a file of the run (states, plans, logs, data)`;
  });
  if (options.keep) {
    sayHowToTry(aurora, directory, environment, roles);
    kept = true;
    await new Promise(() => {});
  }
}

/** What the master logs in with: its password, or a token of this moment. */
function masterLogin(
  environment: Environment,
  aurora: LocalAurora,
  deployer: AwsCredentialIdentity | undefined,
): () => Promise<string> {
  return async () => {
    if (!deployer) return aurora.masterPassword() ?? '';
    const { host, port } = await lookUp(environment, {});
    const user = masterUsernameOf(environment.cluster);
    return signToken({ host, port, region: environment.region, user }, {});
  };
}

function principalLogins({ principals }: Environment, key: string): readonly string[] {
  const principal = principals[key];
  return principal ? loginsOf(principal) : [];
}

/** Writes the file that outside clients read, unless another run has it. */
function publish(
  environment: Environment,
  aurora: LocalAurora,
  door: LocalDoor,
  roles: ReadonlyMap<string, string>,
  directory: string,
  deployer: AwsCredentialIdentity | undefined,
): void {
  const ready: Ready = {
    aws: { endpoint: aurora.awsEndpoint, region: door.region },
    database: {
      endpoint: door.host,
      hostaddr: '127.0.0.1',
      port: door.port,
      name: door.database,
      ca: aurora.certificateAuthorityFile,
    },
    principals: [...roles].map(([key, role]) => ({
      role,
      logins: principalLogins(environment, key),
    })),
    logs: aurora.logs,
    shell: join(directory, 'env.sh'),
    pid: process.pid,
  };
  writeShellFile(ready.shell, shellVariables(aurora, door.region, directory, deployer));
  const usual = join(LOCAL_DIRECTORY, 'ready.json');
  const path = options.ready
    ? resolve(options.ready)
    : isTaken(usual)
      ? join(directory, 'ready.json')
      : usual;
  undo.push(writeReadyFile(path, ready));
  const fromProject = (file: string) => relative(PROJECT_DIRECTORY, file);
  report.say(
    `Ready: ${fromProject(path)} says what a client needs, \`source ${fromProject(ready.shell)}\` sets it`,
  );
}

function sayHowToTry(
  aurora: LocalAurora,
  directory: string,
  environment: Environment,
  roles: ReadonlyMap<string, string>,
): void {
  const fromProject = (...path: string[]) => relative(PROJECT_DIRECTORY, join(...path));
  report.say('\nLocal Aurora keeps running until Ctrl-C. In another terminal:\n');
  report.say(`  source ${fromProject(directory, 'env.sh')}`);
  for (const [key, role] of roles)
    for (const login of principalLogins(environment, key))
      report.say(`  ${connectCommand(environment.name, login, { role })}`);
  report.say(`\nWhy the gate refused somebody: ${fromProject(aurora.logs, REFUSALS_LOG)}`);
  report.say('To deploy changes of your own, end this and start `npm run local`: docs/playground.md');
}
