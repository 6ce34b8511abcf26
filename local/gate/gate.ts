import { once } from 'node:events';
import * as net from 'node:net';
import * as tls from 'node:tls';
import {
  AUTHENTICATION_CLEARTEXT_PASSWORD,
  type FirstPacket,
  fatalError,
  ProtocolViolation,
  readPasswordMessage,
  type StartupMessage,
} from '../../clients/wire/messages';
import type { Caller, IssuedCredentials } from '../../modules/iam/caller';
import type { DatabaseTarget } from '../../modules/names/arn';
import { dbuserArn } from '../../modules/names/arn';
import type { RunLog } from '../run-log';
import { negotiate } from './negotiate';
import { verifyToken } from './verify-token';

/** The cluster behind the gate, as the AWS endpoint describes it now. */
export interface GateCluster extends DatabaseTarget {
  /** Host names a token may be signed for: writer, reader, instances. */
  readonly endpoints: readonly string[];
  /** The port of the endpoints, which stands in tokens. The gate itself may listen on another one. */
  readonly port: number;
  readonly iamAuthenticationEnabled: boolean;
  readonly masterUsername: string;
}

export interface GateOptions {
  /** On 127.0.0.1. 0 or absent: a free one. */
  readonly port?: number;
  /** One PostgreSQL: its Unix socket trusts whoever comes, its loopback port demands a password of everybody. */
  readonly backend: {
    readonly socketPath: string;
    readonly host: string;
    readonly port: number;
    /** 15 or later: from 17 on TLS may begin without asking. */
    readonly major: number;
  };
  /** PEM. Asked for per connection, because endpoints may come while the gate runs; the caller caches it. */
  readonly certificate: () => Promise<{ readonly cert: string; readonly key: string }>;
  /** undefined: there is none yet. */
  readonly cluster: () => Promise<GateCluster | undefined>;
  /** Whether the user counts as a member of rds_iam. `reason`: one line, shown in the log. */
  readonly isIamUser: (
    user: string,
    cluster: GateCluster,
  ) => Promise<{ readonly member: boolean; readonly reason: string }>;
  /** What was handed out under an access key id; undefined: nothing. */
  readonly credentials: (accessKeyId: string) => IssuedCredentials | undefined;
  /** Whether the caller's policies allow `rds-db:connect` on the ARN. `reason`: one line, shown in the log. */
  readonly authorize: (
    caller: Caller,
    dbuserArn: string,
  ) => Promise<{ readonly allowed: boolean; readonly reason: string }>;
  readonly log: RunLog;
  readonly now?: () => Date;
  /** From the first byte until PostgreSQL takes over. Default 60,000, as authentication_timeout. */
  readonly handshakeTimeoutMilliseconds?: number;
  /** How many clients may be at their handshake at once; a further one is turned away unheard. @default 500 */
  readonly maximumHandshakes?: number;
}

/** How long a peer that was told the end may take to notice, without a byte from it. */
const FAREWELL_MILLISECONDS = 5_000;

/** The way on for a client that is not refused here: the packet goes to PostgreSQL, and then everything else. */
interface Route {
  readonly to: net.NetConnectOpts;
  readonly raw: Buffer;
}

export interface Gate {
  readonly port: number;
  /** Ends all connections and stops listening. */
  close(): Promise<void>;
}

/**
 * What RDS keeps closed in front of PostgreSQL: TLS, the `+rds_iam` decision, the token and the policies behind it.
 * Whoever passes is piped to the server; refusals look like those of RDS, as far as these are known, and are logged
 * with their true reason under `iam-db-auth-error`. What cannot be judged is refused.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Troubleshooting.html
 * @throws if the port is taken.
 */
