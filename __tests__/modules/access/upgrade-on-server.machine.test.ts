import { spawnSync } from 'node:child_process';
import { owner, readOnly } from '../../../modules';
import { accessModel } from '../../../modules/access/model';
import { preflight } from '../../../modules/access/preflight';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';
import { addSkipReason } from '../../support/skip-reasons.cjs';
import { type TerraformDatabase, terraformDatabase } from '../../support/terraform-database';
import { told } from '../../support/told';

// From 15 to 17 through a dump, with Terraform's state taken along. At each commit, out-of-reach-on-server.machine.test.ts has the
// same rows in the catalogs.

const groups = { readers: readOnly(), makers: owner() };
const staying = { analyst: { memberOf: ['readers'] }, migrate: { actsAs: 'makers' } };
const modelOf = (logins: Record<string, object>) =>
  accessModel(exampleEnvironment({ principals: {}, access: { groups, logins } }));
const before = modelOf({ ...staying, leaver: { memberOf: ['readers'] } });
const after = modelOf({ ...staying, analyst: { memberOf: ['readers'], statementTimeout: 5000 } });

const isSlow = Boolean(process.env['AURORA_IAM_SLOW_TESTS']);
const missing = isSlow
  ? ['pg_dumpall', 'pg_dump', 'psql'].find((program) => spawnSync(program, ['--version']).status !== 0)
  : 'time';
if (isSlow && missing) addSkipReason(`an upgrade through a dump: ${missing} is not on the PATH`);

(missing ? describe.skip : describe)('an upgrade', () => {
  describeWith(['terraform', 'postgresql-provider'], 'from 15 to 17', () => {
    let old: DatabaseServer;
    let upgraded: DatabaseServer;
    let way: TerraformDatabase;
    beforeAll(async () => {
      [old, upgraded] = [await startDatabaseServer(15), await startDatabaseServer(17)];
      way = terraformDatabase(upgraded);
    }, 120_000);
    afterAll(async () => {
      way?.remove();
      await Promise.all([old?.stop(), upgraded?.stop()]);
    });

    const at = ({ socketPath, port }: DatabaseServer) => ({
      ...process.env,
      PGHOST: socketPath.replace(/\/[^/]*$/, ''),
      PGPORT: String(port),
      PGUSER: 'rdsadmin',
    });
    function copied(dump: string, values: string[], database: string): void {
      const { stdout, stderr, status } = spawnSync(dump, values, {
        env: at(old),
        encoding: 'utf8',
        maxBuffer: 1 << 26,
      });
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      // As the pg_dumpall of 16 and later writes what it finds in 15: the superuser becomes the grantor. What RDS has is there.
      const script = stdout.replaceAll(/ GRANTED BY \w+;/g, ';');
      const restored = spawnSync('psql', ['-X', '-q', database], {
        env: at(upgraded),
        input: script,
        encoding: 'utf8',
      });
      expect(restored.status).toBe(0);
    }
    const faults = async () =>
      preflight(
        { model: after, master: MASTER, adminByIam: false, masterByIam: false, otherIamLogins: [] },
        await upgraded.live(after),
      )
        .filter(({ severity, rule }) => severity === 'fault' && rule !== 'locked-out')
        .map(told);

    test('one printed GRANT, and then settings change, logins go, and the plan is clean', async () => {
      const first = terraformDatabase(old);
      await first.apply(before);
      await old.as('migrate', 'CREATE TABLE things (id serial); INSERT INTO things DEFAULT VALUES');
      copied('pg_dumpall', ['--globals-only', '--no-role-passwords'], 'postgres');
      copied('pg_dump', ['orders'], 'orders');
      way.adoptState(first);
      first.remove();

      const [found = '', ...others] = await faults();
      expect(others).toEqual([]);
      expect(found).toContain('has no ADMIN on analyst, leaver, makers, migrate, readers,');
      await expect(way.apply(after)).rejects.toThrow('permission denied to');
      await upgraded.as('rdsadmin', /run (.*;)/.exec(found)?.[1] ?? '');
      expect(await faults()).toEqual([]);
      await way.apply(after);
      expect((await way.plan(after)).changes).toBe(false);
      expect(
        await upgraded.as(
          'rdsadmin',
          "SELECT rolname, rolconfig FROM pg_roles WHERE rolname IN ('analyst', 'leaver')",
        ),
      ).toEqual([{ rolname: 'analyst', rolconfig: ['statement_timeout=5000'] }]);
      expect(await upgraded.as('analyst', 'SELECT * FROM things')).toEqual([{ id: 1 }]);
    }, 120_000);
  });
});
