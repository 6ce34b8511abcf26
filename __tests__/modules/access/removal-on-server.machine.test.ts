import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { readOnly } from '../../../modules';
import { accessModel } from '../../../modules/access/model';
import { psqlRemoval, removalStatements } from '../../../modules/access/sql';
import {
  type DatabaseServer,
  MASTER,
  MASTER_PASSWORD,
  startDatabaseServer,
} from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';

describe.each([15, 16, 17, 18] as const)('taking a login away on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major, ['orders', 'reports']);
    await server.applySql(accessModel(exampleEnvironment()));
  }, 60_000);
  afterAll(() => server?.stop(), 60_000);

  test('its sessions end, those of others go on, and it is dropped', async () => {
    const { lock, endSessions, drop } = removalStatements('analyst');
    const sessions = [await server.session('analyst'), await server.session('analyst')];
    const ended = Promise.all(
      sessions.map((session) => new Promise<void>((resolve) => session.on('end', () => resolve()))),
    );
    const other = await server.session('orders_api');
    const superuser = await server.session('rdsadmin');
    await server.asMaster(lock);
    await expect(server.session('analyst')).rejects.toThrow('not permitted to log in');
    expect(await server.asMaster(endSessions)).toEqual([{ 'sessions ended': '2' }]);
    await ended;
    expect((await other.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    expect((await superuser.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
    await other.end();
    await superuser.end();
    await server.asMaster(drop);
    for (const again of [lock, endSessions, drop]) await server.asMaster(again);
    expect(await server.asMaster("SELECT FROM pg_roles WHERE rolname = 'analyst'")).toEqual([]);
  });

  test('one that owns something stays, shut out, and what it owns with it', async () => {
    const { lock, drop } = removalStatements('orders_migrate');
    await server.as('orders_migrate', 'SET ROLE NONE; CREATE TEMP TABLE t ()').catch(() => {});
    await server.asMaster('GRANT CREATE ON SCHEMA public TO orders_migrate');
    await server.as('orders_migrate', 'SET ROLE NONE; CREATE TABLE precious (); ');
    await server.asMaster('REVOKE CREATE ON SCHEMA public FROM orders_migrate');
    await server.asMaster(lock);
    await expect(server.asMaster(drop)).rejects.toThrow(
      'cannot be dropped because some objects depend on it',
    );
    await expect(server.session('orders_migrate')).rejects.toThrow('not permitted to log in');
    expect(await server.asMaster("SELECT FROM pg_tables WHERE tablename = 'precious'")).toHaveLength(1);
  });

  test('a password admin that made IAM logins is not shut out', async () => {
    await server.asMaster(
      major >= 16
        ? "CREATE ROLE second LOGIN CREATEROLE PASSWORD 'x'; GRANT orders_api TO second WITH ADMIN TRUE, INHERIT FALSE, SET FALSE"
        : "CREATE ROLE second LOGIN CREATEROLE PASSWORD 'x'",
    );
    await expect(server.asMaster(removalStatements('second').lock)).rejects.toThrow(
      'second is not an IAM login, or is you: not touched',
    );
    await (await server.session('second')).end();
  });

  test.each(['postgres', 'orders_read', 'rdsadmin'])('%s is no IAM login: not touched', async (role) => {
    await expect(server.asMaster(removalStatements(role).lock)).rejects.toThrow('not touched');
  });

  describeWith(['psql'], 'by psql', () => {
    const environment = exampleEnvironment({ databases: ['reports'] });
    const remove = (login: string) => {
      const { status, stderr } = spawnSync('psql', ['-X', '-q', '-f', '-'], {
        input: psqlRemoval(environment, login),
        encoding: 'utf8',
        env: {
          ...process.env,
          PGHOST: server.host,
          PGPORT: String(server.port),
          PGUSER: MASTER,
          PGPASSWORD: MASTER_PASSWORD,
          PGDATABASE: 'orders',
        },
      });
      return { status, stderr: stderr.replace(/^.*NOTICE: .*\n/gm, '') };
    };
    const exists = async (login: string) =>
      (await server.asMaster(`SELECT FROM pg_roles WHERE rolname = '${login}'`)).length > 0;

    test('a login that was cut over goes with the privileges of its own, in each database', async () => {
      await server.as('rdsadmin', 'DROP TABLE precious');
      await server.asMaster(`CREATE ROLE legacy LOGIN PASSWORD 'x'; CREATE TABLE IF NOT EXISTS things (id int, note text);
        CREATE SCHEMA s;
        GRANT SELECT (note), INSERT ON things TO legacy; GRANT USAGE ON SCHEMA s TO legacy; GRANT TEMPORARY ON DATABASE orders TO legacy;
        ALTER DEFAULT PRIVILEGES IN SCHEMA s GRANT SELECT ON TABLES TO legacy`);
      await server.asMaster(
        'CREATE TABLE r (n int); GRANT ALL ON r TO legacy; GRANT CREATE ON DATABASE reports TO legacy',
        'reports',
      );
      const groups = { orders_read: readOnly() };
      await server.applySql(
        accessModel(
          exampleEnvironment({
            access: { groups, logins: { legacy: { memberOf: ['orders_read'], cutover: true } } },
            principals: {},
          }),
        ),
      );
      expect(remove('legacy')).toEqual({ status: 0, stderr: '' });
      expect(await exists('legacy')).toBe(false);
      expect(remove('legacy')).toEqual({ status: 0, stderr: '' });
    });

    test('SELECT on the view of an extension goes in a database of the environment, and stops the drop elsewhere', async () => {
      await server.as(
        'rdsadmin',
        `CREATE ROLE watcher LOGIN; GRANT rds_iam TO watcher; ${major >= 16 ? 'GRANT watcher TO postgres WITH ADMIN TRUE, INHERIT FALSE, SET FALSE' : ''}`,
      );
      for (const database of ['reports', 'postgres']) {
        const sql = `CREATE EXTENSION pg_stat_statements; GRANT SELECT ON pg_stat_statements TO ${MASTER} WITH GRANT OPTION`;
        await server.as('rdsadmin', sql, database);
        await server.asMaster('GRANT SELECT ON pg_stat_statements TO watcher', database);
      }
      const { status, stderr } = remove('watcher');
      expect(status).toBe(3);
      expect(stderr).toContain('has privileges on 1 object in database postgres\n');
      expect(stderr).not.toContain('reports');
      // An extension that took in what was granted already keeps it, from 17 on: REVOKE is not enough.
      await server.asMaster('REVOKE SELECT ON pg_stat_statements FROM watcher', 'postgres');
      await server.as(
        'rdsadmin',
        'CREATE VIEW taken AS SELECT 1; GRANT SELECT ON taken TO watcher',
        'postgres',
      );
      await server.as('rdsadmin', 'ALTER EXTENSION plpgsql ADD VIEW taken', 'postgres');
      await server.as('rdsadmin', 'REVOKE SELECT ON taken FROM watcher', 'postgres');
      if (major >= 17) {
        expect(remove('watcher').stderr).toContain(
          'is in the initial privileges of 1 object in database postgres\n',
        );
        await server.as('rdsadmin', 'DROP OWNED BY watcher', 'postgres');
      }
      expect(remove('watcher')).toEqual({ status: 0, stderr: '' });
      expect(await exists('watcher')).toBe(false);
    });

    test('what a login owns is never dropped, and it is told where that is', async () => {
      await server.as(
        'rdsadmin',
        `CREATE ROLE keeper LOGIN; GRANT rds_iam TO keeper; ${major >= 16 ? 'GRANT keeper TO postgres WITH ADMIN TRUE, INHERIT FALSE, SET FALSE' : ''}`,
      );
      await server.as('rdsadmin', 'CREATE TABLE kept (); ALTER TABLE kept OWNER TO keeper', 'reports');
      await server.as(
        'rdsadmin',
        'CREATE TABLE elsewhere (); GRANT SELECT ON elsewhere TO keeper',
        'postgres',
      );
      await server.as('rdsadmin', 'CREATE TABLE rows (); CREATE POLICY visible ON rows TO keeper');
      const { status, stderr } = remove('keeper');
      expect(status).toBe(3);
      // By name where the script comes by, and by number elsewhere.
      expect(stderr).toMatch(
        /WARNING: {2}keeper cannot be dropped yet. It\n {2}owns 1 object in database reports, such as table public.kept\n/,
      );
      expect(stderr).toContain(
        'is named in 1 object in database orders, such as policy visible on table public.rows',
      );
      expect(stderr).toContain('npx aurora-iam preflight test names the objects in each database');
      await server.as('rdsadmin', 'DROP TABLE rows');
      expect(stderr).toContain('keeper may not log in any more, but cannot be dropped yet. It');
      expect(stderr).toContain('owns 1 object in database reports');
      expect(stderr).toContain('has privileges on 1 object in database postgres');
      expect(await server.as('rdsadmin', 'SELECT FROM kept', 'reports')).toEqual([]);
      await expect(server.session('keeper')).rejects.toThrow('not permitted to log in');
      // The way out of docs/database-access.md.
      const handOver = readFileSync(join(__dirname, '../../../docs/database-access.md'), 'utf8').match(
        /^BEGIN;\nREVOKE rds_iam FROM legacy;[\s\S]*?^COMMIT;$/m,
      )?.[0];
      await server.asMaster((handOver ?? 'missing').replaceAll('legacy', 'keeper'), 'reports');
      expect(
        await server.asMaster("SELECT tableowner::text FROM pg_tables WHERE tablename = 'kept'", 'reports'),
      ).toEqual([{ tableowner: 'orders_owner' }]);
      await server.as('rdsadmin', 'DROP TABLE elsewhere', 'postgres');
      expect(remove('keeper')).toEqual({ status: 0, stderr: '' });
      expect(await exists('keeper')).toBe(false);
    });
  });
});
