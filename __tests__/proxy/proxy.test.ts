import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSecureContext } from 'node:tls';
import { Client } from 'pg';
import { message } from '../../clients/wire/typed-messages';
import type { LogEntry } from '../../proxy/log';
import { makeCertificate } from '../../proxy/own-certificate';
import type { RunningProxy } from '../../proxy/proxy';
import {
  aProxy,
  aRoute,
  type FakeUpstream,
  LOCAL_PASSWORD,
  plainDialer,
  READY,
  startUpstream,
} from '../support/proxy-upstream';

const ends: (() => Promise<void> | void)[] = [];
afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

async function upstream(options: Parameters<typeof startUpstream>[0] = {}): Promise<FakeUpstream> {
  const server = await startUpstream(options);
  ends.push(() => server.close());
  return server;
}

async function proxyTo(
  options: Parameters<typeof aProxy>[0],
): Promise<RunningProxy & { readonly port: number; readonly log: LogEntry[] }> {
  const log: LogEntry[] = [];
  const proxy = await aProxy({ log: (entry) => log.push(entry), ...options });
  ends.push(() => proxy.close());
  return { ...proxy, log };
}

async function client(port: number, changes: object = {}): Promise<Client> {
  const made = new Client({
    host: '127.0.0.1',
    port,
    user: 'orders_api',
    password: LOCAL_PASSWORD,
    database: 'orders',
    ...changes,
  });
  made.on('error', () => {});
  await made.connect();
  ends.push(() => made.end());
  return made;
}

/** What a client is told that connects so. */
async function told(port: number, changes: object = {}): Promise<Record<string, unknown>> {
  return client(port, changes).then(
    () => ({}),
    ({ code, message: text, detail, hint }) => ({ code, message: text, detail, hint }),
  );
}

/** Sends bytes, and gathers what comes until the end. */
async function raw(where: net.NetConnectOpts, bytes: Buffer | string): Promise<string> {
  const socket = net.connect(where);
  socket.on('error', () => {});
  let answer = '';
  socket.on('data', (chunk) => {
    answer += chunk.toString('latin1');
  });
  socket.write(bytes);
  await once(socket, 'close');
  return answer;
}

/** Until it is so, or the test has taken too long. */
async function until(isSo: () => boolean): Promise<void> {
  while (!isSo()) await new Promise((resolve) => setTimeout(resolve, 5));
}

function startup(parameters: Record<string, string>, version = 196_608): Buffer {
  const body = Object.entries(parameters).map(([name, value]) => `${name}\0${value}\0`);
  const packet = Buffer.concat([Buffer.alloc(8), Buffer.from(`${body.join('')}\0`)]);
  packet.writeInt32BE(packet.length, 0);
  packet.writeInt32BE(version, 4);
  return packet;
}

test('who says the local password is let in, with a token of its own for each connection', async () => {
  const server = await upstream();
  const { port, log } = await proxyTo({ dialer: plainDialer({ prod: server.port }) });
  for (const _ of [1, 2]) await (await client(port)).query('');
  const ofProd = expect.stringMatching(/^token \d for orders_api on prod$/);
  expect(server.seen).toMatchObject([
    { user: 'orders_api', database: 'orders', password: ofProd },
    { user: 'orders_api', database: 'orders', password: ofProd },
  ]);
  expect(new Set(server.seen.map(({ password }) => password)).size).toBe(2);
  expect(JSON.stringify(log)).toContain('"event":"connected","route":"prod","login":"orders_api"');
  expect(JSON.stringify(log)).not.toContain('token');
});

test('who does not say it is refused, and the server never hears of it', async () => {
  const server = await upstream();
  const { port, log } = await proxyTo({ dialer: plainDialer({ prod: server.port }) });
  const refusal = await told(port, { password: 'guess' });
  expect(refusal).toMatchObject({ code: '28P01', hint: expect.stringContaining('--print-password') });
  // Whoever guesses learns no names: an unknown login is refused in the same words.
  expect(await told(port, { user: 'nobody', password: 'guess' })).toEqual({
    ...refusal,
    message: 'password authentication failed for user "nobody"',
  });
  expect(server.seen).toEqual([]);
  expect(JSON.stringify(log)).not.toContain('guess');
});

test('what the client asks for goes on unchanged, but the route behind its login', async () => {
  const server = await upstream();
  const { port } = await proxyTo({ dialer: plainDialer({ prod: server.port }) });
  await client(port, {
    user: 'orders_api~prod',
    application_name: 'my tool',
    options: '-c search_path=audit',
    database: 'ünïcode',
  });
  const packet = server.seen[0]?.raw?.toString() ?? '';
  expect(packet).toContain('user\0orders_api\0');
  expect(packet).toContain('application_name\0my tool\0');
  expect(packet).toContain('options\0-c search_path=audit\0');
  expect(packet).toContain('database\0ünïcode\0');
});

