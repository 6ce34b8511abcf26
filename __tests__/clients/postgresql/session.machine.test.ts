import { type AddressInfo, createServer, connect as dial, type Server } from 'node:net';
import { UserError } from '../../../clients/error';
import { readIn, type SessionSettings, writeIn } from '../../../clients/postgresql/session';
import { openDoor } from '../../support/database-door';
import {
  type DatabaseServer,
  MASTER,
  MASTER_PASSWORD,
  startDatabaseServer,
} from '../../support/database-server';

// What a tool's session is, whatever the database and the way to it have been made to say.

describe.each([15, 17] as const)('a session of a tool on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  let settings: SessionSettings;
  beforeAll(async () => {
    server = await startDatabaseServer(major);
    settings = { host: server.host, port: server.port, user: MASTER, password: MASTER_PASSWORD };
    await server.asMaster('CREATE ROLE other; GRANT other TO postgres');
  }, 60_000);
  afterAll(() => server?.stop());

  const show = async (query: (text: string) => Promise<{ rows: unknown[] }>, setting: string) =>
    Object.values((await query(`SHOW ${setting}`)).rows[0] as Record<string, string>)[0];

  test('neither the role’s nor the database’s settings count', async () => {
    await server.as(
      'rdsadmin',
      `ALTER ROLE postgres SET search_path = public; ALTER DATABASE orders SET search_path = public;
       ALTER ROLE postgres IN DATABASE orders SET search_path = public, pg_catalog;
       ALTER DATABASE orders SET role = 'other'; ALTER DATABASE orders SET statement_timeout = 1;
       ALTER ROLE postgres SET default_transaction_read_only = on`,
      'postgres',
    );
    try {
      for (const open of [readIn, writeIn])
        await open(settings, 'orders', async (query) => {
          expect(await show(query, 'search_path')).toBe('pg_catalog');
          expect(await show(query, 'role')).toBe('none');
          expect((await query('SELECT current_user::text')).rows).toEqual([{ current_user: 'postgres' }]);
          expect(await show(query, 'statement_timeout')).toBe('0');
        });
      await writeIn(settings, 'orders', (transaction) => transaction('CREATE TABLE public.made ()'));
      // That they would count, else.
      const plain = await server.session(MASTER);
      expect(await show((text) => plain.query(text), 'search_path')).toBe('public, pg_catalog');
      await plain.end();
    } finally {
      await server.as(
        'rdsadmin',
        'ALTER ROLE postgres RESET ALL; ALTER DATABASE orders RESET ALL; ALTER ROLE postgres IN DATABASE orders RESET ALL',
        'postgres',
      );
      await server.asMaster('DROP TABLE IF EXISTS public.made');
    }
  });

  test('a database with timeouts of milliseconds stops no tool', async () => {
    const timeouts = ['lock_timeout', 'idle_in_transaction_session_timeout', 'idle_session_timeout'];
    if (server.major >= 17) timeouts.push('transaction_timeout');
    for (const timeout of timeouts)
      await server.as('rdsadmin', `ALTER DATABASE orders SET ${timeout} = 5`, 'postgres');
    try {
      for (const open of [readIn, writeIn])
        await open(settings, 'orders', async (query) => {
          for (const timeout of timeouts) {
            await new Promise((resolve) => setTimeout(resolve, 10));
            expect(await show(query, timeout)).toBe('0');
          }
        });
    } finally {
      await server.as('rdsadmin', 'ALTER DATABASE orders RESET ALL', 'postgres');
    }
  });

  test.each([
    'CREATE TABLE public.t ()',
    'SET default_transaction_read_only = off; CREATE TABLE public.t ()',
    'SET transaction_read_only = off; CREATE TABLE public.t ()',
    "SELECT set_config('transaction_read_only', 'off', true); CREATE TABLE public.t ()",
    'CREATE ROLE backdoor',
  ])('what reads cannot write: %s', async (sql) => {
    const attempt = readIn(settings, 'orders', async (query) => {
      await query('SELECT 1');
      await query(sql);
    });
    await expect(attempt).rejects.toThrow(/read-only transaction|read-write mode/);
  });

  test('each transaction begins with the path of its own', async () => {
    await writeIn(settings, 'orders', async (transaction) => {
      await transaction("SELECT set_config('search_path', 'public', false)");
      expect(await show(transaction, 'search_path')).toBe('pg_catalog');
    });
  });

  test('a transaction that fails leaves nothing, and the next one works', async () => {
    await writeIn(settings, 'orders', async (transaction) => {
      await expect(transaction('CREATE TABLE public.half (); SELECT 1 / 0')).rejects.toThrow(UserError);
      expect((await transaction("SELECT to_regclass('public.half') AS half")).rows).toEqual([{ half: null }]);
    });
  });

  test('a connection that is lost, before a query or in it, is told in words', async () => {
    const lost = (
      use: (end: () => Promise<unknown>, query: (text: string) => Promise<unknown>) => Promise<unknown>,
    ) =>
      readIn(settings, 'orders', async (query) => {
        const [{ pid }] = (await query('SELECT pg_backend_pid() AS pid')).rows as [{ pid: number }];
        return use(() => server.as('rdsadmin', `SELECT pg_terminate_backend(${pid}, 5000)`), query);
      });
    const between = lost(async (end, query) => {
      await end();
      await new Promise((resolve) => setTimeout(resolve, 100));
      await query('SELECT 1');
    });
    await expect(between).rejects.toThrow(
      new RegExp(`^The connection to database orders at 127.0.0.1:${server.port} is lost: `),
    );
    const during = lost((end, query) => Promise.all([query('SELECT pg_sleep(30)'), end()]));
    await expect(during).rejects.toThrow(UserError);
    await expect(during).rejects.toThrow('terminating connection due to administrator command');
  });

  test('what the server says is one line, whatever the names in it hold', async () => {
    const attempt = readIn(settings, 'orders', (query) => query('SELECT 1 FROM "a\n\u001b[2Jb\u202e"'));
    await expect(attempt).rejects.toThrow('PostgreSQL refuses: relation "a  [2Jb " does not exist');
  });

  test('Local Aurora’s gate passes the settings on', async () => {
    const door = await openDoor(server, 'rds');
    try {
      const { readFileSync } = await import('node:fs');
      const ssl = { ca: readFileSync(door.certificateAuthorityFile, 'utf8') };
      const path = await readIn({ ...settings, host: 'localhost', port: door.port, ssl }, 'orders', (query) =>
        show(query, 'search_path'),
      );
      expect(path).toBe('pg_catalog');
    } finally {
      await door.close();
    }
  });

  test('where nothing answers, the reason is named', async () => {
    const closed = { ...settings, host: 'localhost', port: 1 };
    await expect(readIn(closed, 'orders', async () => {})).rejects.toThrow(
      /^postgres cannot connect to database orders at localhost:1: .*ECONNREFUSED/,
    );
  });

  describe('through a pooler', () => {
    let pooler: Server | undefined;
    afterEach(() => pooler?.close());
    const through = async (startup: (packet: Buffer) => Buffer | string) => {
      pooler = await startPooler(server.port, startup);
      return { ...settings, port: (pooler.address() as AddressInfo).port };
    };

    test('that drops the settings, the session is refused', async () => {
      const way = await through(withoutOptions);
      const use = jest.fn();
      await expect(readIn(way, 'orders', use)).rejects.toThrow(
        /^The session with database orders at 127\.0\.0\.1:\d+ has search_path = "\$user", public, although pg_catalog was asked for.*Connect to the cluster's own endpoint\.$/,
      );
      expect(use).not.toHaveBeenCalled();
    });

    test.each([
      'unsupported startup parameter: options',
      "Feature not supported: RDS Proxy currently doesn't support command-line options.",
    ])('that refuses them (%s), the way out is told', async (reason) => {
      const way = await through(() => reason);
      await expect(writeIn(way, 'orders', async () => {})).rejects.toThrow(
        "do not take the settings that this session needs: connect to the cluster's own endpoint.",
      );
    });
  });
});

