import type * as net from 'node:net';
import type * as tls from 'node:tls';
import { fatalError, type StartupMessage, withUser } from '../clients/wire/messages';
import { ProtocolViolation } from '../clients/wire/protocol-violation';
import { authenticateLocally } from './authenticate';
import { couple, sayGoodbye } from './couple';
import type { Dialer } from './dialer';
import type { Log } from './log';
import { type Cause, logInUpstream } from './log-in-upstream';
import { negotiate } from './negotiate';
import { type Endpoint, findRoute, type Route } from './routes';
import type { ScramVerifier } from './scram';
import type { Sessions } from './sessions';
import { StartupTap } from './startup-tap';

/** What every connection of a listener needs. */
export interface ServeContext {
  readonly dialer: Dialer;
  readonly sessions: Sessions;
  readonly log: Log;
  /** As they are now: a reload changes them. */
  readonly routes: () => readonly Route[];
  /** Undefined: nobody is asked. */
  readonly verifier: ScramVerifier | undefined;
  readonly secureContext: tls.SecureContext | undefined;
  /** A client without TLS is refused. */
  readonly demandTls: boolean;
  readonly causeOf: CauseOf;
}

/** Why the server refused a login, beside its own words. */
export type CauseOf = (failure: LoginFailure) => Promise<Cause | undefined>;

/** A login that the server refused. */
export interface LoginFailure {
  readonly route: Route;
  readonly endpoint: Endpoint;
  /** That was sent. */
  readonly token: string;
  readonly login: string;
  readonly database: string;
  readonly sqlstate: string;
  readonly message: string;
}

/** How long a server may take to look at a cancel request. */
const CANCEL_MILLISECONDS = 10_000;

type First = { readonly kind: 'startup-message'; readonly raw: Buffer } & StartupMessage;

/**
 * One connection, from its first byte until it is piped or refused. Never rejects.
 * @param onAuthenticated the client is no longer one that anybody could be
 */
export async function serve(
  client: net.Socket,
  context: ServeContext,
  onAuthenticated: () => void,
): Promise<void> {
  let stream = client;
  try {
    const negotiated = await negotiate(client, context.secureContext);
    if (!negotiated) return void client.destroy();
    stream = negotiated.stream;
    const { packet } = negotiated;
    switch (packet.kind) {
      case 'refused':
        return refuse(stream, packet.sqlstate, packet.message);
      case 'not-understood':
        return notUnderstood(stream, packet.raw);
      case 'cancel-request':
        return await cancel(stream, packet.raw, context);
      case 'startup-message':
        return await logIn(stream, packet, context, onAuthenticated);
    }
  } catch (error) {
    if (error instanceof ProtocolViolation) {
      context.log({ level: 'warn', event: 'protocol-violation', message: error.message });
      if (error.sqlstate === null) sayGoodbye(client);
      else refuse(stream, error.sqlstate, error.message);
    } else {
      // A mistake in here may cost this connection, and no other.
      context.log({ level: 'error', event: 'failed', message: messageOf(error) });
      refuse(stream, 'XX000', 'the proxy failed; its log says why');
    }
  }
}

async function logIn(
  stream: net.Socket,
  packet: First,
  context: ServeContext,
  onAuthenticated: () => void,
): Promise<void> {
  const { log } = context;
  const { user, database } = packet;
  if (context.demandTls && !('encrypted' in stream))
    return refuse(
      stream,
      '28000',
      'the proxy takes no connection without TLS here',
      'Connect with sslmode=verify-full.',
    );
  if (packet.replication)
    return refuse(
      stream,
      '0A000',
      'the proxy does not pass replication connections',
      'RDS takes no token for them unless rds.iam_auth_for_replication is 1. Connect to the endpoint itself.',
    );
  let authenticated: Buffer | undefined;
  if (context.verifier) {
    const answer = await authenticateLocally(stream, context.verifier);
    if (answer.kind === 'gone') return void stream.destroy();
    if (answer.kind === 'refused') {
      log({ level: 'warn', event: 'wrong-password', login: user, database });
      return refuse(
        stream,
        '28P01',
        `password authentication failed for user "${user}"`,
        'The proxy asks for its own local password, which aurora-iam proxy --print-password printed.',
      );
    }
    authenticated = answer.toClient;
  }
  onAuthenticated();
  // What is written from now on goes out with the end of the exchange: a packet less for both sides.
  stream.cork();
  if (authenticated) stream.write(authenticated);
  const found = findRoute(context.routes(), { user, database });
  if ('refusal' in found) {
    log({ level: 'warn', event: 'no-route', login: user, database, message: found.refusal.message });
    return refuse(stream, '28000', found.refusal.message, found.refusal.hint);
  }
  await connectThrough(stream, packet, found, context);
}

