import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  copyFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { RECOVERY_FILE, STACK_FILE } from '../modules/names/terraform';
import type { TerraformPlan } from '../modules/plan/terraform-plan';
import { impliedMirrors, unnamedMirrors, versionsIn } from './find-mirrors';
import { findTerraform, type Terraform } from './find-terraform';
import { isolatedEnvironment } from './isolated-environment';
import { doneOnce } from './lock';
import { CONDITION_OUTPUT, type OfflineOptions, offlineConfiguration } from './offline-configuration';
import { OfflineError } from './offline-look-ups';
import type { Block, SynthesizedStack } from './stand-ins';
import { temporaryFolder } from './temporary-folder';
import type { Product } from './terraform-binary';

/**
 * A real `terraform plan` of a synthesized stack, as if nothing of it existed: no credentials, no AWS, no database.
 * What an import block brings in counts as an import, with the values that the stack wants.
 * @param folder of the stack below `cdktf.out/stacks`
 * @returns what `terraform show -json` says of the plan
 * @throws OfflineError with Terraform's own message, or with what is missing
 */
export async function offlinePlan(folder: string, options: OfflineOptions = {}): Promise<TerraformPlan> {
  const stack = JSON.parse(readFileSync(join(folder, STACK_FILE), 'utf8')) as SynthesizedStack & Block;
  const { configuration, imported, replaced } = offlineConfiguration(stack, options);
  const cache = cacheDirectory();
  const terraform = await findTerraform(cache);
  if ('missing' in terraform) throw new OfflineError(`A plan needs Terraform: ${terraform.missing}.`);
  const { path: work, remove } = temporaryFolder('aurora-iam-plan-');
  try {
    // Files beside the stack (assets, certificates) are read by their relative paths.
    for (const entry of readdirSync(folder))
      if (![STACK_FILE, RECOVERY_FILE, 'plan'].includes(entry) && !entry.startsWith('.terraform'))
        cpSync(join(folder, entry), join(work, entry), { recursive: true });
    writeFileSync(join(work, 'main.tf.json'), JSON.stringify(configuration));
    const { required_providers: required } = configuration['terraform'] as { required_providers?: Block };
    const run = async (): Promise<TerraformPlan> => {
      const initialised = await initialise(cache, terraform, required ?? {});
      copyFileSync(join(initialised, LOCK_FILE), join(work, LOCK_FILE));
      const variables = { ...offlineVariables(terraform), TF_DATA_DIR: join(initialised, '.terraform') };
      await call(
        terraform,
        work,
        variables,
        'plan',
        '-input=false',
        '-no-color',
        '-lock=false',
        '-refresh=false',
        '-out=plan',
      );
      return JSON.parse(await call(terraform, work, variables, 'show', '-json', 'plan')) as TerraformPlan;
    };
    let plan: TerraformPlan;
    try {
      plan = await run();
    } catch (error) {
      // The providers that an earlier run came by may be gone since.
      if (!(error instanceof OfflineError && error.message.includes(`${terraform.binary} init`))) throw error;
      rmSync(initialisedFolder(cache, terraform, required ?? {}), { recursive: true, force: true });
      plan = await run();
    }
    return { ...withImports(withoutConditions(plan), imported), aurora_iam: replaced };
  } finally {
    remove();
  }
}

const LOCK_FILE = '.terraform.lock.hcl';

/** Where npm packages keep what they can make again, below the project's node_modules; else the person's own cache. */
function cacheDirectory(): string {
  let folder = process.cwd();
  while (!existsSync(join(folder, 'node_modules')) && folder !== dirname(folder)) folder = dirname(folder);
  const root = existsSync(join(folder, 'node_modules'))
    ? join(folder, 'node_modules', '.cache')
    : process.env['XDG_CACHE_HOME'] || join(homedir(), '.cache');
  const cache = join(root, 'aurora-iam', 'terraform');
  mkdirSync(cache, { recursive: true });
  return cache;
}

/** Nothing of the person's own settings but Terraform's log, and an endpoint at which nobody listens. */
function offlineVariables(terraform: Terraform): NodeJS.ProcessEnv {
  const log = Object.entries(process.env).filter(([name]) => name.startsWith('TF_LOG'));
  return {
    ...isolatedEnvironment(terraform),
    ...Object.fromEntries(log),
    AWS_ENDPOINT_URL: 'http://127.0.0.1:9',
  };
}

