import { Token } from 'cdktf';
import fc from 'fast-check';
import { dbuserArn } from '../../../modules';
import {
  dbuserParts,
  formatArn,
  OWN_NAME,
  partitionOf,
  rdsArn,
  rdsParts,
  splitArn,
} from '../../../modules/names/arn';

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
  ['eu-west-1', 'aws'],
  ['us-east-1', 'aws'],
  ['il-central-1', 'aws'],
  ['cn-northwest-1', 'aws-cn'],
  ['us-gov-east-1', 'aws-us-gov'],
  ['eusc-de-east-1', 'aws-eusc'],
  ['us-iso-west-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
  ['eu-isoe-west-1', 'aws-iso-e'],
  ['us-isof-south-1', 'aws-iso-f'],
])('%s is in the partition %s', (region, partition) => {
  expect(partitionOf(region)).toBe(partition);
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

test.each(['*', 'orders_*', 'orders?', 'a/b', 'a b', ' ', 'é', 'a'.repeat(64), '1a', '${aws:userid}', ''])(
  'the login %j is refused',
  (login) => {
    expect(() => dbuserArn(target, login)).toThrow(
      `"${login}" is not a login name: it begins with a letter or _, goes on with letters, digits and _ . @ -, and has at most 63 characters.`,
    );
  },
);

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
  'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABC123/a/b',
  'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABC123/a b',
  'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABC123/a\n',
  `arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABC123/${'a'.repeat(64)}`,
  'arn:aws:rds-db',
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

const name = fc.oneof(
  fc.constant(OWN_NAME),
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.@-]{0,62}$/),
  fc.stringMatching(/^[A-Za-z_ /*?$:{}\n@.-]{0,70}$/),
  fc.string(),
);
const place = fc.record({
  partition: fc.constantFrom('aws', 'aws-cn', 'aws-us-gov', 'aws-eusc', 'aws-iso-b'),
  region: fc.constantFrom('eu-west-1', 'cn-north-1', 'us-gov-west-1', 'eusc-de-east-1'),
  account: fc.stringMatching(/^\d{12}$/),
  resourceId: fc.oneof(
    fc.stringMatching(/^(cluster|db)-[A-Z0-9]{1,26}$/),
    fc.stringMatching(/^prx-[A-Za-z0-9]{1,20}$/),
    fc.stringMatching(/^(cluster|db|prx)-[a-z*?/:]{0,10}$/),
  ),
});

test('to put together and to take apart are inverse: whatever one accepts, the other one gives back', () => {
  let made = 0;
  fc.assert(
    fc.property(place, name, (target, login) => {
      let arn: string | undefined;
      try {
        arn = dbuserArn(target, login);
        made += 1;
      } catch {}
      const written = `arn:${target.partition}:rds-db:${target.region}:${target.account}:dbuser:${target.resourceId}/${login}`;
      expect(dbuserParts(written)).toEqual(arn === undefined ? undefined : { target, login });
      if (arn !== undefined) expect(arn).toBe(written);
    }),
    { numRuns: 2000 },
  );
  expect(made).toBeGreaterThan(500);
});

test('a resource of RDS is taken apart into what it was made from', () => {
  const { resourceId: _, ...place } = target;
  expect(rdsParts(rdsArn(place, 'cluster', 'orders'))).toEqual({ ...place, type: 'cluster', name: 'orders' });
  expect(rdsParts(dbuserArn(target, 'orders_api'))).toBeUndefined();
  expect(rdsParts('arn:aws:rds:eu-west-1:111111111111:cluster')).toBeUndefined();
});

describe('an ARN and its parts', () => {
  // Everything but a colon, which separates; the last part may hold colons, too.
  const part = fc.string({ unit: fc.constantFrom(...'abc-09*?/${} é') });
  const parts = fc.record({
    partition: part,
    service: part,
    region: part,
    account: part,
    resource: fc.array(part, { minLength: 1, maxLength: 3 }).map((texts) => texts.join(':')),
  });

  test('are inverse to each other', () => {
    fc.assert(fc.property(parts, (each) => expect(splitArn(formatArn(each))).toEqual(each)));
    fc.assert(
      fc.property(fc.string(), (text) => {
        const found = splitArn(`arn:${text}`);
        if (found) expect(formatArn(found)).toBe(`arn:${text}`);
      }),
    );
  });

  test.each(['', 'arn', 'arn:aws:iam::111111111111', 'aws:iam:a:b:c:d', 'ARN:aws:iam::1:role/a'])(
    '%j is not a whole ARN',
    (text) => expect(splitArn(text)).toBeUndefined(),
  );
});