/** From the one who has said the password to a session with the server. */
async function connectThrough(
  stream: net.Socket,
  { raw, user, database }: First,
  { route, login }: { readonly route: Route; readonly login: string },
  context: ServeContext,
): Promise<void> {
  const { sessions, log, dialer } = context;
  const who = { route: route.name, login, database };
  const started = performance.now();
  let upstream: net.Socket | undefined;
  let unsigned: unknown;
  try {
    const endpoint = await dialer.resolve(route);
    // Signed while TLS is under way.
    const token = dialer.token(route, endpoint, login);
    token.catch((error: unknown) => {
      unsigned = error;
    });
    upstream = await dialer.dial(route, endpoint);
    const answer = await logInUpstream(upstream, {
      startup: login === user ? raw : withUser(raw, login),
      token: () => token,
      login,
      causeOf: async (sqlstate, message) =>
        context.causeOf({ route, endpoint, token: await token, login, database, sqlstate, message }),
    });
    if (answer.kind === 'refused') {
      upstream.destroy();
      if (answer.sqlstate === '28000' || answer.sqlstate === '28P01') dialer.forget(route);
      sessions.failed(route, `${answer.message} (${answer.sqlstate})`);
      log({ level: 'warn', event: 'refused', ...who, sqlstate: answer.sqlstate, message: answer.message });
      stream.write(answer.toClient);
      return sayGoodbye(stream);
    }
    stream.write(answer.toClient);
    const milliseconds = Math.round(performance.now() - started);
    join({ stream, upstream, context, who: { ...who, route, endpoint }, milliseconds });
  } catch (error) {
    upstream?.destroy();
    if (stream.destroyed) return;
    dialer.forget(route);
    const message = messageOf(error);
    sessions.failed(route, message);
    sessions.state(route).usable = false;
    const isUnsigned = error === unsigned;
    log({ level: 'error', event: isUnsigned ? 'no-credentials' : 'unreachable', ...who, message });
    refuse(stream, isUnsigned ? '28000' : '08001', `the proxy cannot connect to ${route.name}: ${message}`);
  }
}

function join({
  stream,
  upstream,
  context: { sessions, log, verifier },
  who: { route, endpoint, login, database },
  milliseconds,
}: {
  readonly stream: net.Socket;
  readonly upstream: net.Socket;
  readonly context: ServeContext;
  readonly who: {
    readonly route: Route;
    readonly endpoint: Endpoint;
    readonly login: string;
    readonly database: string;
  };
  readonly milliseconds: number;
}): void {
  const state = sessions.state(route);
  const who = { route: route.name, login, database };
  let forgetKey = () => {};
  state.usable = true;
  state.connections += 1;
  state.total += 1;
  const tap = new StartupTap({
    key: ({ bytes }) => {
      forgetKey = sessions.addKey(bytes, { route, endpoint });
    },
    error: (fields) => {
      const message = `${fields.get('M')} (${fields.get('C')})`;
      sessions.failed(route, message);
      log({ level: 'warn', event: 'refused', ...who, sqlstate: fields.get('C'), message: fields.get('M') });
    },
    ready: () => log({ level: 'info', event: 'connected', ...who, milliseconds }),
  });
  const coupled = couple(stream, upstream, {
    tap,
    dropPassword: verifier === undefined,
    onEnd: () => {
      state.connections -= 1;
      sessions.open.delete(session);
      forgetKey();
      log({
        level: 'info',
        event: 'disconnected',
        ...who,
        received: upstream.bytesRead,
        sent: upstream.bytesWritten,
      });
    },
  });
  const session = { route, endpoint, login, client: stream, upstream, coupled };
  sessions.open.add(session);
  // With what the server has said already.
  setImmediate(() => stream.uncork());
}

/** CancelRequest: the length, the code, and the key of a session as BackendKeyData had it. */
async function cancel(
  stream: net.Socket,
  raw: Buffer,
  { sessions, dialer, log }: ServeContext,
): Promise<void> {
  const where = sessions.byKey(raw.subarray(8));
  await Promise.all(
    where.map(async ({ route, endpoint }) => {
      try {
        const upstream = await dialer.dial(route, endpoint);
        upstream.setTimeout(CANCEL_MILLISECONDS, () => upstream.destroy());
        upstream.resume().end(raw);
        // The client may send the next query once its request is closed: then the server must have seen it.
        await new Promise<void>((resolve) => upstream.once('close', () => resolve()));
      } catch (error) {
        log({ level: 'warn', event: 'cancel-failed', route: route.name, message: messageOf(error) });
      }
    }),
  );
  // PostgreSQL, too, answers a cancel request with nothing, whether the key is right or not.
  sayGoodbye(stream);
}

function notUnderstood(stream: net.Socket, raw: Buffer): void {
  const [major, minor] = [raw.readUInt16BE(4), raw.readUInt16BE(6)];
  if (major === 3)
    refuse(stream, '28000', 'invalid startup packet, or no PostgreSQL user name specified in it');
  else
    refuse(
      stream,
      '0A000',
      `unsupported frontend protocol ${major}.${minor}: the proxy supports 3.0 and later`,
    );
}

/** Ends a connection with an error, as PostgreSQL would. */
function refuse(stream: net.Socket, sqlstate: string, message: string, hint?: string): void {
  stream.write(fatalError(sqlstate, message, hint === undefined ? {} : { hint }));
  sayGoodbye(stream);
}

export function messageOf(error: unknown): string {
  const { message, code } = error as NodeJS.ErrnoException;
  // A name with several addresses, none of which answers, is an error without a message.
  return message || code || 'for an unknown reason';
}
