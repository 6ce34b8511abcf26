import type * as net from 'node:net';
import type * as tls from 'node:tls';
import { UserError } from '../clients/error';
import { fatalError } from '../clients/wire/messages';
import { sayGoodbye } from './couple';
import type { Dialer } from './dialer';
import { type Address, addressText, isLoopback, listen } from './listen';
import { type Log, limited } from './log';
import type { Route } from './routes';
import type { ScramVerifier } from './scram';
import { type CauseOf, type ServeContext, serve } from './serve';
import { type RouteState, Sessions } from './sessions';
import { watchRoutes } from './watch-routes';

/** A place where clients come in, and the routes that they find there. */
export interface Entrance {
  readonly address: Address;
  readonly routes: readonly Route[];
}

export interface ProxyOptions {
  readonly entrances: readonly Entrance[];
  readonly dialer: Dialer;
  readonly log: Log;
  /** The local password. Undefined: nobody is asked, and only Unix sockets are listened on. */
  readonly verifier: ScramVerifier | undefined;
  /** Certificate and key for clients that ask for TLS. */
  readonly secureContext: tls.SecureContext | undefined;
  /** @default the server's own words alone */
  readonly causeOf?: CauseOf;
  readonly limits?: Partial<Limits>;
}

/** What somebody can take of the proxy who has not said the password. */
export interface Limits {
  /** From the first byte to the password. @default 60,000, as PostgreSQL's authentication_timeout */
  readonly handshakeMilliseconds: number;
  /** How many may be at it at once; a further one ends the oldest. @default 100 */
  readonly handshakes: number;
  /** Sessions at once. @default 1,000 */
  readonly sessions: number;
}

const LIMITS: Limits = { handshakeMilliseconds: 60_000, handshakes: 100, sessions: 1_000 };

/** As `--status` and the health endpoint show it. */
export interface Status {
  readonly state: 'listening' | 'draining';
  /** It listens, and one route at least can be used: its endpoint is known, and there are credentials. */
  readonly ready: boolean;
  readonly connections: number;
  readonly handshakes: number;
  readonly listening: readonly string[];
  readonly routes: readonly ({ readonly name: string } & RouteState)[];
}

export interface RunningProxy {
  /** Where it listens, in the order of the entrances. */
  readonly addresses: readonly Address[];
  status(): Status;
  /** Other routes for the same entrances, in their order. Sessions that are open stay. */
  reload(routes: readonly (readonly Route[])[]): void;
  /** Takes nothing new, ends each session once it waits outside of a transaction. Resolves when none is left. */
  drain(): Promise<void>;
  /** Ends everything now. */
  close(): Promise<void>;
}

/** How often a draining proxy looks for sessions that wait, and how long they must have waited. */
const DRAIN_MILLISECONDS = 250;

