import { createHash, createHmac, pbkdf2Sync, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import * as net from 'node:net';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { keptCredentials } from '../../clients/aws/kept-credentials';
import { message, readMessage } from '../../clients/wire/typed-messages';
import type { LogEntry } from '../../proxy/log';
import { aProxy, LOCAL_PASSWORD, plainDialer, startUpstream, VERIFIER } from '../support/proxy-upstream';

// 24 hours in fast motion: a connection every few minutes, credentials of an hour each, and AWS out of reach for a while each hour.

const MINUTE = 60_000;
/** Between two connections. */
const STEP = process.env['AURORA_IAM_SLOW_TESTS'] ? 1 : 2;
const salted = pbkdf2Sync(LOCAL_PASSWORD, VERIFIER.salt, VERIFIER.iterations, 32, 'sha256');
const hmac = (key: Buffer, text: string) => createHmac('sha256', key).update(text).digest();

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

/** Logs in, asks once, and leaves. @returns the types of the messages that came */
async function session(port: number): Promise<string> {
  const socket = net.connect(port, '127.0.0.1');
  socket.on('error', () => {});
  const said: string[] = [];
  const next = async () => {
    const each = await readMessage(socket, 10_000);
    if (!each) throw new Error('the proxy closed the connection');
    said.push(each.type);
    return each;
  };
  const startup = Buffer.from('\0\0\0\0\0\x03\0\0user\0orders_api\0database\0orders\0\0', 'latin1');
  startup.writeInt32BE(startup.length, 0);
  socket.write(startup);
  await next();
  const bare = `n=,r=${randomBytes(18).toString('base64')}`;
  const first = `n,,${bare}`;
  const length = Buffer.alloc(4);
  length.writeInt32BE(first.length);
  socket.write(message('p', Buffer.concat([Buffer.from('SCRAM-SHA-256\0'), length, Buffer.from(first)])));
  const serverFirst = (await next()).body.toString('utf8', 4);
  const withoutProof = `c=biws,r=${/r=([^,]+)/.exec(serverFirst)?.[1]}`;
  const clientKey = hmac(salted, 'Client Key');
  const stored = createHash('sha256').update(clientKey).digest();
  const signature = hmac(stored, `${bare},${serverFirst},${withoutProof}`);
  const proof = Buffer.from(clientKey.map((byte, index) => byte ^ (signature[index] as number)));
  socket.write(message('p', Buffer.from(`${withoutProof},p=${proof.toString('base64')}`)));
  while ((await next()).type !== 'Z') if (said.at(-1) === 'E') break;
  socket.end(message('X', Buffer.alloc(0)));
  if (!socket.closed) await once(socket.resume(), 'close');
  return said.join('');
}

test('in a day of connections none is refused for an expired credential, and the memory stays flat', async () => {
  let now = Date.parse('2026-01-01T00:00:00Z');
  const minuteOfHour = () => Math.floor(now / MINUTE) % 60;
  let loads = 0;
  const kept = keptCredentials(
    async () => {
      // Out of reach when they are first to be renewed.
      if (loads > 0 && minuteOfHour() >= 55 && minuteOfHour() < 58) throw new Error('AWS is out of reach');
      loads += 1;
      const expiration = new Date(
        (Math.floor(now / (60 * MINUTE)) + (minuteOfHour() >= 55 ? 2 : 1)) * 60 * MINUTE,
      );
      return { accessKeyId: `key ${loads}`, secretAccessKey: 'none', expiration };
    },
    { now: () => now },
  );
  // As RDS: a token of credentials that have expired is refused.
  const upstream = await startUpstream({
    refuse: (password) =>
      Number(password.split(' ').at(-1)) > now
        ? undefined
        : [
            ['S', 'FATAL'],
            ['C', '28000'],
            ['M', 'PAM authentication failed for user "orders_api"'],
          ],
  });
  const log: LogEntry[] = [];
  const dialer = plainDialer(
    { prod: upstream.port },
    { token: async () => `token until ${(await kept.get()).expiration?.getTime()}` },
  );
  const proxy = await aProxy({ dialer, log: (entry) => void (entry.level !== 'info' && log.push(entry)) });
  const memory: number[] = [];
  try {
    for (let minute = 0; minute < 24 * 60; minute += STEP) {
      now += STEP * MINUTE;
      expect(await session(proxy.port)).toBe('RRRRSKZ');
      upstream.seen.length = 0;
      if ((minute + STEP) % 240 === 0) {
        collect();
        memory.push(process.memoryUsage().heapUsed);
      }
    }
    expect(log).toEqual([]);
    expect(loads).toBeGreaterThanOrEqual(24);
    expect(proxy.status()).toMatchObject({
      connections: 0,
      handshakes: 0,
      routes: [{ total: 1440 / STEP, refused: 0 }],
    });
    // The first four hours are those in which everything is compiled.
    const [, second = 0] = memory;
    expect((memory.at(-1) ?? 0) / second).toBeLessThan(1.1);
  } finally {
    await proxy.close();
    await upstream.close();
  }
}, 60_000);
