import { defineAccess, owner, readOnly } from '../../../modules';
import { readLiveAccess } from '../../../modules/access/catalog';
import { accessModel } from '../../../modules/access/model';
import { preflight } from '../../../modules/access/preflight';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { told } from '../../support/told';

// What an admin should know before a deploy, beside what would fail.

const model = accessModel(
  exampleEnvironment({
    principals: {},
    access: defineAccess({
      groups: { readers: readOnly() },
      logins: { analyst: { memberOf: ['readers'] } },
    }),
  }),
);
const withOwner = accessModel(
  exampleEnvironment({
    principals: {},
    access: defineAccess({ groups: { makers: owner() }, logins: { migrate: { actsAs: 'makers' } } }),
  }),
);

describe.each([15, 17] as const)('preflight on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major);
  }, 60_000);
  afterAll(() => server?.stop());

  const findings = async (rule: string, wanted = model, admin = MASTER) => {
    const live = await readLiveAccess(
      async (database, use) => {
        const session = await server.session(admin, database, '-c search_path=pg_catalog');
        try {
          return await use((text, values) => session.query(text, values));
        } finally {
          await session.end();
        }
      },
      { master: MASTER, databases: wanted.databases, roles: [] },
    );
    return preflight(
      { model: wanted, master: MASTER, masterByIam: false, adminByIam: false, otherIamLogins: [] },
      live,
    )
      .filter((finding) => finding.rule === rule)
      .map((finding) => `${finding.severity}: ${told(finding)}`);
  };
  const note = (who: string, where = 'in schema public') =>
    `note: ${who} may create ${where} of database orders, which is in the search path of the admin postgres: queries of Terraform's provider could run a function from there as postgres; ALTER ROLE "postgres" SET search_path = pg_catalog; (see docs/admin.md)`;

  describe('who may create in the search path of the admin', () => {
    test('nobody, on a new cluster', async () => {
      expect(await findings('search-path')).toEqual([]);
    });

    test('those who will be able to after this deploy', async () => {
      expect(await findings('search-path', withOwner)).toEqual([note('migrate')]);
    });

    test.each([
      [
        'everybody',
        'GRANT CREATE ON SCHEMA public TO PUBLIC',
        note('PUBLIC'),
        'REVOKE CREATE ON SCHEMA public FROM PUBLIC',
      ],
      [
        'a login through its groups',
        'CREATE ROLE makers; CREATE ROLE more IN ROLE makers; CREATE ROLE joe LOGIN IN ROLE more; GRANT CREATE ON SCHEMA public TO makers',
        note('joe'),
        'DROP OWNED BY makers; DROP ROLE joe, more, makers',
      ],
      [
        'the owner of the schema',
        'CREATE ROLE joe LOGIN; ALTER SCHEMA public OWNER TO joe',
        note('joe'),
        'ALTER SCHEMA public OWNER TO pg_database_owner; DROP ROLE joe',
      ],
      [
        'the owner of the database',
        'CREATE ROLE joe LOGIN; ALTER DATABASE orders OWNER TO joe',
        [note('joe', 'schema postgres'), note('joe')],
        'ALTER DATABASE orders OWNER TO postgres; DROP ROLE joe',
      ],
      [
        'whoever may make the schema "$user"',
        'CREATE ROLE joe LOGIN; GRANT CREATE ON DATABASE orders TO joe',
        note('joe', 'schema postgres'),
        'REVOKE CREATE ON DATABASE orders FROM joe; DROP ROLE joe',
      ],
      [
        'somebody in the schema "$user"',
        'CREATE ROLE joe LOGIN; CREATE SCHEMA postgres; GRANT CREATE ON SCHEMA postgres TO joe',
        note('joe', 'in schema postgres'),
        'DROP SCHEMA postgres; DROP ROLE joe',
      ],
    ])('%s', async (_who, sql, found, undo) => {
      await server.as('rdsadmin', sql);
      try {
        expect(await findings('search-path')).toEqual([found].flat());
        await server.asMaster('ALTER ROLE postgres SET search_path = pg_catalog');
        expect(await findings('search-path')).toEqual([]);
        // The setting of one database wins.
        await server.asMaster('ALTER ROLE postgres IN DATABASE orders SET search_path = "$user", public');
        expect(await findings('search-path')).toEqual([found].flat());
      } finally {
        await server.asMaster(
          'ALTER ROLE postgres RESET ALL; ALTER ROLE postgres IN DATABASE orders RESET ALL',
        );
        await server.as('rdsadmin', undo);
      }
    });

    test('groups that nobody logs in through, and superusers, are no risk', async () => {
      await server.as(
        'rdsadmin',
        'CREATE ROLE empty; CREATE ROLE root LOGIN SUPERUSER; GRANT CREATE ON SCHEMA public TO empty, root',
      );
      expect(await findings('search-path')).toEqual([]);
      await server.as('rdsadmin', 'DROP OWNED BY empty, root; DROP ROLE empty, root');
    });
  });

  test('an admin that may not end sessions', async () => {
    expect(await findings('end-sessions')).toEqual([]);
    await server.asMaster('CREATE ROLE iam_admin LOGIN CREATEROLE CREATEDB');
    expect(await findings('end-sessions', model, 'iam_admin')).toEqual([
      'note: admin iam_admin may not end the sessions of every login, so `aurora-iam revoke` could stop new ones only; as the master, run GRANT pg_signal_backend TO "iam_admin";',
    ]);
    await server.asMaster('GRANT pg_signal_backend TO iam_admin');
    expect(await findings('end-sessions', model, 'iam_admin')).toEqual([]);
    await server.asMaster('DROP ROLE iam_admin');
  });

  test.each(['constructor', 'valueOf', 'toString', '__proto__', 'hasOwnProperty'])(
    'a password login called %s is not taken for an IAM login',
    async (name) => {
      await server.asMaster(`CREATE ROLE "${name}" LOGIN PASSWORD 'a password'`);
      const logins = model.logins.map((login) => ({ ...login, name }));
      expect(await findings('existing', { ...model, logins })).toEqual([
        expect.stringContaining(`fault: login ${name} exists and is not in rds_iam`),
      ]);
      await server.asMaster(`DROP ROLE "${name}"`);
    },
  );
});
