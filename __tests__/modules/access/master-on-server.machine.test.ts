import { checkAccess } from '../../../modules/access/check';
import { accessModel } from '../../../modules/access/model';
import { preflight } from '../../../modules/access/preflight';
import { psqlRemoval, removalStatements } from '../../../modules/access/sql';
import { existingCluster } from '../../../modules/environment/cluster';
import { findingLine } from '../../../modules/findings/finding';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';

// How the master is in rds_iam, on real servers: how it logs in decides what that means, whatever lists say.

const model = accessModel(exampleEnvironment());

describe.each([15, 18] as const)('the master on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major);
    await server.applySql(model);
  }, 60_000);
  afterAll(() => server?.stop());

  const superuser = (sql: string) => server.as('rdsadmin', sql);
  const put = major === 15 ? 'GRANT rds_iam TO postgres' : 'GRANT rds_iam TO postgres WITH INHERIT TRUE';
  const takeAway =
    major === 15 ? 'REVOKE rds_iam FROM postgres' : 'GRANT rds_iam TO postgres WITH INHERIT FALSE, SET FALSE';
  async function found(masterByIam: boolean, otherIamLogins: string[] = []): Promise<string[]> {
    const question = { model, master: MASTER, masterByIam, adminByIam: masterByIam, otherIamLogins };
    const live = await server.live(model);
    const lines = [checkAccess, preflight].map((judge) =>
      judge(question, live)
        .filter(({ rule }) => ['locked-out', 'not-inherited', 'admin-only'].includes(rule))
        .map(findingLine),
    );
    expect(lines[0]).toEqual(lines[1]);
    return lines[0] ?? [];
  }

  test('in rds_iam: right for one without a password, and locked out with one, whatever lists say', async () => {
    await superuser(put);
    try {
      expect(await found(true)).toEqual([]);
      for (const list of [[], [MASTER]]) {
        const [line = '', ...others] = await found(false, list);
        expect(others).toEqual([]);
        expect(line).toContain('fault locked-out master postgres: is a member of rds_iam');
        expect(line).toMatch(/if it has a password: .*REVOKE "rds_iam" .* if it has none .*leave it there/);
      }
    } finally {
      await superuser(takeAway);
    }
  });

  test('outside rds_iam: one without a password is locked out, and by ADMIN only it is not known', async () => {
    const [line = '', ...others] = await found(true);
    expect(others).toEqual([]);
    expect(line).toContain(
      major === 15
        ? 'fault locked-out master postgres: logs in by IAM and is not in rds_iam'
        : 'note admin-only master postgres: logs in by IAM, and is in rds_iam only by ADMIN',
    );
    expect(line).toContain('GRANT "rds_iam" TO "postgres";');
  });

  test('a member of an IAM login WITH INHERIT FALSE: neither safe nor locked out', async () => {
    if (major < 16) return;
    await superuser('GRANT analyst TO postgres WITH INHERIT FALSE, SET TRUE');
    try {
      const [line = '', ...others] = await found(false);
      expect(others).toEqual([]);
      expect(line).toMatch(/^note not-inherited master postgres: .*through "analyst", WITH INHERIT FALSE/);
      expect(line).toContain('is not known');
    } finally {
      await superuser('REVOKE analyst FROM postgres');
    }
    expect((await found(false)).map((line) => line.split(' ')[1])).toEqual(['admin-only']);
  });

  test('no removal drops the login by which alone an admin is in rds_iam', async () => {
    await superuser('CREATE ROLE iam_admin LOGIN; GRANT analyst TO iam_admin');
    const drop = () => superuser(removalStatements('analyst').drop);
    await expect(drop()).rejects.toThrow('iam_admin is in rds_iam by analyst alone');
    await superuser('GRANT rds_iam TO iam_admin');
    await drop();
    expect(await superuser("SELECT pg_has_role('iam_admin', 'rds_iam', 'MEMBER') AS inside")).toEqual([
      { inside: true },
    ]);
  });
});

test('the scripts say how such a master runs them', () => {
  const cluster = existingCluster({
    identifier: 'orders',
    databaseName: 'orders',
    masterUserAuthenticationType: 'iam-db-auth',
  });
  expect(psqlRemoval(exampleEnvironment({ cluster }), 'analyst')).toContain(
    'Run it as the master postgres, which logs in by IAM: PGPASSWORD="$(npx aurora-iam token test postgres)" psql',
  );
});
