import { execFile } from 'node:child_process';
import { basename, resolve, sep } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Terraform, or what can stand in its place. */
export type Product = 'Terraform' | 'OpenTofu';

export interface TerraformBinary {
  /** What is run: a name on the PATH, or an absolute path. */
  readonly binary: string;
  readonly product: Product;
  readonly version: string;
}

/** The first versions with ephemeral values, which the admin's password is. */
const FIRST: Readonly<Record<Product, readonly [major: number, minor: number]>> = {
  Terraform: [1, 10],
  OpenTofu: [1, 11],
};

/** The wrapper for `cdktf deploy`. It runs few commands, so that the tools go to what it wraps. */
const REVIEWED = 'terraform-reviewed.cjs';

/**
 * What `TERRAFORM_BINARY_NAME` names, which cdktf heeds, too.
 * https://developer.hashicorp.com/terraform/cdktf/create-and-deploy/configuration-file
 */
export function terraformBinary(environment: NodeJS.ProcessEnv = process.env): string {
  const named = environment['TERRAFORM_BINARY_NAME'] || 'terraform';
  if (basename(named) === REVIEWED) return reviewedBinary(environment);
  return named.includes(sep) ? resolve(named) : named;
}

/** What the reviewed Terraform runs after its review. */
export function reviewedBinary(environment: NodeJS.ProcessEnv = process.env): string {
  return environment['AURORA_IAM_TERRAFORM'] || 'terraform';
}

/** @returns a reason, in one line, if it cannot be used. */
export async function findBinary(
  binary = terraformBinary(),
): Promise<TerraformBinary | { readonly missing: string }> {
  const found = await versionOf(binary);
  if (found === undefined) return { missing: await whyMissing(binary) };
  const { product, version } = found;
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [firstMajor, firstMinor] = FIRST[product];
  if (major < firstMajor || (major === firstMajor && minor < firstMinor))
    return {
      missing: `${product} ${version} has no ephemeral values: install ${FIRST[product].join('.')} or later`,
    };
  return { binary, ...found };
}

/** Not as JSON: there, OpenTofu calls itself Terraform. */
async function versionOf(
  binary: string,
): Promise<{ readonly product: Product; readonly version: string } | undefined> {
  try {
    const { stdout } = await run(binary, ['version'], { env: { ...process.env, CHECKPOINT_DISABLE: '1' } });
    const [, product, version] = /^(Terraform|OpenTofu) v(\d+\.\d+\.\S+)/m.exec(stdout) ?? [];
    return product === undefined || version === undefined
      ? undefined
      : { product: product as Product, version };
  } catch {
    return undefined;
  }
}

async function whyMissing(binary: string): Promise<string> {
  const needed = 'Terraform 1.10 or later, or OpenTofu 1.11 or later';
  if (binary !== 'terraform')
    return `TERRAFORM_BINARY_NAME names ${binary}, which cannot be run or is neither Terraform nor OpenTofu: install ${needed}`;
  const other = await versionOf('tofu');
  return other === undefined
    ? `terraform is not on the PATH: install ${needed}`
    : `terraform is not on the PATH, and OpenTofu ${other.version} is: set TERRAFORM_BINARY_NAME=tofu`;
}
