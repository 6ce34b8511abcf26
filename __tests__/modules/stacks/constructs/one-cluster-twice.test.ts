import { DataAwsRdsCluster } from '@cdktf/provider-aws/lib/data-aws-rds-cluster';
import { AwsProvider, type AwsProviderConfig } from '@cdktf/provider-aws/lib/provider';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { PostgresqlProvider } from '@cdktf/provider-postgresql/lib/provider';
import { type App, LocalBackend, TerraformStack } from 'cdktf';
import {
  type Access,
  ConnectPolicies,
  DatabaseAccess,
  defineAccess,
  EnvironmentError,
  environmentStacks,
  existingCluster,
  iamRole,
  type OwnCluster,
  readOnly,
} from '../../../../modules';
import { exampleEnvironment } from '../../../support/example';
import { resources, synthesizeApp } from '../../../support/synthesized';

// Two stacks of one app that mean the same cluster would make the same roles and policies: the second apply would fail half-way.

const access = defineAccess({
  groups: { readers: readOnly() },
  logins: { analyst: { memberOf: ['readers'] } },
});
const others = defineAccess({
  groups: { guests: readOnly() },
  logins: { visitor: { memberOf: ['guests'] } },
});

function stackOf(app: App, id: string, aws: AwsProviderConfig = {}): TerraformStack {
  const stack = new TerraformStack(app, id);
  new LocalBackend(stack, { path: `${id}.tfstate` });
  new AwsProvider(stack, 'aws', { region: 'eu-west-1', ...aws });
  new PostgresqlProvider(stack, 'postgresql', { host: 'db.example', superuser: false });
  return stack;
}

const lookedUp = (stack: TerraformStack): OwnCluster =>
  new DataAwsRdsCluster(stack, 'cluster', { clusterIdentifier: 'shop' });
const created = (stack: TerraformStack): OwnCluster =>
  new RdsCluster(stack, 'cluster', {
    clusterIdentifier: 'shop',
    engine: 'aurora-postgresql',
    iamDatabaseAuthenticationEnabled: true,
  });
const written = (): OwnCluster => ({
  arn: 'arn:aws:rds:eu-west-1:111111111111:cluster:shop',
  clusterResourceId: 'cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ',
});

type Make = (stack: TerraformStack) => OwnCluster;

function databases(
  make: [Make, Make],
  aws: [AwsProviderConfig?, AwsProviderConfig?] = [],
  second: Access = access,
) {
  return synthesizeApp(
    (app) => {
      make.forEach((cluster, index) => {
        const stack = stackOf(app, `app-${index + 1}`, aws[index]);
        new DatabaseAccess(stack, 'access', {
          cluster: cluster(stack),
          access: index === 0 ? access : second,
          databaseName: 'shop',
          masterUsername: 'postgres',
          dependsOn: [new DataAwsRdsCluster(stack, 'writer', { clusterIdentifier: 'any' })],
        });
      });
    },
    { skipValidation: true },
  );
}

function policies(make: [Make, Make], aws: [AwsProviderConfig?, AwsProviderConfig?] = []) {
  return synthesizeApp(
    (app) => {
      make.forEach((cluster, index) => {
        const stack = stackOf(app, `app-${index + 1}`, aws[index]);
        const principals = { api: iamRole('shop-api', { connectsAs: ['analyst'] }) };
        new ConnectPolicies(stack, 'connect', { cluster: cluster(stack), access, principals });
      });
    },
    { skipValidation: true },
  );
}

const SAME =
  'fault environment-twice groups.readers: is already managed on this cluster by construct app-1/access';

