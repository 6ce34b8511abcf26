import * as net from 'node:net';
import { readStartupPacket } from '../../clients/wire/messages';
import { authentication, errorResponse, message, readMessage } from '../../clients/wire/typed-messages';
import type { Dialer } from '../../proxy/dialer';
import { listen } from '../../proxy/listen';
import { type Entrance, type ProxyOptions, type RunningProxy, startProxy } from '../../proxy/proxy';
import type { Route } from '../../proxy/routes';
import { makeVerifier } from '../../proxy/scram';

// A proxy in this process, in front of a server that only knows how to let in: no cloud, no PostgreSQL, no TLS.

export const LOCAL_PASSWORD = 'local-password-of-the-test';
/** Once: it takes 4,096 rounds. */
export const VERIFIER = makeVerifier(LOCAL_PASSWORD, Buffer.alloc(16, 7));

export interface FakeUpstream {
  readonly port: number;
  /** What came in, one entry a connection. */
  readonly seen: { user?: string; database?: string; password?: string; cancel?: Buffer; raw?: Buffer }[];
  close(): Promise<void>;
}

/** @param refuse says with what a password is answered, if not with a session. @param key of BackendKeyData */
export async function startUpstream({
  refuse = () => undefined,
  key = Buffer.from([0, 0, 0, 7, 1, 2, 3, 4]),
  speak = (socket) =>
    void socket.on('data', (chunk) => socket.write(answerTo(chunk))).on('end', () => socket.end()),
}: {
  readonly refuse?: (password: string) => readonly (readonly [string, string])[] | undefined;
  readonly key?: Buffer;
  /** What it does with what comes after the login. */
  readonly speak?: (socket: net.Socket) => void;
} = {}): Promise<FakeUpstream> {
  const seen: FakeUpstream['seen'][number][] = [];
  const sockets = new Set<net.Socket>();
  const serve = async (socket: net.Socket) => {
    sockets.add(socket);
    socket.on('error', () => {});
    socket.on('close', () => sockets.delete(socket));
    const packet = await readStartupPacket(socket);
    if (packet?.kind === 'cancel-request') {
      seen.push({ cancel: packet.raw });
      return void socket.end();
    }
    if (packet?.kind !== 'startup-message') return void socket.destroy();
    socket.write(authentication('cleartextPassword'));
    const answer = await readMessage(socket, 65_536);
    const password = answer?.body.toString('utf8', 0, answer.body.length - 1) ?? '';
    seen.push({ user: packet.user, database: packet.database, password, raw: packet.raw });
    const refusal = refuse(password);
    if (refusal) return void socket.end(errorResponse(refusal));
    socket.write(
      Buffer.concat([
        authentication('ok'),
        message('S', Buffer.from('server_version\x0017.0\0')),
        message('K', key),
        READY,
      ]),
    );
    speak(socket);
    socket.resume();
  };
  const { servers, address } = await listen(
    { kind: 'tcp', host: '127.0.0.1', port: 0 },
    (socket) => void serve(socket),
  );
  return {
    port: address.kind === 'tcp' ? address.port : 0,
    seen,
    close: () =>
      new Promise((resolve) => {
        servers[0]?.close(() => resolve());
        for (const socket of sockets) socket.destroy();
      }),
  };
}

export const READY = message('Z', Buffer.from('I'));
const EMPTY_ANSWER = Buffer.concat([message('I', Buffer.alloc(0)), READY]);

/** An empty query is what is asked. */
function answerTo(chunk: Buffer): Buffer {
  return chunk[0] === 0x51 /* Q */ ? EMPTY_ANSWER : Buffer.alloc(0);
}

export function aRoute(name: string, changes: Partial<Route> = {}): Route {
  return {
    name,
    isDefault: true,
    logins: ['orders_api'],
    databases: ['orders'],
    to: {
      kind: 'endpoint',
      host: `${name}.cluster-abc.eu-west-1.rds.amazonaws.com`,
      port: 5432,
      region: 'eu-west-1',
    },
    credentials: {},
    through: undefined,
    certificateAuthority: undefined,
    ...changes,
  };
}

/** Dials these ports without TLS, by the name of the route. */
export function plainDialer(ports: Readonly<Record<string, number>>, changes: Partial<Dialer> = {}): Dialer {
  let count = 0;
  return {
    resolve: async (route) => {
      if (route.to.kind === 'endpoint') return route.to;
      return route.to.lookUp();
    },
    dial: (route) =>
      new Promise((resolve, reject) => {
        const socket = net.connect({ host: '127.0.0.1', port: ports[route.name] ?? 1, allowHalfOpen: true });
        socket.on('connect', () => resolve(socket));
        socket.on('error', reject);
      }),
    token: async (route, _endpoint, login) => `token ${++count} for ${login} on ${route.name}`,
    forget: () => {},
    ...changes,
  };
}

/** On a free port of 127.0.0.1 unless an entrance says otherwise. */
export async function aProxy(
  options: Partial<ProxyOptions> & { readonly dialer: Dialer; readonly routes?: readonly Route[] },
): Promise<RunningProxy & { readonly port: number }> {
  const entrances: readonly Entrance[] = options.entrances ?? [
    { address: { kind: 'tcp', host: '127.0.0.1', port: 0 }, routes: options.routes ?? [aRoute('prod')] },
  ];
  const proxy = await startProxy({
    log: () => {},
    verifier: VERIFIER,
    secureContext: undefined,
    ...options,
    entrances,
  });
  const [address] = proxy.addresses;
  return { ...proxy, port: address?.kind === 'tcp' ? address.port : 0 };
}
