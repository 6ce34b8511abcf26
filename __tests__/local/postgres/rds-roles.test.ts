import { mkdtemp, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { Client } from 'pg';
import { postgresBinaries } from '../../../local/postgres/postgres-binaries';
import { type PostgresServer, startPostgres } from '../../../local/postgres/postgres-server';
import { createMaster, createRdsRoles, type Query } from '../../../local/postgres/rds-roles';

const lines: string[] = [];
const log = { write: (_source: string, line: string) => void lines.push(line) };
/** Names and a password that break whatever is not quoted. */
const master = {
  username: `mas"ter'`,
  password: `it's-a-"Secret"-$1\\`,
  databaseName: `orders "db"`,
  serverMajor: 17,
} as const;

let folder: string;
let server: PostgresServer;
let admin: Client;
let asMaster: Client;
/** Everything that was said to the server. */
const statements: string[] = [];
const query: Query = (text, values) => {
  statements.push(text);
  return admin.query(text, values);
};

beforeAll(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'rds-roles-test-'));
  const binaries = await postgresBinaries(17, { toolsDirectory: path.join(folder, 'tools'), log });
  server = await startPostgres({ binaries, directory: path.join(folder, 'data'), log });
  admin = new Client({
    host: server.socketDirectory,
    port: server.port,
    user: 'rdsadmin',
    database: 'postgres',
  });
  await admin.connect();
  await createRdsRoles(query, 17);
  await createMaster(query, master);
  asMaster = await connect(master.password);
}, 60_000);

afterAll(async () => {
  await asMaster?.end();
  await admin?.end();
  await server?.stop();
  await rm(folder, { recursive: true, force: true });
});

async function connect(password: string): Promise<Client> {
  const { host, port } = server;
  const client = new Client({
    host,
    port,
    user: master.username,
    password,
    database: master.databaseName,
    ssl: false,
  });
  await client.connect();
  return client;
}

async function column(sql: string, values?: unknown[]): Promise<unknown[]> {
  return (await admin.query(sql, values)).rows.map((row) => Object.values(row)[0]);
}