/** @throws UserError if what is asked for would let in somebody who should not, or a place is taken */
export async function startProxy(options: ProxyOptions): Promise<RunningProxy> {
  const { dialer, log, verifier, secureContext, causeOf = async () => undefined } = options;
  const limits = { ...LIMITS, ...options.limits };
  const sessions = new Sessions();
  const sockets = new Set<net.Socket>();
  /** In the order in which they came. */
  const handshakes = new Set<net.Socket>();
  const routes = options.entrances.map((entrance) => entrance.routes);
  let draining: Promise<void> | undefined;
  // Anybody can cause these; what happens behind the password is logged in full.
  const outside = limited(log, 60);
  const OUTSIDE = ['protocol-violation', 'wrong-password', 'handshake-ended'];
  const sorted: Log = (entry) => (OUTSIDE.includes(entry.event) ? outside : log)(entry);

  for (const { address } of options.entrances) mayListen(address, options);

  const accept = (index: number, address: Address) => {
    const context: ServeContext = {
      dialer,
      sessions,
      log: sorted,
      routes: () => routes[index] ?? [],
      verifier,
      secureContext,
      demandTls: address.kind === 'tcp' && !isLoopback(address.host),
      causeOf,
    };
    return (socket: net.Socket) => {
      sockets.add(socket);
      // An error is always followed by 'close', which is where something is done about it.
      socket.on('error', () => {});
      if (sessions.open.size >= limits.sessions) {
        sorted({ level: 'warn', event: 'handshake-ended', message: `${limits.sessions} sessions are open` });
        socket.write(fatalError('53300', 'sorry, too many clients already'));
        sayGoodbye(socket);
        return;
      }
      const [oldest] = handshakes;
      if (oldest && handshakes.size >= limits.handshakes) {
        sorted({
          level: 'warn',
          event: 'handshake-ended',
          message: `${limits.handshakes} clients are at it`,
        });
        oldest.destroy();
      }
      handshakes.add(socket);
      const timer = setTimeout(() => {
        sorted({
          level: 'warn',
          event: 'handshake-ended',
          message: 'a client did not say who it is in time',
        });
        socket.destroy();
      }, limits.handshakeMilliseconds);
      const known = () => {
        clearTimeout(timer);
        handshakes.delete(socket);
      };
      socket.on('close', () => {
        known();
        sockets.delete(socket);
      });
      void serve(socket, context, known);
    };
  };

  const listening: Awaited<ReturnType<typeof listen>>[] = [];
  const stopListening = () => {
    for (const { servers } of listening) for (const server of servers) server.close();
  };
  try {
    for (const [index, { address }] of options.entrances.entries())
      listening.push(await listen(address, accept(index, address)));
  } catch (error) {
    stopListening();
    throw error;
  }

  const all = () => [...new Map(routes.flat().map((route) => [route.name, route])).values()];
  const watch = watchRoutes(all, { dialer, sessions, log });

  const drain = async () => {
    watch.stop();
    stopListening();
    for (const socket of handshakes) socket.destroy();
    const waited = new WeakSet<object>();
    const told = new WeakSet<object>();
    while (sessions.open.size > 0) {
      for (const session of sessions.open) {
        if (told.has(session)) continue;
        if (!session.coupled.isIdle()) waited.delete(session);
        else if (!waited.has(session)) waited.add(session);
        else {
          told.add(session);
          // First: what the client sends from now on must not be run behind its back.
          session.upstream.end();
          session.client.write(fatalError('57P01', 'terminating connection: the proxy is ending'));
          sayGoodbye(session.client);
        }
      }
      await new Promise((resolve) => setTimeout(resolve, DRAIN_MILLISECONDS));
    }
  };

  return {
    addresses: listening.map(({ address }) => address),
    status: () => ({
      state: draining ? 'draining' : 'listening',
      ready: !draining && all().some((route) => sessions.state(route).usable === true),
      connections: sessions.open.size,
      handshakes: handshakes.size,
      listening: listening.map(({ address }) => addressText(address)),
      routes: all().map((route) => ({ name: route.name, ...sessions.state(route) })),
    }),
    reload(changed) {
      for (const [index, each] of changed.entries()) routes[index] = each;
      for (const route of changed.flat()) dialer.forget(route);
      watch.look();
    },
    drain() {
      draining ??= drain();
      return draining;
    },
    async close() {
      watch.stop();
      stopListening();
      const ends = [...sessions.open].map(
        ({ upstream }) =>
          new Promise((resolve) => (upstream.destroyed ? resolve(0) : upstream.once('close', resolve))),
      );
      for (const { upstream } of sessions.open) upstream.destroy();
      for (const socket of sockets) socket.destroy();
      await Promise.all(ends);
    },
  };
}

function mayListen(address: Address, { verifier, secureContext }: ProxyOptions): void {
  if (address.kind === 'socket') return;
  const where = addressText(address);
  if (!verifier)
    throw new UserError(
      `${where} can be reached by every user of this machine: without a password, only a Unix socket is listened on.`,
    );
  if (!isLoopback(address.host) && !secureContext)
    throw new UserError(`${where} can be reached from other machines: give --tls-cert and --tls-key.`);
}