function initialisedFolder(
  cache: string,
  { product, version, environment }: Terraform,
  required: Block,
): string {
  const file = environment['TF_CLI_CONFIG_FILE'] ?? process.env['TF_CLI_CONFIG_FILE'];
  const cliConfiguration = file && existsSync(file) ? readFileSync(file, 'utf8') : '';
  const key = createHash('sha256')
    .update(JSON.stringify([product, version, cliConfiguration, required]))
    .digest('hex');
  return join(cache, `initialised-${key.slice(0, 16)}`);
}

/**
 * `terraform init` for these providers, once for all stacks, plans and processes.
 * @returns a folder with `.terraform` and the lock file
 */
async function initialise(cache: string, terraform: Terraform, required: Block): Promise<string> {
  const folder = initialisedFolder(cache, terraform, required);
  await doneOnce(
    `${folder}.lock`,
    () => existsSync(folder),
    async () => {
      const work = mkdtempSync(join(cache, 'init-'));
      try {
        writeFileSync(
          join(work, 'main.tf.json'),
          JSON.stringify({ terraform: { required_providers: required } }),
        );
        await call(terraform, work, offlineVariables(terraform), 'init', '-input=false', '-no-color');
        // Without providers Terraform writes none.
        if (!existsSync(join(work, LOCK_FILE))) writeFileSync(join(work, LOCK_FILE), '');
        renameSync(work, folder);
      } catch (error) {
        // Somebody else's is as good as ours.
        if (!existsSync(folder)) throw error;
      } finally {
        rmSync(work, { recursive: true, force: true });
      }
    },
  );
  return folder;
}

function call(
  { binary, product }: Terraform,
  cwd: string,
  env: NodeJS.ProcessEnv,
  ...commandArguments: string[]
): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(binary, commandArguments, { cwd, env, maxBuffer: 1 << 28 }, (error, stdout, stderr) => {
      if (!error) resolve(stdout);
      else
        reject(failure(`${binary} ${commandArguments[0]} failed: ${messageOf(stderr || stdout)}`, product));
    });
  });
}

/** Of a version that no mirror and no registry has, Terraform does not say which there are. */
function failure(message: string, product: Product): OfflineError {
  const [, provider] =
    /available versions for provider\s+(\S+?):?\s[\s\S]*no available releases match/.exec(message) ?? [];
  if (provider === undefined) return new OfflineError(message);
  const versions = versionsIn([...impliedMirrors(product, homedir()), ...unnamedMirrors()], provider);
  const newest = versions.at(-1);
  const there = newest === undefined ? 'no version of it is' : `${versions.join(', ')} is`;
  return new OfflineError(
    `${message}\nOn this machine ${there} at hand.`,
    newest === undefined ? undefined : { provider: provider.split('/').at(-1) ?? '', version: newest },
  );
}

/** Terraform's errors without its frames. */
function messageOf(output: string): string {
  const from = output.indexOf('Error: ');
  return (
    output
      .slice(Math.max(0, from))
      .replace(/^[│╷╵] ?/gm, '')
      .split('\n')
      // The configuration is one line: Terraform quotes all of it.
      .filter((line) => line.trim() !== '' && line.length < 2000)
      .join('\n')
      .trim()
  );
}

function withoutConditions(plan: TerraformPlan): TerraformPlan {
  const keep = <T>(outputs: Readonly<Record<string, T>> = {}) =>
    Object.fromEntries(Object.entries(outputs).filter(([name]) => !name.startsWith(CONDITION_OUTPUT)));
  return {
    ...plan,
    output_changes: keep(plan.output_changes),
    planned_values: { ...plan.planned_values, outputs: keep(plan.planned_values?.outputs) },
  };
}

function withImports(plan: TerraformPlan, imported: readonly string[]): TerraformPlan {
  return {
    ...plan,
    resource_changes: (plan.resource_changes ?? []).map((resource) =>
      imported.includes(resource.address)
        ? { ...resource, change: { ...resource.change, importing: { id: '' } } }
        : resource,
    ),
  };
}
