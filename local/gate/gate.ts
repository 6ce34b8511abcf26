import { once } from 'node:events';
import * as net from 'node:net';
import * as tls from 'node:tls';
import {
  AUTHENTICATION_CLEARTEXT_PASSWORD,
  type FirstPacket,
  fatalError,
  ProtocolViolation,
  readPasswordMessage,
  readStartupPacket,
  type StartupMessage,
} from '../../clients/wire/messages';
import type { Caller, IssuedCredentials } from '../../modules/iam/caller';
import { dbuserArn } from '../../modules/names/arn';
import type { RunLog } from '../run-log';
import { verifyToken } from './verify-token';

/** The cluster behind the gate, as the AWS endpoint describes it now. */
export interface GateCluster {
  /** Host names a token may be signed for: writer, reader, instances. */
  readonly endpoints: readonly string[];
  /** The port of the endpoints, which stands in tokens. The gate itself may listen on another one. */
  readonly port: number;
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** `cluster-…` */
  readonly resourceId: string;
  readonly iamAuthenticationEnabled: boolean;
  readonly masterUsername: string;
}

export interface GateOptions {
  /** On 127.0.0.1. 0 or absent: a free one. */
  readonly port?: number;
  /** One PostgreSQL: its Unix socket trusts whoever comes, its loopback port demands a password of everybody. */
  readonly backend: { readonly socketPath: string; readonly host: string; readonly port: number };
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
    serve(client, { ...options, log: oneLineLog(options.log) }, track);
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
      refuse(stream, '08P01', error.message);
    } else if (!client.destroyed) {
      // The endpoint, PostgreSQL or the certificate is not there. Never a reason to open the door.
      options.log.write('gate', `a connection was refused: ${messageOf(error)}`);
      refuse(stream, '57P03', 'the database system is not available');
    }
  }
}

/**
 * Answers requests for encryption until the first packet of another kind comes.
 * @returns undefined if the client went away.
 */
async function negotiate(
  client: net.Socket,
  { certificate }: GateOptions,
  use: (secured: net.Socket) => net.Socket,
): Promise<FirstPacket | undefined> {
  let stream = client;
  let direct = false;
  const asked = new Set<string>();
  for (;;) {
    const packet = await readStartupPacket(stream);
    if (!packet) return undefined;
    if ('raw' in packet) {
      // Without it, a browser could be made to speak to a database: PostgreSQL 17 and later demand it, too.
      if (direct && (stream as tls.TLSSocket).alpnProtocol !== 'postgresql')
        throw new ProtocolViolation('direct TLS without the application protocol "postgresql"');
      return packet;
    }
    if (asked.has(packet.kind) || stream !== client)
      throw new ProtocolViolation('encryption was asked for twice');
    asked.add(packet.kind);
    if (packet.kind === 'gssenc-request') {
      client.write('N');
      continue;
    }
    const secureContext = secureContextOf(await certificate());
    if (client.destroyed) return undefined;
    direct = packet.kind === 'direct-tls';
    if (!direct) {
      // Bytes from before the handshake must not pass for encrypted ones (CVE-2021-23214).
      if (client.readableLength > 0)
        throw new ProtocolViolation('received unencrypted data after SSL request');
      client.write('S');
    }
    stream = use(new tls.TLSSocket(client, { isServer: true, secureContext, ALPNProtocols: ['postgresql'] }));
  }
}

const secureContexts = new WeakMap<object, tls.SecureContext>();

/** To read a key is much of the time of a login, and every login has the same one. */
function secureContextOf(certificate: { readonly cert: string; readonly key: string }): tls.SecureContext {
  const secureContext = secureContexts.get(certificate) ?? tls.createSecureContext(certificate);
  secureContexts.set(certificate, secureContext);
  return secureContext;
}

/** Decides which way a client may go. It is refused and answered here if there is none: then undefined. */
async function routeFor(
  packet: FirstPacket,
  stream: net.Socket,
  options: GateOptions,
): Promise<Route | undefined> {
  const { log, backend } = options;
  const passwordDoor: Route = { to: { host: backend.host, port: backend.port }, raw: packet.raw };
  const trustDoor: Route = { to: { path: backend.socketPath }, raw: packet.raw };
  // PostgreSQL judges the key of a cancel request; what is not understood it answers before any authentication.
  if (packet.kind !== 'startup-message') return packet.kind === 'cancel-request' ? trustDoor : passwordDoor;

  const cluster = await options.cluster();
  if (!cluster) throw new Error('there is no cluster yet');
  const { user, database } = packet;
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

  const verdict = packet.replication
    ? { allowed: false, reason: 'a replication connection; rds.iam_auth_for_replication is not judged here' }
    : await judgeLogin(user, cluster, stream, options);
  if (!verdict || stream.destroyed) return undefined;
  if (verdict.allowed) {
    log.write('gate', `${JSON.stringify(user)} passes: ${verdict.reason}`);
    return trustDoor;
  }
  logRefusal(options, packet, membership.reason, verdict.reason);
  refuse(stream, '28000', `PAM authentication failed for user "${user}"`);
  return undefined;
}

/** Asks for the token and judges it. undefined: the client went away, as psql does before it prompts. */
async function judgeLogin(
  user: string,
  cluster: GateCluster,
  stream: net.Socket,
  options: GateOptions,
): Promise<{ allowed: boolean; reason: string } | undefined> {
  stream.write(AUTHENTICATION_CLEARTEXT_PASSWORD);
  const password = await readPasswordMessage(stream);
  if (password === undefined) {
    stream.destroy();
    return undefined;
  }
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
