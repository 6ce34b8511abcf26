import fc from 'fast-check';
import { defineAccess, owner, predefined, readOnly } from '../../../modules';
import { type LiveAccess, readLiveAccess } from '../../../modules/access/catalog';
import { checkAccess } from '../../../modules/access/check';
import type { CheckQuestion } from '../../../modules/access/finding';
import { accessModel } from '../../../modules/access/model';
import { preflight } from '../../../modules/access/preflight';
import { catalogue, type RuleId } from '../../../modules/findings/catalogue';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';

// Whatever stands in a catalog, check and preflight end with findings of one line each.

const ODD_NAMES = [
  ...[
    'constructor',
    '__proto__',
    'prototype',
    'toString',
    'hasOwnProperty',
    'valueOf',
    'rds_iam',
    'PUBLIC',
    '',
  ],
  ...[
    'a"b',
    "o'brien",
    '$user',
    '${x}',
    '%I',
    'a\nb',
    '\u001b[2J',
    '\u202egnirts',
    '=',
    ': role=',
    '🦫',
    'x'.repeat(63),
  ],
];

const model = accessModel(
  exampleEnvironment({
    lockDown: true,
    principals: {},
    access: defineAccess({
      groups: {
        orders_owner: owner({ schemas: ['public', 'audit'] }),
        orders_read: readOnly({ adopt: { revokes: ['TRUNCATE'] } }),
      },
      logins: {
        analyst: { memberOf: ['orders_read', predefined('pg_monitor')], searchPath: ['public'] },
        migrate: { actsAs: 'orders_owner' },
        legacy: { memberOf: ['orders_read'], cutover: true },
        old: { memberOf: ['orders_read'], adopt: true },
      },
    }),
  }),
);
const question: CheckQuestion = {
  model,
  master: MASTER,
  masterByIam: false,
  adminByIam: true,
  otherIamLogins: ['constructor'],
};

function oneLineEach(live: LiveAccess): void {
  for (const judge of [checkAccess, preflight])
    for (const { severity, rule, where, message, wayOut = ' ' } of judge(question, live)) {
      expect(['fault', 'note']).toContain(severity);
      expect(catalogue[rule as RuleId].severity).toContain(severity);
      for (const text of [where, message, wayOut]) expect(text).toMatch(/^[^\p{Cc}\p{Cf}\u2028\u2029]+$/u);
    }
}

