import type { Duplex } from 'node:stream';
import { ProtocolViolation } from '../clients/wire/protocol-violation';
import { authentication, readMessage } from '../clients/wire/typed-messages';
import { beginScram, SCRAM_MECHANISM, ScramFailure, type ScramVerifier } from './scram';

/** PG_MAX_SASL_MESSAGE_LENGTH of PostgreSQL, in bytes. */
const MAXIMUM_SASL_BYTES = 1024;

export type LocalLogin =
  /** `toClient`: the end of the exchange, to be sent with what follows it. */
  | { readonly kind: 'passed'; readonly toClient: Buffer }
  | { readonly kind: 'refused' }
  /** The client went away, as psql does before it prompts. */
  | { readonly kind: 'gone' };

/** Asks a client for the local password by SCRAM. What it is told of a refusal is up to the caller. @throws ProtocolViolation */
export async function authenticateLocally(stream: Duplex, verifier: ScramVerifier): Promise<LocalLogin> {
  stream.write(authentication('sasl', Buffer.from(`${SCRAM_MECHANISM}\0\0`)));
  const first = await answer(stream);
  if (!first) return { kind: 'gone' };
  try {
    const exchange = beginScram(verifier, initialResponse(first));
    stream.write(authentication('saslContinue', Buffer.from(exchange.serverFirst)));
    const final = await answer(stream);
    if (!final) return { kind: 'gone' };
    const serverFinal = exchange.finish(final.toString('latin1'));
    return { kind: 'passed', toClient: authentication('saslFinal', Buffer.from(serverFinal)) };
  } catch (error) {
    if (!(error instanceof ScramFailure)) throw error;
    if (error.kind === 'refused') return { kind: 'refused' };
    throw new ProtocolViolation(error.message);
  }
}

async function answer(stream: Duplex): Promise<Buffer | undefined> {
  const message = await readMessage(stream, MAXIMUM_SASL_BYTES);
  if (message && message.type !== 'p')
    throw new ProtocolViolation(`expected SASL response, got message type ${message.raw[0]}`);
  return message?.body;
}

/** SASLInitialResponse: the name of the mechanism, and the length of what it begins with. */
function initialResponse(body: Buffer): string {
  const end = body.indexOf(0);
  const mechanism = body.toString('latin1', 0, Math.max(end, 0));
  // A password in clear text looks so: it is in no message, and in no log.
  if (end < 0 || mechanism !== SCRAM_MECHANISM)
    throw new ProtocolViolation('client selected an invalid SASL authentication mechanism');
  const data = body.subarray(end + 5);
  if (body.length < end + 5 || body.readInt32BE(end + 1) !== data.length)
    throw new ProtocolViolation('insufficient data in SASL initial response');
  return data.toString('latin1');
}