test('one port serves many environments, and one that is down does not stop the others', async () => {
  const server = await upstream();
  const routes = [aRoute('dev', { logins: ['analyst'] }), aRoute('prod')];
  const proxy = await proxyTo({ routes, dialer: plainDialer({ prod: server.port }) });
  expect(await told(proxy.port, { user: 'analyst' })).toMatchObject({
    code: '08001',
    message: expect.stringContaining('the proxy cannot connect to dev: '),
  });
  await (await client(proxy.port)).query('');
  expect(proxy.status().routes).toMatchObject([
    {
      name: 'dev',
      connections: 0,
      refused: 1,
      lastError: { message: expect.stringContaining('ECONNREFUSED') },
    },
    { name: 'prod', connections: 1, refused: 0, lastError: undefined },
  ]);
});

test('a refusal of the server comes as it is, with the cause as DETAIL and HINT', async () => {
  const words: [string, string][] = [
    ['S', 'FATAL'],
    ['C', '28000'],
    ['M', 'PAM authentication failed for user "orders_api"'],
    ['F', 'auth.c'],
  ];
  const server = await upstream({ refuse: () => words });
  const forgotten: string[] = [];
  const proxy = await proxyTo({
    dialer: plainDialer({ prod: server.port }, { forget: ({ name }) => forgotten.push(name) }),
    causeOf: async ({ login, sqlstate }) => ({ detail: `${login} may not.`, hint: `Look at ${sqlstate}.` }),
  });
  expect(await told(proxy.port)).toEqual({
    code: '28000',
    message: 'PAM authentication failed for user "orders_api"',
    detail: 'orders_api may not.',
    hint: 'Look at 28000.',
  });
  // What is kept may be the reason.
  expect(forgotten).toEqual(['prod']);
  expect(proxy.status().routes[0]?.lastError?.message).toBe(
    'PAM authentication failed for user "orders_api" (28000)',
  );
});

test('credentials that cannot be had give a clear line, and recover by themselves', async () => {
  const server = await upstream();
  let expired = true;
  const { token } = plainDialer({});
  const dialer = plainDialer(
    { prod: server.port },
    {
      token: (...given) =>
        expired ? Promise.reject(new Error('the SSO session has expired')) : token(...given),
    },
  );
  const { port, log } = await proxyTo({ dialer });
  expect(await told(port)).toMatchObject({
    code: '28000',
    message: 'the proxy cannot connect to prod: the SSO session has expired',
  });
  expect(log.map(({ event }) => event)).toContain('no-credentials');
  expired = false;
  await (await client(port)).query('');
});

test('a cancel request goes to the server whose key it is, and to no other', async () => {
  const key = Buffer.concat([Buffer.from([0, 0, 0, 9]), Buffer.alloc(32, 5)]);
  const [one, other] = [await upstream(), await upstream({ key })];
  const routes = [aRoute('dev', { logins: ['analyst'] }), aRoute('prod')];
  const { port, status } = await proxyTo({
    routes,
    dialer: plainDialer({ dev: one.port, prod: other.port }),
  });
  await client(port, { user: 'analyst' });
  const session = await client(port);
  await session.query('');
  const cancel = Buffer.concat([Buffer.from([0, 0, 0, 44, 0x04, 0xd2, 0x16, 0x2e]), key]);
  await raw({ port, host: '127.0.0.1' }, cancel);
  expect(other.seen.filter((each) => each.cancel)).toEqual([{ cancel }]);
  // A wrong key, and one whose session is over, reach nobody.
  await raw({ port, host: '127.0.0.1' }, Buffer.concat([cancel.subarray(0, 43), Buffer.from([6])]));
  await session.end();
  await until(() => status().connections === 1);
  await raw({ port, host: '127.0.0.1' }, cancel);
  expect([...one.seen, ...other.seen].filter((each) => each.cancel)).toHaveLength(1);
});

test('a replication connection is refused with its reason', async () => {
  const { port } = await proxyTo({ dialer: plainDialer({}) });
  expect(await told(port, { replication: 'database' })).toMatchObject({
    code: '0A000',
    hint: expect.stringContaining('rds.iam_auth_for_replication'),
  });
});

