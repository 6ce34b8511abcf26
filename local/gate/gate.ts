import { once } from 'node:events';
import * as net from 'node:net';
import { ProtocolViolation } from '../../clients/wire/protocol-violation';
import type { Caller, IssuedCredentials } from '../../modules/iam/caller';
import type { RunLog } from '../run-log';
import { refuse, sayGoodbye } from './farewell';
import type { JudgedLogin } from './judged-login';
import { negotiate } from './negotiate';
import { type GateCluster, messageOf, routeFor } from './route';

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
  /** Whether PostgreSQL would let the role begin a replication connection. */
  readonly mayReplicate: (user: string) => Promise<boolean>;
  /** What was handed out under an access key id; undefined: nothing. */
  readonly credentials: (accessKeyId: string) => IssuedCredentials | undefined;
  /** Whether the caller's policies allow `rds-db:connect` on the ARN. `reason`: one line, shown in the log. */
  readonly authorize: (
    caller: Caller,
    dbuserArn: string,
  ) => Promise<{ readonly allowed: boolean; readonly reason: string }>;
  /** Hears of each login by token, before the client has its answer. */
  readonly onLogin?: (login: JudgedLogin, cluster: GateCluster) => void;
  readonly log: RunLog;
  readonly now?: () => Date;
  /** From the first byte until PostgreSQL takes over. Default 60,000, as authentication_timeout. */
  readonly handshakeTimeoutMilliseconds?: number;
  /** How many clients may be at their handshake at once; a further one is turned away unheard. @default 500 */
  readonly maximumHandshakes?: number;
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
