import { createHmac, pbkdf2Sync } from 'node:crypto';
import { beginScram, formatVerifier, makeVerifier, parseVerifier, ScramFailure } from '../../proxy/scram';

const pencil = makeVerifier('pencil', Buffer.from('W22ZaJ0SNY7soEsUEjb6gQ==', 'base64'));
const CLIENT_FIRST = 'n,,n=user,r=rOprNGfwEbeRWgbNEkqO';
const NONCE = '%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0';
const CLIENT_FINAL = `c=biws,r=rOprNGfwEbeRWgbNEkqO${NONCE},p=dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ=`;

test('the exchange of RFC 7677, section 3', () => {
  const exchange = beginScram(pencil, CLIENT_FIRST, NONCE);
  expect(exchange.serverFirst).toBe(`r=rOprNGfwEbeRWgbNEkqO${NONCE},s=W22ZaJ0SNY7soEsUEjb6gQ==,i=4096`);
  expect(exchange.finish(CLIENT_FINAL)).toBe('v=6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4=');
});

test('another password is refused', () => {
  const other = makeVerifier('Pencil', pencil.salt);
  expect(() => beginScram(other, CLIENT_FIRST, NONCE).finish(CLIENT_FINAL)).toThrow(
    expect.objectContaining({ kind: 'refused' }),
  );
});

test('a verifier is read back as it was written, in the form of pg_authid', () => {
  const text = formatVerifier(pencil);
  expect(text).toMatch(/^SCRAM-SHA-256\$4096:W22ZaJ0SNY7soEsUEjb6gQ==\$[\w+/]{43}=:[\w+/]{43}=$/);
  expect(parseVerifier(text)).toEqual(pencil);
  // Nobody finds the password in it.
  expect(text).not.toContain('pencil');
});

test.each([
  ['cut off', (text: string) => text.slice(0, -3)],
  ['with too few iterations', (text: string) => text.replace('4096', '1')],
  ['with another digest', (text: string) => text.replace('256', '512')],
  ['with a line break', (text: string) => `${text}\n`],
  ['empty', () => ''],
])('a verifier is refused that is %s', (_what, change) => {
  expect(parseVerifier(change(formatVerifier(pencil)))).toBeUndefined();
});

test.each([
  ['channel binding', 'p=tls-unique,,n=,r=abc'],
  ['an authorization identity', 'n,a=admin,n=,r=abc'],
  ['no nonce', 'n,,n=,r='],
  ['a mandatory extension', 'n,,m=x,n=,r=abc'],
  ['nothing', ''],
  ['a password in clear text', 'pencil'],
])('a first message is refused with %s', (_what, first) => {
  expect(() => beginScram(pencil, first)).toThrow(ScramFailure);
});

test.each([
  ['the nonce of another exchange', CLIENT_FINAL.replace('rOpr', 'rOps')],
  ['another binding than it began with', CLIENT_FINAL.replace('biws', 'eSws')],
  ['a proof that is cut off', CLIENT_FINAL.slice(0, -4)],
  ['a proof in another spelling', CLIENT_FINAL.replace('VQ=', 'VR=')],
  ['an empty proof', CLIENT_FINAL.replace(/p=.*/, 'p=')],
  ['no proof', CLIENT_FINAL.replace(/,p=.*/, '')],
])('a final message is refused with %s', (_what, final) => {
  expect(() => beginScram(pencil, CLIENT_FIRST, NONCE).finish(final)).toThrow(ScramFailure);
});

test('no change of a single character of the final message passes', () => {
  for (let at = 0; at < CLIENT_FINAL.length; at++) {
    const changed = `${CLIENT_FINAL.slice(0, at)}${CLIENT_FINAL[at] === 'A' ? 'B' : 'A'}${CLIENT_FINAL.slice(at + 1)}`;
    expect(() => beginScram(pencil, CLIENT_FIRST, NONCE).finish(changed)).toThrow(ScramFailure);
  }
});

test('whoever reads the verifier cannot log in with what stands in it', () => {
  // A proof made from the StoredKey in the place of the ClientKey.
  const exchange = beginScram(pencil, CLIENT_FIRST, NONCE);
  const withoutProof = CLIENT_FINAL.replace(/,p=.*/, '');
  const signature = createHmac('sha256', pencil.storedKey)
    .update(`${CLIENT_FIRST.slice(3)},${exchange.serverFirst},${withoutProof}`)
    .digest();
  const proof = Buffer.from(pencil.storedKey.map((byte, index) => byte ^ (signature[index] as number)));
  expect(() => exchange.finish(`${withoutProof},p=${proof.toString('base64')}`)).toThrow(ScramFailure);
  expect(pbkdf2Sync('pencil', pencil.salt, 4096, 32, 'sha256')).not.toEqual(pencil.storedKey);
});
