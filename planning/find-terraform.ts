import { execFile } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { cliConfiguration } from './cli-configuration';
import { temporaryFolder } from './temporary-folder';
import { findBinary, type TerraformBinary } from './terraform-binary';

const run = promisify(execFile);

/** The providers of this project, with the versions it is tested from on. */
export const PROVIDERS = {
  aws: { source: 'hashicorp/aws', version: '>= 5.100.0, < 7.0.0' },
  postgresql: { source: 'cyrilgdn/postgresql', version: '>= 1.26.0, < 2.0.0' },
} as const;
export type ProviderName = keyof typeof PROVIDERS;

/** A Terraform or OpenTofu that can be run, and the environment to run it in. */
export interface Terraform extends TerraformBinary {
  /** Variables to add to the process's own. */
  readonly environment: Readonly<Record<string, string>>;
}

/**
 * Finds Terraform, or what TERRAFORM_BINARY_NAME names in its place, and says where its providers come from. Terraform's own
 * rules hold: the user's CLI configuration, the implied local mirrors, the registry. Only where a mirror lies on this machine
 * that no rule names is a configuration written, into `directory`, which adds it.
 * @returns a reason, if there is no usable Terraform.
 */
export async function findTerraform(directory: string): Promise<Terraform | { readonly missing: string }> {
  const found = await findBinary();
  if ('missing' in found) return found;
  mkdirSync(directory, { recursive: true });
  const cache = join(directory, 'plugin-cache');
  mkdirSync(cache, { recursive: true });
  return {
    ...found,
    environment: {
      CHECKPOINT_DISABLE: '1',
      // A provider that comes from the registry is fetched once for all stacks and runs.
      TF_PLUGIN_CACHE_DIR: process.env.TF_PLUGIN_CACHE_DIR ?? cache,
      TF_PLUGIN_CACHE_MAY_BREAK_DEPENDENCY_LOCK_FILE: '1',
      ...cliConfiguration(directory, found.product),
    },
  };
}

/**
 * Tries by `terraform init` whether a provider can be had.
 * @param version as Terraform constrains it
 * @returns undefined if so, else the reason in one line.
 */
export async function whyProviderMissing(
  terraform: Terraform,
  name: ProviderName,
  version: string = PROVIDERS[name].version,
): Promise<string | undefined> {
  const { path: folder, remove } = temporaryFolder('aurora-iam-probe-');
  try {
    writeFileSync(
      join(folder, 'main.tf.json'),
      JSON.stringify({ terraform: { required_providers: { [name]: { ...PROVIDERS[name], version } } } }),
    );
    await run(terraform.binary, ['init', '-backend=false', '-input=false', '-no-color'], {
      cwd: folder,
      env: { ...process.env, ...terraform.environment },
    });
    return undefined;
  } catch (error) {
    const output = String((error as { stderr?: string }).stderr ?? error).replace(/\s+/g, ' ');
    const cause = /Error: (.{1,160})/.exec(output)?.[1] ?? output.slice(0, 160);
    return `${terraform.binary} init cannot get the ${name} provider (${PROVIDERS[name].source} ${version}): ${cause}`;
  } finally {
    remove();
  }
}
