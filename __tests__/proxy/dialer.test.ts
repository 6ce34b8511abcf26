import { once } from 'node:events';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { authentication, errorResponse, message } from '../../clients/wire/typed-messages';
import { createCertificateAuthority } from '../../local/gate/certificates';
import { createDialer } from '../../proxy/dialer';
import { logInUpstream } from '../../proxy/log-in-upstream';
import type { Route } from '../../proxy/routes';
import { aRoute } from '../support/proxy-upstream';

// The way out: TLS as libpq's verify-full, credentials that change, and a server that is not what it says.

const HOST = 'orders.cluster-abc.eu-west-1.rds.amazonaws.com';
let authority: Awaited<ReturnType<typeof createCertificateAuthority>>;
beforeAll(async () => {
  authority = await createCertificateAuthority();
});

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

/** A server that answers SSLRequest so, and speaks TLS for these names. */
async function server(names: readonly string[], { answer = 'S', after = '' } = {}) {
  const certificate = await authority.issue(names);
  const heard: string[] = [];
  const versions: (string | false | null)[] = [];
  const listening = net.createServer((socket) => {
    socket.on('error', () => {});
    socket.once('data', (first) => {
      heard.push(first.toString('hex'));
      socket.write(answer + after);
      if (answer !== 'S') return;
      const secure = new tls.TLSSocket(socket, {
        isServer: true,
        secureContext: tls.createSecureContext(certificate),
        ALPNProtocols: ['postgresql'],
      });
      secure.on('error', () => {});
      secure.on('data', (chunk) => {
        versions.push(secure.alpnProtocol);
        heard.push(chunk.toString());
        secure.write('hello');
      });
    });
  });
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  ends.push(() => listening.close());
  return { port: (listening.address() as net.AddressInfo).port, heard, versions };
}

function routeTo(port: number, changes: Partial<Route> = {}): Route {
  return aRoute('orders', {
    to: { kind: 'endpoint', host: HOST, port: 5432, region: 'eu-west-1' },
    through: { host: '127.0.0.1', port },
    certificateAuthority: authority.certificate,
    ...changes,
  });
}

async function dialled(route: Route, timeoutMilliseconds = 2_000): Promise<net.Socket> {
  const dialer = createDialer({ remark: () => {}, timeoutMilliseconds });
  const socket = await dialer.dial(route, await dialer.resolve(route));
  ends.push(() => socket.destroy());
  return socket;
}

test('the certificate must carry the name of the endpoint, also through a tunnel', async () => {
  const { port, versions } = await server([HOST]);
  const socket = await dialled(routeTo(port));
  socket.write('startup');
  await once(socket, 'data');
  expect(versions).toEqual(['postgresql']);
});

test.each([
  ['another name', ['other.cluster-abc.eu-west-1.rds.amazonaws.com'], {}, /does not match certificate/],
  ["the tunnel's own name", ['127.0.0.1', 'localhost'], {}, /does not match certificate/],
  [
    'an authority that is not trusted',
    [HOST],
    { certificateAuthority: undefined },
    /unable to verify|self.signed/,
  ],
])('nothing is said to a server with a certificate of %s', async (_what, names, changes, message_) => {
  const { port, heard } = await server(names);
  await expect(dialled(routeTo(port, changes as Partial<Route>))).rejects.toThrow(message_);
  expect(heard).toEqual(['0000000804d2162f']);
});

test('a server without TLS, and one that sends bytes before the handshake, are left', async () => {
  await expect(dialled(routeTo((await server([HOST], { answer: 'N' })).port))).rejects.toThrow(
    'offers no TLS',
  );
  await expect(dialled(routeTo((await server([HOST], { answer: 'E' })).port))).rejects.toThrow(
    'offers no TLS',
  );
  await expect(dialled(routeTo((await server([HOST], { after: 'x' })).port))).rejects.toThrow(
    'unencrypted data',
  );
});

test('a server that accepts and says nothing is given up', async () => {
  const { port } = await server([HOST], { answer: '' });
  await expect(dialled(routeTo(port), 200)).rejects.toThrow('no answer from 127.0.0.1');
});

test('a look-up that failed is tried again, and one that succeeded is kept until it is forgotten', async () => {
  const dialer = createDialer({ remark: () => {} });
  let asked = 0;
  const lookUp = async () => {
    asked += 1;
    if (asked === 1) throw new Error('rds:DescribeDBClusters is denied');
    return { host: HOST, port: 5432, region: 'eu-west-1' };
  };
  const route = aRoute('prod', { to: { kind: 'looked-up', lookUp } });
  await expect(dialer.resolve(route)).rejects.toThrow('is denied');
  // Within two seconds AWS is not asked again.
  await expect(dialer.resolve(route)).rejects.toThrow('is denied');
  dialer.forget(route);
  expect((await dialer.resolve(route)).host).toBe(HOST);
  await dialer.resolve(route);
  expect(asked).toBe(2);
});

describe('a server at the login', () => {
  /** What becomes of it if the server says this. */
  async function loggedIn(...said: readonly Buffer[]) {
    const [client, other] = await pair();
    let sent = 0;
    other.write(Buffer.concat(said));
    return logInUpstream(client, {
      startup: Buffer.from('startup'),
      login: 'analyst',
      token: async () => `token ${++sent}`,
      causeOf: async () => undefined,
    }).finally(() => client.destroy());
  }
  async function pair(): Promise<[net.Socket, net.Socket]> {
    const listening = net.createServer().listen(0, '127.0.0.1');
    await once(listening, 'listening');
    const client = net.connect((listening.address() as net.AddressInfo).port, '127.0.0.1');
    const [other] = (await once(listening, 'connection')) as [net.Socket];
    client.on('error', () => {});
    other.on('error', () => {});
    ends.push(() => {
      listening.close();
      other.destroy();
    });
    return [client, other];
  }

  const ASK = authentication('cleartextPassword');
  test('that asks twice for the token gets it once', async () => {
    await expect(loggedIn(ASK, ASK)).rejects.toThrow('asked for a password twice');
  });
  test('that says endless messages, or one that is too long, is left', async () => {
    const notice = message('N', Buffer.from('SNOTICE\0\0'));
    await expect(loggedIn(...Array.from({ length: 50 }, () => notice))).rejects.toThrow(
      '20 messages and no answer',
    );
    await expect(loggedIn(Buffer.from([0x4e, 0x7f, 0xff, 0xff, 0xff]))).rejects.toThrow('invalid length');
    await expect(loggedIn(message('D', Buffer.alloc(4)))).rejects.toThrow('message of type 68');
  });
  test('that lets in, or refuses, is passed on as it said it', async () => {
    const version = message('v', Buffer.from([0, 3, 0, 0, 0, 0, 0, 0]));
    expect(await loggedIn(version, ASK, authentication('ok'))).toEqual({
      kind: 'passed',
      toClient: Buffer.concat([version, authentication('ok')]),
    });
    const words = errorResponse([
      ['S', 'FATAL'],
      ['C', '53300'],
      ['M', 'too many connections'],
    ]);
    expect(await loggedIn(words)).toMatchObject({ kind: 'refused', toClient: words, sqlstate: '53300' });
  });
});
