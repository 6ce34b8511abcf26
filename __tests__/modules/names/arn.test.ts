import { Token } from 'cdktf';
import { dbuserArn } from '../../../modules';
import { dbuserParts, OWN_NAME } from '../../../modules/names/arn';

const target = {
  partition: 'aws',
  region: 'eu-west-1',
  account: '111111111111',
  resourceId: 'cluster-ABC123',
};

test.each([
  ['aws', 'eu-west-1'],
  ['aws-cn', 'cn-north-1'],
  ['aws-us-gov', 'us-gov-west-1'],
])('the ARN carries the partition %s', (partition, region) => {
  expect(dbuserArn({ ...target, partition, region }, 'orders_api')).toBe(
    `arn:${partition}:rds-db:${region}:111111111111:dbuser:cluster-ABC123/orders_api`,
  );
});

test.each([
  'orders',
  'cluster-orders',
  'cluster-abc123',
  'cluster-',
  'CLUSTER-ABC',
  'db-orders',
  'cluster-ABC*',
  '',
])('the resource id %j is refused', (resourceId) => {
  expect(() => dbuserArn({ ...target, resourceId }, 'orders_api')).toThrow('DbClusterResourceId');
});

test.each(['*', 'orders_*', 'orders?', 'a/b', '${aws:userid}', ''])('the login %j is refused', (login) => {
  expect(() => dbuserArn(target, login)).toThrow('would match other logins');
});

test('a value that Terraform resolves later passes', () => {
  const resourceId = Token.asString({ resolve: () => 'later' });
  expect(dbuserArn({ ...target, resourceId }, 'orders_api')).toContain(`dbuser:${resourceId}/orders_api`);
});

test.each(['orders_api', OWN_NAME])('an ARN is taken apart into what it was made from: %s', (login) => {
  expect(dbuserParts(dbuserArn(target, login))).toEqual({ target, login });
});

test.each([
  'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABC123/*',
  'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABC123/a?',
  'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABC123/${aws:userid}',
  'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-*/a',
  'arn:aws:rds-db:eu-west-1:111111111111:dbuser:orders/a',
  'arn:aws:rds-db:*:111111111111:dbuser:cluster-ABC123/a',
  'arn:aws:rds-db:eu-west-1:*:dbuser:cluster-ABC123/a',
  'arn:aws:rds:eu-west-1:111111111111:cluster:orders',
  '*',
])('%s is not one login in one place', (arn) => {
  expect(dbuserParts(arn)).toBeUndefined();
});
