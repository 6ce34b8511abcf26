import { defineAccess, owner, predefined, readOnly, readWrite } from '../../../modules';
import { accessModel } from '../../../modules/access/model';
import { databaseScripts } from '../../../modules/access/sql';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';

const model = accessModel(
  exampleEnvironment({
    lockDown: true,
    principals: {},
    access: defineAccess({
      groups: {
        orders_owner: owner({ schemas: ['public', 'audit'] }),
        orders_read: readOnly({ schemas: ['public', 'audit'], creators: ['postgres', 'maker'] }),
        orders_write: readWrite({ database: 'reports' }),
      },
      logins: {
        orders_api: { memberOf: ['orders_write'], connectionLimit: 5 },
        orders_migrate: { actsAs: 'orders_owner' },
        analyst: { memberOf: ['orders_read', predefined('pg_monitor')] },
      },
    }),
  }),
);

describe.each([15, 17] as const)('the SQL export on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major, ['orders', 'reports']);
    await server.asMaster('CREATE ROLE maker; GRANT CREATE ON SCHEMA public TO maker');
  }, 60_000);
  afterAll(() => server?.stop());

  /** What PostgreSQL says while it runs. */
  async function notices(): Promise<string[]> {
    const said: string[] = [];
    for (const { database, statements } of databaseScripts(model)) {
      const session = await server.session(MASTER, database);
      session.on('notice', ({ severity, message }) => said.push(`${severity}: ${message}`));
      try {
        await session.query(['BEGIN;', ...statements, 'COMMIT;'].join('\n'));
      } finally {
        await session.end();
      }
    }
    return said;
  }

  test('says nothing, the first time and the next', async () => {
    expect(await notices()).toEqual([]);
    await server.as('orders_migrate', 'CREATE TABLE audit.things (id serial)');
    await server.asMaster('SET ROLE maker; CREATE TABLE made (id int)').catch(() => undefined);
    expect(await notices()).toEqual([]);
    expect(await notices()).toEqual([]);
  }, 60_000);
});
