import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import * as net from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import * as tls from 'node:tls';
import { Signer } from '@aws-sdk/rds-signer';
import { Client, type ClientConfig, type DatabaseError } from 'pg';
import { createCertificateAuthority } from '../../../local/gate/certificates';
import { type Gate, type GateOptions, startGate } from '../../../local/gate/gate';
import type { GateCluster } from '../../../local/gate/route';
import type { IssuedCredentials } from '../../../modules/iam/caller';

const cluster: GateCluster = {
  endpoints: ['orders.cluster-abc.eu-west-1.rds.amazonaws.com'],
  port: 5432,
  partition: 'aws',
  region: 'eu-west-1',
  account: '111111111111',
  resourceId: 'cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ',
  iamAuthenticationEnabled: true,
  masterUsername: 'postgres',
};
const issued: IssuedCredentials = {
  accessKeyId: 'ASIAEXAMPLEEXAMPLE12',
  secretAccessKey: 'the-secret-of-the-session',
  sessionToken: 'aB3+/x'.repeat(450),
  expiration: new Date(Date.now() + 3_600_000),
  caller: {
    kind: 'assumed-role',
    principalArn: 'arn:aws:iam::111111111111:role/orders-api',
    arn: 'arn:aws:sts::111111111111:assumed-role/orders-api/session',
    account: '111111111111',
    name: 'orders-api',
    userId: 'AROAEXAMPLE:session',
    sessionPolicies: [],
    sessionPolicyArns: [],
  },
};

function sign(username = 'orders_api', credentials: Partial<IssuedCredentials> = {}): Promise<string> {
  const { accessKeyId, secretAccessKey, sessionToken } = { ...issued, ...credentials };
  return new Signer({
    hostname: cluster.endpoints[0] ?? '',
    port: cluster.port,
    region: cluster.region,
    username,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
  }).getAuthToken();
}

function message(type: string, body: string | Buffer): Buffer {
  const head = Buffer.from(`${type}\0\0\0\0`);
  head.writeInt32BE(4 + Buffer.byteLength(body), type.length);
  return Buffer.concat([head, Buffer.from(body)]);
}
const startup = (parameters: string) => message('', `\0\x03\0\0${parameters}\0`);
const encryptionRequest = (code: number) => {
  const raw = Buffer.from('\0\0\0\x08\0\0\0\0');
  raw.writeInt32BE(code, 4);
  return raw;
};
const SSL_REQUEST = encryptionRequest(80_877_103);
const GSSENC_REQUEST = encryptionRequest(80_877_104);
const WELCOME = Buffer.concat([message('R', '\0\0\0\0'), message('Z', 'I')]);

/** Stands for PostgreSQL: lets everybody in, notes through which door and with what packet, and echoes the rest. */
async function startBackend(path: string) {
  const arrivals: { door: 'trust' | 'password'; packet: Buffer; socket: net.Socket }[] = [];
  const open = (door: 'trust' | 'password') =>
    net.createServer((socket) => {
      socket.on('error', () => {});
      socket.once('readable', () => {
        const length = (socket.read(4) as Buffer).readInt32BE();
        const rest = socket.read(length - 4) as Buffer;
        arrivals.push({ door, packet: rest, socket });
        socket.write(WELCOME);
        socket.pipe(socket);
      });
    });
  const [trust, password] = [open('trust').listen(path), open('password').listen(0, '127.0.0.1')];
  await Promise.all([once(trust, 'listening'), once(password, 'listening')]);
  const port = (password.address() as net.AddressInfo).port;
  const close = () => {
    for (const { socket } of arrivals) socket.destroy();
    for (const server of [trust, password]) server.close();
  };
  return { arrivals, close, at: { socketPath: path, host: '127.0.0.1', port, major: 17 } };
}

let certificateAuthority: string;
let certificate: { cert: string; key: string };
let folder: string;
let backend: Awaited<ReturnType<typeof startBackend>>;
let gates: Gate[];
let lines: { source: string; line: string }[];

