import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { impliedMirrors, type Mirror, unnamedMirrors } from './find-mirrors';

const run = promisify(execFile);

/** The providers of this project, with the versions it is tested from on. */
export const PROVIDERS = {
  aws: { source: 'hashicorp/aws', version: '>= 5.100.0, < 7.0.0' },
  postgresql: { source: 'cyrilgdn/postgresql', version: '>= 1.26.0, < 2.0.0' },
} as const;
export type ProviderName = keyof typeof PROVIDERS;

/** A Terraform that can be run, and the environment to run it in. */
export interface Terraform {
  readonly version: string;
  /** Variables to add to the process's own. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Finds Terraform and says where its providers come from. Terraform's own rules hold: the user's CLI configuration,
 * the implied local mirrors, the registry. Only where a mirror lies on this machine that no rule names is a
 * configuration written, into `directory`, which adds it.
 * @returns a reason, if there is no usable Terraform.
 */
export async function findTerraform(directory: string): Promise<Terraform | { readonly missing: string }> {
  let version: string;
  try {
    const { stdout } = await run('terraform', ['version', '-json'], {
      env: { ...process.env, CHECKPOINT_DISABLE: '1' },
    });
    version = (JSON.parse(stdout) as { terraform_version: string }).terraform_version;
  } catch {
    return { missing: 'terraform is not on the PATH: install Terraform 1.10 or later' };
  }
  const [major = 0, minor = 0] = version.split('.').map(Number);
  if (major < 1 || (major === 1 && minor < 10))
    return { missing: `terraform ${version} has no ephemeral values: install 1.10 or later` };
  mkdirSync(directory, { recursive: true });
  const cache = join(directory, 'plugin-cache');
  mkdirSync(cache, { recursive: true });
  return {
    version,
    environment: {
      CHECKPOINT_DISABLE: '1',
      // A provider that comes from the registry is fetched once for all stacks and runs.
      TF_PLUGIN_CACHE_DIR: process.env.TF_PLUGIN_CACHE_DIR ?? cache,
      TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1',
      ...cliConfiguration(directory),
    },
  };
}

/**
 * Tries by `terraform init` whether a provider can be had.
 * @returns undefined if so, else the reason in one line.
 */
export async function whyProviderMissing(
  terraform: Terraform,
  name: ProviderName,
): Promise<string | undefined> {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-probe-'));
  try {
    writeFileSync(
      join(folder, 'main.tf.json'),
      JSON.stringify({ terraform: { required_providers: { [name]: PROVIDERS[name] } } }),
    );
    await run('terraform', ['init', '-backend=false', '-input=false', '-no-color'], {
      cwd: folder,
      env: { ...process.env, ...terraform.environment },
    });
    return undefined;
  } catch (error) {
    const output = String((error as { stderr?: string }).stderr ?? error).replace(/\s+/g, ' ');
    const cause = /Error: (.{1,160})/.exec(output)?.[1] ?? output.slice(0, 160);
    return `terraform init cannot get the ${name} provider (${PROVIDERS[name].source} ${PROVIDERS[name].version}): ${cause}`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

function cliConfiguration(directory: string): { TF_CLI_CONFIG_FILE?: string } {
  const named = process.env.TF_CLI_CONFIG_FILE;
  const file = named || join(homedir(), '.terraformrc');
  const own = existsSync(file) ? readFileSync(file, 'utf8') : '';
  // Whoever says where providers come from has the last word.
  if (/^\s*provider_installation\b/m.test(own)) return {};
  const implied = impliedMirrors();
  const known = new Set(implied.flatMap((mirror) => mirror.providers));
  const unnamed = unnamedMirrors().map((mirror) => ({
    ...mirror,
    providers: mirror.providers.filter((provider) => !known.has(provider)),
  }));
  const mirrors = [...implied, ...unnamed].filter((mirror) => mirror.providers.length > 0);
  // Terraform warns of a configuration that is named and not there; an empty one says the same and is.
  if (mirrors.length === implied.length && (!named || existsSync(file))) return {};
  const path = join(directory, 'terraform.tfrc');
  writeFileSync(path, `${own}\n${providerInstallation(mirrors)}`);
  return { TF_CLI_CONFIG_FILE: path };
}

/** https://developer.hashicorp.com/terraform/cli/config/config-file#provider-installation */
function providerInstallation(mirrors: readonly Mirror[]): string {
  const list = (providers: readonly string[]) => JSON.stringify(providers);
  const blocks = mirrors.map(
    ({ path, providers }) =>
      `  filesystem_mirror {\n    path    = ${JSON.stringify(path)}\n    include = ${list(providers)}\n  }`,
  );
  const exclude = [...new Set(mirrors.flatMap((mirror) => mirror.providers))];
  return `provider_installation {\n${blocks.join('\n')}\n  direct {\n    exclude = ${list(exclude)}\n  }\n}\n`;
}
