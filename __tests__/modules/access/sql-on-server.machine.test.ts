import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { postgresBinaries } from '../../../local/postgres/postgres-binaries';
import { type PostgresServer, startPostgres } from '../../../local/postgres/postgres-server';
import { createMaster, createRdsRoles } from '../../../local/postgres/rds-roles';
import {
  databaseScripts,
  defineAccess,
  type Environment,
  existingCluster,
  owner,
  predefined,
  psqlScript,
  readOnly,
  readWrite,
} from '../../../modules';
import { accessModel } from '../../../modules/access/model';
import { quoteIdentifier } from '../../../modules/names/sql';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';

const log = { write: () => {} };
const password = 'master-password-1';
let folder: string;
let server: PostgresServer;

async function asUser<T>(
  user: string,
  database: string,
  use: (client: Client) => Promise<T>,
  secret?: string,
): Promise<T> {
  // The master comes by password as on RDS; whoever has none comes through the trusted socket, as through the gate.
  const way =
    secret === undefined ? { host: server.socketDirectory } : { host: server.host, password: secret };
  const client = new Client({ ...way, port: server.port, user, database });
  await client.connect();
  try {
    return await use(client);
  } finally {
    await client.end();
  }
}

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-sql-'));
  const binaries = await postgresBinaries(17, { toolsDirectory: folder, log });
  server = await startPostgres({ binaries, directory: join(folder, 'data'), log });
  await asUser('rdsadmin', 'postgres', async (client) => {
    const query = (text: string, values?: unknown[]) => client.query(text, values);
    await createRdsRoles(query, 17);
    await createMaster(query, { username: 'postgres', password, databaseName: 'orders', serverMajor: 17 });
  });
}, 60_000);
afterAll(async () => {
  await server?.stop();
  rmSync(folder, { recursive: true, force: true });
});

/** Applies the access as the master, one transaction a database. */
async function apply(environment: Environment): Promise<void> {
  for (const { database, statements } of databaseScripts(accessModel(environment)))
    await asUser(
      'postgres',
      database,
      (client) => client.query(['BEGIN;', ...statements, 'COMMIT;'].join('\n')),
      password,
    );
}

/** Everything about roles, memberships and privileges that the catalogs say. */
function catalog(database: string): Promise<unknown> {
  return asUser('rdsadmin', database, async (client) => {
    const rows = async (text: string) => (await client.query(text)).rows;
    return {
      roles: await rows('SELECT rolname, rolcanlogin, rolinherit, rolconfig FROM pg_roles ORDER BY 1'),
      members: await rows(
        'SELECT roleid::regrole, member::regrole, grantor::regrole, admin_option FROM pg_auth_members ORDER BY 1, 2, 3',
      ),
      databases: await rows('SELECT datname, datacl FROM pg_database ORDER BY 1'),
      schemas: await rows('SELECT nspname, nspacl FROM pg_namespace ORDER BY 1'),
      tables: await rows("SELECT relname, relacl FROM pg_class WHERE relkind IN ('r', 'S', 'v') ORDER BY 1"),
      defaults: await rows(
        'SELECT defaclrole::regrole, defaclobjtype, defaclacl FROM pg_default_acl ORDER BY 1, 2',
      ),
    };
  });
}

const access = defineAccess({
  groups: { orders_owner: owner(), orders_read: readOnly(), orders_write: readWrite() },
  logins: {
    orders_api: { memberOf: ['orders_write'] },
    orders_migrate: { actsAs: 'orders_owner' },
    analyst: { memberOf: ['orders_read'] },
    monitoring: { memberOf: [predefined('pg_monitor')] },
  },
});

test('applied by the master, each login can do what its groups allow, and a second time changes nothing', async () => {
  const environment = exampleEnvironment({ access, principals: {} });
  await apply(environment);
  await asUser('orders_migrate', 'orders', (client) =>
    client.query('CREATE TABLE things (id serial, note text)'),
  );
  await asUser('orders_api', 'orders', (client) => client.query("INSERT INTO things (note) VALUES ('x')"));
  const read = await asUser('analyst', 'orders', (client) => client.query('SELECT note FROM things'));
  expect(read.rows).toEqual([{ note: 'x' }]);
  const write = asUser('analyst', 'orders', (client) => client.query('DELETE FROM things'));
  await expect(write).rejects.toMatchObject({ code: '42501' });
  await expect(
    asUser('orders_api', 'orders', (client) => client.query('DROP TABLE things')),
  ).rejects.toMatchObject({ code: '42501' });

  const before = await catalog('orders');
  await apply(environment);
  expect(await catalog('orders')).toEqual(before);
});

