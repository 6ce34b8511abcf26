import { type Environment, owner, readOnly } from '../../../modules';
import { checkAccess } from '../../../modules/access/check';
import { accessModel } from '../../../modules/access/model';
import { preflight } from '../../../modules/access/preflight';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';
import { type TerraformDatabase, terraformDatabase } from '../../support/terraform-database';
import { told } from '../../support/told';

// Roles and memberships that the admin cannot change: preflight names them before an apply fails, and what it says to do is enough.

const modelOf = (access: Environment['access']) =>
  accessModel(exampleEnvironment({ access, principals: {} }));

const groups = { readers: readOnly(), makers: owner() };
const logins = {
  analyst: { memberOf: ['readers'] },
  migrate: { actsAs: 'makers' },
  leaver: { memberOf: ['readers'] },
};
const before = modelOf({ groups, logins });
const { leaver: _leaver, ...staying } = logins;
/** A setting changes, and a login goes. */
const after = modelOf({
  groups,
  logins: { ...staying, analyst: { memberOf: ['readers'], statementTimeout: 5000 } },
});

describeWith(['terraform', 'postgresql-provider'], 'what the admin cannot change, on PostgreSQL 17', () => {
  let server: DatabaseServer;
  let terraform: TerraformDatabase;
  beforeAll(async () => {
    server = await startDatabaseServer(17);
    terraform = terraformDatabase(server);
    await terraform.apply(before);
  }, 120_000);
  afterAll(async () => {
    terraform?.remove();
    await server?.stop();
  });

  const faults = async (model = before, judge = preflight) =>
    judge(
      { model, master: MASTER, masterByIam: false, adminByIam: false, otherIamLogins: ['leaver', 'theirs'] },
      await server.live(model),
    )
      .filter(({ severity }) => severity === 'fault')
      .map((finding) => `${finding.rule}: ${told(finding)}`);
  const asSuperuser = (sql: string) => server.as('rdsadmin', sql);
  /** The statement of the only fault. */
  const wayOut = async (model = before) => {
    const [fault = '', ...others] = await faults(model);
    expect(others).toEqual([]);
    return /run (.*;)/.exec(fault)?.[1] ?? fault;
  };

  test('after an upgrade from 15 nobody has ADMIN on what the master created: one GRANT heals it', async () => {
    const roles = ['readers', 'makers', 'analyst', 'migrate', 'leaver'];
    // As pg_upgrade leaves it: the memberships were made by the superuser, and the master has ADMIN on none.
    await asSuperuser(
      `${roles.map((role) => `REVOKE ${role} FROM postgres GRANTED BY rdsadmin CASCADE;`).join(' ')}
       GRANT readers TO analyst, leaver; GRANT makers TO migrate; GRANT rds_iam TO analyst, leaver, migrate;`,
    );
    expect(await faults()).toEqual([
      'existing: admin postgres has no ADMIN on analyst, leaver, makers, migrate, readers, which a deploy changes, drops or grants to logins: ' +
        'somebody else created that, or it is older than an upgrade to PostgreSQL 16; as a superuser, or as a role that has ADMIN, ' +
        'run GRANT "analyst", "leaver", "makers", "migrate", "readers" TO "postgres" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;',
    ]);
    await expect(terraform.apply(after)).rejects.toThrow('permission denied to');
    await asSuperuser(await wayOut());
    expect(await faults(after)).toEqual([]);
    await terraform.apply(after);
    expect((await terraform.plan(after)).changes).toBe(false);
    expect(
      await server.asMaster(
        "SELECT rolname, rolconfig FROM pg_roles WHERE rolname IN ('analyst', 'leaver', 'migrate') ORDER BY 1",
      ),
    ).toEqual([
      { rolname: 'analyst', rolconfig: ['statement_timeout=5000'] },
      { rolname: 'migrate', rolconfig: ['role=makers'] },
    ]);
  }, 120_000);

  test("a DBA's membership that the admin cannot revoke is named with its grantor and who can", async () => {
    await asSuperuser('CREATE ROLE dba_group; GRANT dba_group TO analyst');
    expect(await faults(after)).toEqual([
      'member: login analyst is a member of dba_group, granted by rdsadmin, which postgres cannot revoke: the provider revokes all ' +
        'memberships of a role that it changes, so the deploy fails; as a superuser, run REVOKE "dba_group" FROM "analyst" GRANTED BY "rdsadmin";',
    ]);
    expect(await faults(after, checkAccess)).toContainEqual(
      'member: login analyst is a member of dba_group, and the environment does not say so; as a superuser, run REVOKE "dba_group" FROM "analyst" GRANTED BY "rdsadmin";',
    );
    await expect(terraform.apply(after)).rejects.toThrow(
      'could not revoke role dba_group from analyst: pq: permission denied',
    );

    // With ADMIN on the group the deploy works, and the membership stays all the same.
    await asSuperuser('GRANT dba_group TO postgres WITH ADMIN TRUE, INHERIT FALSE, SET FALSE');
    expect(await faults(after)).toEqual([
      expect.stringContaining('each plan will show it, and no deploy can take it away'),
    ]);
    await terraform.apply(after);
    expect((await terraform.plan(after)).changes).toBe(true);

    await asSuperuser(await wayOut(after));
    expect(await faults(after)).toEqual([]);
    await terraform.apply(after);
    expect((await terraform.plan(after)).changes).toBe(false);
    await asSuperuser('REVOKE dba_group FROM postgres');
  }, 120_000);

  test('an adopted login keeps what it has: neither ADMIN on it nor on its memberships is needed', async () => {
    await asSuperuser(
      `CREATE ROLE theirs LOGIN; CREATE ROLE their_group; GRANT rds_iam, dba_group TO theirs; GRANT their_group TO theirs WITH ADMIN OPTION;
       GRANT SELECT ON ALL TABLES IN SCHEMA public TO their_group`,
    );
    const memberships = () =>
      asSuperuser(
        "SELECT roleid::regrole::text AS role, grantor::regrole::text, admin_option FROM pg_auth_members WHERE member = 'theirs'::regrole ORDER BY 1",
      );
    const had = await memberships();
    const adopted = modelOf({
      groups: { ...groups, their_group: readOnly({ adopt: true }) },
      logins: {
        ...staying,
        analyst: { memberOf: ['readers'], statementTimeout: 5000 },
        theirs: { memberOf: ['readers', 'their_group'], adopt: true },
      },
    });
    expect(await faults(adopted)).toEqual([]);
    await terraform.apply(adopted);
    expect((await terraform.plan(adopted)).changes).toBe(false);
    expect(await memberships()).toEqual(
      [
        ...had.filter(({ role }) => role !== 'their_group' && role !== 'rds_iam'),
        ...had.filter(({ role }) => role === 'rds_iam'),
        { role: 'readers', grantor: 'postgres', admin_option: false },
        ...had.filter(({ role }) => role === 'their_group'),
      ].sort((a, b) => String(a['role']).localeCompare(String(b['role']))),
    );

    // With a setting the provider takes it over, and that is what it cannot do.
    const withSetting = modelOf({
      groups,
      logins: { ...staying, theirs: { memberOf: ['readers'], adopt: true, connectionLimit: 3 } },
    });
    expect(await faults(withSetting)).toEqual([
      expect.stringMatching(/^existing: admin postgres has no ADMIN on theirs, /),
      expect.stringMatching(
        /^member: login theirs is a member of dba_group, granted by rdsadmin, which postgres cannot revoke: to change the settings .*; take connectionLimit, .* or as a superuser, run REVOKE/,
      ),
      expect.stringMatching(/^member: login theirs is a member of their_group, granted by rdsadmin/),
    ]);
    await asSuperuser(
      'GRANT theirs, dba_group, their_group TO postgres WITH ADMIN TRUE, INHERIT FALSE, SET FALSE; REVOKE their_group FROM theirs',
    );
    await server.asMaster('GRANT their_group TO theirs WITH ADMIN OPTION');
    expect(await faults(withSetting)).toEqual([
      expect.stringContaining('is a member of their_group WITH ADMIN OPTION, and would lose that'),
    ]);
  }, 120_000);

  test('somebody else’s group in which a managed login is to be', async () => {
    await asSuperuser('CREATE ROLE foreigners');
    const joining = modelOf({
      groups: { ...groups, foreigners: readOnly({ adopt: true }) },
      logins: { ...staying, analyst: { memberOf: ['readers', 'foreigners'] } },
    });
    expect(await wayOut(joining)).toBe(
      'GRANT "foreigners" TO "postgres" WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;',
    );
    await asSuperuser(await wayOut(joining));
    await terraform.apply(joining);
    expect((await terraform.plan(joining)).changes).toBe(false);
  }, 120_000);

  test('a role that was managed and is adopted now is forgotten, not dropped', async () => {
    const adopted = modelOf({
      groups: { readers: readOnly({ adopt: true }), makers: owner({ adopt: true }) },
      logins: {
        analyst: { memberOf: ['readers'], adopt: true },
        migrate: { actsAs: 'makers', adopt: true },
      },
    });
    await terraform.apply(adopted);
    expect((await terraform.plan(adopted)).changes).toBe(false);
    await terraform.destroy();
    expect(
      await server.asMaster(
        "SELECT count(*)::int FROM pg_roles WHERE rolname IN ('readers', 'makers', 'analyst', 'migrate')",
      ),
    ).toEqual([{ count: 4 }]);
  }, 120_000);
});
