import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { findBinary, terraformBinary } from '../../planning/terraform-binary';

let folder: string;
const path = process.env['PATH'];

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-binary-'));
});
afterEach(() => {
  process.env['PATH'] = path;
  delete process.env['TERRAFORM_BINARY_NAME'];
  rmSync(folder, { recursive: true, force: true });
});

/** A program that says only what it is. */
function program(name: string, says: string): string {
  const file = join(folder, name);
  writeFileSync(file, `#!/bin/sh\necho "${says}"\necho 'on linux_amd64'\n`, { mode: 0o755 });
  return file;
}

test('TERRAFORM_BINARY_NAME names what is run, as for cdktf', () => {
  expect(terraformBinary({})).toBe('terraform');
  expect(terraformBinary({ TERRAFORM_BINARY_NAME: 'tofu' })).toBe('tofu');
  // Terraform is run in the folders of stacks.
  expect(terraformBinary({ TERRAFORM_BINARY_NAME: './bin/tofu' })).toBe(join(process.cwd(), 'bin', 'tofu'));
});

test('the reviewed Terraform is not asked for plans: the tools run what it wraps', () => {
  const wrapped = { TERRAFORM_BINARY_NAME: '/project/cli/terraform-reviewed.cjs' };
  expect(terraformBinary(wrapped)).toBe('terraform');
  expect(terraformBinary({ ...wrapped, AURORA_IAM_TERRAFORM: 'tofu' })).toBe('tofu');
});

test('OpenTofu is found under its name on the PATH', async () => {
  program('tofu', 'OpenTofu v1.11.9');
  process.env['PATH'] = folder + delimiter + path;
  process.env['TERRAFORM_BINARY_NAME'] = 'tofu';
  expect(await findBinary()).toEqual({ binary: 'tofu', product: 'OpenTofu', version: '1.11.9' });
});

test.each([
  ['Terraform v1.9.8', 'Terraform 1.9.8 has no ephemeral values: install 1.10 or later'],
  ['OpenTofu v1.10.6', 'OpenTofu 1.10.6 has no ephemeral values: install 1.11 or later'],
])('%s is too old', async (says, missing) => {
  expect(await findBinary(program('old', says))).toEqual({ missing });
});

test.each(['Terraform v2.0.0', 'OpenTofu v1.12.0-rc1'])('%s is new enough', async (says) => {
  expect(await findBinary(program('new', says))).toHaveProperty('version');
});

test('what is not there, and what is something else, is named with the variable that names it', async () => {
  const missing = (binary: string) =>
    `TERRAFORM_BINARY_NAME names ${binary}, which cannot be run or is neither Terraform nor OpenTofu: install Terraform 1.10 or later, or OpenTofu 1.11 or later`;
  expect(await findBinary('no-such-program')).toEqual({ missing: missing('no-such-program') });
  const other = program('other', 'Pulumi v3.1.0');
  expect(await findBinary(other)).toEqual({ missing: missing(other) });
});

test('where only OpenTofu is there, the message says how to use it', async () => {
  program('tofu', 'OpenTofu v1.11.9');
  // No terraform.
  process.env['PATH'] = folder;
  expect(await findBinary('terraform')).toEqual({
    missing: 'terraform is not on the PATH, and OpenTofu 1.11.9 is: set TERRAFORM_BINARY_NAME=tofu',
  });
});
