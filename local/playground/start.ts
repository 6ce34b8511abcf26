import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join, relative } from 'node:path';
import { IAMClient } from '@aws-sdk/client-iam';
import { CreateDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { Command, InvalidArgumentError, Option } from 'commander';
import { type LocalAurora, OWNER_CREDENTIALS, startLocalAurora } from '../local-aurora';
import { shellVariables } from '../main-job/deploy';
import { allow } from '../main-job/iam-master';
import { createUser } from '../main-job/identities';
import type { PostgresMajor } from '../postgres/postgres-binaries';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../project-directory';
import { REFUSALS_LOG } from '../run-log';
import { furnishOldCluster, OLD_DATABASE, OLD_USERS } from './old-cluster';
import { publishPlayground, refuseSecond, SHELL_FILE } from './place';

// `npm run local`: Local Aurora for trying things by hand. It deploys nothing; `npm run local:deploy` does.

process.env['AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED'] = 'true';

const REGION = 'eu-west-1';

const options = new Command('npm run local --')
  .description('Start Local Aurora, and keep it until Ctrl-C.')
  .option('--postgres <major>', '15, 16, 17 or 18', majorVersion, 17 as PostgresMajor)
  .option('--old <cluster>', 'with a cluster of that name that has tables and users with passwords, to adopt')
  .addOption(
    new Option('--master <how>', 'how the masters of clusters log in that are deployed here')
      .choices(['password', 'iam'])
      .default('password'),
  )
  .parse()
  .opts<{ postgres: PostgresMajor; old?: string; master: 'password' | 'iam' }>();

function majorVersion(text: string): PostgresMajor {
  if (!/^1[5-8]$/.test(text)) throw new InvalidArgumentError('Expected 15, 16, 17 or 18.');
  return Number(text) as PostgresMajor;
}

const say = (line: string) => process.stdout.write(`${line}\n`);

async function main(): Promise<void> {
  if (options.old !== undefined && options.master === 'iam')
    throw new Error(
      '--old has a master and users with passwords, and --master iam has none: give one of the two.',
    );
  refuseSecond();
  mkdirSync(LOCAL_DIRECTORY, { recursive: true });
  const directory = mkdtempSync(join(LOCAL_DIRECTORY, 'playground-'));
  const undo: (() => unknown)[] = [() => rmSync(directory, { recursive: true, force: true, maxRetries: 10 })];
  const interrupted = new Promise<void>((resolve) => {
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => resolve());
  });
  try {
    const starting = startLocalAurora({
      directory,
      toolsDirectory: join(LOCAL_DIRECTORY, 'tools'),
      region: REGION,
      major: options.postgres,
      mode: 'rds',
    });
    // Interrupted in the middle of it, it is waited for: what has started by then must be stopped.
    undo.push(() =>
      starting.then(
        (running) => running.stop(),
        () => {},
      ),
    );
    const aurora = await Promise.race([starting, interrupted]);
    if (!aurora) return;
    if (options.old !== undefined) await createOldCluster(aurora, options.old);
    const deployer = options.master === 'iam' ? await createAdministrator(aurora) : undefined;
    undo.push(
      publishPlayground(
        {
          pid: process.pid,
          directory,
          awsEndpoint: aurora.awsEndpoint,
          port: aurora.port,
          certificateAuthorityFile: aurora.certificateAuthorityFile,
          logs: aurora.logs,
          region: REGION,
          ...(deployer ? { deployer } : {}),
        },
        shellVariables(aurora, REGION, directory, deployer),
      ),
    );
    sayHowToUse(aurora);
    await interrupted;
  } finally {
    for (const each of undo.reverse()) await each();
  }
}

/** Who may do everything, and so log in as the master, too: the gate takes no token that the owner of the account signed. */
async function createAdministrator(aurora: LocalAurora): Promise<AwsCredentialIdentity> {
  const iam = new IAMClient({ endpoint: aurora.awsEndpoint, region: REGION, credentials: OWNER_CREDENTIALS });
  try {
    const credentials = await createUser(iam, 'administrator');
    const everything = { Effect: 'Allow', Action: '*', Resource: '*' } as const;
    await allow(iam, 'administrator', { Version: '2012-10-17', Statement: [everything] });
    return credentials;
  } finally {
    iam.destroy();
  }
}

/** As somebody made it by hand, long ago. */
async function createOldCluster(aurora: LocalAurora, identifier: string): Promise<void> {
  const rds = new RDSClient({
    endpoint: aurora.awsEndpoint,
    region: REGION,
    credentials: OWNER_CREDENTIALS,
  });
  try {
    await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: identifier,
        Engine: 'aurora-postgresql',
        DatabaseName: OLD_DATABASE,
        MasterUsername: 'postgres',
        ManageMasterUserPassword: true,
        EnableIAMDatabaseAuthentication: true,
        Port: aurora.port,
      }),
    );
  } finally {
    rds.destroy();
  }
  await furnishOldCluster(aurora);
}

function sayHowToUse(aurora: LocalAurora): void {
  const file = relative(process.cwd(), SHELL_FILE) || SHELL_FILE;
  say(`Local Aurora with PostgreSQL ${aurora.postgresVersion} runs until Ctrl-C. In another terminal:\n`);
  say(`  source ${file}              # leads the AWS CLI, Terraform and aurora-iam here`);
  say(
    '  npm run local:deploy              # builds, and deploys environments/local.ts; again after each change',
  );
  if (options.old !== undefined) {
    say(
      `\nCluster ${options.old} has the database ${OLD_DATABASE}, with tables, and logins with passwords: ${OLD_USERS.join(', ')}.`,
    );
    say('Its environment: docs/playground.md#a-cluster-to-adopt');
  }
  if (options.master === 'iam')
    say('\nOr create an express cluster yourself, with the AWS CLI: docs/express.md#on-local-aurora');
  say(`\nWhy the gate refused somebody: ${relative(PROJECT_DIRECTORY, join(aurora.logs, REFUSALS_LOG))}`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
