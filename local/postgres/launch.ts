import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { Client } from 'pg';
import { PROJECT_DIRECTORY } from '../project-directory';
import type { RunLog } from '../run-log';
import { superuser } from './data-directory';
import { environment, type ServerUser } from './server-user';

const startTimeout = 30_000;

/** A database for one run: quick instead of durable, small, and with the log that RDS keeps. */
const settings = {
  listen_addresses: '127.0.0.1',
  unix_socket_permissions: '0700',
  max_connections: '200',
  shared_buffers: '16MB',
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'off',
  timezone: 'UTC',
  log_timezone: 'UTC',
  logging_collector: 'off',
  log_destination: 'stderr',
  log_connections: 'on',
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/USER_LogAccess.Concepts.PostgreSQL.overview.parameter-groups.html
  log_line_prefix: '%t:%r:%u@%d:[%p]:',
  // The text of a failed statement may hold a password (ALTER ROLE … PASSWORD '…'): its client sees it, the log does not.
  log_min_error_statement: 'panic',
};

/** Not compiled: it stands where the sources are. */
const WATCHER = path.join(PROJECT_DIRECTORY, 'local', 'postgres', 'watcher.cjs');

export interface Launch {
  readonly programs: string;
  readonly dataDirectory: string;
  readonly socketDirectory: string;
  readonly leftovers: readonly string[];
  readonly user: ServerUser;
  readonly log: RunLog;
  /** Instead of those of a database for one run. */
  readonly changes?: Readonly<Record<string, string>>;
}

/** Between our look for a free port and the server's bind somebody else may take it: then another one. */
export async function launch(parts: Launch): Promise<{ port: number; stop(): Promise<void> }> {
  for (let attempt = 1; ; attempt++) {
    const port = await freePort();
    const watcher = spawnWatcher(parts, port);
    const exited = once(watcher, 'exit');
    const failure = await untilReady(watcher, parts.log);
    if (failure === undefined) return { port, stop: stopper(watcher, exited, parts) };
    watcher.stdin.end();
    await exited;
    if (attempt === 5 || !failure.includes('could not create any TCP/IP sockets')) {
      throw new Error(`PostgreSQL did not start: ${failure}`);
    }
  }
}

type Watcher = ChildProcessByStdio<Writable, null, Readable>;

function spawnWatcher(
  { programs, dataDirectory, socketDirectory, leftovers, user, changes }: Launch,
  port: number,
): Watcher {
  const all = { ...settings, ...changes, port: String(port), unix_socket_directories: socketDirectory };
  const plan = {
    command: path.join(programs, 'bin', 'postgres'),
    args: [
      '-D',
      dataDirectory,
      ...Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]),
    ],
    options: { ...user, cwd: socketDirectory, env: environment },
    leftovers,
  };
  const watcher = spawn(process.execPath, [WATCHER, JSON.stringify(plan)], {
    stdio: ['pipe', 'ignore', 'pipe'],
    detached: true,
    cwd: '/',
    env: environment,
  });
  // A closed pipe is said by `exit`.
  watcher.stdin.on('error', () => {});
  return watcher;
}

/** Copies the server's log for as long as it runs. Returns undefined once it is ready, or why it will not be. */
function untilReady(watcher: Watcher, log: RunLog): Promise<string | undefined> {
  return new Promise((resolve) => {
    let reason = 'it ended without saying why';
    const timer = setTimeout(() => resolve(`not ready after ${startTimeout / 1000} s`), startTimeout);
    const settle = (failure?: string) => {
      clearTimeout(timer);
      resolve(failure);
    };
    const lines = createInterface({ input: watcher.stderr });
    lines.on('line', (line) => {
      log.write('postgres', line);
      const fatal = /FATAL: {2}(.*)/.exec(line)?.[1];
      if (fatal) reason = fatal;
      if (line.includes('database system is ready to accept connections')) settle();
    });
    lines.on('close', () => settle(reason));
    watcher.on('error', (error) => settle(error.message));
  });
}

function stopper(
  watcher: Watcher,
  exited: Promise<unknown>,
  { dataDirectory, leftovers, socketDirectory, log }: Launch,
) {
  let stopping: Promise<void> | undefined;
  watcher.once('exit', () => {
    if (stopping) return;
    log.write('postgres', 'The server ended, and nobody asked it to.');
    // If only the watcher was killed, the server is still there: it must not outlive us.
    stopping = quitOrphan(dataDirectory, socketDirectory).then(() => remove(leftovers));
  });
  return (): Promise<void> => {
    stopping ??= (async () => {
      watcher.stdin.end();
      await exited;
      await remove(leftovers);
    })();
    return stopping;
  };
}

async function quitOrphan(dataDirectory: string, socketDirectory: string): Promise<void> {
  // Its first line is the process id, its fourth the port: https://www.postgresql.org/docs/17/storage-file-layout.html
  const processFile = path.join(dataDirectory, 'postmaster.pid');
  const [processId, , , port] = (await readFile(processFile, 'utf8').catch(() => '')).split('\n').map(Number);
  if (!processId || !port) return;
  // After a crash the number may be another program's: only a server that answers is ours.
  const answers = await answeringVersion(socketDirectory, port).catch(() => undefined);
  if (!answers) return;
  process.kill(processId, 'SIGQUIT');
  // The server removes the file last; the process may stay as a zombie where nobody collects it.
  for (let waited = 0; waited < 5000 && existsSync(processFile); waited += 50) {
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}

/** A real connection over the socket, and what the server says it is. */
export async function answeringVersion(socketDirectory: string, port: number): Promise<string> {
  const client = new Client({
    host: socketDirectory,
    port,
    user: superuser,
    database: 'postgres',
    ssl: false,
    connectionTimeoutMillis: 10_000,
  });
  await client.connect();
  try {
    const { rows } = await client.query('SHOW server_version');
    return String(rows[0].server_version).split(' ')[0] ?? '';
  } finally {
    await client.end();
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('No free port on 127.0.0.1.');
  return address.port;
}

export async function remove(directories: readonly string[]): Promise<void> {
  for (const directory of directories) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}
