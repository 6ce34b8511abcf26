import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, owner, readOnly } from '../../../modules';
import { checkAccess } from '../../../modules/access/check';
import { accessModel } from '../../../modules/access/model';
import { preflight } from '../../../modules/access/preflight';
import { rdsIamMembership } from '../../../modules/access/rds-iam-membership';
import type { Finding } from '../../../modules/findings/finding';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith, MAJORS } from '../../support/machine';
import { type TerraformDatabase, terraformDatabase } from '../../support/terraform-database';
import { told } from '../../support/told';

// What stops a drop is named before; what a destroy leaves behind is handed back; and nobody is locked out on the way.

/** A commit tests one version. */
const SLOW = Boolean(process.env['AURORA_IAM_SLOW_TESTS']);

const groups = { makers: owner(), readers: readOnly({ creators: ['maker'] }) };
const staying = { migrate: { actsAs: 'makers' }, analyst: { memberOf: ['readers'] } };
const modelOf = (access: Environment['access']) =>
  accessModel(exampleEnvironment({ access, principals: {} }));
const before = modelOf({ groups, logins: { ...staying, leaver: { memberOf: ['readers'] } } });
const after = modelOf({ groups, logins: staying });

/** The way out of docs/database-access.md. */
const dropOwned = (login: string) =>
  (
    readFileSync(join(__dirname, '../../../docs/database-access.md'), 'utf8').match(
      /^BEGIN;\nREVOKE rds_iam FROM legacy;\nGRANT legacy TO CURRENT_USER;\nDROP OWNED BY[\s\S]*?^COMMIT;$/m,
    )?.[0] ?? 'missing'
  ).replaceAll('legacy', login);

