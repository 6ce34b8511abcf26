import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import type { DatabaseDoor } from './database-door';

/** `npm test` has built the command. */
export const COMMAND = join(PROJECT_DIRECTORY, 'dist', 'cli', 'aurora-iam.js');

/** `aurora-iam proxy`, as a person starts it. */
export interface LocalProxy {
  readonly port: number;
  /** The local one. */
  readonly password: string;
  /** PEM file. */
  readonly certificate: string;
  stop(): Promise<void>;
}

/** @param home the proxy keeps its files here  @param user the only login that it lets in */
export async function startLocalProxy(door: DatabaseDoor, home: string, user: string): Promise<LocalProxy> {
  const env = { PATH: process.env['PATH'], HOME: home, ...door.variables };
  const { stdout } = spawnSync(process.execPath, [COMMAND, 'proxy', '--print-password'], {
    env,
    encoding: 'utf8',
  });
  const port = await freePort();
  const to = ['--host', door.endpoint, '--port', String(door.port), '--user', user];
  const way = ['--through', `127.0.0.1:${door.port}`, '--ca', door.certificateAuthorityFile];
  const child = spawn(process.execPath, [COMMAND, 'proxy', ...to, ...way, '--listen', String(port)], { env });
  await ready(child);
  return {
    port,
    password: stdout.trim(),
    certificate: join(home, '.config', 'aurora-iam', 'proxy-certificate.pem'),
    async stop() {
      if (child.exitCode !== null) return;
      child.kill('SIGTERM');
      await once(child, 'close');
    },
  };
}

export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  return port;
}

function ready(child: ChildProcess): Promise<void> {
  return new Promise((resolve, reject) => {
    let said = '';
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        said += chunk;
        if (said.includes('ready')) resolve();
      });
    child.on('close', () => reject(new Error(said)));
  });
}
