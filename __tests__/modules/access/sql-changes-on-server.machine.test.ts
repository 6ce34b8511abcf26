import { custom, defineAccess, type Environment, owner, readOnly, readWrite } from '../../../modules';
import { checkAccess } from '../../../modules/access/check';
import { accessModel } from '../../../modules/access/model';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { told } from '../../support/told';

// The second run of the SQL export: what the environment no longer gives, nobody has.

const modelOf = (access: Environment['access'], changes: Partial<Environment> = {}) =>
  accessModel(exampleEnvironment({ access, principals: {}, ...changes }));

describe.each([15, 16, 17, 18] as const)('the SQL export, again, on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major, ['orders', 'reports']);
    await server.asMaster(`
      CREATE SCHEMA audit; CREATE TABLE audit.secret (id int, note text); CREATE SEQUENCE audit.ids;
      CREATE FUNCTION audit.f() RETURNS int LANGUAGE sql AS 'SELECT 1'; REVOKE EXECUTE ON FUNCTION audit.f() FROM PUBLIC;
      CREATE TABLE things (id int, note text); CREATE DOMAIN age AS int; CREATE ROLE colleagues; CREATE ROLE topsecret`);
    await server.asMaster('CREATE TABLE r (n int)', 'reports');
  }, 60_000);
  afterAll(() => server?.stop(), 60_000);

  const faults = async (access: Environment['access'], changes: Partial<Environment> = {}) => {
    const model = modelOf(access, changes);
    const question = { model, master: MASTER, masterByIam: false, adminByIam: false, otherIamLogins: [] };
    return checkAccess(question, await server.live(model))
      .filter(({ severity }) => severity === 'fault')
      .map(told);
  };
  /** Has everything, or has nothing in it. */
  const n_reader = (group: Environment['access']['groups'][string]) =>
    defineAccess({ groups: { n_reader: group }, logins: { n_login: { memberOf: ['n_reader'] } } });
  const wide = n_reader(
    custom(
      {
        tables: ['SELECT', 'INSERT'],
        sequences: ['USAGE'],
        functions: ['EXECUTE'],
        database: ['TEMPORARY'],
        schema: ['CREATE'],
      },
      { databases: { orders: ['public', 'audit'], reports: ['public'] }, creators: [MASTER] },
    ),
  );
  const narrow = n_reader(readOnly({ schemas: ['public'] }));

  test('a group that becomes narrower loses the rest: schema, kinds, future objects, and the other database', async () => {
    await server.applySql(modelOf(wide));
    expect(await faults(wide)).toEqual([]);
    await server.as('n_login', 'SELECT audit.f(), nextval($$audit.ids$$) FROM audit.secret');
    await server.as('n_login', 'INSERT INTO r VALUES (1)', 'reports');
    await server.applySql(modelOf(narrow, { databases: ['reports'] }));
    expect(await faults(narrow, { databases: ['reports'] })).toEqual([]);
    await server.asMaster('CREATE TABLE audit.tomorrow (); CREATE TABLE tomorrow ()');
    for (const denied of [
      'SELECT FROM audit.secret',
      'SELECT audit.f()',
      'SELECT FROM tomorrow',
      'CREATE TABLE mine ()',
    ])
      await expect(server.as('n_login', denied)).rejects.toThrow('permission denied');
    await expect(server.as('n_login', 'SELECT FROM r', 'reports')).rejects.toThrow('permission denied');
    await server.as('n_login', 'SELECT FROM things');
  });

  test('privileges in a database that is no longer named are an error, with the way out', async () => {
    await server.applySql(modelOf(wide));
    await expect(server.applySql(modelOf(narrow))).rejects.toThrow(
      /n_reader on \d objects of database reports\nName the database in databases: /,
    );
    await server.applySql(modelOf(narrow, { databases: ['reports'] }));
    await server.applySql(modelOf(narrow));
  });

  test('what somebody granted by hand goes: to columns, to the login, with grant option, on types, databases, large objects', async () => {
    await server.asMaster(`
      GRANT UPDATE (note), SELECT (id) ON things TO n_reader; GRANT SELECT ON things TO n_reader WITH GRANT OPTION;
      GRANT SELECT ON audit.secret TO n_login; GRANT USAGE ON SCHEMA audit TO n_login;
      GRANT USAGE ON DOMAIN age TO n_reader; GRANT CREATE ON DATABASE reports TO n_login;
      SELECT lo_create(4711); GRANT UPDATE ON LARGE OBJECT 4711 TO n_reader;
      ALTER DEFAULT PRIVILEGES GRANT INSERT ON TABLES TO n_reader, n_login; ALTER DEFAULT PRIVILEGES GRANT USAGE ON TYPES TO n_reader;
      ALTER DEFAULT PRIVILEGES GRANT USAGE ON SCHEMAS TO n_reader`);
    await server.applySql(modelOf(narrow));
    expect(await faults(narrow)).toEqual([]);
    expect(
      await server.asMaster(`SELECT pg_describe_object(classid, objid, objsubid) AS object FROM pg_shdepend
        WHERE refobjid IN ('n_reader'::regrole, 'n_login'::regrole) AND deptype = 'a' AND classid IN ('pg_type'::regclass,
          'pg_largeobject'::regclass, 'pg_default_acl'::regclass)`),
    ).toEqual([]);
    expect(
      await server.asMaster(
        "SELECT attacl FROM pg_attribute WHERE attacl IS NOT NULL AND attrelid = 'things'::regclass",
      ),
    ).toEqual([]);
  });

  test('names that would end a statement do not', async () => {
    const odd = '"a""b); DROP ROLE n_reader; --\\ $do$ %I"';
    const oddType = '"t""x); DROP ROLE n_reader; --"';
    await server.asMaster(`
      CREATE SCHEMA ${odd}; GRANT USAGE ON SCHEMA ${odd} TO n_reader; CREATE TYPE ${odd}.${oddType} AS ENUM ('x');
      CREATE TABLE ${odd}.${odd} (${odd} int); GRANT SELECT (${odd}), DELETE ON ${odd}.${odd} TO n_reader;
      CREATE FUNCTION ${odd}.${odd}(${odd}.${oddType}, "char", VARIADIC text[]) RETURNS int LANGUAGE sql AS 'SELECT 1';
      GRANT EXECUTE ON FUNCTION ${odd}.${odd} TO n_reader; GRANT USAGE ON TYPE ${odd}.${oddType} TO n_reader;
      CREATE AGGREGATE ${odd}.total(int) (sfunc = int4pl, stype = int); GRANT EXECUTE ON FUNCTION ${odd}.total TO n_reader;
      CREATE PROCEDURE ${odd}.p(IN a int, OUT b int) LANGUAGE sql AS 'SELECT 1'; GRANT EXECUTE ON PROCEDURE ${odd}.p TO n_reader`);
    await server.applySql(modelOf(narrow));
    expect(await faults(narrow)).toEqual([]);
    await server.asMaster(`DROP SCHEMA ${odd} CASCADE`);
  });

  test('a grant option goes at once, with what was granted by it', async () => {
    await server.asMaster('GRANT SELECT ON things TO n_reader WITH GRANT OPTION');
    await server.as('n_login', 'GRANT SELECT ON things TO n_login');
    await server.applySql(modelOf(narrow));
    expect(await faults(narrow)).toEqual([]);
  });

  test('whoever granted it', async () => {
    await server.asMaster('CREATE ROLE helper; GRANT CREATE, USAGE ON SCHEMA public TO helper');
    await server.asMaster(
      'GRANT SELECT, DELETE ON things TO helper WITH GRANT OPTION; GRANT helper TO postgres',
    );
    await server.asMaster('SET ROLE helper; GRANT DELETE ON things TO n_reader');
    await server.asMaster('REVOKE helper FROM postgres');
    await server.applySql(modelOf(narrow));
    expect(await faults(narrow)).toEqual([]);
    await server.asMaster('REVOKE ALL ON things FROM helper');
  });

  test('memberships go: of logins, of groups, ADMIN options, and by another grantor', async () => {
    await server.asMaster(
      major >= 16
        ? `CREATE ROLE deputy; GRANT topsecret TO deputy WITH ADMIN OPTION; GRANT deputy TO postgres;
           GRANT topsecret TO n_login GRANTED BY deputy; REVOKE deputy FROM postgres`
        : 'GRANT topsecret TO n_login',
    );
    await server.asMaster('GRANT colleagues TO n_reader; GRANT n_reader TO n_login WITH ADMIN OPTION');
    await server.applySql(modelOf(narrow));
    expect(await faults(narrow)).toEqual([]);
    const rows = `SELECT roleid::regrole::text AS role FROM pg_auth_members WHERE member IN ('n_login'::regrole, 'n_reader'::regrole) ORDER BY 1`;
    expect(await server.asMaster(rows)).toEqual([{ role: 'n_reader' }, { role: 'rds_iam' }]);
  });

  test('what cannot be taken fails in the end, with who can, and nobody keeps the rest by it', async () => {
    await server.as(
      'rdsadmin',
      'CREATE TABLE audit.alien (); GRANT SELECT ON audit.alien TO n_reader; GRANT topsecret TO n_login',
    );
    await server.asMaster('GRANT SELECT ON audit.secret TO n_reader');
    const second = server.applySql(modelOf(narrow));
    await expect(second).rejects.toThrow(
      major >= 16
        ? /memberships are not in the environment.*\n {2}REVOKE topsecret FROM n_login; -- granted by rdsadmin/
        : /\n {2}REVOKE SELECT ON TABLE audit.alien FROM n_reader; -- as rdsadmin, or a superuser/,
    );
    expect(
      await server.asMaster("SELECT has_table_privilege('n_reader', 'audit.secret', 'SELECT') AS has"),
    ).toEqual([{ has: false }]);
    await server.as('rdsadmin', 'DROP TABLE audit.alien; REVOKE topsecret FROM n_login');
    await server.applySql(modelOf(narrow));
  });

  test('a membership without INHERIT and SET is made a whole one', async () => {
    if (major < 16) return;
    await server.asMaster('GRANT n_reader TO n_login WITH INHERIT FALSE, SET FALSE');
    await expect(server.as('n_login', 'SELECT FROM things')).rejects.toThrow('permission denied');
    await server.applySql(modelOf(narrow));
    await server.as('n_login', 'SELECT FROM things');
  });

  test('a third run changes nothing', async () => {
    const state = () =>
      server.as(
        'rdsadmin',
        `SELECT (SELECT json_agg(m ORDER BY roleid, member, grantor) FROM pg_auth_members m)::text AS members, (SELECT json_agg(relacl ORDER BY oid) FROM pg_class)::text AS tables,
          (SELECT json_agg(datacl ORDER BY oid) FROM pg_database)::text AS databases, (SELECT json_agg(d ORDER BY oid) FROM pg_default_acl d)::text AS defaults`,
      );
    const before = await state();
    await server.applySql(modelOf(narrow));
    expect(await state()).toEqual(before);
  });

  describe('what it borrows', () => {
    const rows = () =>
      server.asMaster(
        "SELECT to_jsonb(m)::text AS row FROM pg_auth_members m WHERE member = 'postgres'::regrole ORDER BY roleid, grantor",
      );

    test('it gives back as it was, options and grantor included', async () => {
      await server.asMaster('CREATE ROLE app_owner; CREATE ROLE app_read');
      await server.asMaster(
        major >= 16
          ? 'GRANT app_owner TO postgres WITH INHERIT FALSE, SET TRUE'
          : 'GRANT app_owner TO postgres WITH ADMIN OPTION',
      );
      await server.asMaster(
        'CREATE SCHEMA app AUTHORIZATION app_owner; SET ROLE app_owner; CREATE TABLE app.t ()',
      );
      const access = defineAccess({
        groups: { app_read: readOnly({ schemas: ['app'] }) },
        logins: { app_login: { memberOf: ['app_read'] } },
      });
      const made = await rows();
      await server.applySql(modelOf(access));
      const after = await rows();
      // From 16 on the master is an ADMIN-only member of the login that it made.
      expect(after.slice(0, made.length)).toEqual(made);
      expect(after.length - made.length).toBe(major >= 16 ? 1 : 0);
      await server.as('app_login', 'SELECT FROM app.t');
      await server.asMaster('SET ROLE app_owner');
    });

    test("the database's owner too; PUBLIC is locked out of a database that is somebody else's", async () => {
      await server.asMaster('CREATE ROLE dbo');
      await server.as('rdsadmin', 'CREATE DATABASE theirs OWNER dbo');
      const access = defineAccess({
        groups: { their_read: readOnly({ database: 'theirs' }) },
        logins: { their_login: { memberOf: ['their_read'] } },
      });
      await expect(server.applySql(modelOf(access, { lockDown: true }))).rejects.toThrow(
        'lockDown would shut postgres out of database theirs',
      );
      await server.as('rdsadmin', 'GRANT CONNECT ON DATABASE theirs TO postgres');
      const before = await rows();
      await server.applySql(modelOf(access, { lockDown: true }));
      expect((await rows()).slice(0, before.length)).toEqual(before);
      expect(
        await server.asMaster(
          "SELECT has_database_privilege('public', 'theirs', 'CONNECT') AS everybody, has_database_privilege('their_login', 'theirs', 'CONNECT') AS login",
        ),
      ).toEqual([{ everybody: false, login: true }]);
    });

    test('never an owner in rds_iam: the master could no longer log in', async () => {
      await server.as(
        'rdsadmin',
        'CREATE TABLE audit.by_login (); ALTER TABLE audit.by_login OWNER TO n_login',
      );
      const access = defineAccess({ groups: { audit_read: readOnly({ schemas: ['audit'] }) }, logins: {} });
      await expect(server.applySql(modelOf(access))).rejects.toThrow(
        'audit.by_login belongs to n_login, which is in rds_iam: as a member of it postgres could no longer log in by password. Log in as n_login and hand it over',
      );
      expect(await server.asMaster("SELECT FROM pg_roles WHERE rolname = 'audit_read'")).toEqual([]);
      await server.as('rdsadmin', 'DROP TABLE audit.by_login');
    });
  });

  describe('PostgreSQL only warns, and the export fails', () => {
    test("of a database and tables that are a superuser's", async () => {
      await server.as('rdsadmin', 'CREATE DATABASE supers');
      const access = defineAccess({ groups: { s_read: readOnly({ database: 'supers' }) }, logins: {} });
      await expect(server.applySql(modelOf(access, { lockDown: true }))).rejects.toThrow(
        /lockDown did not reach everything:\n {2}PUBLIC has CONNECT, TEMPORARY on DATABASE supers, which belongs to rdsadmin/,
      );
      await server.as(
        'rdsadmin',
        'GRANT SELECT ON things TO PUBLIC; CREATE TABLE audit.s (); GRANT SELECT ON audit.s TO PUBLIC',
      );
      const tables = defineAccess({ groups: { s_write: readWrite({ schemas: ['audit'] }) }, logins: {} });
      await expect(server.applySql(modelOf(tables))).rejects.toThrow(
        /PostgreSQL did not grant everything:\n {2}s_write has no DELETE on TABLE audit.s, which belongs to rdsadmin/,
      );
      expect(await server.asMaster("SELECT FROM pg_roles WHERE rolname = 's_write'")).toEqual([]);
      await server.as('rdsadmin', 'DROP TABLE audit.s; REVOKE SELECT ON things FROM PUBLIC');
    });
  });

  describe('what exists and is something else', () => {
    const group = (name: string) => modelOf(defineAccess({ groups: { [name]: readOnly() }, logins: {} }));

    test.each([
      ["LOGIN PASSWORD 'x' CREATEDB", 'LOGIN, CREATEDB'],
      ['NOLOGIN CREATEROLE', 'CREATEROLE'],
      ['NOLOGIN BYPASSRLS', 'BYPASSRLS'],
    ])('a role with %s is no group', async (attributes, powers) => {
      await server.as('rdsadmin', `CREATE ROLE app ${attributes}; GRANT topsecret TO app`);
      await expect(server.applySql(group('app'))).rejects.toThrow(
        `group app exists and has ${powers}, which no group may have`,
      );
      expect(
        await server.asMaster(
          "SELECT FROM pg_auth_members WHERE member = 'app'::regrole AND roleid = 'topsecret'::regrole",
        ),
      ).toHaveLength(1);
      await server.as('rdsadmin', 'DROP ROLE app');
    });

    test('a login is not left with REPLICATION or BYPASSRLS', async () => {
      await server.as('rdsadmin', 'ALTER ROLE n_login REPLICATION BYPASSRLS');
      await expect(server.applySql(modelOf(narrow))).rejects.toThrow(
        'login n_login is more than a login, and postgres cannot change that: run ALTER ROLE n_login NOREPLICATION NOBYPASSRLS as a superuser',
      );
      await server.as('rdsadmin', 'ALTER ROLE n_login NOREPLICATION NOBYPASSRLS');
    });

    test('a password admin that made IAM logins is no IAM login', async () => {
      await server.asMaster("CREATE ROLE second_admin LOGIN CREATEROLE PASSWORD 'x'");
      if (major >= 16)
        await server.asMaster('GRANT n_login TO second_admin WITH ADMIN TRUE, INHERIT FALSE, SET FALSE');
      const access = defineAccess({ groups: {}, logins: { second_admin: { memberOf: [] } } });
      await expect(server.applySql(modelOf(access))).rejects.toThrow(
        'login second_admin exists and is not in rds_iam',
      );
    });

    test('a cutover does not lock out who is a member of the login', async () => {
      await server.asMaster(
        "CREATE ROLE old LOGIN PASSWORD 'x'; CREATE ROLE robot LOGIN PASSWORD 'x'; GRANT old TO robot",
      );
      const access = defineAccess({
        groups: { n_reader: readOnly() },
        logins: { n_login: { memberOf: ['n_reader'] }, old: { memberOf: ['n_reader'], cutover: true } },
      });
      await expect(server.applySql(modelOf(access))).rejects.toThrow(
        'robot is a member of old, and could no longer log in by password after the cutover: REVOKE old FROM robot first',
      );
    });
  });

  test('an owner group that goes from a schema may make nothing more there', async () => {
    const access = (schemas: string[]) =>
      defineAccess({ groups: { o_owner: owner({ schemas }) }, logins: { o_migrate: { actsAs: 'o_owner' } } });
    await server.applySql(modelOf(access(['public', 'o_audit'])));
    await server.as('o_migrate', 'CREATE TABLE public.o_t ()');
    await server.applySql(modelOf(access(['o_audit'])));
    await expect(server.as('o_migrate', 'CREATE TABLE public.o_u ()')).rejects.toThrow('permission denied');
    await server.as('o_migrate', 'CREATE TABLE o_audit.t ()');
  });
});
