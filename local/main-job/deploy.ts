import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative } from 'node:path';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { Terraform } from '../../planning/find-terraform';
import { isolatedEnvironment } from '../../planning/isolated-environment';
import { type LocalAurora, OWNER_CREDENTIALS } from '../local-aurora';
import { PROJECT_DIRECTORY } from '../project-directory';
import { appendToLog, REFUSALS_LOG } from '../run-log';
import { MASTER_VARIABLE } from './iam-master';

/** Where Local Aurora listens. */
export type Endpoints = Pick<LocalAurora, 'awsEndpoint' | 'port' | 'certificateAuthorityFile' | 'logs'>;

/** Runs cdktf and Terraform in the folder of one run, against Local Aurora and nothing else. */
export interface Deployment {
  /** `cdktf deploy`, one operation at a time. @throws with the end of its output */
  deploy(...stacks: string[]): Promise<void>;
  /**
   * `terraform plan -detailed-exitcode`: whether it would change anything, and what it printed.
   * The plan is kept as JSON in the run's logs, too: Terraform's own file is compressed, and unreadable for a search.
   */
  plan(stack: string): Promise<{ changes: boolean; output: string }>;
  outputs(stack: string): Promise<Record<string, unknown>>;
  /** `aurora-iam`, as a person would run it in the folder of the run. */
  tool(...toolArguments: string[]): Promise<{ code: number; output: string }>;
  /** Ends what is running, and waits for its end. Nothing can be run any more. */
  abort(): Promise<void>;
}

export interface DeploymentOptions {
  /** The folder of the run: `cdktf.out`, states and logs go there. */
  readonly directory: string;
  readonly aurora: Endpoints;
  readonly terraform: Terraform;
  readonly region: string;
  /** As `localVariables`. */
  readonly deployer?: AwsCredentialIdentity;
}

/**
 * The variables that lead to Local Aurora. A person may set them to use the project's tools on it.
 * @param deployer where the master logs in by IAM: who signs for it
 */
export function localVariables(
  aurora: Endpoints,
  region: string,
  deployer?: AwsCredentialIdentity,
): Record<string, string> {
  const { accessKeyId, secretAccessKey } = deployer ?? OWNER_CREDENTIALS;
  return {
    AWS_ENDPOINT_URL: aurora.awsEndpoint,
    AWS_ACCESS_KEY_ID: accessKeyId,
    AWS_SECRET_ACCESS_KEY: secretAccessKey,
    ...(deployer ? { [MASTER_VARIABLE]: 'iam' } : {}),
    AWS_REGION: region,
    // What the AWS CLI 1 reads.
    AWS_DEFAULT_REGION: region,
    LOCAL_AURORA_PORT: String(aurora.port),
    LOCAL_AURORA_CERTIFICATE_AUTHORITY: aurora.certificateAuthorityFile,
    LOCAL_AURORA_LOG: join(aurora.logs, REFUSALS_LOG),
  };
}

/** As `localVariables`, for a person's shell: `preflight` and `recover` read the states of what is deployed there. */
export function shellVariables(
  aurora: Endpoints,
  region: string,
  directory: string,
  deployer?: AwsCredentialIdentity,
): Record<string, string> {
  return {
    ...localVariables(aurora, region, deployer),
    AURORA_IAM_SYNTHESIZED: join(directory, 'cdktf.out'),
  };
}

