import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { IAMClient } from '@aws-sdk/client-iam';
import { lookUp } from '../../clients/aws/clusters';
import { readSecretPassword } from '../../clients/aws/secret';
import { signToken } from '../../clients/aws/token';
import type { Environment } from '../../modules';
import { overview } from '../../modules/connect/overview';
import { masterLogsInByIam, masterUsernameOf } from '../../modules/environment/cluster';
import { connectCommand } from '../../modules/names/commands';
import { findTerraform, whyProviderMissing } from '../../planning/find-terraform';
import { OWNER_CREDENTIALS } from '../local-aurora';
import { createDeployment, localVariables } from '../main-job/deploy';
import { deploy, documentPrincipals } from '../main-job/deploy-environment';
import { createIamCluster } from '../main-job/iam-master';
import { createIdentities } from '../main-job/identities';
import { Report } from '../main-job/report';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../project-directory';
import { type Playground, runningPlayground } from './place';

// `npm run local:deploy [-- <environment>]`: what the files say now, on the running playground.

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

async function main(name: string): Promise<void> {
  const playground = runningPlayground();
  if (!playground) throw new Error('No Local Aurora is running. Start it in another terminal: npm run local');
  // Never what was built before: a failed build stops here.
  const { status } = spawnSync('npm', ['run', '--silent', 'build'], {
    cwd: PROJECT_DIRECTORY,
    stdio: ['ignore', 2, 2],
    // npm is a script of the shell on Windows.
    shell: process.platform === 'win32',
  });
  if (status !== 0) throw new Error('The project does not build, so nothing was deployed.');
  const { region, deployer } = playground;
  Object.assign(process.env, localVariables(playground, region, deployer));
  const { default: environments } = (await import(
    join(PROJECT_DIRECTORY, 'dist', 'environments', 'index.js')
  )) as { default: { default: readonly Environment[] } | readonly Environment[] };
  const all = 'default' in environments ? environments.default : environments;
  const environment = all.find((each) => each.name === name);
  if (!environment)
    throw new Error(
      `There is no environment "${name}" in environments/index.ts; there is ${all.map((each) => each.name).join(', ')}.`,
    );
  const terraform = await findTerraform(join(LOCAL_DIRECTORY, 'tools', 'terraform'));
  if ('missing' in terraform) throw new Error(`Local Aurora needs Terraform: ${terraform.missing}.`);
  const iam = new IAMClient({ endpoint: playground.awsEndpoint, region, credentials: OWNER_CREDENTIALS });
  const report = new Report();
  try {
    if (deployer && environment.name === 'local') await createIfMissing(playground, environment);
    const { roles } = await createIdentities(environment, iam);
    const deployment = createDeployment({
      ...playground,
      aurora: playground,
      terraform,
      region,
    });
    process.once('SIGINT', () => void deployment.abort());
    const missing = await whyProviderMissing(terraform, 'postgresql');
    const masterPassword = () => masterPasswordOf(environment);
    await deploy(report, environment, deployment, { ...playground, masterPassword }, missing);
    await documentPrincipals(environment, deployment, iam, roles);
    report.say('\nConnect, after `source .local/env.sh`:\n');
    for (const { name: login, connect } of overview(environment).logins)
      for (const { principal = '', command, needs } of connect) {
        const role = roles.get(principal);
        if (role !== undefined) report.say(`  ${connectCommand(name, login, { role })}`);
        else report.say(`  ${command}${needs === undefined ? '' : `   # with ${needs}`}`);
      }
  } finally {
    iam.destroy();
  }
  if (report.failed) process.exitCode = 1;
}

/** With `--master iam`, the cluster of the environment `local` is one that Terraform cannot create. */
async function createIfMissing(playground: Playground, environment: Environment): Promise<void> {
  try {
    await lookUp(environment, {});
  } catch {
    await createIamCluster(playground, environment);
  }
}

/** From the secret that the endpoint keeps, as RDS would, or a token: the variables of the process lead there. */
async function masterPasswordOf(environment: Environment): Promise<string | undefined> {
  const { region, cluster } = environment;
  const { host, port, masterSecretArn } = await lookUp(environment, {});
  if (masterLogsInByIam(cluster))
    return signToken({ host, port, region, user: masterUsernameOf(cluster) }, {});
  return masterSecretArn && readSecretPassword(masterSecretArn, region, {});
}

main(process.argv[2] ?? 'local').catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