test('a server that wants another password than a token is said to', async () => {
  const server = net.createServer((socket) =>
    socket
      .on('error', () => {})
      .once('data', () => socket.write(message('R', Buffer.from('\0\0\0\x0aSCRAM-SHA-256\0\0')))),
  );
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  ends.push(() => void server.close());
  const { port } = await proxyTo({
    dialer: plainDialer({ prod: (server.address() as net.AddressInfo).port }),
  });
  expect(await told(port)).toMatchObject({
    code: '28000',
    message: 'the server does not take a token from "orders_api"',
    detail: expect.stringContaining('SCRAM'),
  });
});

test('a large answer and a large question arrive whole, whoever is the slower', async () => {
  const size = 20_000_000;
  const server = await upstream({
    speak: (socket) => {
      let count = 0;
      socket.on('data', (chunk: Buffer) => {
        count += chunk.length;
        if (count === size) socket.end(Buffer.alloc(size, 7));
      });
    },
  });
  const { port } = await proxyTo({ dialer: plainDialer({ prod: server.port }) });
  const session = await client(port);
  const { stream } = (session as unknown as { connection: { stream: net.Socket } }).connection;
  stream.removeAllListeners('data');
  let received = 0;
  stream.on('data', (chunk: Buffer) => {
    received += chunk.length;
    stream.pause();
    setImmediate(() => stream.resume());
  });
  stream.write(Buffer.alloc(size, 6));
  await once(stream, 'end');
  expect(received).toBe(size);
});

test('a client that has said its end still gets its answer', async () => {
  const server = await upstream({
    speak: (socket) => void socket.once('end', () => setTimeout(() => socket.end('the last word'), 50)),
  });
  const { port } = await proxyTo({ dialer: plainDialer({ prod: server.port }) });
  const session = await client(port);
  const { stream } = (session as unknown as { connection: { stream: net.Socket } }).connection;
  stream.removeAllListeners('data');
  const heard: string[] = [];
  stream.on('data', (chunk: Buffer) => heard.push(chunk.toString()));
  (stream as net.Socket & { allowHalfOpen: boolean }).allowHalfOpen = true;
  stream.end();
  await once(stream, 'end');
  expect(heard).toEqual(['the last word']);
});

describe('on a Unix socket', () => {
  const folder = () => {
    const made = mkdtempSync(join(tmpdir(), 'aurora-iam-proxy-'));
    ends.push(() => rmSync(made, { recursive: true, force: true }));
    return made;
  };

  test('nobody is asked for a password, where that was said: the owner alone can open the socket', async () => {
    const server = await upstream();
    const path = join(folder(), 'inner', '.s.PGSQL.6432');
    await proxyTo({
      verifier: undefined,
      entrances: [{ address: { kind: 'socket', path }, routes: [aRoute('prod')] }],
      dialer: plainDialer({ prod: server.port }),
    });
    expect(statSync(path).mode & 0o777).toBe(0o600);
    expect(statSync(join(path, '..')).mode & 0o777).toBe(0o700);
    await (await client(6432, { host: join(path, '..'), password: undefined })).query('');
    // A client that sends the password it has saved, unasked, and one that says nothing.
    const unasked = Buffer.concat([
      startup({ user: 'orders_api', database: 'orders' }),
      message('p', Buffer.from('saved\0')),
      message('Q', Buffer.from('\0')),
      message('X', Buffer.alloc(0)),
    ]);
    const socket = net.connect(path);
    let answer = '';
    socket.on('data', (chunk) => {
      answer += chunk.toString('latin1');
    });
    for (const byte of unasked) socket.write(Buffer.from([byte]));
    while (!answer.includes(`I\0\0\0\x04${READY.toString('latin1')}`)) await once(socket, 'data');
    socket.destroy();
  });

  test('no socket is made where others may write, and none is taken from a running proxy', async () => {
    const open = folder();
    chmodSync(open, 0o777);
    const at = (path: string) =>
      aProxy({
        entrances: [{ address: { kind: 'socket', path }, routes: [] }],
        dialer: plainDialer({}),
      });
    await expect(at(join(open, 'socket'))).rejects.toThrow(/Others may write .* chmod go-w/);
    const own = folder();
    const first = await at(join(own, 'socket'));
    await expect(at(join(own, 'socket'))).rejects.toThrow('another proxy listens there');
    await first.close();
    writeFileSync(join(own, 'file'), '');
    await expect(at(join(own, 'file'))).rejects.toThrow('is no socket');
    // It would be cut off, and be somewhere else.
    await expect(at(join(own, 'x'.repeat(90)))).rejects.toThrow('too long for a Unix socket');
  });
});

