import type { Finding } from '../../../modules';
import { defineAccess, owner, predefined, readOnly, readWrite } from '../../../modules';
import { checkAccess } from '../../../modules/access/check';
import { accessModel } from '../../../modules/access/model';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { told } from '../../support/told';

// What no plan sees. The access is made by the SQL export, which a test shows to be the provider's.

const model = accessModel(
  exampleEnvironment({
    lockDown: true,
    principals: {},
    access: defineAccess({
      groups: {
        orders_owner: owner({ schemas: ['public', 'audit'] }),
        orders_read: readOnly({ schemas: ['public', 'audit'] }),
        orders_write: readWrite(),
      },
      logins: {
        orders_api: { memberOf: ['orders_write'], connectionLimit: 5, searchPath: ['public', '$user'] },
        orders_migrate: { actsAs: 'orders_owner' },
        analyst: { memberOf: ['orders_read', predefined('pg_monitor')] },
      },
    }),
  }),
);

describe.each([15, 18] as const)('the check on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major);
    await server.applySql(model);
    await server.as(
      'orders_migrate',
      `CREATE TABLE things (id serial, note text); CREATE VIEW notes AS SELECT note FROM things;
       CREATE TABLE parts (at date) PARTITION BY RANGE (at)`,
    );
    await server.asMaster("CREATE ROLE legacy LOGIN PASSWORD 'legacy'; CREATE ROLE colleagues");
  }, 60_000);
  afterAll(() => server?.stop());

  const findings = async (severity: Finding['severity'], otherIamLogins: string[] = []) => {
    const question = { model, master: MASTER, masterByIam: false, adminByIam: false, otherIamLogins };
    return checkAccess(question, await server.live(model))
      .filter((finding) => finding.severity === severity)
      .map((finding) => `${finding.rule}: ${told(finding)}`);
  };

  test('finds nothing where all is as it should be', async () => {
    expect(await findings('fault')).toEqual([]);
  });

  test.each<[what: string, by: string, sql: string, found: string[], undo: string]>([
    [
      'a member from outside',
      MASTER,
      'GRANT orders_read TO legacy',
      ['member: role legacy is a member of group orders_read, and the environment does not say so'],
      'REVOKE orders_read FROM legacy',
    ],
    [
      'a membership that a login should not have',
      MASTER,
      'GRANT orders_write TO analyst',
      [
        'member: role analyst is a member of group orders_write',
        'member: login analyst is a member of orders_write, and the environment does not say so',
      ],
      'REVOKE orders_write FROM analyst',
    ],
    [
      'a privilege on an object of a kind that environments never grant',
      'orders_migrate',
      'SELECT lo_create(4711); GRANT UPDATE ON LARGE OBJECT 4711 TO orders_read',
      [
        'privileges: group orders_read has privileges on 1 object of a kind that the environment never grants, such as large object 4711 (seen from database orders); revoke them',
      ],
      'SELECT lo_unlink(4711)',
    ],
    [
      'a privilege on what is of PostgreSQL itself',
      'rdsadmin',
      'GRANT EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) TO orders_read',
      [
        'privileges: group orders_read has privileges on 1 object of a kind that the environment never grants, such as function pg_read_file(text) (seen from database orders); revoke them',
      ],
      'REVOKE EXECUTE ON FUNCTION pg_catalog.pg_read_file(text) FROM orders_read',
    ],
    [
      'a group that owns a database without being an owner group',
      'rdsadmin',
      'ALTER DATABASE postgres OWNER TO orders_write',
      [
        'owner: group orders_write owns 1 object of the cluster (database postgres), and is not an owner group: its members may do anything with that; hand it over to an owner group: ALTER … OWNER TO …',
      ],
      'ALTER DATABASE postgres OWNER TO rdsadmin',
    ],
    [
      'a lost membership',
      MASTER,
      'REVOKE orders_read FROM analyst',
      ['member: login analyst is not a member of orders_read'],
      'GRANT orders_read TO analyst',
    ],
    [
      'ADMIN OPTION',
      MASTER,
      'GRANT orders_read TO analyst WITH ADMIN OPTION',
      ['admin-option: login analyst may make others members of orders_read'],
      'REVOKE ADMIN OPTION FOR orders_read FROM analyst',
    ],
    [
      'an IAM login of somebody else that has all that a login has',
      MASTER,
      'CREATE ROLE theirs LOGIN; GRANT orders_migrate TO theirs',
      [
        'locked-out: role theirs is a member of rds_iam through "orders_migrate"',
        'member: role theirs is a member of login orders_migrate, so it may do all that orders_migrate may, and the environment does not say so; REVOKE "orders_migrate" FROM "theirs";',
      ],
      'DROP ROLE theirs',
    ],
    [
      'a role that nobody logs in as, but whose members will have all that a login has',
      MASTER,
      'CREATE ROLE robot; GRANT analyst TO robot',
      ['member: role robot is a member of login analyst'],
      'DROP ROLE robot',
    ],
    ...(major < 16
      ? []
      : ([
          [
            'somebody who may make himself a member of a login',
            MASTER,
            'CREATE ROLE helper LOGIN; GRANT analyst TO helper WITH ADMIN TRUE, INHERIT FALSE, SET FALSE',
            [
              'member: role helper may make itself a member of login analyst, and the environment does not say so',
            ],
            'DROP ROLE helper',
          ],
          [
            'a group that gives a login nothing',
            MASTER,
            'GRANT orders_read TO analyst WITH INHERIT FALSE, SET FALSE',
            [
              'membership-options: login analyst is a member of orders_read WITH INHERIT FALSE, so orders_read gives it nothing; GRANT "orders_read" TO "analyst" WITH INHERIT TRUE, SET TRUE;',
            ],
            'GRANT orders_read TO analyst WITH INHERIT TRUE, SET TRUE',
          ],
          [
            'an owner group that a login cannot become',
            MASTER,
            'GRANT orders_owner TO orders_migrate WITH SET FALSE',
            [
              'membership-options: login orders_migrate is a member of orders_owner WITH SET FALSE, so its sessions cannot become orders_owner',
            ],
            'GRANT orders_owner TO orders_migrate WITH SET TRUE',
          ],
        ] as [string, string, string, string[], string][])),
    [
      'rights of a login itself',
      'orders_migrate',
      'GRANT UPDATE ON things TO analyst',
      [
        'privileges: login analyst has privileges of its own on 1 object of database orders (table public.things)',
      ],
      'REVOKE UPDATE ON things FROM analyst',
    ],
    [
      'a privilege on one column',
      'orders_migrate',
      'GRANT UPDATE (note) ON things TO orders_read',
      ['columns: group orders_read has UPDATE (note) on table public.things in database orders'],
      'REVOKE UPDATE (note) ON things FROM orders_read',
    ],
    [
      'a grant option',
      'orders_migrate',
      'GRANT SELECT ON things TO orders_read WITH GRANT OPTION',
      [
        'grant-option: group orders_read may grant SELECT on table public.things in database orders to others',
      ],
      'REVOKE GRANT OPTION FOR SELECT ON things FROM orders_read',
    ],
    [
      'a view that a group lost',
      'orders_migrate',
      'REVOKE SELECT ON notes FROM orders_read',
      ['privileges: group orders_read lacks SELECT on table public.notes'],
      'GRANT SELECT ON notes TO orders_read',
    ],
    [
      'a partitioned table with more than was granted',
      'orders_migrate',
      'GRANT TRUNCATE ON parts TO orders_write',
      ['privileges: group orders_write has TRUNCATE on table public.parts'],
      'REVOKE TRUNCATE ON parts FROM orders_write',
    ],
    [
      'somebody else who will have the next tables',
      'orders_migrate',
      'ALTER DEFAULT PRIVILEGES IN SCHEMA public GRANT SELECT ON TABLES TO legacy',
      ['defaults: role legacy will have SELECT on future tables of orders_owner in public'],
      'ALTER DEFAULT PRIVILEGES IN SCHEMA public REVOKE SELECT ON TABLES FROM legacy',
    ],
    [
      'PUBLIC that may connect again',
      MASTER,
      'GRANT CONNECT ON DATABASE orders TO PUBLIC',
      ['public: PUBLIC has CONNECT on database orders, which lockDown takes'],
      'REVOKE CONNECT ON DATABASE orders FROM PUBLIC',
    ],
    [
      'a table made after SET ROLE NONE',
      'orders_migrate',
      'SET ROLE NONE; CREATE TABLE mine ()',
      [
        'owner: login orders_migrate owns 1 object of database orders (table public.mine): nobody else has rights on that, and the login cannot be dropped',
        'privileges: group orders_read lacks SELECT on table public.mine',
        'privileges: group orders_write lacks SELECT, INSERT, UPDATE, DELETE on table public.mine',
      ],
      'SET ROLE NONE; DROP TABLE mine',
    ],
    [
      'attributes and settings',
      MASTER,
      'ALTER ROLE orders_api NOLOGIN CREATEDB NOINHERIT CONNECTION LIMIT 50; ALTER ROLE orders_api SET search_path = audit; ALTER ROLE orders_migrate RESET role',
      [
        'attributes: login orders_api has CREATEDB',
        'attributes: login orders_api has NOINHERIT',
        'attributes: login orders_api has CONNECTION LIMIT 50 instead of 5',
        'attributes: login orders_api has search_path = audit instead of public, $user',
        'attributes: login orders_api may not log in',
        'attributes: login orders_migrate has role not set instead of orders_owner',
      ],
      `ALTER ROLE orders_api LOGIN NOCREATEDB INHERIT CONNECTION LIMIT 5; ALTER ROLE orders_api SET search_path = public, "$user"; ALTER ROLE orders_migrate SET role = orders_owner`,
    ],
    [
      'a role in one database that goes before actsAs',
      MASTER,
      'ALTER ROLE orders_migrate IN DATABASE orders SET role = orders_migrate',
      [
        'attributes: login orders_migrate has a setting for one database, which overrides the setting for all: orders: role=orders_migrate',
      ],
      'ALTER ROLE orders_migrate IN DATABASE orders RESET role',
    ],
    [
      'a group that is a member of another',
      MASTER,
      'GRANT colleagues TO orders_read',
      ['member: group orders_read is a member of colleagues, and has its privileges'],
      'REVOKE colleagues FROM orders_read',
    ],
    [
      'a password login that slipped into rds_iam',
      'rdsadmin',
      'GRANT rds_iam TO colleagues; GRANT colleagues TO legacy',
      [
        // From 16 on, only its grantor can take a membership back.
        `locked-out: role legacy is a member of rds_iam through "colleagues", so its password is refused; if it logs in by password: ${
          major === 15
            ? 'REVOKE "colleagues" FROM "legacy";'
            : 'as a superuser, run REVOKE "colleagues" FROM "legacy" GRANTED BY "rdsadmin";'
        } if it is an IAM login`,
      ],
      'REVOKE colleagues FROM legacy; REVOKE rds_iam FROM colleagues',
    ],
    [
      'the master in rds_iam',
      'rdsadmin',
      major === 15 ? 'GRANT rds_iam TO postgres' : 'GRANT rds_iam TO postgres WITH INHERIT TRUE',
      [
        // From 16 on it is an ADMIN-only member of each login, too. Those are not what locks it out.
        'locked-out: master postgres is a member of rds_iam, so its password is refused; if it has a password: ' +
          (major === 15
            ? 'REVOKE "rds_iam" FROM "postgres"; if it has none'
            : 'as a superuser, run REVOKE "rds_iam" FROM "postgres" GRANTED BY "rdsadmin"; if it has none'),
      ],
      major === 15
        ? 'REVOKE rds_iam FROM postgres'
        : 'GRANT rds_iam TO postgres WITH INHERIT FALSE, SET FALSE',
    ],
    [
      'a group in rds_iam, and so everybody in it',
      'rdsadmin',
      'GRANT rds_iam TO orders_read',
      ['locked-out: group orders_read is a member of rds_iam, and so are all its members'],
      'REVOKE rds_iam FROM orders_read',
    ],
  ])('finds %s', async (_what, by, sql, found, undo) => {
    // The superuser repairs what a locked-out master could not.
    const run = (text: string) => (by === MASTER ? server.asMaster(text) : server.as(by, text));
    await run(sql);
    try {
      const faults = await findings('fault');
      expect(faults).toHaveLength(found.length);
      found.forEach((text, index) => {
        expect(faults[index]).toContain(text);
      });
    } finally {
      await run(undo);
    }
    expect(await findings('fault')).toEqual([]);
  });

  test('a member without SET is for information, where it need not become the group', async () => {
    if (major < 16) return;
    await server.asMaster('GRANT orders_read TO analyst WITH SET FALSE');
    expect(await findings('fault')).toEqual([]);
    expect(await findings('note')).toContainEqual(
      expect.stringContaining('membership-options: login analyst is a member of orders_read WITH SET FALSE'),
    );
    await server.asMaster('GRANT orders_read TO analyst WITH SET TRUE');
  });

  test('a table on which nobody has anything, not even its owner', async () => {
    await server.as(
      'orders_migrate',
      'CREATE TABLE bare (id int); REVOKE ALL ON bare FROM orders_owner, orders_read, orders_write',
    );
    expect(await findings('fault')).toEqual([
      expect.stringContaining('group orders_read lacks SELECT on table public.bare'),
      expect.stringContaining('group orders_write lacks SELECT, INSERT, UPDATE, DELETE on table public.bare'),
    ]);
    await server.as('orders_migrate', 'DROP TABLE bare');
  });

  test('functions that everybody may run with the rights of their owner are for information', async () => {
    const definer = async () =>
      (await findings('note')).filter((text) => text.startsWith('security-definer'));
    const create = (name: string) =>
      `CREATE FUNCTION ${name}() RETURNS int LANGUAGE sql SECURITY DEFINER AS 'SELECT 1'`;
    await server.asMaster(
      `${create('one')}; ${create('closed')}; REVOKE EXECUTE ON FUNCTION closed FROM PUBLIC`,
    );
    expect(await definer()).toEqual([
      'security-definer: PUBLIC may execute the SECURITY DEFINER function public.one() of database orders, which runs as postgres; if that is not meant, REVOKE EXECUTE ON FUNCTION … FROM PUBLIC;',
    ]);
    await server.asMaster(['two', 'three', 'four'].map(create).join(';'));
    expect(await definer()).toEqual([
      'security-definer: PUBLIC may execute 4 SECURITY DEFINER functions of database orders that run as postgres, such as public.four(), public.one(), public.three(); if that is not meant, REVOKE EXECUTE ON FUNCTION … FROM PUBLIC;',
    ]);
    await server.asMaster('DROP FUNCTION one, two, three, four, closed');
  });

  test('another IAM login of the cluster is left alone where the environment names it', async () => {
    await server.asMaster('CREATE ROLE theirs LOGIN; GRANT rds_iam TO theirs');
    expect(await findings('fault')).toHaveLength(1);
    expect(await findings('fault', ['theirs'])).toEqual([]);
    await server.asMaster('DROP ROLE theirs');
  });

  test('three answers: from 16 on the master is an ADMIN-only member of what it made', async () => {
    const notes = (await findings('note')).filter((text) => text.startsWith('admin-only'));
    if (major === 15) expect(notes).toEqual([]);
    else
      expect(notes).toEqual([expect.stringContaining('RDS is believed to accept it, but that is not known')]);
  });

  test('what PUBLIC may on a table, and tables of creators that nobody lists, are for information', async () => {
    await server.asMaster('CREATE TABLE by_master (); GRANT SELECT ON by_master TO PUBLIC');
    const notes = await findings('note');
    expect(notes).toContainEqual(expect.stringContaining('PUBLIC has SELECT on table public.by_master'));
    expect(notes).toContainEqual(expect.stringContaining('postgres owns tables of schema public'));
    // Nobody granted it to the groups: it came after the deploy.
    expect(await findings('fault')).toEqual([
      expect.stringContaining('group orders_read lacks SELECT on table public.by_master'),
      expect.stringContaining(
        'group orders_write lacks SELECT, INSERT, UPDATE, DELETE on table public.by_master',
      ),
    ]);
    await server.asMaster('DROP TABLE by_master');
  });
});
