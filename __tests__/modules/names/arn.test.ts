import { Token } from 'cdktf';
import fc from 'fast-check';
import { dbuserArn } from '../../../modules';
import {
  bucketArn,
  dbuserParts,
  formatArn,
  iamArn,
  iamParts,
  kmsKeyArn,
  kmsKeyParts,
  OWN_NAME,
  oidcProviderArn,
  oidcProviderParts,
  partitionOf,
  rdsArn,
  rdsParts,
  rootArn,
  rootParts,
  secretArn,
  secretParts,
  sessionArn,
  sessionParts,
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

describe('a shape and its inverse', () => {
  const where = place.map(({ resourceId: _, ...rest }) => rest);
  const account = where.map(({ region: _, ...rest }) => rest);
  // The last part of an ARN may hold nearly anything, slashes and wildcards too.
  const anyName = fc.string({ minLength: 1, unit: fc.constantFrom(...'abcXYZ019-_./@=+,!*?$ é') });
  const plain = fc.stringMatching(/^[\w+=,.@-]{1,64}$/);

  test('a resource of RDS', () => {
    const types = fc.constantFrom('cluster', 'db', 'cluster-pg', 'db-proxy', 'cluster-snapshot');
    fc.assert(
      fc.property(where, types, anyName, (home, type, name) =>
        expect(rdsParts(rdsArn(home, type as 'cluster', name))).toEqual({ ...home, type, name }),
      ),
    );
  });

  test('a secret', () => {
    fc.assert(
      fc.property(where, anyName, (home, name) =>
        expect(secretParts(secretArn(home, name))).toEqual({ ...home, name }),
      ),
    );
  });

  test('a key', () => {
    fc.assert(
      fc.property(where, anyName, fc.constantFrom('key', 'alias'), (home, id, type) =>
        expect(kmsKeyParts(kmsKeyArn(home, id, type))).toEqual({ ...home, type, id }),
      ),
    );
  });

  test('a role, user, group or policy, with its path', () => {
    const types = fc.constantFrom('role', 'user', 'group', 'policy', 'instance-profile', 'saml-provider');
    fc.assert(
      fc.property(account, types, anyName, (home, type, name) =>
        expect(iamParts(iamArn(home, type as 'role', name))).toEqual({ ...home, type, name }),
      ),
    );
  });

  test('all of an account', () => {
    fc.assert(fc.property(account, (home) => expect(rootParts(rootArn(home))).toEqual(home)));
  });

  test('an OIDC provider', () => {
    const issuers = fc.stringMatching(/^[a-z0-9.]{1,20}(\/[A-Za-z0-9]{1,10}){0,2}$/);
    fc.assert(
      fc.property(account, issuers, (home, issuer) =>
        expect(oidcProviderParts(oidcProviderArn(home, issuer))).toEqual({ ...home, issuer }),
      ),
    );
  });

  test('a session of a role', () => {
    fc.assert(
      fc.property(account, plain, plain, (home, role, session) =>
        expect(sessionParts(sessionArn(home, role, session))).toEqual({ ...home, role, session }),
      ),
    );
  });

  test('none reads the ARN of another', () => {
    const home = { partition: 'aws', region: 'eu-west-1', account: '111111111111' };
    const made = {
      dbuser: dbuserArn(target, 'a'),
      rds: rdsArn(home, 'cluster', 'a'),
      secret: secretArn(home, 'a'),
      key: kmsKeyArn(home, 'a'),
      bucket: bucketArn(home, 'a'),
      role: iamArn(home, 'role', 'a'),
      root: rootArn(home),
      session: sessionArn(home, 'a', 'b'),
      provider: oidcProviderArn(home, 'example.com'),
    };
    const readers = {
      dbuser: dbuserParts,
      rds: rdsParts,
      secret: secretParts,
      key: kmsKeyParts,
      role: iamParts,
      root: rootParts,
      session: sessionParts,
      provider: oidcProviderParts,
    };
    const readBy = Object.fromEntries(
      Object.entries(made).map(([name, arn]) => [
        name,
        Object.entries(readers).flatMap(([reader, read]) => (read(arn) === undefined ? [] : [reader])),
      ]),
    );
    expect(readBy).toEqual({
      dbuser: ['dbuser'],
      rds: ['rds'],
      secret: ['secret'],
      key: ['key'],
      bucket: [],
      role: ['role'],
      root: ['root'],
      session: ['session'],
      // It is a resource of IAM like the others.
      provider: ['role', 'provider'],
    });
  });
});

test.each([
  'arn:aws:iam::*:root',
  'arn:*:iam::111111111111:root',
  'arn:aws:iam::11111111111:root',
  'arn:aws:iam::111111111111:root/x',
])('%s is not all of one account', (arn) => expect(rootParts(arn)).toBeUndefined());

test.each([
  'arn:aws:iam::111111111111:oidc-provider/*',
  'arn:aws:iam::111111111111:oidc-provider/',
  'arn:aws:iam::*:oidc-provider/example.com',
])('%s is not one OIDC provider', (arn) => expect(oidcProviderParts(arn)).toBeUndefined());

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