test('without a password it listens on no port, and beyond this machine only with TLS', async () => {
  const at = (host: string, changes: object) =>
    aProxy({
      entrances: [{ address: { kind: 'tcp', host, port: 0 }, routes: [] }],
      dialer: plainDialer({}),
      ...changes,
    });
  await expect(at('127.0.0.1', { verifier: undefined })).rejects.toThrow(
    'without a password, only a Unix socket',
  );
  await expect(at('0.0.0.0', {})).rejects.toThrow('give --tls-cert and --tls-key');
  await expect(at('::', {})).rejects.toThrow('give --tls-cert and --tls-key');
  await expect(at('0.0.0.0', { verifier: undefined, secureContext: {} })).rejects.toThrow(
    'without a password',
  );
});

test('beyond loopback, a client without TLS is refused before it is asked for a password', async () => {
  const { cert, key } = makeCertificate(Date.now());
  const server = await upstream();
  const { port } = await proxyTo({
    // The loopback address as nobody writes it: what is not known as loopback counts as the world.
    entrances: [{ address: { kind: 'tcp', host: '127.1', port: 0 }, routes: [aRoute('prod')] }],
    dialer: plainDialer({ prod: server.port }),
    secureContext: createSecureContext({ cert, key }),
  });
  expect(await told(port)).toMatchObject({
    code: '28000',
    message: 'the proxy takes no connection without TLS here',
  });
  expect(await told(port, { ssl: { ca: cert, servername: 'localhost' } })).toEqual({});
});

test('so many sessions and no more: a further client is told so, and those that are there go on', async () => {
  const server = await upstream();
  const { port, status } = await proxyTo({
    dialer: plainDialer({ prod: server.port }),
    limits: { sessions: 1 },
  });
  const first = await client(port);
  expect(await told(port)).toMatchObject({ code: '53300', message: 'sorry, too many clients already' });
  await first.query('');
  await first.end();
  await until(() => status().connections === 0);
  expect(await told(port)).toEqual({});
});

test('localhost is both addresses, so that nobody else can stand at the other one', async () => {
  const { port } = await proxyTo({
    entrances: [{ address: { kind: 'tcp', host: 'localhost', port: 0 }, routes: [] }],
    dialer: plainDialer({}),
  });
  const taken = async (host: string) =>
    new Promise((resolve) => {
      const server = net.createServer();
      server.on('error', (error: NodeJS.ErrnoException) => resolve(error.code));
      server.listen({ port, host, ipv6Only: true }, () => server.close(() => resolve('free')));
    });
  expect(await taken('127.0.0.1')).toBe('EADDRINUSE');
  // EADDRNOTAVAIL: a machine without IPv6.
  expect(['EADDRINUSE', 'EADDRNOTAVAIL']).toContain(await taken('::1'));
});

describe('what somebody can do without the password', () => {
  test('a web page that speaks HTTP gets no byte', async () => {
    const { port } = await proxyTo({ dialer: plainDialer({}) });
    const where = { port, host: '127.0.0.1' };
    expect(await raw(where, 'GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')).toBe('');
    const inside = startup({ user: 'orders_api', database: 'orders' }).toString('latin1');
    expect(await raw(where, `POST / HTTP/1.1\r\nHost: localhost\r\n\r\n${inside}`)).toBe('');
  });

  test('a packet that is too long is not read', async () => {
    const { port } = await proxyTo({ dialer: plainDialer({}) });
    expect(await raw({ port, host: '127.0.0.1' }, Buffer.from([0, 0, 0x27, 0x15, 0, 3, 0, 0]))).toBe('');
  });

  test('an answer that is too long, or none to the question, is not read', async () => {
    const { port } = await proxyTo({ dialer: plainDialer({}) });
    const first = startup({ user: 'orders_api', database: 'orders' });
    for (const then of [message('p', Buffer.alloc(1_100)), message('Q', Buffer.from('SELECT 1\0'))]) {
      const answer = await raw({ port, host: '127.0.0.1' }, Buffer.concat([first, then]));
      expect(answer).toMatch(/^R[\s\S]+SCRAM-SHA-256[\s\S]+E[\s\S]+C08P01/);
    }
  });

  test('a password in clear text, where SCRAM is asked for, is in no answer and in no log', async () => {
    const { port, log } = await proxyTo({ dialer: plainDialer({}) });
    const bytes = Buffer.concat([
      startup({ user: 'orders_api' }),
      message('p', Buffer.from('my-secret-1\0')),
    ]);
    expect(await raw({ port, host: '127.0.0.1' }, bytes)).not.toContain('my-secret-1');
    expect(JSON.stringify(log)).not.toContain('my-secret-1');
  });

  test('who says nothing is let go after a while, and never keeps others out', async () => {
    const server = await upstream();
    const { port, status } = await proxyTo({
      dialer: plainDialer({ prod: server.port }),
      limits: { handshakes: 5, handshakeMilliseconds: 400 },
    });
    const silent = Array.from({ length: 20 }, () => net.connect({ port, host: '127.0.0.1' }));
    for (const socket of silent) socket.on('error', () => {}).resume();
    await Promise.all(silent.map((socket) => once(socket, 'connect')));
    await (await client(port)).query('');
    expect(status().handshakes).toBeLessThanOrEqual(5);
    await Promise.all(silent.map((socket) => socket.destroyed || once(socket, 'close')));
    await until(() => status().handshakes === 0);
  });

  test('a thousand refusals are a few lines in the log', async () => {
    const { port, log } = await proxyTo({ dialer: plainDialer({}) });
    for (let round = 0; round < 100; round++) await raw({ port, host: '127.0.0.1' }, Buffer.alloc(8, 0x47));
    expect(log.length).toBeLessThanOrEqual(61);
  });
});

