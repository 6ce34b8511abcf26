import { type ChildProcessByStdio, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chown, cp, lchown, mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import type { Readable, Writable } from 'node:stream';
import { promisify } from 'node:util';
import { Client } from 'pg';
import type { RunLog } from '../run-log';
import type { PostgresBinaries, PostgresMajor } from './postgres-binaries';

const execute = promisify(execFile);

/** A running PostgreSQL: the Unix socket trusts whoever can enter its folder, TCP asks for a password (SCRAM). */
export interface PostgresServer {
  readonly major: PostgresMajor;
  /** As the server says it: `17.10`. */
  readonly version: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly dataDirectory: string;
  /** Only this user, the server's user and root can enter it. */
  readonly socketDirectory: string;
  /** `<socketDirectory>/.s.PGSQL.<port>` */
  readonly socketPath: string;
  readonly superuser: 'rdsadmin';
  /** Ends every session and the server, and removes what it left on the disk. May be called twice. */
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  readonly binaries: PostgresBinaries;
  /** Where the data goes: an empty or missing folder, or with `keepData` one that an earlier server kept. */
  readonly directory: string;
  readonly log: RunLog;
  /** @default false: `stop()` removes `directory` */
  readonly keepData?: boolean;
}

/** The user that the server runs as; undefined: the one we are. */
type ServerUser = { readonly uid: number; readonly gid: number } | undefined;

const superuser = 'rdsadmin';
const startTimeout = 30_000;

/** 103 bytes and a final zero on macOS, 107 on Linux; `/.s.PGSQL.65535` takes 15. */
const longestSocketDirectory = 103 - 15;

/** The user's environment (PGDATA, LANG, NODE_OPTIONS …) has no say in how the server runs. */
const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** TLS and IAM are the gate's, in front of the server. Nothing else may come in. */
const hostBasedAuthentication = 'local all all trust\nhost all all 127.0.0.1/32 scram-sha-256\n';

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

/**
 * Makes a data directory, starts the server on a free port of 127.0.0.1 and waits until it answers.
 * As root it runs as the user `postgres` or `nobody` (PostgreSQL refuses root); what that user cannot reach is put below
 * the system's folder for temporary files instead. The server ends with this process, however this process ends.
 * Fails in one line with the server's own reason.
 */
export async function startPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const { binaries, log, keepData = false } = options;
  const user = await serverUser();
  const socketDirectory = await makeSocketDirectory(user);
  const leftovers = [socketDirectory];
  try {
    const programs = await reachablePrograms(binaries.directory, user, socketDirectory);
    const { dataDirectory, isNew } = await makeDataDirectory(
      path.resolve(options.directory),
      keepData,
      user,
      socketDirectory,
    );
    if (!keepData) leftovers.push(dataDirectory);
    if (isNew) await initialize(programs, binaries.version, dataDirectory, user, socketDirectory);
    await writeFile(path.join(dataDirectory, 'pg_hba.conf'), hostBasedAuthentication);

    const { port, stop } = await launch({ programs, dataDirectory, socketDirectory, leftovers, user, log });
    const version = await answeringVersion(socketDirectory, port).catch(async (error) => {
      await stop();
      throw error;
    });
    return {
      major: Number.parseInt(version, 10) as PostgresMajor,
      version,
      host: '127.0.0.1',
      port,
      dataDirectory,
      socketDirectory,
      socketPath: path.join(socketDirectory, `.s.PGSQL.${port}`),
      superuser,
      stop,
    };
  } catch (error) {
    await remove(leftovers);
    throw error;
  }
}

async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (flag) => Number((await execute('id', [flag, name])).stdout)),
      );
      // A container may lack the right to change users: better seen now than as a failure of initdb.
      if (uid && gid !== undefined && (await canEnter('/', { uid, gid }))) return { uid, gid };
    } catch {
      // No such user here.
    }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and neither postgres nor nobody is a user to run it as here.',
  );
}

/** Whether that user reaches the folder. `sh`, because Node itself may live where only root can enter. */
async function canEnter(directory: string, user: ServerUser): Promise<boolean> {
  return execute('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { ...user, cwd: '/', env: environment }).then(
    () => true,
    () => false,
  );
}

async function makeSocketDirectory(user: ServerUser): Promise<string> {
  for (const parent of [os.tmpdir(), '/tmp']) {
    const prefix = path.join(parent, 'aurora-iam-');
    if (Buffer.byteLength(prefix) + 6 > longestSocketDirectory || !(await canEnter(parent, user))) continue;
    const directory = await mkdtemp(prefix);
    if (user) await chown(directory, user.uid, user.gid);
    return directory;
  }
  throw new Error(
    `No folder for a Unix socket: ${os.tmpdir()} is too long or closed to the server, and so is /tmp.`,
  );
}

