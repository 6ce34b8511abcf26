import { createCluster, custom, defineAccess, type Environment, serverlessV2 } from '../../../modules';
import { accessModel } from '../../../modules/access/model';
import { preflight } from '../../../modules/access/preflight';
import { psqlScript } from '../../../modules/access/sql';
import { exampleEnvironment } from '../../support/example';
import { faultsOf } from '../../support/faults-of';
import { liveAccess } from '../../support/live-access';

const access = defineAccess({
  groups: { keeper: custom({ tables: ['SELECT', 'MAINTAIN'] }) },
  logins: { vacuum: { memberOf: ['keeper'] } },
}) as Environment['access'];
const environment = (changes: Partial<Environment>) =>
  exampleEnvironment({ access, principals: {}, ...changes });

test.each(['>= 1.27.0', '>= 1.27.0, < 2.0.0', '~> 1.27', '1.27.1', '= 1.28.0', '!= 1.27.0, > 1.27', '2.0'])(
  'MAINTAIN goes with the postgresql provider %s',
  (postgresql) => {
    expect(faultsOf(environment({ providerVersions: { postgresql } }))).toEqual([]);
  },
);

test.each([undefined, '1.26.0', '>= 1.26.0', '~> 1.26', '< 2.0.0', '!= 1.26.0', '> 1.26.0'])(
  'MAINTAIN is refused where the provider may be one that does not know it: %s',
  (postgresql) => {
    const versions = postgresql === undefined ? {} : { providerVersions: { postgresql } };
    expect(faultsOf(environment(versions))).toEqual([
      expect.stringContaining(
        "needs the postgresql provider 1.27 or later, and the environment allows an earlier one; write providerVersions: { postgresql: '>= 1.27.0, < 2.0.0' }, or make logins members of predefined('pg_maintain')",
      ),
    ]);
  },
);

test('a cluster that is created with an earlier PostgreSQL is refused', () => {
  const cluster = (engineVersion: string) =>
    createCluster({
      identifier: 'orders',
      databaseName: 'orders',
      engineVersion,
      instances: serverlessV2({ minimumCapacity: 0.5, maximumCapacity: 2 }),
      subnetIds: ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002'],
      securityGroupIds: ['sg-0a1b2c3d4e5f60001'],
    });
  const faults = (engineVersion: string) =>
    faultsOf(environment({ cluster: cluster(engineVersion), providerVersions: { postgresql: '>= 1.27.0' } }));
  expect(faults('17.5')).toEqual([]);
  expect(faults('16.9')).toEqual([
    expect.stringContaining('does not exist before PostgreSQL 17, and the cluster is to be 16.9'),
  ]);
});

test('of a cluster that exists, preflight knows the version', () => {
  const model = accessModel(environment({}));
  const question = { model, master: 'postgres', masterByIam: false, adminByIam: false, otherIamLogins: [] };
  const found = (serverMajor: number) =>
    preflight(question, { ...liveAccess(model), serverMajor }).filter(
      ({ rule }) => rule === 'server-version',
    );
  expect(found(17)).toEqual([]);
  expect(found(16)).toEqual([
    expect.objectContaining({
      severity: 'fault',
      where: 'group keeper',
      message: 'would be granted MAINTAIN, which PostgreSQL has from 17 on, and the server is 16',
    }),
  ]);
});

test('the SQL export refuses an earlier server before it changes anything, and only where it must', () => {
  const refusal = 'PostgreSQL has MAINTAIN from 17 on';
  const script = psqlScript(environment({}));
  expect(script.indexOf(refusal)).toBeGreaterThan(0);
  expect(script.indexOf(refusal)).toBeLessThan(script.indexOf('GRANT '));
  expect(psqlScript(exampleEnvironment())).not.toContain(refusal);
});
