import type * as net from 'node:net';
import { fatalError } from '../clients/wire/messages';
import { ProtocolViolation } from '../clients/wire/protocol-violation';
import {
  AUTHENTICATION,
  errorFields,
  errorResponse,
  passwordMessage,
  readMessage,
} from '../clients/wire/typed-messages';

/** An ErrorResponse may hold a whole query; a server that says more before the login is none. */
const MAXIMUM_BYTES = 65_536;
/** Messages before AuthenticationOk: NegotiateProtocolVersion, notices, one request for a password. */
const MAXIMUM_MESSAGES = 20;

export type UpstreamLogin =
  /** `toClient`: what it must be told before what follows in the stream, AuthenticationOk included. */
  | { readonly kind: 'passed'; readonly toClient: Buffer }
  | {
      readonly kind: 'refused';
      /** The ErrorResponse for the client. */
      readonly toClient: Buffer;
      readonly sqlstate: string;
      readonly message: string;
    };

/** What a person should read beside the server's own words. */
export interface Cause {
  readonly detail?: string;
  readonly hint: string;
}

/**
 * Logs in with a token: the one thing that the proxy says in its own name.
 * @param token is asked for only when the server asks for it
 * @param causeOf says why a login was refused
 * @throws ProtocolViolation, Error if the server goes away
 */
export async function logInUpstream(
  upstream: net.Socket,
  {
    startup,
    token,
    login,
    causeOf,
  }: {
    /** The client's own packet, for the login. */
    readonly startup: Buffer;
    readonly token: () => Promise<string>;
    readonly login: string;
    readonly causeOf: (sqlstate: string, message: string) => Promise<Cause | undefined>;
  },
): Promise<UpstreamLogin> {
  upstream.write(startup);
  const forClient: Buffer[] = [];
  let sent = false;
  for (let count = 0; count < MAXIMUM_MESSAGES; count++) {
    const message = await readMessage(upstream, MAXIMUM_BYTES);
    if (!message) throw new Error('the server closed the connection during the login');
    if (message.type === 'N' || message.type === 'v') forClient.push(message.raw);
    else if (message.type === 'E') return await refused(message.body, causeOf);
    else if (message.type === 'R' && message.body.length >= 4) {
      const kind = message.body.readInt32BE(0);
      if (kind === AUTHENTICATION.ok)
        return { kind: 'passed', toClient: Buffer.concat([...forClient, message.raw]) };
      if (kind !== AUTHENTICATION.cleartextPassword) return notByToken(login, kind);
      if (sent) throw new ProtocolViolation('the server asked for a password twice');
      upstream.write(passwordMessage(await token()));
      sent = true;
    } else
      throw new ProtocolViolation(`the server sent a message of type ${message.raw[0]} during the login`);
  }
  throw new ProtocolViolation(`the server sent ${MAXIMUM_MESSAGES} messages and no answer to the login`);
}

/** The error as it came; only what the server left open is added. */
async function refused(
  body: Buffer,
  causeOf: (sqlstate: string, message: string) => Promise<Cause | undefined>,
): Promise<UpstreamLogin> {
  const fields = errorFields(body);
  const [sqlstate, message] = [fields.get('C') ?? '', fields.get('M') ?? ''];
  const cause = await causeOf(sqlstate, message);
  if (cause?.detail && !fields.has('D')) fields.set('D', cause.detail);
  if (cause && !fields.has('H')) fields.set('H', cause.hint);
  return { kind: 'refused', toClient: errorResponse(fields), sqlstate, message };
}

/** RDS asks a login in rds_iam for a password in clear text, and everybody else for SCRAM or MD5. */
function notByToken(login: string, kind: number): UpstreamLogin {
  const message = `the server does not take a token from "${login}"`;
  const how =
    kind === AUTHENTICATION.sasl ? 'SCRAM' : kind === AUTHENTICATION.md5Password ? 'MD5' : `method ${kind}`;
  return {
    kind: 'refused',
    toClient: fatalError('28000', message, {
      detail: `It asks for a password by ${how}, as it does for logins that are not in rds_iam.`,
      hint: 'The login must exist in exactly this case and be a member of rds_iam, and IAM authentication must be on.',
    }),
    sqlstate: '28000',
    message,
  };
}
