import { type ChildProcess, fork, spawn, spawnSync } from 'node:child_process';
import { chmodSync, chownSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import * as net from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { createCertificateAuthority } from '../local/gate/certificates';
import { postgresBinaries } from '../local/postgres/postgres-binaries';
import { type PostgresServer, startPostgres } from '../local/postgres/postgres-server';
import { LOCAL_DIRECTORY } from '../local/project-directory';

// What is measured beside each other: PostgreSQL over TLS, PgBouncer in front of it, and the proxy in front of it.

export const LOGIN = 'bench';
export const PASSWORD = 'bench-password-1';

export interface Server {
  readonly port: number;
  stop(): Promise<void> | void;
}

/** PostgreSQL 17 that takes this login over TLS alone, by a password in clear text, as RDS takes a token. */
export async function startServer(
  folder: string,
): Promise<Server & { readonly certificateAuthorityFile: string }> {
  const log = { write: () => {} };
  const binaries = await postgresBinaries(17, { toolsDirectory: join(LOCAL_DIRECTORY, 'tools'), log });
  const directory = join(folder, 'data');
  const settings = { max_connections: '400' };
  const server = await startPostgres({ binaries, directory, log, settings });
  const authority = await createCertificateAuthority();
  const { cert, key } = await authority.issue(['localhost', '127.0.0.1']);
  const certificateAuthorityFile = join(folder, 'authority.pem');
  writeFileSync(certificateAuthorityFile, authority.certificate);
  const { uid, gid } = statSync(server.dataDirectory);
  for (const [name, text] of [
    ['server.crt', cert],
    ['server.key', key],
    ['pg_hba.conf', 'local all all trust\nhostssl all all 127.0.0.1/32 password\n'],
  ] as const) {
    const file = join(server.dataDirectory, name);
    writeFileSync(file, text, { mode: 0o600 });
    chownSync(file, uid, gid);
  }
  await asSuperuser(server, [
    `CREATE ROLE ${LOGIN} LOGIN PASSWORD '${PASSWORD}'`,
    `CREATE DATABASE ${LOGIN} OWNER ${LOGIN}`,
    'ALTER SYSTEM SET ssl = on',
    'SELECT pg_reload_conf()',
  ]);
  return { port: server.port, certificateAuthorityFile, stop: () => server.stop() };
}

async function asSuperuser(server: PostgresServer, statements: readonly string[]): Promise<void> {
  const client = new Client({
    host: server.socketDirectory,
    port: server.port,
    user: server.superuser,
    database: 'postgres',
  });
  await client.connect();
  for (const statement of statements) await client.query(statement);
  await client.end();
}

/** In session mode, with TLS to the server and a SCRAM password from the client. Not as root, whom it refuses. */
export async function startPgBouncer(
  folder: string,
  server: Server & { certificateAuthorityFile: string },
): Promise<Server> {
  const port = await freePort();
  const own = join(folder, 'pgbouncer');
  mkdirSync(own);
  const settings = {
    listen_addr: '127.0.0.1',
    listen_port: port,
    unix_socket_dir: '',
    auth_type: 'scram-sha-256',
    auth_file: join(own, 'users.txt'),
    pool_mode: 'session',
    default_pool_size: 300,
    max_client_conn: 400,
    // A connection of its own for each client, as the proxy makes it.
    server_lifetime: 0,
    server_tls_sslmode: 'verify-full',
    server_tls_ca_file: join(own, 'authority.pem'),
    log_connections: 0,
    log_disconnections: 0,
  };
  const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}`);
  const files: readonly (readonly [string, string])[] = [
    [
      'pgbouncer.ini',
      `[databases]\n${LOGIN} = host=localhost port=${server.port}\n[pgbouncer]\n${lines.join('\n')}\n`,
    ],
    ['users.txt', `"${LOGIN}" "${PASSWORD}"\n`],
    ['authority.pem', await fileText(server.certificateAuthorityFile)],
  ];
  for (const [name, text] of files) writeFileSync(join(own, name), text);
  const asRoot = process.getuid?.() === 0;
  if (asRoot)
    for (const path of [folder, own, ...files.map(([name]) => join(own, name))]) chmodSync(path, 0o755);
  const command = asRoot ? ['-u', 'nobody', join(own, 'pgbouncer.ini')] : [join(own, 'pgbouncer.ini')];
  const child = spawn('pgbouncer', command, { stdio: ['ignore', 'ignore', 'pipe'] });
  await answering(port, child);
  return { port, stop: () => ended(child) };
}

export interface MeasuredProxy extends Server {
  ask(): Promise<{ readonly rss: number; readonly connections: number; readonly signing: number }>;
}

export async function startMeasuredProxy(
  server: Server & { certificateAuthorityFile: string },
): Promise<MeasuredProxy> {
  const program = join(__dirname, 'proxy-process.js');
  const child = fork(program, [String(server.port), server.certificateAuthorityFile, LOGIN, PASSWORD], {
    env: { ...process.env, AWS_ACCESS_KEY_ID: 'AKIAIOSFODNN7EXAMPLE', AWS_SECRET_ACCESS_KEY: 'none' },
  });
  const next = <T>() =>
    new Promise<T>((resolve) => child.once('message', (message) => resolve(message as T)));
  const { port } = await next<{ port: number }>();
  return {
    port,
    ask() {
      child.send('how');
      return next();
    },
    stop: () => ended(child),
  };
}

/** Whether a program can be run here. */
export function has(program: string): boolean {
  return spawnSync(program, ['--version']).status === 0;
}

function ended(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.on('exit', () => resolve());
    child.kill('SIGINT');
    setTimeout(() => child.kill('SIGKILL'), 3_000).unref();
  });
}

async function freePort(): Promise<number> {
  const server = net.createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as net.AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

async function answering(port: number, child: ChildProcess): Promise<void> {
  let said = '';
  child.stderr?.on('data', (part) => {
    said += part;
  });
  for (let attempt = 0; attempt < 100; attempt++) {
    if (child.exitCode !== null) throw new Error(`pgbouncer does not start: ${said.trim()}`);
    const reached = await new Promise<boolean>((resolve) => {
      const socket = net.connect(port, '127.0.0.1');
      socket.on('connect', () => resolve(true)).on('error', () => resolve(false));
      socket.on('connect', () => socket.destroy());
    });
    if (reached) return;
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  throw new Error(`pgbouncer does not answer: ${said.trim()}`);
}

async function fileText(file: string): Promise<string> {
  const { readFile } = await import('node:fs/promises');
  return readFile(file, 'utf8');
}