/** The binaries where they are; a copy if the server's user cannot run them there (a clone in a folder that only root can enter, say). */
async function reachablePrograms(directory: string, user: ServerUser, temporary: string): Promise<string> {
  const runs = (programs: string) =>
    execute(path.join(programs, 'bin', 'postgres'), ['--version'], { ...user, cwd: '/', env: environment });
  try {
    await runs(directory);
    return directory;
  } catch (error) {
    if (!user) throw oneLine('PostgreSQL does not run here', error);
  }
  const copy = path.join(temporary, 'programs');
  await cp(directory, copy, { recursive: true, verbatimSymlinks: true });
  await giveTo(copy, user);
  await runs(copy).catch((error) => {
    throw oneLine(`PostgreSQL does not run in ${temporary}`, error);
  });
  return copy;
}

async function giveTo(directory: string, { uid, gid }: NonNullable<ServerUser>): Promise<void> {
  const inside = await readdir(directory, { recursive: true });
  for (const file of ['.', ...inside]) await lchown(path.join(directory, file), uid, gid);
}

async function makeDataDirectory(
  directory: string,
  keepData: boolean,
  user: ServerUser,
  temporary: string,
): Promise<{ dataDirectory: string; isNew: boolean }> {
  await mkdir(directory, { recursive: true });
  const files = await readdir(directory);
  const isKept = keepData && files.includes('PG_VERSION');
  if (files.length > 0 && !isKept) {
    throw new Error(`${directory} is not empty: remove it, or name another folder for the server's data.`);
  }
  if (await canEnter(path.dirname(directory), user)) {
    if (user) await chown(directory, user.uid, user.gid);
    return { dataDirectory: directory, isNew: !isKept };
  }
  if (keepData) {
    throw new Error(
      `The server's user cannot enter ${path.dirname(directory)}: name a folder that others may enter.`,
    );
  }
  await rm(directory, { recursive: true });
  const dataDirectory = path.join(temporary, 'data');
  await mkdir(dataDirectory, { mode: 0o700 });
  if (user) await chown(dataDirectory, user.uid, user.gid);
  return { dataDirectory, isNew: true };
}

async function initialize(
  programs: string,
  version: string,
  dataDirectory: string,
  user: ServerUser,
  cwd: string,
) {
  // Upper and lower case of all letters, like en_US.UTF-8 on RDS, but without the system's locales: from 17 on.
  const locale =
    Number.parseInt(version, 10) >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  // `trust` for the time being: nothing listens yet, and initdb would ask for a password for anything else.
  const options = [
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    ...locale,
    '--no-sync',
    '--no-instructions',
  ];
  await execute(path.join(programs, 'bin', 'initdb'), ['-D', dataDirectory, '-U', superuser, ...options], {
    ...user,
    cwd,
    env: environment,
  }).catch((error) => {
    throw oneLine('initdb failed', error);
  });
}

/**
 * Runs between us and the server, in a session of its own (Ctrl-C does not reach it). When its standard input closes,
 * which also happens when our process is killed, it ends the server and removes what is left. Plain JavaScript, because
 * `node -e` runs it.
 */
const watcherProgram = `
const { spawn } = require('node:child_process');
const { rmSync } = require('node:fs');
const { command, args, options, leftovers } = JSON.parse(process.argv[1]);
const server = spawn(command, args, { ...options, stdio: ['ignore', 'inherit', 'inherit'] });
let stopping = false;
function stop() {
  if (stopping) return;
  stopping = true;
  server.kill('SIGINT');
  setTimeout(() => server.kill('SIGQUIT'), 5000);
  setTimeout(() => server.kill('SIGKILL'), 10000);
}
process.stdin.on('end', stop).on('error', stop).on('close', stop).resume();
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, stop);
server.on('error', (error) => { console.error('FATAL:  ' + error.message); process.exit(1); });
server.on('exit', (code) => {
  if (stopping) for (const directory of leftovers) rmSync(directory, { recursive: true, force: true, maxRetries: 5 });
  process.exit(stopping ? 0 : code || 1);
});
`;

interface Launch {
  readonly programs: string;
  readonly dataDirectory: string;
  readonly socketDirectory: string;
  readonly leftovers: readonly string[];
  readonly user: ServerUser;
  readonly log: RunLog;
}

/** Between our look for a free port and the server's bind somebody else may take it: then another one. */
async function launch(parts: Launch): Promise<{ port: number; stop(): Promise<void> }> {
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
  { programs, dataDirectory, socketDirectory, leftovers, user }: Launch,
  port: number,
): Watcher {
  const all = { ...settings, port: String(port), unix_socket_directories: socketDirectory };
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
  const watcher = spawn(process.execPath, ['-e', watcherProgram, JSON.stringify(plan)], {
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
async function answeringVersion(socketDirectory: string, port: number): Promise<string> {
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

async function remove(directories: readonly string[]): Promise<void> {
  for (const directory of directories) await rm(directory, { recursive: true, force: true, maxRetries: 5 });
}

/** A program's failure in one line: the last it wrote is the reason (`initdb: error: …`). */
function oneLine(what: string, error: unknown): Error {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr || message).trim().split('\n');
  return new Error(`${what}: ${lines.find((line) => /error|fatal/i.test(line)) ?? lines.at(-1)}`);
}