beforeAll(async () => {
  const authority = await createCertificateAuthority();
  certificateAuthority = authority.certificate;
  certificate = await authority.issue(['127.0.0.1']);
});

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'gate-'));
  backend = await startBackend(join(folder, 'socket'));
  gates = [];
  lines = [];
});

afterEach(async () => {
  await Promise.all(gates.map((gate) => gate.close()));
  backend.close();
  rmSync(folder, { recursive: true });
});

async function open(changes: Partial<GateOptions> = {}): Promise<number> {
  const gate = await startGate({
    backend: backend.at,
    certificate: async () => certificate,
    cluster: async () => cluster,
    isIamUser: async (user) => ({ member: user !== 'postgres', reason: 'as the test says' }),
    mayReplicate: async () => false,
    credentials: (id) => (id === issued.accessKeyId ? issued : undefined),
    authorize: async () => ({ allowed: true, reason: 'policy orders-api allows it' }),
    log: { write: (source, line) => lines.push({ source, line }) },
    ...changes,
  });
  gates.push(gate);
  return gate.port;
}

/** Logs in with pg. undefined: came in. */
async function login(port: number, changes: ClientConfig = {}): Promise<DatabaseError | undefined> {
  const client = new Client({
    host: '127.0.0.1',
    port,
    user: 'orders_api',
    database: 'orders',
    ssl: { ca: certificateAuthority },
    ...changes,
  });
  client.on('error', () => {});
  try {
    await client.connect();
    return undefined;
  } catch (error) {
    return error as DatabaseError;
  } finally {
    await client.end();
  }
}

/** A client on the wire, so that a test decides which bytes travel together. */
async function connect(port: number): Promise<net.Socket> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}
async function connectTls(port: number): Promise<tls.TLSSocket> {
  const socket = await connect(port);
  socket.write(SSL_REQUEST);
  expect(String(await bytes(socket, 1))).toBe('S');
  return secure(socket);
}
async function secure(socket: net.Socket, ALPNProtocols?: string[]): Promise<tls.TLSSocket> {
  const secured = tls.connect({ socket, ca: certificateAuthority, host: '127.0.0.1', ALPNProtocols });
  secured.on('error', () => {});
  await once(secured, 'secureConnect');
  return secured;
}
function bytes(socket: net.Socket, count: number): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const attempt = () => {
      const chunk = socket.read(count) as Buffer | null;
      if (!chunk && !socket.destroyed) return;
      socket.off('readable', attempt).off('close', attempt);
      if (chunk) resolve(chunk);
      else reject(new Error('the connection was closed'));
    };
    socket.on('readable', attempt).on('close', attempt);
    attempt();
  });
}
/** All that comes until the server closes. */
async function rest(socket: net.Socket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.resume();
  if (!socket.closed) await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString();
}
const reasons = (source = 'iam-db-auth-error') =>
  lines.filter((line) => line.source === source).map(({ line }) => line);