describeWith(['terraform', 'postgresql-provider'], 'drops and destroys', () => {
  describe.each(MAJORS.filter((major) => SLOW || major === 17))('on PostgreSQL %i', (major) => {
    let server: DatabaseServer;
    let terraform: TerraformDatabase;
    beforeAll(async () => {
      server = await startDatabaseServer(major, ['orders', 'reports']);
      terraform = terraformDatabase(server);
      // Another tool logs in by a token, and makes tables.
      await server.asMaster(
        'CREATE ROLE maker LOGIN; GRANT rds_iam TO maker; GRANT CREATE ON SCHEMA public TO maker',
      );
    }, 120_000);
    afterAll(async () => {
      terraform?.remove();
      await server?.stop();
    });

    const findings = async (severity: Finding['severity'], model = after, judge = preflight) =>
      judge(
        { model, master: MASTER, masterByIam: false, adminByIam: false, otherIamLogins: ['maker'] },
        await server.live(model),
      )
        .filter(
          (finding) => finding.severity === severity && !['admin-only', 'search-path'].includes(finding.rule),
        )
        .map((finding) => `${finding.rule}: ${told(finding)}`);

    /** How often the master was looked at, and how often it could not have logged in. */
    async function watched(work: () => Promise<unknown>): Promise<{ looks: number; lockedOut: number }> {
      const session = await server.session('rdsadmin');
      const seen = { looks: 0, lockedOut: 0 };
      let isOver = false;
      const look = async () => {
        while (!isOver) {
          const { counts } = await rdsIamMembership((text, values) => session.query(text, values), {
            user: MASTER,
            master: MASTER,
            serverMajor: major,
            mode: 'rds',
          });
          seen.looks += 1;
          if (counts) seen.lockedOut += 1;
        }
      };
      const watch = look();
      try {
        await work();
      } finally {
        isOver = true;
        await watch;
        await session.end();
      }
      return seen;
    }

    test('a creator in rds_iam: its default privileges are set, and the master is never locked out', async () => {
      expect(await findings('fault', before)).toEqual([]);
      const seen = await watched(() => terraform.apply(before));
      expect(seen.looks).toBeGreaterThan(100);
      expect(seen.lockedOut).toBe(0);
      await server.as('maker', 'CREATE TABLE made (id int)');
      expect(await server.as('analyst', 'SELECT * FROM made')).toEqual([]);
    }, 60_000);

    test('a login that goes, and owns something, is named in a policy, or has privileges in another database', async () => {
      await server.as('rdsadmin', 'CREATE TABLE his (id int); ALTER TABLE his OWNER TO leaver');
      await server.asMaster('CREATE TABLE rows (id int); CREATE POLICY visible ON rows TO leaver');
      // An extension keeps what was granted before it took the view in, from 17 on so that no REVOKE ends it.
      await server.as(
        'rdsadmin',
        'CREATE VIEW of_extension AS SELECT 1 AS n; GRANT SELECT ON of_extension TO leaver; ALTER EXTENSION plpgsql ADD VIEW of_extension',
        'reports',
      );
      const ofExtension = '1 object of database reports (view public.of_extension)';
      expect(
        (await findings('fault', before, checkAccess)).filter((text) => text.includes('leaver')),
      ).toEqual([
        expect.stringContaining('login leaver owns 1 object of database orders (table public.his)'),
        expect.stringContaining(`login leaver has privileges of its own on ${ofExtension}`),
      ]);
      expect((await findings('note', before, checkAccess)).filter((text) => text.includes('leaver'))).toEqual(
        [
          ...(major >= 17
            ? [
                `privileges: login leaver is in the initial privileges of ${ofExtension}: while that is so, the login cannot be dropped; before you remove the login, run DROP OWNED BY … in the database, once the role owns nothing there: these are privileges of an extension (see docs/database-access.md)`,
              ]
            : []),
          'privileges: login leaver is named in 1 object of database orders (policy visible on table public.rows): while that is so, the login cannot be dropped; before you remove the login, take the role out of the policy: ALTER POLICY … TO …, or DROP POLICY',
        ],
      );
      const fails = 'if this deploy is to drop the login, it fails; before that,';
      expect((await findings('fault')).filter((text) => !text.startsWith('locked-out')).sort()).toEqual(
        [
          `privileges: login leaver is not in the environment, and has privileges on ${ofExtension}: ${fails} revoke them in the database, or drop the login with the script of \`aurora-iam sql <env> --remove <login>\``,
          ...(major >= 17
            ? [
                `privileges: login leaver is not in the environment, and is in the initial privileges of ${ofExtension}: ${fails} run DROP OWNED BY … in the database, once the role owns nothing there: these are privileges of an extension (see docs/database-access.md)`,
              ]
            : []),
          `privileges: login leaver is not in the environment, and is named in 1 object of database orders (policy visible on table public.rows): ${fails} take the role out of the policy: ALTER POLICY … TO …, or DROP POLICY`,
          `owner: login leaver is not in the environment, and owns 1 object of database orders (table public.his): ${fails} hand it over: ALTER … OWNER TO …`,
        ].sort(),
      );
      await expect(terraform.apply(after)).rejects.toThrow('some objects depend on it');
      await server.as('rdsadmin', 'DROP TABLE his');
      await server.as('rdsadmin', 'REVOKE SELECT ON of_extension FROM leaver', 'reports');
      if (major >= 17) {
        await expect(terraform.apply(after)).rejects.toThrow('some objects depend on it');
        await server.asMaster(dropOwned('leaver'), 'reports');
      }
      // The policy is left, and stops it as well.
      await expect(terraform.apply(after)).rejects.toThrow('some objects depend on it');
      await server.as('rdsadmin', 'DROP TABLE rows');
      await terraform.apply(after);
      expect(await findings('fault')).toEqual([]);
    }, 60_000);

    test('an owner group that owns in another database, and a destroy', async () => {
      await server.as('migrate', 'CREATE TABLE things (id serial); INSERT INTO things DEFAULT VALUES');
      await server.as(
        'rdsadmin',
        'CREATE TABLE astray (id int); ALTER TABLE astray OWNER TO makers',
        'reports',
      );
      expect(await findings('note')).toContainEqual(
        'owner: group makers owns 1 object of database reports (table public.astray): while that is so, a deploy cannot drop the group, nor a destroy the stack; before you remove the group, hand it over: ALTER … OWNER TO …',
      );
      await expect(terraform.destroy()).rejects.toThrow('some objects depend on it');
      await server.as('rdsadmin', 'ALTER TABLE astray OWNER TO postgres', 'reports');
      const seen = await watched(() => terraform.destroy());
      expect(seen.lockedOut).toBe(0);
    }, 60_000);

    test('deployed again, the tables belong to the admin, and preflight hands them back', async () => {
      await terraform.apply(after);
      await expect(server.as('migrate', 'ALTER TABLE things ADD note text')).rejects.toThrow(
        'must be owner of table things',
      );
      expect(await server.as('analyst', 'SELECT * FROM things')).toEqual([{ id: 1 }]);
      const [found = ''] = (await findings('note')).filter((text) => text.startsWith('owner'));
      expect(found).toContain(
        'group makers does not own 1 table of its schemas in database orders, which belongs to postgres (public.things): logins that act as the group are refused there',
      );
      const [, statements = ''] = /in one transaction: (.*;) \(see/.exec(found) ?? [];
      const seen = await watched(() => server.asMaster(`BEGIN; ${statements} COMMIT`));
      expect(seen.lockedOut).toBe(0);
      await server.as('migrate', 'ALTER TABLE things ADD note text; INSERT INTO things DEFAULT VALUES');
      expect((await findings('note')).filter((text) => text.startsWith('owner'))).toEqual([]);
      expect((await terraform.plan(after)).changes).toBe(false);
    }, 60_000);

    test('the SQL export does not borrow a creator in rds_iam', async () => {
      await server.as('maker', 'DROP TABLE made');
      await expect(server.applySql(after)).rejects.toThrow(
        'default privileges are those of maker, which is in rds_iam: as a member of it postgres could no longer log in by password. Log in as maker and run its ALTER DEFAULT PRIVILEGES there, or leave it out of the environment',
      );
    });
  });
});
