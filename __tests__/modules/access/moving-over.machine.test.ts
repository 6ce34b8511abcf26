import type { Finding } from '../../../modules';
import { custom, defineAccess, type Environment, owner, readOnly, readWrite } from '../../../modules';
import { checkAccess } from '../../../modules/access/check';
import { accessModel } from '../../../modules/access/model';
import { preflight } from '../../../modules/access/preflight';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';
import { type TerraformDatabase, terraformDatabase } from '../../support/terraform-database';
import { told } from '../../support/told';

// Existing groups and logins come under management, and nothing that was there is lost.

const modelOf = (access: Environment['access'], changes: Partial<Environment> = {}) =>
  accessModel(exampleEnvironment({ access, principals: {}, ...changes }));

/** A database that has been in use for years. */
const HISTORY = `
  CREATE ROLE app_read; CREATE ROLE colleagues; CREATE ROLE app_owner;
  CREATE ROLE legacy LOGIN PASSWORD 'legacy-password' CONNECTION LIMIT 7;
  ALTER ROLE legacy SET statement_timeout = 5000;
  GRANT app_read, colleagues TO legacy;
  CREATE TABLE things (id int); INSERT INTO things VALUES (1);
  GRANT SELECT, TRUNCATE ON things TO app_read;
  GRANT USAGE ON SCHEMA public TO app_read;
  GRANT CONNECT ON DATABASE orders TO app_read;
`;

async function findings(
  server: DatabaseServer,
  access: Environment['access'],
  severity: Finding['severity'],
  changes: Partial<Environment> = {},
): Promise<string[]> {
  const model = modelOf(access, changes);
  const question = { model, master: MASTER, masterByIam: false, adminByIam: false, otherIamLogins: [] };
  return preflight(question, await server.live(model))
    .filter((finding) => finding.severity === severity && finding.rule !== 'admin-only')
    .map((finding) => `${finding.rule}: ${told(finding)}`);
}

const sideBySide = defineAccess({
  groups: { app_read: readOnly({ adopt: true }) },
  logins: { legacy_iam: { memberOf: ['app_read'] } },
});
const written = defineAccess({
  groups: { app_read: readOnly({ adopt: { revokes: ['TRUNCATE'] } }) },
  logins: { legacy: { memberOf: ['app_read'], cutover: true }, legacy_iam: { memberOf: ['app_read'] } },
});

