import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';

// SCRAM-SHA-256, the side of the server: RFC 5802 and 7677, without channel binding, as PostgreSQL speaks it.
// https://www.postgresql.org/docs/current/sasl-authentication.html

export const SCRAM_MECHANISM = 'SCRAM-SHA-256';

/** RFC 7677 asks for at least 4,096, and some clients refuse fewer. A password at random needs no more. */
const ITERATIONS = 4096;

/** What a server keeps instead of a password: who reads it can neither log in nor pass for the server without work. */
export interface ScramVerifier {
  readonly iterations: number;
  readonly salt: Buffer;
  readonly storedKey: Buffer;
  readonly serverKey: Buffer;
}

/** `password`: ASCII, so that every client prepares it alike (SASLprep). */
export function makeVerifier(password: string, salt: Buffer = randomBytes(16)): ScramVerifier {
  const salted = pbkdf2Sync(password, salt, ITERATIONS, 32, 'sha256');
  return {
    iterations: ITERATIONS,
    salt,
    storedKey: createHash('sha256').update(hmac(salted, 'Client Key')).digest(),
    serverKey: hmac(salted, 'Server Key'),
  };
}

/** As `pg_authid.rolpassword` holds it: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`. */
export function formatVerifier({ iterations, salt, storedKey, serverKey }: ScramVerifier): string {
  const [saltText, storedText, serverText] = [salt, storedKey, serverKey].map((each) =>
    each.toString('base64'),
  );
  return `${SCRAM_MECHANISM}$${iterations}:${saltText}$${storedText}:${serverText}`;
}

/** @returns undefined if it is not one */
export function parseVerifier(text: string): ScramVerifier | undefined {
  const [, iterations, ...parts] =
    /^SCRAM-SHA-256\$(\d{1,9}):([A-Za-z0-9+/=]+)\$([A-Za-z0-9+/=]+):([A-Za-z0-9+/=]+)$/.exec(text) ?? [];
  const [salt, storedKey, serverKey] = parts.map(base64);
  if (!salt || storedKey?.length !== 32 || serverKey?.length !== 32 || Number(iterations) < ITERATIONS)
    return undefined;
  return { iterations: Number(iterations), salt, storedKey, serverKey };
}

/** Why an exchange ends. `protocol`: the client does not speak SCRAM as it is written; `refused`: the password is wrong. */
export class ScramFailure extends Error {
  constructor(
    readonly kind: 'protocol' | 'refused',
    message: string,
  ) {
    super(message);
  }
}

/** An exchange that has begun: what to send, and what becomes of the answer. */
export interface ScramExchange {
  readonly serverFirst: string;
  /** @returns the server's final message, by which the client knows that it is the right one. @throws ScramFailure */
  finish(clientFinal: string): string;
}

/** @param clientFirst as it came. @param nonce the server's own part: printable ASCII without a comma. @throws ScramFailure */
export function beginScram(
  verifier: ScramVerifier,
  clientFirst: string,
  nonce = randomBytes(18).toString('base64'),
): ScramExchange {
  // gs2-header: n or y, no authorization identity. `p` needs SCRAM-SHA-256-PLUS, which is not offered.
  const [, gs2 = '', bare = '', clientNonce] =
    /^([ny],,)(n=[^,\0]*,r=([\x21-\x2b\x2d-\x7e]+)(?:,[^\0]*)?)$/s.exec(clientFirst) ?? [];
  if (!clientNonce) throw new ScramFailure('protocol', malformed(clientFirst));
  const wholeNonce = clientNonce + nonce;
  const serverFirst = `r=${wholeNonce},s=${verifier.salt.toString('base64')},i=${verifier.iterations}`;
  return {
    serverFirst,
    finish(clientFinal) {
      const [, withoutProof = '', binding, answered, proofText = ''] =
        /^(c=([^,]*),r=([^,]*)(?:,[^\0]*?)?),p=([A-Za-z0-9+/=]+)$/s.exec(clientFinal) ?? [];
      const proof = base64(proofText);
      if (proof?.length !== 32) throw new ScramFailure('protocol', 'malformed SCRAM message');
      if (binding !== Buffer.from(gs2).toString('base64'))
        throw new ScramFailure(
          'protocol',
          'unexpected SCRAM channel-binding attribute in client-final-message',
        );
      if (answered !== wholeNonce)
        throw new ScramFailure('protocol', 'invalid SCRAM response: nonce does not match');
      const authMessage = `${bare},${serverFirst},${withoutProof}`;
      const clientSignature = hmac(verifier.storedKey, authMessage);
      const clientKey = Buffer.from(proof.map((byte, index) => byte ^ clientSignature.readUInt8(index)));
      const storedKey = createHash('sha256').update(clientKey).digest();
      if (!timingSafeEqual(storedKey, verifier.storedKey))
        throw new ScramFailure('refused', 'the password is wrong');
      return `v=${hmac(verifier.serverKey, authMessage).toString('base64')}`;
    },
  };
}

function malformed(clientFirst: string): string {
  if (clientFirst.startsWith('p=')) return 'SCRAM channel binding is not offered here';
  if (/^[ny],a=/.test(clientFirst)) return 'client uses authorization identity, but it is not supported';
  return 'malformed SCRAM message';
}

function hmac(key: Buffer, text: string): Buffer {
  return createHmac('sha256', key).update(text).digest();
}

/** Strictly: the one spelling that these bytes have. */
function base64(text: string): Buffer | undefined {
  const bytes = Buffer.from(text, 'base64');
  return bytes.toString('base64') === text ? bytes : undefined;
}
