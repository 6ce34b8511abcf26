import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { defineAccess, owner, psqlScript, readOnly } from '../../../modules';
import { checkAccess } from '../../../modules/access/check';
import { accessModel } from '../../../modules/access/model';
import { preflight } from '../../../modules/access/preflight';
import {
  type DatabaseServer,
  MASTER,
  MASTER_PASSWORD,
  startDatabaseServer,
} from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';

// What the owner of a database sets for everybody's sessions is in those of the admin, too.

const environment = exampleEnvironment({
  principals: {},
  access: defineAccess({
    groups: { orders_owner: owner(), orders_read: readOnly() },
    logins: { analyst: { memberOf: ['orders_read'] }, migrate: { actsAs: 'orders_owner' } },
  }),
});
const model = accessModel(environment);
const question = { model, master: MASTER, masterByIam: false, adminByIam: false, otherIamLogins: [] };

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

  describeWith(['psql'], 'and psql', () => {
    test('runs the script as the master, whatever role and timeouts the owner has set', async () => {
      await server.asMaster('DROP ROLE IF EXISTS analyst; DROP ROLE IF EXISTS migrate');
      await server.as(
        'dbo',
        `ALTER DATABASE orders SET role = 'dbo'; ALTER DATABASE orders SET default_transaction_read_only = on;
         ALTER DATABASE orders SET idle_in_transaction_session_timeout = 1; ALTER DATABASE orders SET statement_timeout = 10`,
      );
      const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-script-'));
      try {
        const file = join(folder, 'script.sql');
        writeFileSync(file, psqlScript(environment));
        const { status, stderr } = spawnSync('psql', ['-X', '-q', '-v', 'ON_ERROR_STOP=1', '-f', file], {
          encoding: 'utf8',
          env: {
            ...process.env,
            PGHOST: server.host,
            PGPORT: String(server.port),
            PGUSER: MASTER,
            PGPASSWORD: MASTER_PASSWORD,
            PGDATABASE: 'postgres',
          },
        });
        expect([status, stderr]).toEqual([0, expect.not.stringContaining('ERROR')]);
        await server.as('rdsadmin', 'ALTER DATABASE orders RESET ALL', 'postgres');
        const { memberships, roles } = await server.live(model);
        expect(roles.map(({ name }) => name)).toContain('analyst');
        expect(memberships.filter(({ member }) => member === 'dbo')).toEqual([]);
      } finally {
        rmSync(folder, { recursive: true });
      }
    });
  });
});
