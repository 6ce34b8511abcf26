import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { chmod, mkdir, mkdtemp, readFile, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client, type ClientConfig } from 'pg';
import { type PostgresBinaries, postgresBinaries } from '../../../local/postgres/postgres-binaries';
import { type PostgresServer, startPostgres } from '../../../local/postgres/postgres-server';

const root = path.resolve(__dirname, '../../..');
const nobody = { uid: 65534, gid: 65534 };
/** Only root can become somebody else, and that user must reach the checkout and Node. */
const canBeNobody =
  process.getuid?.() === 0 &&
  spawnSync('/bin/sh', ['-c', 'cd "$1" && test -x "$2"', 'sh', root, process.execPath], {
    ...nobody,
    cwd: '/',
  }).status === 0;
const lines: string[] = [];
const log = { write: (_source: string, line: string) => void lines.push(line) };

let folder: string;
let binaries: PostgresBinaries;
let server: PostgresServer;

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'postgres-test-'));
  // As a checkout is: anybody may enter.
  await chmod(folder, 0o755);
  binaries = await postgresBinaries(17, { toolsDirectory: path.join(folder, 'tools'), log });
  server = await startPostgres({ binaries, directory: path.join(folder, 'shared'), log });
}, 60_000);

afterAll(async () => {
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function ask(config: ClientConfig, sql: string): Promise<unknown> {
  const client = new Client({ database: 'postgres', ssl: false, ...config });
  await client.connect();
  try {
    return Object.values((await client.query(sql)).rows[0] ?? {})[0];
  } finally {
    await client.end();
  }
}

const overSocket = ({ socketDirectory, port }: PostgresServer) => ({
  host: socketDirectory,
  port,
  user: 'rdsadmin',
});

async function processId(dataDirectory: string): Promise<number> {
  return Number((await readFile(path.join(dataDirectory, 'postmaster.pid'), 'utf8')).split('\n')[0]);
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 10_000; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

describe('a running server', () => {
  test('is the version that was asked for, and says so', async () => {
    expect(server.major).toBe(17);
    expect(binaries.version).toBe(server.version);
    expect(await ask(overSocket(server), 'SHOW server_version')).toBe(server.version);
  });

  test('lets rdsadmin in over the Unix socket without a password, as a superuser', async () => {
    expect(existsSync(server.socketPath)).toBe(true);
    expect(await ask(overSocket(server), `SELECT rolsuper FROM pg_roles WHERE rolname = current_user`)).toBe(
      true,
    );
  });

  test('keeps its Unix socket in a folder that nobody else can enter', async () => {
    expect((await stat(server.socketDirectory)).mode & 0o777).toBe(0o700);
    expect(Buffer.byteLength(server.socketPath)).toBeLessThanOrEqual(103);
  });

  test('does not run as root', async () => {
    expect((await stat(server.socketPath)).uid).not.toBe(0);
    expect((await stat(server.dataDirectory)).uid).not.toBe(0);
  });

  test('asks for the password over TCP, by SCRAM, and refuses a wrong one', async () => {
    await ask(overSocket(server), `CREATE ROLE jane LOGIN PASSWORD 'right'`);
    const jane = { host: server.host, port: server.port, user: 'jane' };
    expect(await ask({ ...jane, password: 'right' }, 'SELECT current_user')).toBe('jane');
    await expect(ask({ ...jane, password: 'wrong' }, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
    expect(await ask(overSocket(server), `SELECT rolpassword FROM pg_authid WHERE rolname = 'jane'`)).toMatch(
      /^SCRAM-SHA-256\$/,
    );
  });

  test('refuses its superuser over TCP', async () => {
    const admin = { host: server.host, port: server.port, user: 'rdsadmin', password: 'guessed' };
    await expect(ask(admin, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  });

  test('has no other rule for connections', async () => {
    const rules = `SELECT string_agg(concat_ws(' ', type, database, user_name, address, netmask, auth_method), '; ' ORDER BY rule_number) FROM pg_hba_file_rules`;
    const alike = (database: string) =>
      `local {${database}} {all} trust; host {${database}} {all} 127.0.0.1 255.255.255.255 scram-sha-256`;
    expect(await ask(overSocket(server), rules)).toBe(`${alike('all')}; ${alike('replication')}`);
    expect(await ask(overSocket(server), 'SHOW listen_addresses')).toBe('127.0.0.1');
  });

  test('knows upper and lower case beyond ASCII', async () => {
    expect(await ask(overSocket(server), `SELECT upper('é')`)).toBe('É');
  });

  test('logs who connects, but not the text of a failed statement', async () => {
    await expect(ask(overSocket(server), `ALTER ROLE missing PASSWORD 'clear-text'`)).rejects.toThrow(
      'does not exist',
    );
    await until(() => lines.some((line) => line.includes('role "missing" does not exist')));
    expect(lines.join('\n')).toContain('role "missing" does not exist');
    expect(lines.join('\n')).toContain('connection authorized: user=rdsadmin');
    expect(lines.join('\n')).not.toContain('clear-text');
  });
});

describe('a server of its own', () => {
  test('runs beside another one, and leaves nothing behind when it is stopped', async () => {
    const second = await startPostgres({ binaries, directory: path.join(folder, 'second'), log });
    const pid = await processId(second.dataDirectory);
    expect(second.port).not.toBe(server.port);
    expect(second.dataDirectory).toBe(path.join(folder, 'second'));
    expect(isRunning(pid)).toBe(true);
    await second.stop();
    await second.stop();
    expect(isRunning(pid)).toBe(false);
    expect(existsSync(second.dataDirectory)).toBe(false);
    expect(existsSync(second.socketDirectory)).toBe(false);
    expect(existsSync(server.socketPath)).toBe(true);
  }, 30_000);

  test('keeps its data if it is told to, and finds them again', async () => {
    const options = { binaries, directory: path.join(folder, 'kept'), log, keepData: true };
    const before = await startPostgres(options);
    await ask(overSocket(before), 'CREATE TABLE kept AS SELECT 42 AS answer');
    await before.stop();
    expect(existsSync(before.socketDirectory)).toBe(false);
    const after = await startPostgres(options);
    const answer = await ask(overSocket(after), 'SELECT answer FROM kept').finally(() => after.stop());
    expect(answer).toBe(42);
    await expect(startPostgres({ ...options, keepData: false })).rejects.toThrow('is not empty');
    expect(existsSync(path.join(options.directory, 'PG_VERSION'))).toBe(true);
  }, 30_000);

  test('works below a folder that only we can enter', async () => {
    const closed = path.join(folder, 'closed');
    await mkdir(closed, { mode: 0o700 });
    const inside = await startPostgres({ binaries, directory: path.join(closed, 'data'), log });
    const answer = await ask(overSocket(inside), 'SELECT 1').finally(() => inside.stop());
    expect(answer).toBe(1);
    expect(existsSync(inside.dataDirectory)).toBe(false);
    expect(existsSync(inside.socketDirectory)).toBe(false);
  }, 30_000);

  test('says in one line why it does not start', async () => {
    const directory = path.join(folder, 'broken');
    await mkdir(directory);
    await writeFile(path.join(directory, 'PG_VERSION'), '9.6\n');
    await expect(startPostgres({ binaries, directory, log, keepData: true })).rejects.toThrow(
      /^PostgreSQL did not start: .+$/,
    );
  }, 30_000);
});

describe('a server in another process', () => {
  /** Starts a server in a Node of its own, which writes what it started as one JSON line and then does `what`. */
  async function inAnotherProcess(
    directory: string,
    what: string,
    user: { uid?: number; gid?: number } = {},
  ) {
    // As built: a process of its own has no transform.
    const main = `require('./dist/local/postgres/postgres-server.js').startPostgres({ ...${JSON.stringify({ binaries, directory })}, log: { write() {} } }).then(async (server) => {
      const pid = Number(require('node:fs').readFileSync(server.dataDirectory + '/postmaster.pid', 'utf8').split('\\n')[0]);
      require('node:fs').writeSync(1, JSON.stringify({ ...server, pid }));
      ${what}
    });`;
    const child = spawn(process.execPath, ['-e', main], {
      cwd: root,
      stdio: ['ignore', 'pipe', 'inherit'],
      ...user,
    });
    const output: Buffer[] = [];
    child.stdout.on('data', (data) => output.push(data));
    const [exitCode, signal] = await once(child, 'close');
    const started = JSON.parse(Buffer.concat(output).toString()) as PostgresServer & { pid: number };
    return { exitCode, signal, ...started };
  }

  test('does not outlive that process, even if it is killed', async () => {
    const other = await inAnotherProcess(
      path.join(folder, 'killed'),
      `process.kill(process.pid, 'SIGKILL');`,
    );
    expect(other.signal).toBe('SIGKILL');
    await until(
      () => !isRunning(other.pid) && !existsSync(other.socketDirectory) && !existsSync(other.dataDirectory),
    );
    expect(isRunning(other.pid)).toBe(false);
    expect(existsSync(other.dataDirectory)).toBe(false);
    expect(existsSync(other.socketDirectory)).toBe(false);
  }, 30_000);

  // Whoever is not root has seen this in all tests above.
  (canBeNobody ? test : test.skip)(
    'runs as an ordinary user too',
    async () => {
      const open = await mkdtemp(path.join(os.tmpdir(), 'postgres-test-'));
      await chmod(open, 0o777);
      const other = await inAnotherProcess(path.join(open, 'data'), 'await server.stop();', nobody);
      expect(other).toMatchObject({ exitCode: 0, dataDirectory: path.join(open, 'data') });
      expect(isRunning(other.pid)).toBe(false);
      expect(existsSync(other.dataDirectory)).toBe(false);
      expect(existsSync(other.socketDirectory)).toBe(false);
      await rm(open, { recursive: true });
    },
    30_000,
  );
});
