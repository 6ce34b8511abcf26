import type { Readable } from 'node:stream';

/**
 * The few messages of the PostgreSQL protocol that a server exchanges before it lets a client in.
 * https://www.postgresql.org/docs/current/protocol-message-formats.html
 * What is read here is read exactly as PostgreSQL reads it (ProcessStartupPacket in backend_startup.c): the same
 * bytes go on to PostgreSQL afterwards, and both must see the same user in them.
 */

/** Limits of PostgreSQL in bytes, without the length word: MAX_STARTUP_PACKET_LENGTH, PG_MAX_AUTH_TOKEN_LENGTH. */
export const MAXIMUM_STARTUP_BYTES = 10_000;
export const MAXIMUM_PASSWORD_BYTES = 65_535;

const CANCEL_REQUEST = 80_877_102;
const SSL_REQUEST = 80_877_103;
const GSSENC_REQUEST = 80_877_104;
/** Content type of the first TLS record; no startup packet is long enough to begin with it. */
const TLS_HANDSHAKE = 0x16;

/** What a connection may begin with. */
export type StartupPacket = EncryptionRequest | FirstPacket;

/** `direct-tls`: a TLS handshake without asking (sslnegotiation=direct, PostgreSQL 17), still unread in the stream. */
export interface EncryptionRequest {
  readonly kind: 'ssl-request' | 'gssenc-request' | 'direct-tls';
}

/** The packet after which no encryption can be asked for. `raw`: as it came. */
export type FirstPacket =
  | { readonly kind: 'cancel-request'; readonly raw: Buffer }
  | ({ readonly kind: 'startup-message'; readonly raw: Buffer } & StartupMessage)
  /** Another protocol version, a broken layout or no user: PostgreSQL answers these before it authenticates. */
  | { readonly kind: 'not-understood'; readonly raw: Buffer };

export interface StartupMessage {
  readonly user: string;
  /** The user's name where the client named none. */
  readonly database: string;
  /** A walsender is asked for: `replication` is given and is not a spelling of false. */
  readonly replication: boolean;
}

/** The client broke the protocol in a way after which nothing more can be read from it. One line, no bytes of it. */
export class ProtocolViolation extends Error {}

/**
 * Reads one startup packet; what follows it stays in the stream.
 * @returns undefined if the client ended or broke the connection first.
 * @throws ProtocolViolation if the length is not one of a startup packet.
 */
export async function readStartupPacket(stream: Readable): Promise<StartupPacket | undefined> {
  const header = await readBytes(stream, 4);
  if (!header) return undefined;
  if (header[0] === TLS_HANDSHAKE) {
    stream.unshift(header);
    return { kind: 'direct-tls' };
  }
  const length = header.readInt32BE() - 4;
  if (length < 4 || length > MAXIMUM_STARTUP_BYTES)
    throw new ProtocolViolation('invalid length of startup packet');
  const body = await readBytes(stream, length);
  return body && parseStartupPacket(Buffer.concat([header, body]));
}

/** `raw`: a whole packet of at least 8 bytes, its length word included. */
export function parseStartupPacket(raw: Buffer): StartupPacket {
  const code = raw.readInt32BE(4);
  if (code === CANCEL_REQUEST) return { kind: 'cancel-request', raw };
  if (code === SSL_REQUEST) return { kind: 'ssl-request' };
  if (code === GSSENC_REQUEST) return { kind: 'gssenc-request' };
  const parameters = code >>> 16 === 3 ? startupParameters(raw) : undefined;
  const user = parameters?.get('user');
  if (!parameters || !user) return { kind: 'not-understood', raw };
  return {
    kind: 'startup-message',
    raw,
    user,
    database: parameters.get('database') || user,
    // parse_bool takes every unambiguous beginning of a word.
    replication: !/^(f|fa|fal|fals|false|n|no|of|off|0)$/i.test(parameters.get('replication') ?? 'off'),
  };
}

/** Names and values in turn, each ended by NUL, and one more NUL as the very last byte. A later name wins. */
function startupParameters(raw: Buffer): Map<string, string> | undefined {
  const parameters = new Map<string, string>();
  let offset = 8;
  while (offset < raw.length && raw[offset] !== 0) {
    const nameEnd = raw.indexOf(0, offset);
    const valueEnd = nameEnd < 0 ? -1 : raw.indexOf(0, nameEnd + 1);
    if (valueEnd < 0) return undefined;
    parameters.set(raw.toString('utf8', offset, nameEnd), raw.toString('utf8', nameEnd + 1, valueEnd));
    offset = valueEnd + 1;
  }
  return offset === raw.length - 1 ? parameters : undefined;
}

/**
 * Reads the PasswordMessage that answers AuthenticationCleartextPassword; what follows it stays in the stream.
 * @returns undefined if the client ended or broke the connection first, as psql does before it prompts.
 * @throws ProtocolViolation if something else came.
 */
export async function readPasswordMessage(stream: Readable): Promise<string | undefined> {
  const header = await readBytes(stream, 5);
  if (!header) return undefined;
  if (header[0] !== 0x70 /* p */)
    throw new ProtocolViolation(`expected password response, got message type ${header[0]}`);
  const length = header.readInt32BE(1) - 4;
  if (length < 1 || length > MAXIMUM_PASSWORD_BYTES)
    throw new ProtocolViolation('invalid password packet size');
  const body = await readBytes(stream, length);
  if (!body) return undefined;
  if (body.indexOf(0) !== length - 1) throw new ProtocolViolation('invalid password packet size');
  return body.toString('utf8', 0, length - 1);
}

/** Exactly `count` (> 0) bytes of a paused stream; undefined if it ends, breaks or is destroyed before. */
function readBytes(stream: Readable, count: number): Promise<Buffer | undefined> {
  return new Promise((resolve) => {
    const events = ['readable', 'end', 'error', 'close'];
    const settle = (result: Buffer | undefined) => {
      for (const event of events) stream.off(event, attempt);
      resolve(result);
    };
    const attempt = () => {
      const chunk: Buffer | null = stream.destroyed ? null : stream.read(count);
      // At its end a stream hands out what is left, be it less.
      if (chunk) settle(chunk.length === count ? chunk : undefined);
      else if (stream.destroyed || stream.readableEnded) settle(undefined);
    };
    // Kept until all is there: a new listener is told at once of a part that is too short, again and again.
    for (const event of events) stream.on(event, attempt);
    attempt();
  });
}

/** AuthenticationCleartextPassword: `R`, 8, 3. */
export const AUTHENTICATION_CLEARTEXT_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

/** An ErrorResponse of severity FATAL. `sqlstate`: five characters, Appendix A of PostgreSQL's manual. */
export function fatalError(sqlstate: string, message: string): Buffer {
  const fields = `SFATAL\0VFATAL\0C${sqlstate}\0M${message}\0\0`;
  const head = Buffer.alloc(5);
  head.write('E');
  head.writeInt32BE(4 + Buffer.byteLength(fields), 1);
  return Buffer.concat([head, Buffer.from(fields)]);
}