describe('drain', () => {
  /** Answers a `begin` with the status of a transaction, anything else with an idle one. */
  const withTransactions = (socket: net.Socket) =>
    void socket
      .on('data', (chunk: Buffer) => {
        if (chunk[0] !== 0x51) return;
        const inside = chunk.includes('begin');
        socket.write(
          Buffer.concat([message('C', Buffer.from('X\0')), message('Z', Buffer.from(inside ? 'T' : 'I'))]),
        );
      })
      .on('end', () => socket.end());

  test.each([
    ['in one piece', (socket: net.Socket, one: Buffer) => void socket.write(Buffer.concat([one, one]))],
    [
      'one after the other',
      (socket: net.Socket, one: Buffer) => {
        socket.write(one);
        socket.write(one);
      },
    ],
  ])('waits for all queries that were sent at once, %s', async (_how, send) => {
    let answers = 0;
    const server = await upstream({
      speak: (socket) => {
        let asked = 0;
        const answer = () =>
          socket.write(Buffer.concat([message('C', Buffer.from('X\0')), READY]), () => (answers += 1));
        socket.on('data', (chunk: Buffer) => {
          const before = asked;
          asked += chunk.toString('latin1').split('Q').length - 1;
          if (before === 0) answer();
          // The second one takes longer than a drain waits for an idle session.
          if (asked === 2) setTimeout(answer, 1_200);
        });
        socket.on('end', () => socket.end());
      },
    });
    const proxy = await proxyTo({ dialer: plainDialer({ prod: server.port }) });
    const { stream } = ((await client(proxy.port)) as unknown as { connection: { stream: net.Socket } })
      .connection;
    stream.removeAllListeners('data');
    stream.resume();
    send(stream, message('Q', Buffer.from('\0')));
    await until(() => answers === 1);
    void proxy.drain();
    await until(() => answers === 2);
    expect(proxy.status().connections).toBe(1);
  });

  test('takes nothing new, finishes what runs, and ends what waits', async () => {
    const server = await upstream({ speak: withTransactions });
    const proxy = await proxyTo({ dialer: plainDialer({ prod: server.port }) });
    const [idle, busy] = [await client(proxy.port), await client(proxy.port)];
    await busy.query('begin');
    const idleEnded = once(idle, 'error');
    let drained = false;
    const drain = proxy.drain().then(() => {
      drained = true;
    });
    expect((await idleEnded)[0]).toMatchObject({ code: '57P01' });
    expect(await told(proxy.port)).toMatchObject({ code: 'ECONNREFUSED' });
    await until(() => proxy.status().connections === 1);
    expect(proxy.status()).toMatchObject({ state: 'draining', ready: false });
    expect(drained).toBe(false);
    await busy.query('more');
    await drain;
    expect(proxy.status().connections).toBe(0);
  });
});

test('a reload changes what new connections find, and leaves those that are there', async () => {
  const server = await upstream();
  const proxy = await proxyTo({ dialer: plainDialer({ prod: server.port, dev: server.port }) });
  const before = await client(proxy.port);
  proxy.reload([[aRoute('dev', { logins: ['analyst'] })]]);
  await before.query('');
  expect(await told(proxy.port)).toMatchObject({ message: 'the proxy has no login "orders_api"' });
  await client(proxy.port, { user: 'analyst' });
  expect(proxy.status().connections).toBe(2);
});
