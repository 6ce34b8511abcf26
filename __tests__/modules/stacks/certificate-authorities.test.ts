import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { certificateAuthorityFile, EnvironmentError } from '../../../modules';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-authorities-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const pemFile = (name: string) => {
  const path = join(folder, name);
  writeFileSync(path, `-----BEGIN CERTIFICATE-----\n${name}\n-----END CERTIFICATE-----\n`);
  return path;
};

test('several scopes of a stack may ask: the same authorities are one file, others another', () => {
  const outdir = join(folder, 'cdktf.out');
  const app = new App({ outdir });
  const stack = new TerraformStack(app, 'own');
  new LocalBackend(stack, { path: 'terraform.tfstate' });
  const scope = new Construct(stack, 'scope');
  expect([
    certificateAuthorityFile(stack),
    certificateAuthorityFile(stack),
    certificateAuthorityFile(scope),
    certificateAuthorityFile(scope, pemFile('a')),
    certificateAuthorityFile(stack, pemFile('b')),
    certificateAuthorityFile(stack, pemFile('a')),
  ]).toEqual([
    'certificate-authorities.pem',
    'certificate-authorities.pem',
    'certificate-authorities.pem',
    'certificate-authorities-2.pem',
    'certificate-authorities-3.pem',
    'certificate-authorities-2.pem',
  ]);
  app.synth();
  const written = (name: string) => readFileSync(join(outdir, 'stacks', 'own', name), 'utf8');
  expect(written('certificate-authorities.pem').match(/BEGIN CERTIFICATE/g)?.length).toBeGreaterThan(100);
  expect(written('certificate-authorities-2.pem')).toContain('\na\n');
  expect(written('certificate-authorities-3.pem')).toContain('\nb\n');
});

test('a file that is not there, cannot be read or holds no certificate is a fault with its path', () => {
  const stack = new TerraformStack(new App(), 'own');
  writeFileSync(join(folder, 'empty.pem'), '');
  for (const [source, reason] of [
    [join(folder, 'absent.pem'), 'is not there'],
    [folder, 'cannot be read (EISDIR)'],
    [join(folder, 'empty.pem'), 'holds no certificate'],
  ] as const) {
    const ask = () => certificateAuthorityFile(stack, source);
    expect(ask).toThrow(EnvironmentError);
    expect(ask).toThrow(`certificateAuthorityFile: ${source} ${reason}; name a PEM file`);
  }
});
