import { accessModel } from '../../../modules/access/model';
import { removalStatements } from '../../../modules/access/sql';
import { type DatabaseServer, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';

describe.each([15, 17] as const)('taking a login away on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major);
    await server.applySql(accessModel(exampleEnvironment()));
  }, 60_000);
  afterAll(() => server?.stop());

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

  test.each(['postgres', 'orders_read'])('%s is no IAM login: not touched', async (role) => {
    await expect(server.asMaster(removalStatements(role).lock)).rejects.toThrow('not touched');
  });
});