/** Between client and server, as pgbouncer: it reads the first packet, and sends it on changed, or refuses it. */
function startPooler(port: number, startup: (packet: Buffer) => Buffer | string): Promise<Server> {
  const pooler = createServer((client) => {
    client.on('error', () => {});
    client.once('data', (packet) => {
      const answer = startup(packet);
      if (typeof answer === 'string') {
        client.end(errorResponse(answer));
        return;
      }
      const backend = dial(port, '127.0.0.1');
      backend.on('error', () => {});
      backend.write(answer);
      client.pipe(backend).pipe(client);
    });
  });
  return new Promise((resolve) => pooler.listen(0, '127.0.0.1', () => resolve(pooler)));
}

/** https://www.postgresql.org/docs/current/protocol-message-formats.html: StartupMessage */
function withoutOptions(packet: Buffer): Buffer {
  const texts = packet.subarray(8, -2).toString().split('\0');
  const kept: string[] = [];
  for (let index = 0; index < texts.length; index += 2)
    if (texts[index] !== 'options') kept.push(texts[index] ?? '', texts[index + 1] ?? '');
  const body = Buffer.from(`${kept.join('\0')}\0\0`);
  const head = Buffer.alloc(8);
  head.writeInt32BE(body.length + 8, 0);
  packet.copy(head, 4, 4, 8);
  return Buffer.concat([head, body]);
}

function errorResponse(message: string): Buffer {
  const body = Buffer.from(`SFATAL\0VFATAL\0C08P01\0M${message}\0\0`);
  const head = Buffer.alloc(5);
  head.write('E', 0);
  head.writeInt32BE(body.length + 4, 1);
  return Buffer.concat([head, body]);
}