describe.each([15, 17] as const)('moving over on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major);
    await server.asMaster(HISTORY);
  }, 60_000);
  afterAll(() => server?.stop());

  const legacy = () =>
    server.as(
      'rdsadmin',
      `SELECT rolpassword IS NOT NULL AS password, rolconnlimit, (SELECT rolconfig FROM pg_roles WHERE oid = r.oid) AS rolconfig,
         ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid ORDER BY 1) AS roles
       FROM pg_authid r WHERE rolname = 'legacy'`,
    );
  const before = {
    password: true,
    rolconnlimit: 7,
    rolconfig: ['statement_timeout=5000'],
    roles: ['app_read', 'colleagues'],
  };

  describe('before anything changes', () => {
    test('a privilege that would be taken away is refused, unless that is written', async () => {
      expect(await findings(server, sideBySide, 'fault')).toEqual([
        "taken-away: group app_read has TRUNCATE on table public.things in database orders, and would lose it; grant it in the environment, or write adopt: { revokes: ['TRUNCATE'] }",
      ]);
      expect(await findings(server, written, 'fault')).toEqual([]);
      expect(await findings(server, written, 'note')).toEqual([
        expect.stringMatching(
          /^cutover: login legacy is put into rds_iam: .*; to go back: REVOKE rds_iam FROM "legacy";$/,
        ),
        'taken-away: group app_read loses TRUNCATE on table public.things in database orders, as revokes says',
      ]);
    });

    test('what a login has of its own is told at the cutover: it keeps it from being dropped', async () => {
      await server.asMaster('GRANT INSERT ON things TO legacy');
      expect(await findings(server, written, 'note')).toContainEqual(
        'privileges: login legacy keeps what it has after the cutover: it has privileges on 1 object of database orders (table public.things), and cannot be dropped before that is gone; when it is to go: the script of `aurora-iam sql <env> --remove legacy` revokes privileges, and names what it owns',
      );
      await server.asMaster('REVOKE INSERT ON things FROM legacy');
    });

    test('a password login is not converted in passing', async () => {
      const access = defineAccess({ groups: { g: readOnly() }, logins: { legacy: { memberOf: ['g'] } } });
      const expected =
        'login legacy exists and is not in rds_iam: as a member it could no longer log in by password';
      expect(await findings(server, access, 'fault')).toEqual([expect.stringContaining(expected)]);
      await expect(server.applySql(modelOf(access))).rejects.toThrow(expected);
    });

    test('what does not exist, and what cannot be adopted', async () => {
      await server.as(
        'rdsadmin',
        "CREATE ROLE aliens; CREATE ROLE slow LOGIN; ALTER ROLE slow SET statement_timeout = '5s'; GRANT rds_iam TO slow",
      );
      const access = defineAccess({
        groups: {
          nobody: readOnly({ adopt: true }),
          legacy: readOnly({ adopt: true }),
          aliens: readOnly({ adopt: true }),
          late: readOnly({ database: 'missing' }),
          later: readOnly({ schemas: ['missing'], creators: ['absent'] }),
        },
        logins: {
          ghost: { memberOf: ['late'], cutover: true },
          slow: { memberOf: ['late'], adopt: true, connectionLimit: 5 },
          legacy_iam: { memberOf: ['nobody'] },
          alien: { memberOf: ['aliens'] },
        },
      });
      const faults = await findings(server, access, 'fault');
      expect(faults).toEqual([
        expect.stringContaining('database missing does not exist; run CREATE DATABASE'),
        expect.stringContaining('creator absent does not exist'),
        expect.stringContaining(
          'schema missing of database orders does not exist; name it in an owner group',
        ),
        expect.stringContaining('group nobody is to be adopted and does not exist'),
        expect.stringContaining('group legacy is a login, and a group must not be one'),
        ...(major >= 16 ? [expect.stringContaining('admin postgres has no ADMIN on aliens, slow,')] : []),
        expect.stringContaining('login ghost is to be cut over and does not exist'),
        expect.stringContaining(
          'login slow has statement_timeout=5s, which the postgresql provider cannot read',
        ),
      ]);
      await server.as('rdsadmin', 'DROP ROLE aliens; DROP ROLE slow');
    });

    test('a table whose owner the master cannot be a member of is named, and stops the SQL, too', async () => {
      await server.as(
        'rdsadmin',
        'CREATE ROLE alien; CREATE SCHEMA alien; CREATE TABLE alien.ship (); ALTER TABLE alien.ship OWNER TO alien; GRANT USAGE ON SCHEMA alien TO postgres',
      );
      const access = defineAccess({ groups: { g: readOnly({ schemas: ['alien'] }) }, logins: {} });
      const faults = await findings(server, access, 'fault');
      const table =
        'owner: table alien.ship of database orders belongs to alien, which postgres cannot be a member of';
      if (major >= 16) {
        expect(faults).toContainEqual(expect.stringContaining(table));
        await expect(server.applySql(modelOf(access))).rejects.toThrow(
          'alien.ship belongs to alien, which postgres cannot be a member of',
        );
      }
      // Up to 15 CREATEROLE may grant any role but a superuser; the schema is one's.
      expect(faults).toContainEqual(
        expect.stringContaining('schema alien of database orders belongs to the superuser rdsadmin'),
      );
      expect(await server.asMaster("SELECT FROM pg_roles WHERE rolname = 'g'")).toEqual(
        major >= 16 ? [] : expect.anything(),
      );
      await server.as('rdsadmin', 'DROP SCHEMA alien CASCADE; DROP ROLE alien; DROP ROLE IF EXISTS g');
    });

    test('who can connect only through PUBLIC is told before lockDown', async () => {
      await server.asMaster("CREATE ROLE bystander LOGIN PASSWORD 'bystander'");
      const access = defineAccess({ groups: { app_read: readOnly({ adopt: true }) }, logins: {} });
      // legacy is in app_read, which is granted CONNECT.
      expect(await findings(server, access, 'note', { lockDown: true })).toEqual([
        'lock-down: database orders will be closed by lockDown to bystander, who have CONNECT through PUBLIC only; grant CONNECT to those who need it',
      ]);
      await server.asMaster('DROP ROLE bystander');
    });
  });

  describeWith(['terraform', 'postgresql-provider'], 'with the provider', () => {
    let terraform: TerraformDatabase;
    beforeAll(() => {
      terraform = terraformDatabase(server);
    });
    afterAll(() => terraform?.remove());

    test('side by side: a second login in the same groups, and the first is as it was', async () => {
      const access = { ...written, logins: { legacy_iam: { memberOf: ['app_read'] } } };
      await terraform.apply(modelOf(access));
      expect((await terraform.plan(modelOf(access))).changes).toBe(false);
      expect(await server.as('legacy_iam', 'SELECT * FROM things')).toEqual([{ id: 1 }]);
      expect(await legacy()).toEqual([before]);
    }, 60_000);

    test('the cutover puts the login into rds_iam, and all else of it stays', async () => {
      await terraform.apply(modelOf(written));
      expect((await terraform.plan(modelOf(written))).changes).toBe(false);
      expect(await legacy()).toEqual([{ ...before, roles: ['app_read', 'colleagues', 'rds_iam'] }]);
      expect(await findings(server, written, 'fault')).toEqual([]);
    }, 60_000);

    test('a destroy takes what it gave, and leaves what was there', async () => {
      await terraform.destroy();
      expect(await legacy()).toEqual([before]);
      expect(
        await server.asMaster("SELECT rolname FROM pg_roles WHERE rolname IN ('app_read', 'legacy_iam')"),
      ).toEqual([{ rolname: 'app_read' }]);
      expect(await server.asMaster('SELECT * FROM things')).toEqual([{ id: 1 }]);
    }, 60_000);
  });

  test('a membership between two adopted roles is for somebody to grant, before and after a deploy', async () => {
    await server.asMaster(
      'CREATE ROLE other_read; CREATE ROLE other LOGIN; GRANT rds_iam TO other; GRANT CONNECT ON DATABASE orders TO other_read',
    );
    const access = defineAccess({
      groups: { other_read: custom({}, { adopt: true }) },
      logins: { other: { memberOf: ['other_read'], adopt: true } },
    });
    const question = {
      model: modelOf(access),
      master: MASTER,
      masterByIam: false,
      adminByIam: false,
      otherIamLogins: [],
    };
    const found = async (judge: typeof preflight) =>
      judge(question, await server.live(question.model))
        .filter(({ where, severity }) => where === 'login other' && severity === 'fault')
        .map(told);
    const way = 'so no deploy makes it one; GRANT "other_read" TO "other";';
    expect(await found(preflight)).toEqual([
      `login other is not a member of other_read, and both are adopted, ${way}`,
    ]);
    expect(await found(checkAccess)).toEqual([
      'login other is not a member of other_read, and no deploy makes it one; GRANT "other_read" TO "other";',
    ]);
    await server.asMaster('GRANT "other_read" TO "other"');
    expect([...(await found(preflight)), ...(await found(checkAccess))]).toEqual([]);
    await server.as('rdsadmin', 'DROP ROLE other; DROP OWNED BY other_read; DROP ROLE other_read');
  });

  test('the SQL export adopts, too', async () => {
    await server.asMaster('GRANT app_read TO legacy; GRANT SELECT, INSERT ON things TO app_read');
    const access = defineAccess({
      groups: {
        app_read: readWrite({ adopt: { revokes: ['TRUNCATE'] } }),
        app_owner: owner({ adopt: true }),
      },
      logins: {
        legacy: { memberOf: ['app_read'], cutover: true },
        legacy_migrate: { actsAs: 'app_owner' },
      },
    });
    await server.applySql(modelOf(access));
    await server.applySql(modelOf(access));
    expect(await legacy()).toEqual([{ ...before, roles: ['app_read', 'colleagues', 'rds_iam'] }]);
    await server.as('legacy_migrate', 'CREATE TABLE newer (id int)');
    expect(await server.as('legacy', 'SELECT * FROM newer')).toEqual([]);
  });
});
