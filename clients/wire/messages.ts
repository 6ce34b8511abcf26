import { isUtf8 } from 'node:buffer';
import type { Readable } from 'node:stream';
import { MAXIMUM_NAME_BYTES } from '../../modules/names/postgresql';
import { ProtocolViolation } from './protocol-violation';
import { readBytes } from './read-bytes';
import { errorResponse } from './typed-messages';

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

export function isEncryptionRequest(packet: StartupPacket): packet is EncryptionRequest {
  return ['ssl-request', 'gssenc-request', 'direct-tls'].includes(packet.kind);
}

/** The packet after which no encryption can be asked for. `raw`: as it came. */
export type FirstPacket =
  | { readonly kind: 'cancel-request'; readonly raw: Buffer }
  | ({ readonly kind: 'startup-message'; readonly raw: Buffer } & StartupMessage)
  /** Another protocol version, a broken layout or no user: PostgreSQL answers these before it authenticates. */
  | { readonly kind: 'not-understood'; readonly raw: Buffer }
  /** What PostgreSQL refuses before it authenticates, and how. */
  | { readonly kind: 'refused'; readonly sqlstate: string; readonly message: string };

/** Names are as the server sees them: cut where it cuts them. */
export interface StartupMessage {
  readonly user: string;
  /** The bytes of the name are no UTF-8, perhaps because a character was cut in two: `user` is only how to show it. */
  readonly userIsNoText: boolean;
  /** The user's name where the client named none. */
  readonly database: string;
  /** A walsender is asked for: `replication` is given and is not a spelling of false. */
  readonly replication: boolean;
}

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
    throw new ProtocolViolation('invalid length of startup packet', null);
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
  if (!parameters || !user || user.length === 0) return { kind: 'not-understood', raw };
  const replication = parameters.get('replication')?.toString() ?? 'off';
  if (replication !== 'database' && !BOOLEAN.test(replication))
    return {
      kind: 'refused',
      sqlstate: '22023',
      message: `invalid value for parameter "replication": "${replication}"`,
    };
  const name = cut(user);
  const database = parameters.get('database');
  return {
    kind: 'startup-message',
    raw,
    user: name.toString(),
    userIsNoText: !isUtf8(name),
    database: cut(database?.length ? database : user).toString(),
    replication: !/^(f|n|of|0)/i.test(replication),
  };
}

/** What parse_bool takes: every unambiguous beginning of a word. Besides, exactly `database`. */
const BOOLEAN = /^(t|tr|tru|true|f|fa|fal|fals|false|y|ye|yes|n|no|on|of|off|1|0)$/i;

/**
 * A name as the server looks it up. PostgreSQL cuts the names of a startup packet at 63 bytes, be it inside of a
 * character (NAMEDATALEN in ProcessStartupPacket; 17.0 to 17.2 alone did not, and find no such role).
 * https://www.postgresql.org/docs/release/17.3/
 */
function cut(name: Buffer): Buffer {
  return name.subarray(0, MAXIMUM_NAME_BYTES);
}

/** The packet of a client, with another user in it and all else as it was. `raw`: one that `parseStartupPacket` understood. */
export function withUser(raw: Buffer, user: string): Buffer {
  const parameters = [...(startupParameters(raw) ?? [])].flatMap(([name, value]) => [
    Buffer.from(`${name}\0`),
    name === 'user' ? Buffer.from(user) : value,
    Buffer.from([0]),
  ]);
  const packet = Buffer.concat([raw.subarray(0, 8), ...parameters, Buffer.from([0])]);
  packet.writeInt32BE(packet.length, 0);
  return packet;
}

/** Names and values in turn, each ended by NUL, and one more NUL as the very last byte. A later name wins. */
function startupParameters(raw: Buffer): Map<string, Buffer> | undefined {
  const parameters = new Map<string, Buffer>();
  let offset = 8;
  while (offset < raw.length && raw[offset] !== 0) {
    const nameEnd = raw.indexOf(0, offset);
    const valueEnd = nameEnd < 0 ? -1 : raw.indexOf(0, nameEnd + 1);
    if (valueEnd < 0) return undefined;
    parameters.set(raw.toString('utf8', offset, nameEnd), raw.subarray(nameEnd + 1, valueEnd));
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

/** AuthenticationCleartextPassword: `R`, 8, 3. */
export const AUTHENTICATION_CLEARTEXT_PASSWORD = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 3]);

/** An ErrorResponse of severity FATAL. `sqlstate`: five characters, Appendix A of PostgreSQL's manual. */
export function fatalError(
  sqlstate: string,
  message: string,
  more: { readonly detail?: string; readonly hint?: string } = {},
): Buffer {
  const { detail, hint } = more;
  return errorResponse([
    ['S', 'FATAL'],
    ['V', 'FATAL'],
    ['C', sqlstate],
    ['M', message],
    ...(detail === undefined ? [] : ([['D', detail]] as const)),
    ...(hint === undefined ? [] : ([['H', hint]] as const)),
  ]);
}