async function until(condition: () => boolean): Promise<void> {
  const end = Date.now() + 3_000;
  while (!condition()) {
    if (Date.now() > end) throw new Error('waited in vain');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

describe('who passes', () => {
  test('an IAM user with a good token reaches the trusted door, with the startup packet as it was sent', async () => {
    const port = await open();
    const token = await sign();
    expect(await login(port, { password: token, application_name: 'a test' })).toBeUndefined();
    expect(backend.arrivals).toHaveLength(1);
    expect(backend.arrivals[0]?.door).toBe('trust');
    expect(String(backend.arrivals[0]?.packet)).toContain('application_name\0a test\0');
    expect(String(backend.arrivals[0]?.packet)).not.toContain('X-Amz');
    expect(reasons()).toEqual([]);
    expect(reasons('gate').join()).toMatch(
      /"orders_api" passes: policy orders-api allows it; caller arn:aws:sts/,
    );
    expect(JSON.stringify(lines)).not.toMatch(/X-Amz|the-secret/);
  });

  test('the policies are asked for this caller and this user of this cluster', async () => {
    const asked: unknown[] = [];
    const authorize: GateOptions['authorize'] = async (...question) => {
      asked.push(question);
      return { allowed: true, reason: '' };
    };
    await login(await open({ authorize }), { password: await sign() });
    const arn = 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ/orders_api';
    expect(asked).toEqual([[issued.caller, arn]]);
  });

  test('a session token of 9,000 characters is no obstacle', async () => {
    const long = { ...issued, sessionToken: 'aB3+/x'.repeat(1_500) };
    const port = await open({ credentials: () => long });
    expect(await login(port, { password: await sign('orders_api', long) })).toBeUndefined();
  });

  test('a user outside of rds_iam is left to PostgreSQL and its passwords', async () => {
    const port = await open();
    expect(await login(port, { user: 'postgres', password: 'x' })).toBeUndefined();
    expect(backend.arrivals.map(({ door }) => door)).toEqual(['password']);
  });

  test('with IAM authentication off, an IAM user is a password user, and the log says so', async () => {
    const port = await open({ cluster: async () => ({ ...cluster, iamAuthenticationEnabled: false }) });
    await login(port, { password: await sign() });
    expect(backend.arrivals.map(({ door }) => door)).toEqual(['password']);
    expect(reasons('gate').join()).toMatch(
      /"orders_api" is in rds_iam, but IAM database authentication is off/,
    );
  });

  test('40 logins at once', async () => {
    const port = await open();
    const password = await sign();
    const answers = await Promise.all(Array.from({ length: 40 }, () => login(port, { password })));
    expect(answers.filter((answer) => answer !== undefined)).toEqual([]);
    expect(backend.arrivals.filter(({ door }) => door === 'trust')).toHaveLength(40);
  });

  test('bytes right behind the startup packet and the password are not lost', async () => {
    const password = message('p', `${await sign()}\0`);
    const socket = await connectTls(await open());
    socket.write(Buffer.concat([startup('user\0orders_api\0'), password, Buffer.from('echo me')]));
    expect(await bytes(socket, 9)).toEqual(message('R', '\0\0\0\x03'));
    expect(await bytes(socket, WELCOME.length)).toEqual(WELCOME);
    expect(String(await bytes(socket, 7))).toBe('echo me');
    socket.destroy();
  });

  test('much data passes both ways unchanged, to a reader that is slow at first', async () => {
    const socket = await connectTls(await open());
    socket.write(startup('user\0postgres\0'));
    await bytes(socket, WELCOME.length);
    const much = Buffer.alloc(4_000_000, 'some data that is not all the same, ');
    socket.write(much);
    await new Promise((resolve) => setTimeout(resolve, 50));
    const chunks: Buffer[] = [];
    for (let length = 0; length < much.length; ) {
      const chunk = await bytes(socket, Math.min(16_384, much.length - length));
      chunks.push(chunk);
      length += chunk.length;
    }
    expect(Buffer.concat(chunks).equals(much)).toBe(true);
    socket.destroy();
  });

  test('a refused GSSENCRequest may be followed by an SSLRequest', async () => {
    const socket = await connect(await open());
    socket.write(GSSENC_REQUEST);
    expect(String(await bytes(socket, 1))).toBe('N');
    socket.write(SSL_REQUEST);
    expect(String(await bytes(socket, 1))).toBe('S');
    const secured = await secure(socket);
    secured.write(startup('user\0postgres\0'));
    expect(await bytes(secured, WELCOME.length)).toEqual(WELCOME);
    secured.destroy();
  });

  test('TLS may begin at once (sslnegotiation=direct)', async () => {
    const secured = await secure(await connect(await open()), ['postgresql']);
    expect(secured.alpnProtocol).toBe('postgresql');
    secured.write(startup('user\0postgres\0'));
    expect(await bytes(secured, WELCOME.length)).toEqual(WELCOME);
    secured.destroy();
  });

  test('a cancel request reaches PostgreSQL, encrypted or not', async () => {
    const port = await open();
    const cancel = Buffer.concat([
      Buffer.from('\0\0\0\x10'),
      encryptionRequest(80_877_102).subarray(4),
      Buffer.alloc(8, 7),
    ]);
    for (const socket of [await connect(port), await connectTls(port)]) {
      socket.write(cancel);
      await bytes(socket, WELCOME.length);
      socket.destroy();
    }
    expect(backend.arrivals.map(({ packet }) => packet)).toEqual([cancel.subarray(4), cancel.subarray(4)]);
  });

  test('what PostgreSQL alone can answer goes to the door with the password', async () => {
    const socket = await connect(await open());
    socket.write(startup('database\0orders\0'));
    await bytes(socket, WELCOME.length);
    expect(backend.arrivals.map(({ door }) => door)).toEqual(['password']);
    socket.destroy();
  });
});

describe('who is refused sees what RDS says, and the log says why', () => {
  const pam = 'PAM authentication failed for user "orders_api"';

  test.each<[string, () => Promise<string>, Partial<GateOptions>, RegExp]>([
    ['a password instead of a token', async () => 'hunter2', {}, /is not an IAM token/],
    ['a damaged token', async () => `${await sign()}\n`, {}, /line break/],
    ['a token for somebody else', () => sign('postgres'), {}, /for the user "postgres"/],
    [
      'a forged token',
      () => sign('orders_api', { secretAccessKey: 'x' }),
      {},
      /signature .* caller arn:aws:sts/,
    ],
    [
      'an unknown access key',
      () => sign(),
      { credentials: () => undefined },
      /ASIAEXAMPLEEXAMPLE12 is not known/,
    ],
    ['an old token', () => sign(), { now: () => new Date(Date.now() + 901_999) }, /expired/],
    [
      'policies that do not allow it',
      () => sign(),
      { authorize: async () => ({ allowed: false, reason: 'no policy allows it' }) },
      /no policy allows it; caller arn:aws:sts.*, access key ASIAEXAMPLEEXAMPLE12/,
    ],
    [
      'policies that cannot be judged',
      () => sign(),
      { authorize: () => Promise.reject(new Error('unknown condition key')) },
      /cannot be judged: unknown condition key/,
    ],
    [
      'a cluster without a resource id',
      () => sign(),
      { cluster: async () => ({ ...cluster, resourceId: 'orders' }) },
      /cannot be judged: "orders" is not a resource id/,
    ],
  ])('%s', async (_, password, changes, reason) => {
    const given = await password();
    const answer = await login(await open(changes), { password: given });
    expect(answer).toMatchObject({ message: pam, code: '28000', severity: 'FATAL' });
    expect(backend.arrivals).toEqual([]);
    expect(reasons()).toHaveLength(1);
    expect(reasons()[0]).toMatch(/^user "orders_api" \(as the test says\), database "orders": /);
    expect(reasons()[0]).toMatch(reason);
    const signature = /X-Amz-Signature=([0-9a-f]+)/.exec(given)?.[1] ?? given;
    const log = JSON.stringify(lines);
    for (const secret of [given, signature, issued.secretAccessKey, issued.sessionToken?.slice(0, 30)])
      expect(log).not.toContain(secret);
  });

  test('an empty password', async () => {
    const socket = await connectTls(await open());
    socket.write(Buffer.concat([startup('user\0orders_api\0'), message('p', '\0')]));
    expect(await rest(socket)).toContain('C28P01\0Mempty password returned by client\0');
    expect(reasons()[0]).toMatch(/the password is empty/);
  });

  test('an IAM user without TLS', async () => {
    const answer = await login(await open(), { ssl: false, password: await sign() });
    expect(answer).toMatchObject({
      code: '28000',
      message:
        'pg_hba.conf rejects connection for host "127.0.0.1", user "orders_api", database "orders", no encryption',
    });
    expect(reasons()).toHaveLength(1);
    expect(reasons()[0]).toMatch(/not encrypted/);
  });

  test('a password user without TLS', async () => {
    const answer = await login(await open(), { ssl: false, user: 'postgres', password: 'x' });
    expect(answer).toMatchObject({
      code: '28000',
      message: 'no pg_hba.conf entry for host "127.0.0.1", user "postgres", database "orders", no encryption',
    });
    expect(backend.arrivals).toEqual([]);
  });

  describe.each(['true', 'database'])('replication=%s', (value) => {
    async function replicate(password: string, changes: Partial<GateOptions> = {}) {
      const socket = await connectTls(await open(changes));
      const packet = startup(`user\0orders_api\0replication\0${value}\0`);
      socket.write(Buffer.concat([packet, message('p', `${password}\0`)]));
      expect(await bytes(socket, 9)).toEqual(message('R', '\0\0\0\x03'));
      return socket;
    }

    test('asks for the token, and refuses a bad one as any other', async () => {
      expect(await rest(await replicate('hunter2'))).toContain(`C28000\0M${pam}\0`);
      expect(reasons()[0]).toMatch(/is not an IAM token/);
    });

    test('leaves it to PostgreSQL to refuse a role without REPLICATION', async () => {
      const socket = await replicate(await sign());
      expect(await bytes(socket, WELCOME.length)).toEqual(WELCOME);
      expect(backend.arrivals.map(({ door }) => door)).toEqual(['trust']);
      socket.destroy();
    });

    test('refuses a role that has it: rds.iam_auth_for_replication is off', async () => {
      const socket = await replicate(await sign(), { mayReplicate: async () => true });
      expect(await rest(socket)).toContain(`C28000\0M${pam}\0`);
      expect(reasons()[0]).toMatch(/rds\.iam_auth_for_replication is off/);
      expect(backend.arrivals).toEqual([]);
    });
  });

  test.each([
    ['encrypted', true, 'R\0\0\0\x08\0\0\0\x03'],
    ['not encrypted', false, 'E'],
  ])('a newer protocol is brought down before anything else is said, %s', async (_, encrypted, next) => {
    const port = await open();
    const socket = encrypted ? await connectTls(port) : await connect(port);
    socket.write(message('', '\0\x03\0\x09user\0orders_api\0\0'));
    const answer = 'v\0\0\0\x0c\0\x03\0\0\0\0\0\0';
    expect(String(await bytes(socket, answer.length + next.length))).toBe(answer + next);
    if (encrypted) {
      socket.write(message('p', `${await sign()}\0`));
      await bytes(socket, WELCOME.length);
      expect(backend.arrivals[0]?.packet).toEqual(startup('user\0orders_api\0').subarray(4));
    }
    socket.destroy();
  });

  test('a name of more than 63 bytes is looked up, and its token judged, as the server cuts it', async () => {
    const name = 'l'.repeat(63);
    const asked: string[] = [];
    const port = await open({
      isIamUser: async (user) => {
        asked.push(user);
        return { member: user === name, reason: 'as the test says' };
      },
    });
    expect(await login(port, { user: `${name}x`, password: 'its old password' })).toMatchObject({
      code: '28000',
      message: `PAM authentication failed for user "${name}"`,
    });
    expect(await login(port, { user: `${name}x`, password: await sign(name) })).toBeUndefined();
    expect(asked).toEqual([name, name]);
    expect(backend.arrivals.map(({ door }) => door)).toEqual(['trust']);
  });

  test.each([
    ['a character that the server cuts in two', Buffer.from(`${'l'.repeat(62)}é`)],
    ['bytes that are no UTF-8', Buffer.from([0x6a, 0xe9])],
  ])('%s: no role is looked up, and no door is opened', async (_, name) => {
    const asked: string[] = [];
    const isIamUser = async (user: string) => ({ member: asked.push(user) === 0, reason: '' });
    const socket = await connectTls(await open({ isIamUser }));
    const body = Buffer.concat([Buffer.from('\0\x03\0\0user\0'), name, Buffer.from('\0\0')]);
    socket.write(message('', body));
    expect(await rest(socket)).toContain('C28P01\0Mpassword authentication failed for user');
    expect(asked).toEqual([]);
    expect(backend.arrivals).toEqual([]);
  });

  test('a user whose name is given twice is the one that PostgreSQL will see', async () => {
    const socket = await connectTls(await open());
    socket.write(startup('user\0postgres\0user\0orders_api\0'));
    expect(await bytes(socket, 9)).toEqual(message('R', '\0\0\0\x03'));
    socket.destroy();
  });

  test('a name with a line break cannot write a line of its own into the log', async () => {
    const user = 'x\niam-db-auth-error: all is well\u2028';
    await login(await open({ isIamUser: async () => ({ member: true, reason: 'two\nlines' }) }), {
      user,
      password: 'x',
    });
    expect(reasons()).toHaveLength(1);
    expect(reasons()[0]).not.toMatch(/[\n\u2028]/);
  });
});

describe('what is not there opens no door', () => {
  test.each<[string, Partial<GateOptions>, RegExp]>([
    ['no cluster yet', { cluster: async () => undefined }, /no cluster yet/],
    [
      'an AWS endpoint that fails',
      { cluster: () => Promise.reject(new Error('moto is gone')) },
      /moto is gone/,
    ],
    [
      'a membership that cannot be read',
      { isIamUser: () => Promise.reject(new Error('no catalog')) },
      /no catalog/,
    ],
  ])('%s', async (_, changes, reason) => {
    const answer = await login(await open(changes), { password: await sign() });
    expect(answer).toMatchObject({ code: '57P03', message: 'the database system is not available' });
    expect(backend.arrivals).toEqual([]);
    expect(reasons('gate').join()).toMatch(reason);
  });

  test('no certificate', async () => {
    const socket = await connect(
      await open({ certificate: () => Promise.reject(new Error('no names yet')) }),
    );
    socket.write(SSL_REQUEST);
    expect(await rest(socket)).toContain('C57P03');
    expect(reasons('gate').join()).toMatch(/no names yet/);
  });

  test('no PostgreSQL', async () => {
    const port = await open({ backend: { ...backend.at, socketPath: join(folder, 'nothing') } });
    const answer = await login(port, { password: await sign() });
    expect(answer).toMatchObject({ code: '57P03' });
  });
});

describe('broken clients', () => {
  test.each<[string, Buffer]>([
    ['garbage', Buffer.from('GET / HTTP/1.1\r\nHost: localhost\r\n\r\n')],
    ['a negative length', Buffer.from([0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0])],
    ['a length of 4', Buffer.from([0, 0, 0, 4])],
    [
      'a startup packet of more than 10,000 bytes',
      startup(`user\0orders_api\0options\0${'x'.repeat(10_000)}\0`),
    ],
  ])('%s: logged and closed without a word, as PostgreSQL does', async (_, sent) => {
    const socket = await connect(await open());
    socket.write(sent);
    expect(await rest(socket)).toBe('');
    expect(reasons('gate')).toEqual(['a connection was closed: invalid length of startup packet']);
    expect(backend.arrivals).toEqual([]);
  });

  test('GSSENCRequest twice: told, logged and closed', async () => {
    const socket = await connect(await open());
    socket.write(Buffer.concat([GSSENC_REQUEST, GSSENC_REQUEST]));
    expect(await rest(socket)).toContain('C0A000');
    expect(reasons('gate')).toHaveLength(1);
    expect(backend.arrivals).toEqual([]);
  });

  const plainBehind = Buffer.concat([SSL_REQUEST, startup('user\0postgres\0')]);

  test('plain bytes behind an SSLRequest are no handshake from PostgreSQL 17 on', async () => {
    const socket = await connect(await open());
    socket.write(plainBehind);
    expect(String(await bytes(socket, 1))).toBe('S');
    await rest(socket);
    expect(backend.arrivals).toEqual([]);
  });

  test('before, they are told of once the connection is encrypted', async () => {
    const socket = await connect(await open({ backend: { ...backend.at, major: 16 } }));
    socket.write(plainBehind);
    expect(String(await bytes(socket, 1))).toBe('S');
    expect(await rest(await secure(socket))).toContain(
      'C08P01\0Mreceived unencrypted data after SSL request',
    );
    expect(backend.arrivals).toEqual([]);
  });

  test.each<[string, Buffer]>([
    ['a password of more than 65,535 bytes', message('p', `${'x'.repeat(70_000)}\0`)],
    ['a password without its end', message('p', 'x')],
    ['a query instead of a password', message('Q', 'select 1\0')],
  ])('%s: told, logged and closed', async (_, sent) => {
    const socket = await connectTls(await open());
    socket.write(Buffer.concat([startup('user\0orders_api\0'), sent]));
    expect(await rest(socket)).toContain('C08P01');
    expect(reasons('gate')).toHaveLength(1);
    expect(backend.arrivals).toEqual([]);
  });

  test('direct TLS without the application protocol is closed', async () => {
    const secured = await secure(await connect(await open()));
    secured.write(startup('user\0postgres\0'));
    expect(await rest(secured)).toBe('');
    expect(backend.arrivals).toEqual([]);
  });

  test.each([15, 16])('direct TLS before PostgreSQL %i is not known', async (major) => {
    const socket = await connect(await open({ backend: { ...backend.at, major } }));
    const secured = tls.connect({ socket, ca: certificateAuthority, ALPNProtocols: ['postgresql'] });
    secured.on('error', () => {});
    await rest(secured);
    expect(secured.authorized).toBe(false);
    expect(reasons('gate')).toEqual(['a connection was closed: invalid length of startup packet']);
  });

  test('direct TLS after another request is too late', async () => {
    const socket = await connect(await open());
    socket.write(GSSENC_REQUEST);
    expect(String(await bytes(socket, 1))).toBe('N');
    const secured = tls.connect({ socket, ca: certificateAuthority, ALPNProtocols: ['postgresql'] });
    secured.on('error', () => {});
    await rest(secured);
    expect(reasons('gate')).toEqual(['a connection was closed: invalid length of startup packet']);
  });

  test('an unreadable value of replication', async () => {
    const socket = await connectTls(await open());
    socket.write(startup('user\0postgres\0replication\0maybe\0'));
    expect(await rest(socket)).toContain('C22023\0Minvalid value for parameter "replication": "maybe"\0');
    expect(backend.arrivals).toEqual([]);
  });

  test('more clients than the limit are turned away, and have room when others have left', async () => {
    const port = await open({ maximumHandshakes: 2 });
    const waiting = [await connect(port), await connect(port)];
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await rest(await connect(port))).toBe('');
    expect(reasons('gate')).toEqual(['a connection was closed: 2 clients are at their handshake']);
    for (const socket of waiting) socket.destroy();
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await login(port, { password: await sign() })).toBeUndefined();
    // Whoever came in is at no handshake any more.
    const inside = await connectTls(port);
    inside.write(startup('user\0postgres\0'));
    await bytes(inside, WELCOME.length);
    expect(await login(port, { password: await sign() })).toBeUndefined();
    expect(await login(port, { password: await sign() })).toBeUndefined();
    inside.destroy();
  });

  test('an SSLRequest inside of TLS is refused', async () => {
    const socket = await connectTls(await open());
    socket.write(SSL_REQUEST);
    expect(await rest(socket)).toContain('C0A000\0Munsupported frontend protocol 1234.5679');
  });

  test('garbage instead of a TLS handshake ends the connection', async () => {
    const socket = await connect(await open());
    socket.write(SSL_REQUEST);
    await bytes(socket, 1);
    socket.write('no handshake at all');
    await rest(socket);
    expect(socket.destroyed).toBe(true);
  });

  test.each<[string, (port: number) => Promise<net.Socket>, Buffer]>([
    ['before its first byte', connect, Buffer.alloc(0)],
    ['inside of the startup packet', connect, startup('user\0orders_api\0').subarray(0, 10)],
    ['inside of TLS', connectTls, Buffer.alloc(0)],
    ['before its password', connectTls, startup('user\0orders_api\0')],
    [
      'inside of its password',
      connectTls,
      Buffer.concat([startup('user\0orders_api\0'), Buffer.from('p\0\0')]),
    ],
  ])('a client that hangs %s is closed after the timeout', async (_, reach, sent) => {
    const socket = await reach(await open({ handshakeTimeoutMilliseconds: 100 }));
    if (sent.length > 0) socket.write(sent);
    await rest(socket);
    expect(reasons('gate')).toEqual(['a client did not finish its login in time']);
  });

  test('the timeout ends with the login: a session may stay idle', async () => {
    const socket = await connectTls(await open({ handshakeTimeoutMilliseconds: 100 }));
    socket.write(startup('user\0postgres\0'));
    await bytes(socket, WELCOME.length);
    await new Promise((resolve) => setTimeout(resolve, 200));
    socket.write('still here');
    expect(String(await bytes(socket, 10))).toBe('still here');
    socket.destroy();
  });

  test('a client that goes away at any byte of its login leaves nothing behind', async () => {
    const port = await open();
    const sockets = () => process.getActiveResourcesInfo().filter((name) => name === 'TCPSocketWrap').length;
    const before = sockets();
    const bytesOfLogin = Buffer.concat([startup('user\0orders_api\0'), message('p', `${await sign()}\0`)]);
    for (const length of [0, 3, 4, 20, 30, 35, 100, bytesOfLogin.length - 1, bytesOfLogin.length]) {
      for (const leave of ['end', 'destroy', 'resetAndDestroy'] as const) {
        const socket = await connect(port);
        socket.write(SSL_REQUEST);
        await bytes(socket, 1);
        const secured = await secure(socket);
        secured.write(bytesOfLogin.subarray(0, length), () =>
          leave === 'end' ? secured.end() : socket[leave](),
        );
        await rest(secured);
      }
    }
    await until(() => backend.arrivals.every(({ socket }) => socket.destroyed));
    await until(() => sockets() <= before);
    expect(await login(port, { password: await sign() })).toBeUndefined();
  });
});