test.each<[what: string, make: [Make, Make], aws?: [AwsProviderConfig?, AwsProviderConfig?]]>([
  ['two look-ups of one name', [lookedUp, lookedUp]],
  ['a look-up, and the stack that creates it', [created, lookedUp]],
  ['a look-up and a written ARN', [lookedUp, written]],
  [
    'a written ARN and a look-up in the same account',
    [written, lookedUp],
    [{}, { allowedAccountIds: ['111111111111'] }],
  ],
  [
    'look-ups of which only one says its account',
    [lookedUp, lookedUp],
    [{ allowedAccountIds: ['111111111111'] }],
  ],
])('one cluster in two stacks is refused: %s', (_what, make, aws = []) => {
  const message = `construct app-2/access\n  ${SAME}`;
  expect(() => databases(make, aws)).toThrow(
    expect.objectContaining({ name: EnvironmentError.name, message: expect.stringContaining(message) }),
  );
  expect(() => policies(make, aws)).toThrow(
    'construct app-2/connect\n  fault environment-twice name: "connect" is the name of construct app-1/connect on this cluster already',
  );
  // Other groups and logins on the same cluster are what two stacks are for.
  expect(databases(make, aws, others)).toBeDefined();
});

test.each<[what: string, make: [Make, Make], aws?: [AwsProviderConfig?, AwsProviderConfig?]]>([
  [
    'in two accounts',
    [lookedUp, lookedUp],
    [{ allowedAccountIds: ['111111111111'] }, { allowedAccountIds: ['222222222222'] }],
  ],
  ['by two profiles', [lookedUp, lookedUp], [{ profile: 'dev' }, { profile: 'prod' }]],
  ['by two roles', [lookedUp, lookedUp], [{ assumeRole: [{ roleArn: 'arn:aws:iam::111111111111:role/a' }] }]],
  ['both created, which can only be in two accounts', [created, created]],
  ['a written ARN of another account', [written, lookedUp], [{}, { allowedAccountIds: ['222222222222'] }]],
])('clusters of one name are two: %s', (_what, make, aws = []) => {
  expect(databases(make, aws)).toBeDefined();
  expect(policies(make, aws)).toBeDefined();
});

test('two regions are two clusters, whose policies would have one name in their account', () => {
  const account = { allowedAccountIds: ['111111111111'] };
  const regions: [AwsProviderConfig, AwsProviderConfig] = [account, { ...account, region: 'eu-central-1' }];
  expect(databases([lookedUp, lookedUp], regions)).toBeDefined();
  expect(() => policies([lookedUp, lookedUp], regions)).toThrow('is the name of construct app-1/connect');
});

test('the way out of a doubt is written', () => {
  expect(() => databases([lookedUp, lookedUp])).toThrow(
    'If there are two clusters of this name, write region and allowedAccountIds in their AWS providers',
  );
});

test('two DatabaseAccess in one stack go together', () => {
  const { stacks } = synthesizeApp(
    (app) => {
      const stack = stackOf(app, 'app');
      const props = { cluster: lookedUp(stack), databaseName: 'shop', masterUsername: 'postgres' };
      new DatabaseAccess(stack, 'shop', { ...props, access });
      new DatabaseAccess(stack, 'guests', { ...props, access: others });
    },
    { skipValidation: true },
  );
  const roles = resources(stacks['app'], 'postgresql_role');
  expect(Object.values(roles).map(({ name }) => name)).toEqual(
    expect.arrayContaining(['readers', 'analyst', 'guests', 'visitor']),
  );
});

test.each([true, false])(
  'an environment and a construct that mean the same cluster (the environment first: %s)',
  (environmentFirst) => {
    const both = (account: string) => () =>
      synthesizeApp(
        (app) => {
          const environment = exampleEnvironment({
            cluster: existingCluster({ identifier: 'shop', databaseName: 'shop' }),
            access,
            principals: {},
            account,
          });
          if (environmentFirst) environmentStacks(app, [environment]);
          const stack = stackOf(app, 'app', { allowedAccountIds: ['111111111111'] });
          const props = { cluster: lookedUp(stack), databaseName: 'shop', masterUsername: 'postgres' };
          new DatabaseAccess(stack, 'access', { ...props, access });
          if (!environmentFirst) environmentStacks(app, [environment]);
        },
        { skipValidation: true },
      );
    expect(both('111111111111')).toThrow(
      environmentFirst
        ? 'construct app/access\n  fault environment-twice groups.readers: is already managed on this cluster by environment test'
        : 'environment test\n  fault environment-twice groups.readers: is already managed on this cluster by construct app/access',
    );
    expect(both('222222222222')()).toBeDefined();
  },
);