export async function startGate(options: GateOptions): Promise<Gate> {
  const sockets = new Set<net.Socket>();
  const log = oneLineLog(options.log);
  let handshakes = 0;
  const track = (socket: net.Socket) => {
    sockets.add(socket);
    socket.setNoDelay(true);
    // An error is always followed by 'close', which is where something is done about it.
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    return socket;
  };
  const server = net.createServer((socket) => {
    const client = track(socket);
    if (handshakes >= (options.maximumHandshakes ?? 500)) {
      log.write('gate', `a connection was closed: ${handshakes} clients are at their handshake`);
      client.destroy();
      return;
    }
    handshakes += 1;
    serve(client, { ...options, log }, track).finally(() => {
      handshakes -= 1;
    });
  });
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen({ host: '127.0.0.1', port: options.port ?? 0 }, () => {
      server.off('error', reject);
      resolve();
    });
  });
  server.on('error', (error) => options.log.write('gate', `cannot accept a connection: ${error.message}`));
  return {
    port: (server.address() as net.AddressInfo).port,
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

/** One connection, from the first byte until PostgreSQL takes over or the client is refused. Never rejects. */
async function serve(
  client: net.Socket,
  options: GateOptions,
  track: (socket: net.Socket) => net.Socket,
): Promise<void> {
  let stream = client;
  const timer = setTimeout(() => {
    options.log.write('gate', 'a client did not finish its login in time');
    client.destroy();
  }, options.handshakeTimeoutMilliseconds ?? 60_000);
  client.on('close', () => clearTimeout(timer));
  try {
    const packet = await negotiate(client, options, (secured) => {
      stream = track(secured);
      return stream;
    });
    if (!packet) return void client.destroy();
    const route = await routeFor(packet, stream, options);
    if (!route) return;
    const upstream = track(net.connect(route.to));
    await once(upstream, 'connect');
    clearTimeout(timer);
    upstream.write(route.raw);
    couple(stream, upstream);
  } catch (error) {
    if (error instanceof ProtocolViolation) {
      options.log.write('gate', `a connection was closed: ${error.message}`);
      if (error.sqlstate === null) sayGoodbye(client);
      else refuse(stream, error.sqlstate, error.message);
    } else if (!client.destroyed) {
      // The endpoint, PostgreSQL or the certificate is not there. Never a reason to open the door.
      options.log.write('gate', `a connection was refused: ${messageOf(error)}`);
      refuse(stream, '57P03', 'the database system is not available');
    }
  }
}

/** Decides which way a client may go. It is refused and answered here if there is none: then undefined. */
async function routeFor(
  packet: FirstPacket,
  stream: net.Socket,
  options: GateOptions,
): Promise<Route | undefined> {
  const { log, backend } = options;
  if (packet.kind === 'refused') {
    refuse(stream, packet.sqlstate, packet.message);
    return undefined;
  }
  const passwordDoor: Route = { to: { host: backend.host, port: backend.port }, raw: packet.raw };
  const trustDoor: Route = { to: { path: backend.socketPath }, raw: packet.raw };
  // PostgreSQL judges the key of a cancel request; what is not understood it answers before any authentication.
  if (packet.kind === 'cancel-request') return trustDoor;
  if (packet.kind === 'not-understood') return passwordDoor;

  const cluster = await options.cluster();
  if (!cluster) throw new Error('there is no cluster yet');
  const { user, database } = packet;
  if (packet.userIsNoText) {
    // The catalog is asked in UTF-8: it could find another role than the server does.
    log.write(
      'gate',
      `the name of a user is no UTF-8, as far as the server reads it: ${JSON.stringify(user)}`,
    );
    refuse(stream, '28P01', `password authentication failed for user "${user}"`);
    return undefined;
  }
  const membership = await options.isIamUser(user, cluster);
  const iamUser = membership.member && cluster.iamAuthenticationEnabled;
  if (membership.member && !iamUser)
    log.write(
      'gate',
      `${JSON.stringify(user)} is in rds_iam, but IAM database authentication is off: treated as a password user`,
    );
  if (stream.destroyed) return undefined;

  const host = stream.remoteAddress ?? '';
  if (!(stream instanceof tls.TLSSocket)) {
    const who = `host "${host}", user "${user}", database "${database}", no encryption`;
    if (iamUser) {
      logRefusal(options, packet, membership.reason, 'the connection is not encrypted');
      refuse(stream, '28000', `pg_hba.conf rejects connection for ${who}`);
    } else refuse(stream, '28000', `no pg_hba.conf entry for ${who}`);
    return undefined;
  }
  if (!iamUser) return passwordDoor;

  const verdict: LoginVerdict | undefined = packet.replication
    ? { allowed: false, reason: 'a replication connection; rds.iam_auth_for_replication is not judged here' }
    : await judgeLogin(user, cluster, stream, options);
  if (!verdict || stream.destroyed) return undefined;
  if (verdict.allowed) {
    log.write('gate', `${JSON.stringify(user)} passes: ${verdict.reason}`);
    return trustDoor;
  }
  logRefusal(options, packet, membership.reason, verdict.reason);
  if (verdict.empty) refuse(stream, '28P01', 'empty password returned by client');
  else refuse(stream, '28000', `PAM authentication failed for user "${user}"`);
  return undefined;
}

interface LoginVerdict {
  readonly allowed: boolean;
  readonly reason: string;
  /** PostgreSQL refuses an empty password before it asks anybody else. */
  readonly empty?: true;
}

/** Asks for the token and judges it. undefined: the client went away, as psql does before it prompts. */
async function judgeLogin(
  user: string,
  cluster: GateCluster,
  stream: net.Socket,
  options: GateOptions,
): Promise<LoginVerdict | undefined> {
  stream.write(AUTHENTICATION_CLEARTEXT_PASSWORD);
  const password = await readPasswordMessage(stream);
  if (password === undefined) {
    stream.destroy();
    return undefined;
  }
  if (password === '') return { allowed: false, reason: 'the password is empty', empty: true };
  const now = options.now?.() ?? new Date();
  const token = await verifyToken(password, { user, cluster, credentials: options.credentials, now });
  const signer = [
    ...(token.caller ? [`caller ${token.caller.arn}`] : []),
    ...(token.parts ? [`access key ${token.parts.accessKeyId}`] : []),
  ].join(', ');
  const told = (reason: string) => (signer === '' ? reason : `${reason}; ${signer}`);
  if (!token.ok) return { allowed: false, reason: told(token.reason) };
  try {
    const verdict = await options.authorize(token.caller, dbuserArn(cluster, user));
    return { allowed: verdict.allowed, reason: told(verdict.reason) };
  } catch (error) {
    return { allowed: false, reason: told(`the policies cannot be judged: ${messageOf(error)}`) };
  }
}

function logRefusal(
  { log }: GateOptions,
  { user, database }: StartupMessage,
  membership: string,
  reason: string,
): void {
  const who = `user ${JSON.stringify(user)} (${membership}), database ${JSON.stringify(database)}`;
  log.write('iam-db-auth-error', `${who}: ${reason}`);
}

function refuse(stream: net.Socket, sqlstate: string, message: string): void {
  stream.write(fatalError(sqlstate, message));
  sayGoodbye(stream);
}

/** Ends a connection so that the peer can still read what was sent: to destroy it now could throw that away. */
function sayGoodbye(socket: net.Socket): void {
  socket.resume().setTimeout(FAREWELL_MILLISECONDS, () => socket.destroy());
  socket.end();
}

/** Pipes both ways, bytes already read included. When one side is gone, the other one ends too. */
function couple(client: net.Socket, upstream: net.Socket): void {
  if (client.destroyed) {
    upstream.destroy();
    return;
  }
  client.pipe(upstream);
  upstream.pipe(client);
  upstream.on('close', () => sayGoodbye(client));
  // What the client sent last must arrive, what PostgreSQL still has to say has no reader any more.
  client.on('close', () => upstream.resume().end(() => upstream.destroy()));
}

/** Names and reasons come from outside: whatever they hold, an entry of the log stays one line. */
function oneLineLog(log: RunLog): RunLog {
  return { write: (source, line) => log.write(source, line.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ')) };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'for a reason that is no Error';
}
