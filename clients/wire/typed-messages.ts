import type { Readable } from 'node:stream';
import { ProtocolViolation } from './protocol-violation';
import { readBytes } from './read-bytes';

// Messages with a type, which follow the startup packet in both directions.
// https://www.postgresql.org/docs/current/protocol-message-formats.html

/** `raw`: the whole message, its type and length included. */
export interface Message {
  /** One ASCII character. */
  readonly type: string;
  readonly body: Buffer;
  readonly raw: Buffer;
}

/**
 * Reads one message; what follows it stays in the stream.
 * @param maximum of the body in bytes
 * @returns undefined if the peer ended or broke the connection first.
 * @throws ProtocolViolation if the message is longer, or its length is not one
 */
export async function readMessage(stream: Readable, maximum: number): Promise<Message | undefined> {
  const header = await readBytes(stream, 5);
  if (!header) return undefined;
  const length = header.readInt32BE(1) - 4;
  const type = String.fromCharCode(header.readUInt8(0));
  if (length < 0 || length > maximum)
    throw new ProtocolViolation(`invalid length of a message of type ${header[0]}`);
  if (length === 0) return { type, body: Buffer.alloc(0), raw: header };
  const body = await readBytes(stream, length);
  return body && { type, body, raw: Buffer.concat([header, body]) };
}

/** A message of that type. `type`: one ASCII character. */
export function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(5);
  head.write(type, 'latin1');
  head.writeInt32BE(4 + body.length, 1);
  return Buffer.concat([head, body]);
}

/** An ErrorResponse of these fields: `S` severity, `C` SQLSTATE, `M` message, `D` detail, `H` hint, …
 *  https://www.postgresql.org/docs/current/protocol-error-fields.html */
export function errorResponse(fields: Iterable<readonly [name: string, value: string]>): Buffer {
  const text = [...fields].map(([name, value]) => `${name}${value.replaceAll('\0', ' ')}\0`).join('');
  return message('E', Buffer.from(`${text}\0`));
}

/** The fields of an ErrorResponse or NoticeResponse. What is broken in it is left out. */
export function errorFields(body: Buffer): Map<string, string> {
  const fields = new Map<string, string>();
  for (const field of body.toString('utf8').split('\0'))
    if (field !== '') fields.set(field.charAt(0), field.slice(1));
  return fields;
}

/** AuthenticationXXX: `R`, and the kind of it. */
export const AUTHENTICATION = {
  ok: 0,
  cleartextPassword: 3,
  md5Password: 5,
  sasl: 10,
  saslContinue: 11,
  saslFinal: 12,
} as const;

export function authentication(kind: keyof typeof AUTHENTICATION, data: Buffer = Buffer.alloc(0)): Buffer {
  const code = Buffer.alloc(4);
  code.writeInt32BE(AUTHENTICATION[kind]);
  return message('R', Buffer.concat([code, data]));
}

/** PasswordMessage, which answers a request for a password in clear text. */
export function passwordMessage(password: string): Buffer {
  return message('p', Buffer.from(`${password}\0`));
}

/** SSLRequest: the length, and the code that no protocol version has. */
export const SSL_REQUEST_PACKET = Buffer.from([0, 0, 0, 8, 0x04, 0xd2, 0x16, 0x2f]);