async function until(condition: () => boolean): Promise<void> {
  for (let waited = 0; !condition() && waited < 5000; waited += 20) {
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

/** All that a repetition must not change. */
async function catalog(): Promise<unknown> {
  const roles =
    'SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin FROM pg_roles ORDER BY 1';
  const members =
    'SELECT roleid::regrole, member::regrole, grantor::regrole, admin_option, inherit_option, set_option FROM pg_auth_members ORDER BY 1, 2, 3';
  const databases = 'SELECT datname, datdba::regrole FROM pg_database ORDER BY 1';
  const result: unknown[] = [];
  for (const sql of [roles, members, databases]) result.push((await admin.query(sql)).rows);
  return result;
}

describe('the roles of a fresh cluster', () => {
  test('are there, and nobody can log in as them', async () => {
    expect(
      await column(
        `SELECT rolname FROM pg_roles WHERE rolname LIKE 'rds\\_%' AND NOT rolcanlogin ORDER BY 1`,
      ),
    ).toEqual(['rds_ad', 'rds_iam', 'rds_password', 'rds_replication', 'rds_superuser']);
  });

  test('make rds_superuser a member of the predefined roles, which it may hand on', async () => {
    const members = `SELECT roleid::regrole::text FROM pg_auth_members WHERE member = 'rds_superuser'::regrole AND admin_option`;
    expect(await column(members)).toEqual(
      expect.arrayContaining([
        'pg_monitor',
        'pg_signal_backend',
        'pg_read_all_data',
        'pg_write_all_data',
        'pg_maintain',
      ]),
    );
  });

  test('do not make rds_superuser a member of rds_iam', async () => {
    expect(await column(`SELECT pg_has_role('rds_superuser', 'rds_iam', 'MEMBER')`)).toEqual([false]);
  });

  test('are the same after a second time', async () => {
    const before = await catalog();
    await createRdsRoles(query, 17);
    await createMaster(query, master);
    expect(await catalog()).toEqual(before);
  });
});

describe('the master', () => {
  test('is no superuser, and creates roles and databases', async () => {
    const attributes =
      'SELECT rolsuper, rolreplication, rolbypassrls, rolcreaterole, rolcreatedb FROM pg_roles WHERE rolname = $1';
    expect((await admin.query(attributes, [master.username])).rows).toEqual([
      { rolsuper: false, rolreplication: false, rolbypassrls: false, rolcreaterole: true, rolcreatedb: true },
    ]);
  });

  test('administers rds_iam without being its member', async () => {
    const rows = `SELECT admin_option, inherit_option, set_option FROM pg_auth_members WHERE roleid = 'rds_iam'::regrole AND member = quote_ident($1)::regrole`;
    expect((await admin.query(rows, [master.username])).rows).toEqual([
      { admin_option: true, inherit_option: false, set_option: false },
    ]);
  });

  test('owns its database, whose schema public belongs to the owner of the database', async () => {
    expect(
      await column('SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = $1', [
        master.databaseName,
      ]),
    ).toEqual([master.username]);
    const owner = await asMaster.query(
      `SELECT nspowner::regrole::text AS owner FROM pg_namespace WHERE nspname = 'public'`,
    );
    expect(owner.rows).toEqual([{ owner: 'pg_database_owner' }]);
  });

  test('sets up groups, IAM logins and privileges', async () => {
    const setUp = [
      'CREATE ROLE orders_owner NOLOGIN',
      'CREATE ROLE orders_read NOLOGIN',
      'CREATE ROLE orders_api LOGIN',
      'GRANT rds_iam, orders_read TO orders_api',
      'GRANT pg_monitor TO orders_api',
      `GRANT CONNECT ON DATABASE "orders ""db""" TO orders_read`,
      'CREATE TABLE orders (id int)',
      'GRANT SELECT ON ALL TABLES IN SCHEMA public TO orders_read',
      'GRANT orders_owner TO CURRENT_USER',
      'ALTER DEFAULT PRIVILEGES FOR ROLE orders_owner GRANT SELECT ON TABLES TO orders_read',
      'REVOKE orders_owner FROM CURRENT_USER',
    ];
    for (const statement of setUp) await asMaster.query(statement);
    expect(await column(`SELECT pg_has_role('orders_api', 'rds_iam', 'USAGE')`)).toEqual([true]);
    expect(await column(`SELECT pg_has_role('orders_api', 'pg_monitor', 'USAGE')`)).toEqual([true]);
    const readable = await asMaster.query(
      `SELECT has_table_privilege('orders_api', 'orders', 'SELECT') AS readable`,
    );
    expect(readable.rows).toEqual([{ readable: true }]);
  });

  test('cannot reach for the superuser', async () => {
    await expect(asMaster.query('GRANT rdsadmin TO CURRENT_USER')).rejects.toMatchObject({ code: '42501' });
    await expect(asMaster.query('ALTER ROLE CURRENT_USER SUPERUSER')).rejects.toMatchObject({
      code: '42501',
    });
    await expect(asMaster.query(`COPY (SELECT 1) TO PROGRAM 'true'`)).rejects.toMatchObject({
      code: '42501',
    });
  });
});

describe("the master's password", () => {
  test('is never in the log, not even of a statement that fails', async () => {
    await admin.query('CREATE ROLE powerless NOLOGIN');
    await admin.query('SET ROLE powerless');
    const attempt = createMaster(query, { ...master, username: 'another' }).finally(() =>
      admin.query('RESET ROLE'),
    );
    await expect(attempt).rejects.toMatchObject({ code: '42501' });
    await until(() => lines.some((line) => line.includes('permission denied to create role')));
    const text = lines.join('\n');
    expect(text).toContain('permission denied to create role');
    expect(text).not.toContain('Secret');
    expect(text).not.toContain('SCRAM-SHA-256$');
  });

  test('does not reach the server, only its SCRAM verifier does', () => {
    expect(statements.filter((text) => text.includes('PASSWORD')).length).toBeGreaterThan(0);
    expect(statements.join('\n')).toMatch(/PASSWORD 'SCRAM-SHA-256\$4096:/);
    expect(statements.join('\n')).not.toContain('Secret');
  });

  test('is the one given last', async () => {
    await createMaster(query, { ...master, password: 'another one' });
    await expect(connect(master.password)).rejects.toMatchObject({ code: '28P01' });
    await (await connect('another one')).end();
    await createMaster(query, master);
    await (await connect(master.password)).end();
  });

  test.each(['', 'pässword', 'line\nbreak'])(
    'is refused, and not shown, if RDS would not take it: %j',
    async (password) => {
      const error = await createMaster(query, { ...master, password }).catch((reason: Error) => reason);
      expect(String(error)).toContain('printable ASCII');
      if (password !== '') expect(String(error)).not.toContain(password);
    },
  );
});

test.each(['rdsadmin', 'rds_superuser', 'pg_monitor'])(
  '%s is refused as the name of a master',
  async (username) => {
    await expect(createMaster(query, { ...master, username })).rejects.toThrow('is reserved');
    expect(await column(`SELECT rolsuper FROM pg_roles WHERE rolname = 'rdsadmin'`)).toEqual([true]);
  },
);
