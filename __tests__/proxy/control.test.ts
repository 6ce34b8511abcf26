import { mkdtempSync, rmSync, statSync } from 'node:fs';
import * as http from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { askProxy, listenForControl } from '../../proxy/control';
import type { Address } from '../../proxy/listen';
import type { Status } from '../../proxy/proxy';

const STATUS: Status = {
  state: 'listening',
  ready: true,
  connections: 3,
  handshakes: 0,
  listening: ['localhost:6432'],
  routes: [],
};

const ends: (() => void)[] = [];
afterEach(() => {
  for (const end of ends.splice(0)) end();
});

async function control(address: Address, status: Partial<Status> = {}) {
  const drained: string[] = [];
  const made = await listenForControl(address, {
    status: () => ({ ...STATUS, ...status }),
    drain: () => drained.push('drain'),
  });
  ends.push(() => made.close());
  return { drained, port: made.address.kind === 'tcp' ? made.address.port : 0 };
}

const LOOPBACK: Address = { kind: 'tcp', host: '127.0.0.1', port: 0 };

function ask(
  port: number,
  path: string,
  { method = 'GET', headers = {} }: { method?: string; headers?: Record<string, string> } = {},
): Promise<{ status: number | undefined; body: string; headers: http.IncomingHttpHeaders }> {
  return new Promise((resolve, reject) => {
    const request = http.request({ host: '127.0.0.1', port, path, method, headers }, (response) => {
      let body = '';
      response.on('data', (part) => {
        body += part;
      });
      response.on('end', () => resolve({ status: response.statusCode, body, headers: response.headers }));
    });
    request.on('error', reject);
    request.end();
  });
}

test('it says whether it lives, whether it is ready, and how its routes fare', async () => {
  const { port } = await control(LOOPBACK);
  expect(await ask(port, '/livez')).toMatchObject({ status: 200 });
  expect(await ask(port, '/readyz')).toMatchObject({ status: 200, body: 'ready\n' });
  expect(JSON.parse((await ask(port, '/status')).body)).toEqual(STATUS);
  expect(await ask(port, '/etc/passwd')).toMatchObject({ status: 404 });
});

test('it is not ready while it drains, or while no route can be used', async () => {
  const draining = await control(LOOPBACK, { ready: false, state: 'draining' });
  expect(await ask(draining.port, '/readyz')).toMatchObject({ status: 503, body: 'draining\n' });
  const unusable = await control(LOOPBACK, { ready: false });
  expect(await ask(unusable.port, '/readyz')).toMatchObject({ status: 503, body: 'no target can be used\n' });
  expect(await ask(unusable.port, '/livez')).toMatchObject({ status: 200 });
});

test.each([
  ['a name that leads here (DNS rebinding)', { host: 'attacker.example' }],
  ['a name that only begins as this machine does', { host: 'localhost.attacker.example:6480' }],
  ['a name that looks like an address', { host: '127.0.0.1.attacker.example' }],
  ['an Origin', { host: 'localhost', origin: 'https://attacker.example' }],
  ['an Origin of this machine', { host: 'localhost', origin: 'http://localhost:3000' }],
])('a web page is refused that sends %s', async (_what, headers) => {
  const { port } = await control(LOOPBACK);
  const answer = await ask(port, '/status', { headers });
  expect(answer.status).toBe(403);
  expect(answer.body).not.toContain('connections');
  expect(Object.keys(answer.headers).filter((name) => name.startsWith('access-control'))).toEqual([]);
});

test('nobody drains it over a port; its owner does through a socket that nobody else can open', async () => {
  const { port, drained } = await control(LOOPBACK);
  expect(await ask(port, '/drain', { method: 'POST' })).toMatchObject({ status: 405 });
  expect(drained).toEqual([]);
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-proxy-'));
  ends.push(() => rmSync(folder, { recursive: true, force: true }));
  const path = join(folder, 'proxy.sock');
  const own = await control({ kind: 'socket', path });
  expect(statSync(path).mode & 0o777).toBe(0o600);
  expect(await askProxy(path, { method: 'POST', path: '/drain' })).toMatchObject({ status: 202 });
  expect(own.drained).toEqual(['drain']);
  expect(JSON.parse((await askProxy(path, { path: '/status' }))?.body ?? '')).toEqual(STATUS);
  expect(await askProxy(join(folder, 'none.sock'), { path: '/status' })).toBeUndefined();
});