test('the master is no member of what it made, and keeps its password login', async () => {
  await asUser('rdsadmin', 'orders', async (client) => {
    const { rows } = await client.query(
      "SELECT roleid::regrole::text AS role FROM pg_auth_members WHERE member = 'postgres'::regrole AND (inherit_option OR set_option)",
    );
    expect(rows).toEqual([{ role: 'rds_superuser' }]);
  });
});

test('tables that a listed creator makes later are reached', async () => {
  const creators = defineAccess({
    groups: { later_read: readOnly({ creators: ['postgres'] }) },
    logins: { later: { memberOf: ['later_read'] } },
  });
  await apply(exampleEnvironment({ access: creators, principals: {} }));
  await asUser('postgres', 'orders', (client) => client.query('CREATE TABLE by_master ()'), password);
  await expect(
    asUser('later', 'orders', (client) => client.query('SELECT FROM by_master')),
  ).resolves.toBeDefined();
});

test('a login that exists with a password is refused with the reason, and nothing is half-applied', async () => {
  await asUser(
    'postgres',
    'orders',
    (client) => client.query("CREATE ROLE legacy LOGIN PASSWORD 'legacy'"),
    password,
  );
  const takeover = defineAccess({ groups: { half: readOnly() }, logins: { legacy: { memberOf: ['half'] } } });
  await expect(apply(exampleEnvironment({ access: takeover, principals: {} }))).rejects.toThrow(
    'login legacy exists and is not in rds_iam: as a member it could no longer log in by password',
  );
  const { rows } = await asUser('rdsadmin', 'orders', (client) =>
    client.query("SELECT FROM pg_roles WHERE rolname = 'half'"),
  );
  expect(rows).toEqual([]);
});

describe('names that mean something to SQL or psql', () => {
  const database = `we'ird \\ "db" = %x`;
  const schema = 'a"b$do$';
  const group = `$do$ 100% 'of' "it"`;
  const odd = exampleEnvironment({
    cluster: existingCluster({ identifier: 'orders', databaseName: database }),
    access: defineAccess({
      groups: { [group]: readOnly({ schemas: [schema], creators: ['postgres'] }) },
      logins: { 'jane.doe@example.com': { memberOf: [group] } },
    }),
    principals: {},
  });

  beforeAll(async () => {
    await asUser(
      'postgres',
      'orders',
      (client) => client.query(`CREATE DATABASE ${quoteIdentifier(database)}`),
      password,
    );
    await asUser(
      'postgres',
      database,
      (client) =>
        client.query(
          `CREATE SCHEMA ${quoteIdentifier(schema)}; CREATE TABLE ${quoteIdentifier(schema)}.t ()`,
        ),
      password,
    );
  });

  const reads = () =>
    asUser('jane.doe@example.com', database, (client) =>
      client.query(`SELECT FROM ${quoteIdentifier(schema)}.t`),
    );

  test('reach the server as they are', async () => {
    await apply(odd);
    await expect(reads()).resolves.toBeDefined();
  });

  describeWith(['psql'], 'by psql', () => {
    test('the whole script runs, twice', async () => {
      const file = join(folder, 'access.sql');
      writeFileSync(file, psqlScript(odd));
      for (let run = 0; run < 2; run++) {
        const { status, stderr } = spawnSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file], {
          encoding: 'utf8',
          env: {
            ...process.env,
            PGHOST: server.host,
            PGPORT: String(server.port),
            PGUSER: 'postgres',
            PGPASSWORD: password,
            PGDATABASE: 'orders',
          },
        });
        // Without a notice of what is there already.
        expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      }
      await expect(reads()).resolves.toBeDefined();
    });
  });
});
