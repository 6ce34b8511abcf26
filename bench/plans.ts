import { execFile } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { CreateDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import { App } from 'cdktf';
import { type LocalAurora, OWNER_CREDENTIALS, startLocalAurora } from '../local/local-aurora';
import { localVariables } from '../local/main-job/deploy';
import { LOCAL_DIRECTORY } from '../local/project-directory';
import {
  type Environment,
  environmentStacks,
  existingCluster,
  readOnly,
  readWrite,
  tunnel,
} from '../modules';
import { stackName } from '../modules/environment/environment';
import { findTerraform, whyProviderMissing } from '../planning/find-terraform';

const run = promisify(execFile);
const REGION = 'eu-west-1';
const NAME = 'bench';
const FEW = 10;
const MANY = 500;
const ROUNDS = 3;

/**
 * `npm run bench -- plans`: a second plan of the database stack of 500 logins against one of 10, with everything that the
 * stack has: the look-up, the secret, TLS. Server and gate run on the same processors as Terraform.
 * @throws where a part of the machine is missing
 */
export async function plans(): Promise<void> {
  const toolsDirectory = join(LOCAL_DIRECTORY, 'tools');
  const terraform = await findTerraform(join(toolsDirectory, 'terraform'));
  if ('missing' in terraform) throw new Error(terraform.missing);
  const missing = await whyProviderMissing(terraform, 'postgresql');
  if (missing) throw new Error(missing);
  mkdirSync(LOCAL_DIRECTORY, { recursive: true });
  const directory = mkdtempSync(join(LOCAL_DIRECTORY, 'bench-'));
  const aurora = await startLocalAurora({ directory, toolsDirectory, region: REGION });
  try {
    await createCluster(aurora);
    const variables = { ...process.env, ...terraform.environment, ...localVariables(aurora, REGION) };
    const call = (folder: string, ...commandArguments: string[]) =>
      run(terraform.binary, commandArguments, { cwd: folder, env: variables, maxBuffer: 1 << 28 });
    // The state is the same file for both: first few, then many.
    const times: Record<'terraform' | 'cdktf', number[]> = { terraform: [], cdktf: [] };
    writeFileSync(
      join(directory, 'cdktf.json'),
      JSON.stringify({
        language: 'typescript',
        app: 'true',
        output: 'out',
        projectId: 'bench',
        sendCrashReports: 'false',
      }),
    );
    const cdktf = createRequire(__filename).resolve('cdktf-cli/bundle/bin/cdktf.js');
    for (const count of [FEW, MANY]) {
      const folder = synthesize(environmentOf(count, aurora), join(directory, 'out'));
      await call(folder, 'init', '-input=false');
      await call(folder, 'apply', '-auto-approve', '-input=false', '-parallelism=1');
      // Fails if there is anything to change.
      times.terraform.push(await fastest(() => call(folder, 'plan', '-input=false', '-detailed-exitcode')));
      const diff = ['diff', stackName({ name: NAME }, 'database'), '--skip-synth', '--skip-provider-lock'];
      times.cdktf.push(
        await fastest(() => run(process.execPath, [cdktf, ...diff], { cwd: directory, env: variables })),
      );
    }
    console.log(comparison('terraform plan', times.terraform));
    console.log(comparison('cdktf diff', times.cdktf));
  } finally {
    await aurora.stop();
    rmSync(directory, { recursive: true, force: true });
  }
}

/** Of a few runs, in seconds: what the machine does besides only ever adds. */
async function fastest(command: () => Promise<unknown>): Promise<number> {
  const samples: number[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const start = performance.now();
    await command();
    samples.push((performance.now() - start) / 1000);
  }
  return Math.min(...samples);
}

function comparison(command: string, [few = 0, many = 0]: readonly number[]): string {
  return (
    `${command}: a second plan of ${MANY} logins takes ${(many / few).toFixed(2)} times one of ${FEW} (target: at most 2; ` +
    `${many.toFixed(1)} s against ${few.toFixed(1)} s, the fastest of ${ROUNDS} each)`
  );
}

async function createCluster(aurora: LocalAurora): Promise<void> {
  const rds = new RDSClient({
    endpoint: aurora.awsEndpoint,
    region: REGION,
    credentials: OWNER_CREDENTIALS,
  });
  await rds.send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: 'bench',
      Engine: 'aurora-postgresql',
      DatabaseName: 'orders',
      MasterUsername: 'postgres',
      ManageMasterUserPassword: true,
      EnableIAMDatabaseAuthentication: true,
      Port: aurora.port,
    }),
  );
  rds.destroy();
}

function environmentOf(count: number, aurora: LocalAurora): Environment {
  const groups = Array.from({ length: 10 }, (_, index) => `group_${index}`);
  return {
    name: NAME,
    account: '123456789012',
    region: REGION,
    cluster: existingCluster({ identifier: 'bench', databaseName: 'orders' }),
    through: tunnel({
      host: 'localhost',
      port: aurora.port,
      sslmode: 'verify-full',
      certificateAuthorityFile: aurora.certificateAuthorityFile,
    }),
    access: {
      groups: Object.fromEntries(
        groups.map((name, index) => [name, index % 2 === 0 ? readOnly() : readWrite()]),
      ),
      logins: Object.fromEntries(
        Array.from({ length: count }, (_, index) => [
          `login_${index}`,
          { memberOf: [groups[index % groups.length] as string] },
        ]),
      ),
    },
    principals: {},
    providerVersions: { aws: '>= 5.100.0, < 7.0.0', postgresql: '>= 1.26.0, < 2.0.0' },
  };
}

/** @returns the folder of the database stack */
function synthesize(environment: Environment, outdir: string): string {
  const app = new App({ outdir, skipValidation: true });
  environmentStacks(app, [environment]);
  app.synth();
  return join(outdir, 'stacks', stackName(environment, 'database'));
}
