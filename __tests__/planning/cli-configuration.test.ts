import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { cliConfiguration } from '../../planning/cli-configuration';

// Only mirrors that rules name, and those below root that administrators share, which may be there or not.
const OWN = 'aurora-iam-test/thing';
let root: string;
const { TF_CLI_CONFIG_FILE } = process.env;

beforeEach(() => {
  root = realpathSync(mkdtempSync(join(tmpdir(), 'aurora-iam-configuration-')));
  delete process.env['TF_CLI_CONFIG_FILE'];
});
afterEach(() => {
  if (TF_CLI_CONFIG_FILE !== undefined) process.env['TF_CLI_CONFIG_FILE'] = TF_CLI_CONFIG_FILE;
  rmSync(root, { recursive: true, force: true });
});

function provider(host: string, version = '1.0.0'): string {
  const folder = join(root, '.terraform.d', 'plugins', host, OWN, version, 'linux_amd64');
  mkdirSync(folder, { recursive: true });
  writeFileSync(join(folder, 'terraform-provider-thing'), '');
  return folder;
}

const configuration = (product: 'Terraform' | 'OpenTofu') => {
  const { TF_CLI_CONFIG_FILE: file } = cliConfiguration(root, product, root);
  return file === undefined ? '' : readFileSync(file, 'utf8');
};
/** The mirror that is named for our provider, if any. */
const mirrorOf = (text: string, host: string) =>
  [...text.matchAll(/path {4}= "([^"]+)"\n {4}include = (\[.*\])/g)].find(([, , include]) =>
    (JSON.parse(include ?? '[]') as string[]).includes(`${host}/${OWN}`),
  )?.[1];

test("a mirror made for Terraform's registry serves OpenTofu, which asks for another name", () => {
  const source = provider('registry.terraform.io');
  const mirror = mirrorOf(configuration('OpenTofu'), 'registry.opentofu.org');
  expect(mirror).toBeDefined();
  expect(realpathSync(join(String(mirror), 'registry.opentofu.org', OWN, '1.0.0', 'linux_amd64'))).toBe(
    source,
  );
});

test('a further version is found, and two at once do not disturb each other', () => {
  provider('registry.terraform.io');
  configuration('OpenTofu');
  const source = provider('registry.terraform.io', '2.0.0');
  const [first, second] = [configuration('OpenTofu'), configuration('OpenTofu')];
  expect(first).toBe(second);
  const mirror = String(mirrorOf(first, 'registry.opentofu.org'));
  expect(realpathSync(join(mirror, 'registry.opentofu.org', OWN, '2.0.0', 'linux_amd64'))).toBe(source);
});

test('where OpenTofu itself finds the provider, nothing is added for it', () => {
  provider('registry.terraform.io');
  provider('registry.opentofu.org');
  const path = mirrorOf(configuration('OpenTofu'), 'registry.opentofu.org');
  expect([undefined, join(root, '.terraform.d', 'plugins')]).toContain(path);
});

test("Terraform is told nothing of OpenTofu's registry", () => {
  provider('registry.opentofu.org');
  expect(configuration('Terraform')).not.toContain('registry.opentofu.org');
});

test.each([
  ['Terraform', '.terraformrc'],
  ['OpenTofu', '.tofurc'],
  ['OpenTofu', '.terraformrc'],
] as const)(
  'whoever says in the configuration of %s (%s) where providers come from has the last word',
  (product, file) => {
    provider('registry.terraform.io');
    writeFileSync(join(root, file), 'provider_installation {\n  direct {}\n}\n');
    expect(cliConfiguration(root, product, root)).toEqual({});
  },
);