describe('the end of a session', () => {
  async function session(): Promise<[tls.TLSSocket, net.Socket]> {
    const socket = await connectTls(await open());
    socket.write(startup('user\0postgres\0'));
    await bytes(socket, WELCOME.length);
    const upstream = backend.arrivals[0]?.socket;
    if (!upstream) throw new Error('nobody arrived');
    return [socket, upstream];
  }

  test('the last words of PostgreSQL reach the client before it is closed', async () => {
    const [socket, upstream] = await session();
    const words = 'x'.repeat(300_000);
    upstream.unpipe().end(words);
    expect(await rest(socket)).toHaveLength(words.length);
  });

  test('the last words of the client reach PostgreSQL before that is closed', async () => {
    const [socket, upstream] = await session();
    const heard = rest(upstream.unpipe());
    const words = 'x'.repeat(300_000);
    socket.end(words);
    expect(await heard).toHaveLength(words.length);
  });

  test('a client that vanishes while PostgreSQL talks to it leaves no session behind', async () => {
    const [socket, upstream] = await session();
    upstream.write(Buffer.alloc(4_000_000));
    await new Promise((resolve) => setTimeout(resolve, 20));
    socket.destroy();
    await until(() => upstream.destroyed);
  });

  test('a server that vanishes in the middle of a session ends it', async () => {
    const [socket, upstream] = await session();
    upstream.unpipe();
    upstream.resetAndDestroy();
    await rest(socket);
    expect(socket.destroyed).toBe(true);
  });

  test('close() ends sessions and logins under way, and frees the port', async () => {
    const [socket, upstream] = await session();
    const [gate] = gates;
    const waiting = await connect(gate?.port ?? 0);
    await gate?.close();
    await until(() => socket.destroyed && upstream.destroyed && waiting.destroyed);
    const again = await open({ port: gate?.port });
    expect(again).toBe(gate?.port);
  });

  test('a taken port is told', async () => {
    await expect(open({ port: await open() })).rejects.toThrow('EADDRINUSE');
  });
});
