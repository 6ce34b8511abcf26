import { defineAccess, owner, readOnly } from '../../../modules';
import { checkAccess } from '../../../modules/access/check';
import { accessModel } from '../../../modules/access/model';
import { preflight } from '../../../modules/access/preflight';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';

// What the owner of a database sets for everybody's sessions is in those of the admin, too.

const model = accessModel(
  exampleEnvironment({
    principals: {},
    access: defineAccess({
      groups: { orders_owner: owner(), orders_read: readOnly() },
      logins: { analyst: { memberOf: ['orders_read'] }, migrate: { actsAs: 'orders_owner' } },
    }),
  }),
);
const question = { model, master: MASTER, adminByIam: false, otherIamLogins: [] };

describe.each([15, 17] as const)('the owner of a database on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major);
    await server.asMaster('CREATE ROLE dbo LOGIN; GRANT dbo TO postgres; ALTER DATABASE orders OWNER TO dbo');
  }, 60_000);
  afterAll(() => server?.stop());

  test('does not lock the master out by createrole_self_grant', async () => {
    if (major >= 16)
      await server.as('dbo', "ALTER DATABASE orders SET createrole_self_grant = 'set, inherit'");
    const before = preflight(question, await server.live(model)).filter(
      ({ message, severity }) => severity === 'fault' && message.includes('createrole_self_grant'),
    );
    expect(before).toHaveLength(major >= 16 ? 1 : 0);

    await server.applySql(model);
    const live = await server.live(model);
    expect(checkAccess(question, live).filter(({ severity }) => severity === 'fault')).toEqual([]);
    expect(preflight(question, live).filter(({ severity }) => severity === 'fault')).toEqual([]);
    expect(live.memberships.filter(({ role, member }) => role === 'analyst' && member === MASTER)).toEqual(
      major >= 16
        ? [expect.objectContaining({ adminOption: true, inheritOption: false, setOption: false })]
        : [],
    );
  });
});
