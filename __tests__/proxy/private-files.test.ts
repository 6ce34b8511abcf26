import { X509Certificate } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  symlinkSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { makeLocalPassword, readVerifier } from '../../proxy/local-password';
import { ownCertificate } from '../../proxy/own-certificate';
import { beginScram } from '../../proxy/scram';

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-proxy-'));
  file = join(folder, 'aurora-iam', 'proxy-verifier');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a password is made once; what is kept of it is its verifier, for nobody else to read', () => {
  const password = makeLocalPassword(file);
  expect(password).toMatch(/^[\w-]{32}$/);
  expect(statSync(file).mode & 0o777).toBe(0o600);
  expect(statSync(join(file, '..')).mode & 0o777).toBe(0o700);
  expect(beginScram(readVerifier(file), 'n,,n=,r=abc').serverFirst).toContain(',i=4096');
  expect(() => makeLocalPassword(file)).toThrow('was printed when it was made');
});

test('where there is none, the message says how to make one', () => {
  expect(() => readVerifier(file)).toThrow('aurora-iam proxy --print-password');
});

test.each([
  ['the file can be read by the group', () => chmodSync(file, 0o640), 'chmod go-rwx'],
  ['the file can be written by others', () => chmodSync(file, 0o602), 'chmod go-rwx'],
  ['others may look into the folder', () => chmodSync(join(file, '..'), 0o755), 'chmod go-rwx'],
])('it is refused if %s', (_what, change, message) => {
  makeLocalPassword(file);
  change();
  expect(() => readVerifier(file)).toThrow(message);
});

test('a link is not followed, nor is a folder a file', () => {
  makeLocalPassword(file);
  symlinkSync(file, join(folder, 'link'));
  expect(() => readVerifier(join(folder, 'link'))).toThrow('is a link');
  mkdirSync(join(folder, 'other'), 0o700);
  expect(() => readVerifier(join(folder, 'other'))).toThrow('is no file');
  expect(lstatSync(join(folder, 'link')).isSymbolicLink()).toBe(true);
});

// Only root can give a file away.
(process.getuid?.() === 0 ? test : test.skip)('the file or folder of another user is refused', () => {
  makeLocalPassword(file);
  chownSync(file, 65_534, 65_534);
  expect(() => readVerifier(file)).toThrow('belongs to another user (id 65534)');
  chownSync(file, 0, 0);
  chownSync(join(file, '..'), 65_534, 65_534);
  expect(() => readVerifier(file)).toThrow('belongs to another user (id 65534)');
});

test('the certificate for clients stays the same, and is made anew a month before it expires', () => {
  const files = ['certificate.pem', 'key.pem'].map((name) => join(folder, 'aurora-iam', name)) as [
    string,
    string,
  ];
  const now = Date.now();
  const first = ownCertificate(...files, now);
  expect(ownCertificate(...files, now)).toEqual(first);
  const certificate = new X509Certificate(first.cert);
  expect(certificate.subjectAltName).toBe('DNS:localhost, IP Address:127.0.0.1, IP Address:0:0:0:0:0:0:0:1');
  expect(certificate.verify(certificate.publicKey)).toBe(true);
  expect(certificate.ca).toBe(false);
  const day = 24 * 60 * 60 * 1000;
  expect(ownCertificate(...files, now + 790 * day)).toEqual(first);
  expect(ownCertificate(...files, now + 800 * day)).not.toEqual(first);
  expect(statSync(files[1]).mode & 0o777).toBe(0o600);
});