export function createDeployment(options: DeploymentOptions): Deployment {
  const { directory, terraform } = options;
  const environment = deploymentEnvironment(options);
  const fromHere = (...path: string[]) => relative(directory, join(PROJECT_DIRECTORY, ...path));
  const logFile = join(directory, 'logs', 'deploy.log');
  mkdirSync(join(directory, 'logs'), { recursive: true });
  // A project of its own, so that two runs share no cdktf.out, no state and no lock.
  writeFileSync(
    join(directory, 'cdktf.json'),
    JSON.stringify({
      language: 'typescript',
      app: `node ${JSON.stringify(fromHere('dist', 'main.js'))}`,
      projectId: 'aurora-iam-local',
      sendCrashReports: 'false',
      context: { 'aurora-iam': { environments: fromHere('dist', 'environments', 'index.js') } },
    }),
  );
  // Terraform says in each call which stack it is at work for, and so does what it runs: the folder has the stack's name.
  const terraformOfStack = join(directory, 'terraform-of-stack');
  writeFileSync(
    terraformOfStack,
    `#!/bin/sh\nAWS_SDK_UA_APP_ID="$(basename "$PWD")" exec ${JSON.stringify(terraform.binary)} "$@"\n`,
    {
      mode: 0o755,
    },
  );
  const cdktf = createRequire(__filename).resolve('cdktf-cli/bundle/bin/cdktf.js');
  /** Each with its end. */
  const running = new Map<ChildProcess, Promise<number>>();
  let aborted = false;

  async function run(
    command: string,
    commandArguments: string[],
    cwd: string,
  ): Promise<{ code: number; output: string }> {
    if (aborted) throw new Error('The run is over.');
    // A group of its own: Terraform and its providers end with it, and a Ctrl-C reaches us alone, who then end it.
    const child = spawn(command, commandArguments, {
      cwd,
      env: { ...environment, TERRAFORM_BINARY_NAME: terraformOfStack },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const ended = new Promise<number>((resolve, reject) => {
      child.on('error', reject);
      child.on('close', (status) => resolve(status ?? 1));
    });
    running.set(child, ended);
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => {
        output += chunk;
        appendToLog(logFile, chunk);
      });
    try {
      return { code: await ended, output };
    } finally {
      running.delete(child);
    }
  }
  const stackDirectory = (stack: string) => join(directory, 'cdktf.out', 'stacks', stack);

  return {
    async deploy(...stacks) {
      const { code, output } = await run(
        process.execPath,
        [
          cdktf,
          'deploy',
          ...stacks,
          '--auto-approve',
          '--skip-provider-lock',
          '--terraform-parallelism',
          '1',
        ],
        directory,
      );
      if (code !== 0) throw new Error(`cdktf deploy ${stacks.join(' ')} failed:\n${tail(output)}`);
    },
    async plan(stack) {
      const planArguments = ['plan', '-detailed-exitcode', '-input=false', '-no-color', '-out=second.tfplan'];
      const { code, output } = await run(terraformOfStack, planArguments, stackDirectory(stack));
      // 0: nothing to change, 2: something. Anything else is a plan that did not come to be.
      if (code !== 0 && code !== 2) throw new Error(`terraform plan of ${stack} failed: ${tail(output)}`);
      const shown = await run(terraformOfStack, ['show', '-json', 'second.tfplan'], stackDirectory(stack));
      if (shown.code !== 0) throw new Error(`terraform show of ${stack} failed: ${tail(shown.output)}`);
      writeFileSync(join(directory, 'logs', `${stack}.plan.json`), shown.output);
      return { changes: code === 2, output };
    },
    async outputs(stack) {
      const state = JSON.parse(readFileSync(join(directory, `terraform.${stack}.tfstate`), 'utf8')) as {
        outputs: Record<string, { value: unknown }>;
      };
      return Object.fromEntries(Object.entries(state.outputs).map(([name, { value }]) => [name, value]));
    },
    tool: (...toolArguments) =>
      run(
        process.execPath,
        [join(PROJECT_DIRECTORY, 'dist', 'cli', 'aurora-iam.js'), ...toolArguments],
        directory,
      ),
    async abort() {
      aborted = true;
      for (const child of running.keys())
        try {
          if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
        } catch {
          // It ended by itself in the meantime.
        }
      await Promise.allSettled(running.values());
    },
  };
}

/** Led to Local Aurora, and to nothing else. */
function deploymentEnvironment({
  aurora,
  terraform,
  region,
  deployer,
}: DeploymentOptions): NodeJS.ProcessEnv {
  return {
    ...isolatedEnvironment(terraform),
    ...localVariables(aurora, region, deployer),
    NO_PROXY: '127.0.0.1,localhost',
    // Plain lines, no calls home.
    CI: 'true',
    FORCE_COLOR: '0',
    DISABLE_VERSION_CHECK: '1',
  };
}

function tail(output: string): string {
  return output.trimEnd().split('\n').slice(-40).join('\n');
}