describe('rows that nobody expected', () => {
  const names = fc.constantFrom(
    ...ODD_NAMES,
    ...[...model.groups, ...model.logins].map(({ name }) => name),
    ...['postgres', 'orders', 'public', 'audit', 'pg_monitor', 'CONNECT', 'CREATE', 'SELECT', 'TRUNCATE'],
  );
  const odd = fc.oneof(
    { weight: 6, arbitrary: names },
    { weight: 3, arbitrary: fc.boolean() },
    {
      weight: 1,
      arbitrary: fc.constantFrom(null, undefined, [], {}, -1, 2 ** 40, Number.NaN, '1', new Date(0)),
    },
    { weight: 1, arbitrary: fc.anything() },
  );
  const privilege = fc.oneof(
    odd,
    fc.record(
      { grantee: odd, privilege: odd, grantable: odd, grantor: odd, column: odd },
      { requiredKeys: [] },
    ),
  );
  const lists = fc.oneof(odd, fc.array(privilege, { maxLength: 3 }), fc.array(odd, { maxLength: 3 }));
  const columns = [
    ...[
      'name',
      'login',
      'superuser',
      'createRole',
      'createDatabase',
      'replication',
      'bypassRowSecurity',
      'inherit',
    ],
    ...[
      'connectionLimit',
      'alterable',
      'inherited',
      'role',
      'member',
      'grantor',
      'adminOption',
      'inheritOption',
    ],
    ...[
      'setOption',
      'through',
      'admin_only',
      'not_inherited',
      'admin_only_of_master',
      'owner',
      'kind',
      'database',
      'count',
      'schema',
    ],
    ...['ownerSuperuser', 'ownerReachable', 'securityDefiner', 'creator', 'object', 'path', 'admin'],
  ];
  const row = fc.oneof(
    { weight: 1, arbitrary: odd },
    {
      weight: 20,
      arbitrary: fc.record(
        {
          ...Object.fromEntries(columns.map((column) => [column, odd])),
          type: fc.oneof(odd, fc.constantFrom('schema', 'table', 'sequence', 'routine', 'type', 'other')),
          major: fc.constantFrom(15, 16, 17, 18, null, 'x'),
          ...Object.fromEntries(
            ['settings', 'databaseSettings', 'privileges'].map((column) => [column, lists]),
          ),
        },
        { requiredKeys: [] },
      ),
    },
  );

  test('make neither of them throw', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.array(row, { maxLength: 6 }), { minLength: 12, maxLength: 12 }),
        async (answers) => {
          let asked = 0;
          const live = await readLiveAccess(
            (_database, use) => use(async () => ({ rows: answers[asked++ % answers.length] ?? [] })),
            { master: MASTER, databases: ['orders', 'constructor'], roles: [] },
          );
          oneLineEach(live);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('and what is unknown is never taken for PUBLIC', async () => {
    const live = await readLiveAccess(
      (_database, use) =>
        use(async () => ({
          rows: [{ name: 'orders', privileges: [{ grantee: null, privilege: 'CONNECT' }] }],
        })),
      { master: MASTER, databases: ['orders'], roles: [] },
    );
    expect(live.databases[0]?.privileges[0]?.grantee).toBe('(unknown)');
  });
});

describe.each([15, 18] as const)('odd things in a PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major);
  }, 60_000);
  afterAll(() => server?.stop());

  test('stop neither check nor preflight', async () => {
    const usable = ODD_NAMES.filter((name) => !['', 'PUBLIC', 'rds_iam'].includes(name));
    const quote = (name: string) => `"${name.replaceAll('"', '""')}"`;
    const statements = usable.map((name) => `CREATE ROLE ${quote(name)} LOGIN`);
    statements.push(
      ...usable.flatMap((name, index) => [
        `ALTER ROLE ${quote(name)} SET search_path = ${quote(name)}, public`,
        `ALTER ROLE ${quote(name)} IN DATABASE orders SET "odd.a${'x'.repeat(index)}" = 'a=b, c'`,
        index % 2
          ? `GRANT rds_iam TO ${quote(name)}`
          : `GRANT ${quote(name)} TO ${quote(usable[index + 1] ?? 'postgres')}`,
        `CREATE SCHEMA ${quote(name)} AUTHORIZATION ${quote(name)}`,
        `REVOKE ALL ON SCHEMA ${quote(name)} FROM ${quote(name)}`,
        `CREATE TABLE ${quote(name)}.${quote(name)} (${quote(name)} int, "2" text)`,
        `GRANT SELECT (${quote(name)}) ON ${quote(name)}.${quote(name)} TO PUBLIC`,
        `ALTER TABLE ${quote(name)}.${quote(name)} OWNER TO ${quote(name)}`,
        `REVOKE ALL ON ${quote(name)}.${quote(name)} FROM ${quote(name)}, PUBLIC`,
        `CREATE FUNCTION ${quote(name)}.${quote(name)}(${quote(name)}.${quote(name)}) RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`,
        `REVOKE ALL ON FUNCTION ${quote(name)}.${quote(name)} FROM PUBLIC, rdsadmin`,
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${quote(name)} REVOKE ALL ON FUNCTIONS FROM PUBLIC, ${quote(name)}`,
        `ALTER DEFAULT PRIVILEGES FOR ROLE ${quote(name)} IN SCHEMA ${quote(name)} GRANT SELECT ON TABLES TO PUBLIC`,
        `CREATE DATABASE ${quote(name)} OWNER ${quote(name)}`,
        `REVOKE ALL ON DATABASE ${quote(name)} FROM PUBLIC, ${quote(name)}`,
        `GRANT CONNECT ON DATABASE ${quote(name)} TO postgres`,
      ]),
    );
    const session = await server.session('rdsadmin');
    const failed: string[] = [];
    for (const statement of statements)
      await session.query(statement).catch((error: Error) => failed.push(`${statement}: ${error.message}`));
    await session.query(
      'ALTER DATABASE orders OWNER TO "constructor"; REVOKE ALL ON DATABASE orders FROM "constructor", PUBLIC',
    );
    await session.query('GRANT CONNECT ON DATABASE orders TO postgres');
    await session.end();
    expect(failed).toEqual([]);
    await server.as(
      'rdsadmin',
      'CREATE ROLE orders_owner; CREATE ROLE analyst LOGIN; CREATE SCHEMA audit AUTHORIZATION "__proto__"',
    );
    const live = await server.live({ ...model, databases: ['orders', ...usable, 'none'] });
    expect(live.inDatabases.size).toBe(1 + usable.length);
    oneLineEach(live);
    expect(checkAccess(question, live).length).toBeGreaterThan(5);
  }, 120_000);
});
