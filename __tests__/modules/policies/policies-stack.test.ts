import { connectDocument, documentOnly, type Environment, iamRole } from '../../../modules';
import { exampleEnvironment } from '../../example';
import { resources, synthesize } from '../../synthesized';

const stackOf = (changes: Partial<Environment> = {}) =>
  synthesize(exampleEnvironment(changes)).stacks['test-policies'];

const cluster = {
  arn: 'arn:aws-cn:rds:cn-north-1:111111111111:cluster:orders',
  partition: 'aws-cn',
  region: 'cn-north-1',
  account: '111111111111',
  resourceId: 'cluster-ABCDEFGHIJKL0123456789ABCD',
};

describe('the policy of a principal', () => {
  test('allows rds-db:connect as exactly its logins on the resource id, and nothing else', () => {
    expect(connectDocument(cluster, iamRole('x', { connectsAs: ['b', 'a'] }))).toMatchInlineSnapshot(`
      {
        "Statement": [
          {
            "Action": "rds-db:connect",
            "Effect": "Allow",
            "Resource": [
              "arn:aws-cn:rds-db:cn-north-1:111111111111:dbuser:cluster-ABCDEFGHIJKL0123456789ABCD/a",
              "arn:aws-cn:rds-db:cn-north-1:111111111111:dbuser:cluster-ABCDEFGHIJKL0123456789ABCD/b",
            ],
            "Sid": "Connect",
          },
        ],
        "Version": "2012-10-17",
      }
    `);
  });

  test('allows to look up this one cluster only where that is asked for', () => {
    const { Statement } = connectDocument(
      cluster,
      iamRole('x', { connectsAs: ['a'], mayLookUpCluster: true }),
    );
    expect(Statement).toContainEqual({
      Sid: 'LookUpCluster',
      Effect: 'Allow',
      Action: 'rds:DescribeDBClusters',
      Resource: cluster.arn,
    });
  });

  test('takes partition, region, account and resource id from the cluster that was found', () => {
    const policies = resources(stackOf(), 'aws_iam_policy');
    const part = (index: number) => `\${element(split(":", data.aws_rds_cluster.cluster.arn), ${index})}`;
    const resourceId = '${data.aws_rds_cluster.cluster.cluster_resource_id}';
    const resource = `arn:${part(1)}:rds-db:${part(3)}:${part(4)}:dbuser:${resourceId}/orders_api`;
    // Not JSON yet: the quotes inside the expressions are Terraform's.
    expect(policies['policy-api']?.['policy']).toBe(
      `{"Version":"2012-10-17","Statement":[{"Sid":"Connect","Effect":"Allow","Action":"rds-db:connect","Resource":["${resource}"]}]}`,
    );
    expect(stackOf()?.text).not.toMatch(/rds:Describe|arn:aws:rds-db/);
  });
});

test('a role gets its policy attached; a document is only an output', () => {
  const stack = stackOf({
    principals: {
      api: iamRole('arn:aws:iam::111111111111:role/services/orders-api', {
        connectsAs: ['orders_api'],
      }),
      analysts: documentOnly({ connectsAs: ['analyst'] }),
    },
  });
  expect(resources(stack, 'aws_iam_role_policy_attachment')).toEqual({
    'attachment-api': {
      role: 'orders-api',
      policy_arn: '${aws_iam_policy.policy-api.arn}',
    },
  });
  expect(Object.keys(stack?.output['policy_arns']?.value as object)).toEqual(['api']);
  expect(Object.keys(stack?.output['policy_documents']?.value as object)).toEqual(['analysts', 'api']);
});

test('names of policies are unique in the account, however the parts are called', () => {
  const nameOf = (environment: string, key: string) => {
    const principals = { [key]: iamRole('r', { connectsAs: ['analyst'] }) };
    const stacks = synthesize(exampleEnvironment({ name: environment, principals })).stacks;
    return resources(stacks[`${environment}-policies`], 'aws_iam_policy')[`policy-${key}`]?.['name'];
  };
  expect(nameOf('dev', 'api')).toBe('orders.dev.api');
  expect(nameOf('dev-a', 'b')).not.toBe(nameOf('dev', 'a_b'));
});
