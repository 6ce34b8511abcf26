import { DataAwsRdsCluster } from '@cdktf/provider-aws/lib/data-aws-rds-cluster';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { PostgresqlProvider } from '@cdktf/provider-postgresql/lib/provider';
import { App, Fn, TerraformStack } from 'cdktf';
import {
  type Access,
  ConnectPolicies,
  type ConnectPoliciesProps,
  DatabaseAccess,
  iamRole,
} from '../../../../modules';
import { exampleAccess } from '../../../support/example';

const ARN = 'arn:aws:rds:eu-west-1:111111111111:cluster:orders';
const ID = 'cluster-ABC123';
const access: Access = exampleAccess;

function policies(props: (stack: TerraformStack) => Partial<ConnectPoliciesProps>): void {
  const stack = new TerraformStack(new App(), 'own');
  new AwsProvider(stack, 'aws', { region: 'eu-west-1' });
  new ConnectPolicies(stack, 'connect', {
    cluster: { arn: ARN, clusterResourceId: ID },
    access,
    principals: { api: iamRole('orders-api', { connectsAs: ['orders_api'] }) },
    ...props(stack),
  });
}

test.each([
  ['a wildcard in the region', 'arn:aws:rds:*:111111111111:cluster:orders'],
  ['a wildcard for the name', 'arn:aws:rds:eu-west-1:111111111111:cluster:*'],
  ['a wildcard in the name', 'arn:aws:rds:eu-west-1:111111111111:cluster:ord?rs'],
  ['a wildcard for the account', 'arn:aws:rds:eu-west-1:*:cluster:orders'],
  ['a wildcard for the partition', 'arn:*:rds:eu-west-1:111111111111:cluster:orders'],
  ['too few fields, which IAM completes by wildcards', 'arn:aws:rds'],
  ['no name', 'arn:aws:rds:eu-west-1:111111111111:cluster:'],
  ['no region', 'arn:aws:rds::111111111111:cluster:orders'],
  ['another service', 'arn:aws:ec2:eu-west-1:111111111111:cluster:orders'],
  ['another resource', 'arn:aws:rds:eu-west-1:111111111111:db:orders'],
  ['a policy variable', 'arn:aws:rds:eu-west-1:111111111111:cluster:${aws:username}'],
  ['an account too short', 'arn:aws:rds:eu-west-1:1:cluster:orders'],
  ['a line break', `${ARN}\n`],
  ['the name alone', 'orders'],
  ['nothing', ''],
])('the ARN of a cluster with %s is refused, with that one fault', (_what, arn) => {
  const cluster = { arn, clusterResourceId: ID };
  expect(() => policies(() => ({ cluster }))).toThrow(/^There is a fault in the constructs:/);
  expect(() => policies(() => ({ cluster }))).toThrow('which is not the full ARN of one cluster');
  expect(() => policies(() => ({ targets: { other: cluster } }))).toThrow(
    /targets\.other: has ".*" as its ARN/s,
  );
  const stack = new TerraformStack(new App(), 'own');
  expect(() => new DatabaseAccess(stack, 'access', { cluster, access: exampleAccess })).toThrow(
    'which is not the full ARN of one cluster',
  );
});

test('a proxy needs its full ARN, too', () => {
  const targets = { pooled: { arn: 'arn:aws:rds:eu-west-1:111111111111:db-proxy:*' } };
  expect(() => policies(() => ({ targets: targets as never }))).toThrow('not the full ARN of one proxy');
});

test('an instance is taken by the ARN of an instance only', () => {
  const cluster = (type: string) => ({
    arn: `arn:aws:rds:eu-west-1:111111111111:${type}:orders`,
    resourceId: 'db-ABC123',
  });
  expect(() => policies(() => ({ cluster: cluster('db') }))).not.toThrow();
  expect(() => policies(() => ({ cluster: cluster('cluster') }))).toThrow('full ARN of one instance');
});

describe('references', () => {
  const data = (stack: TerraformStack) =>
    new DataAwsRdsCluster(stack, 'looked-up', { clusterIdentifier: 'orders' });

  test('are taken, alone and as fields of an ARN', () => {
    policies((stack) => ({ cluster: data(stack) }));
    policies((stack) => ({ cluster: { arn: data(stack).arn, clusterResourceId: data2(stack) } }));
    policies((stack) => ({
      cluster: {
        arn: `arn:aws:rds:eu-west-1:111111111111:cluster:orders-${Fn.lower(data(stack).engine)}`,
        clusterResourceId: ID,
      },
    }));
  });

  test.each([
    ['beside a wildcard', (name: string) => `arn:aws:rds:eu-west-1:111111111111:cluster:${name}*`],
    ['beside a wildcard elsewhere', (name: string) => `arn:aws:rds:*:111111111111:cluster:${name}`],
    ['beside code', (name: string) => `arn:aws:rds:eu-west-1:111111111111:cluster:${name}\${x}`],
    ['in the place of several fields', (name: string) => `arn:aws:rds:${name}`],
  ])('%s are refused', (_what, arn) => {
    expect(() =>
      policies((stack) => ({ cluster: { arn: arn(data(stack).engine), clusterResourceId: ID } })),
    ).toThrow('full ARN of one cluster');
  });

  test('beside a wildcard in the resource id are refused', () => {
    expect(() =>
      policies((stack) => ({ cluster: { arn: ARN, clusterResourceId: `${data(stack).engine}*` } })),
    ).toThrow('with something else beside a reference');
  });

  test('beside Terraform code are refused in names and boundaries', () => {
    expect(() =>
      policies((stack) => ({
        principals: {
          api: iamRole(`${data(stack).engine}\${file("x")}`, { connectsAs: ['orders_api'] }),
        },
      })),
    ).toThrow('principals.api.role: has Terraform code beside a reference');
  });

  const data2 = (stack: TerraformStack) =>
    new DataAwsRdsCluster(stack, 'again', { clusterIdentifier: 'orders' }).clusterResourceId;
});

test('a database is called like a method of objects, and has no provider of its own', () => {
  const stack = new TerraformStack(new App(), 'own');
  new PostgresqlProvider(stack, 'postgresql', { host: 'localhost', superuser: false });
  const cluster = { arn: ARN, clusterResourceId: ID };
  new DatabaseAccess(stack, 'access', {
    cluster,
    access,
    databaseName: 'orders',
    databases: ['constructor', 'toString'],
  });
  const { data } = stack.toTerraform();
  expect(Object.values(data.postgresql_schemas)).toEqual(
    ['orders', 'constructor', 'toString'].map((database) => ({ '//': expect.anything(), database })),
  );
});

test.each([undefined, null, 1, 'orders', {}, { arn: 1, clusterResourceId: 2 }])(
  'what is no cluster (%p) gets a fault of its path',
  (cluster) => {
    expect(() => policies(() => ({ cluster: cluster as never }))).toThrow('cluster: is not a cluster');
    expect(() => policies(() => ({ targets: { other: cluster as never } }))).toThrow(
      'targets.other: is not a cluster',
    );
  },
);
