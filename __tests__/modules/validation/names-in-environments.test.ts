import {
  createCluster,
  defineEnvironment,
  type Environment,
  existingCluster,
  iamAdmin,
  iamRole,
  iamUser,
  memberCluster,
  ownName,
  rdsProxy,
  readOnly,
  s3Backend,
  serverlessV2,
  tunnel,
} from '../../../modules';
import { exampleAccess, exampleEnvironment } from '../../support/example';
import { faultsOf } from '../../support/faults-of';
import { synthesize } from '../../support/synthesized';

describe('a login that no login can be called', () => {
  test.each([
    ['my analyst', 'is not a login name'],
    ['x*y', 'is not a login name'],
    ['*', 'is not a login name'],
    ['1st', 'is not a login name'],
    ['jane+dev@example.com', 'is not a login name'],
    ['a'.repeat(64), 'is 64 bytes long'],
    ['ö'.repeat(32), 'is 64 bytes long'],
    ['', 'is empty'],
    ['a\0b', 'contains the character NUL'],
    ['a\ud800', 'is not well-formed Unicode'],
  ])('%j: %s, beside every other fault', (name, reason) => {
    const faults = faultsOf(
      exampleEnvironment({
        region: 'eu-west-1',
        databases: ['template0'],
        access: {
          groups: exampleAccess.groups,
          logins: { ...exampleAccess.logins, [name]: { memberOf: ['orders_raed'] } },
        },
        principals: {
          api: iamRole('orders-api', { connectsAs: [name] }),
          own: iamUser('jane', { connectsAs: ownName([name]) }),
        },
      } as object),
    );
    const path = /^[A-Za-z_]\w*$/.test(name) ? `logins.${name}` : `logins[${JSON.stringify(name)}]`;
    expect(faults).toEqual(
      expect.arrayContaining([
        expect.stringMatching(/^databases\[0\]: is the template/),
        expect.stringContaining(`${path}: ${reason}`),
        expect.stringContaining(`${path}.memberOf[0]: there is no group`),
      ]),
    );
  });

  test.each([['*'], ['1st'], ['a'.repeat(64)], ['']])(
    '%j in connectsAs alone is refused for that, because nobody could add it',
    (name) => {
      const [fault] = faultsOf(
        exampleEnvironment({ principals: { api: iamRole('orders-api', { connectsAs: [name] }) } }),
      );
      expect(fault).toMatch(/^principals\.api\.connectsAs\[0\]: there is no login ".*"; the name is /);
      expect(fault).not.toContain('access.logins');
    },
  );

  test.each([[null], [undefined], [1], [Symbol('x')], [{}], [['a']]])(
    '%p is refused by its type',
    (value) => {
      const principals = { api: { ...iamRole('orders-api', { connectsAs: [] }), connectsAs: [value] } };
      expect(faultsOf({ ...exampleEnvironment(), principals })).toEqual([
        expect.stringMatching(/^principals\.api\.connectsAs\[0\]: is .*; write text in quotes: '…'$/),
      ]);
    },
  );
});

test('a missing access is named', () => {
  expect(faultsOf({ ...exampleEnvironment(), access: null })).toEqual([
    'access: is null; write an object: { … }',
  ]);
});

describe('names that every object of JavaScript has', () => {
  const named = (name: string): Partial<Environment> => ({
    access: {
      groups: { [name]: readOnly() },
      logins: { [`${name}_`]: { memberOf: [name], caseSensitive: true } },
    },
    targets: {},
    principals: {},
  });

  test.each(['constructor', 'prototype', '__proto__'])('%s is refused wherever it would be a key', (name) => {
    const nonsense = { anything: 'at all' };
    const own = (value: object) => Object.fromEntries([[name, value]]);
    const environment = exampleEnvironment();
    const faults = faultsOf({
      ...environment,
      access: {
        groups: { ...environment.access.groups, ...own(nonsense) },
        logins: { ...environment.access.logins, ...own(nonsense) },
      },
      principals: own(nonsense),
      targets: own(nonsense),
      tags: own(nonsense),
    });
    for (const place of ['groups', 'logins', 'principals', 'targets', 'tags'])
      expect(faults).toContainEqual(
        `${place}.${name}: is a name that JavaScript reserves in every object; choose another name than ${name}`,
      );
    expect(faults).toHaveLength(5);
  });

  test('a key __proto__ in an object literal, which sets its prototype, is found', () => {
    const logins = { ...exampleAccess.logins };
    Object.setPrototypeOf(logins, { memberOf: [] });
    const environment = { ...exampleEnvironment(), access: { groups: exampleAccess.groups, logins } };
    expect(faultsOf(environment)).toEqual([expect.stringMatching(/^logins: is not a plain object/)]);
  });

  test.each(['constructor', 'toString', '__proto__'])(
    'the target %s that is not there is said to be so',
    (target) => {
      const principals = { api: iamRole('orders-api', { connectsAs: ['orders_api'], targets: [target] }) };
      expect(faultsOf(exampleEnvironment({ principals }))).toEqual([
        `principals.api.targets[0]: there is no target "${target}"; write one of cluster, or add it under targets`,
      ]);
    },
  );

  test.each(['valueOf', 'hasOwnProperty', 'toString', 'toLocaleString', '__defineGetter__'])(
    '%s works as any other name',
    (name) => {
      const environment = exampleEnvironment({
        ...named(name),
        principals: { [name.replace(/_/g, 'x')]: iamRole('orders-api', { connectsAs: [`${name}_`] }) },
      });
      expect(faultsOf(environment)).toEqual([]);
      const { stacks } = synthesize(environment);
      expect(stacks['test-policies']?.text).toContain(`/${name}_`);
      expect(stacks['test-database']?.text).toContain(`"name": "${name}_"`);
    },
  );
});

describe('what can only fail, or reaches further than meant', () => {
  test.each<[string, Partial<Environment>, string]>([
    [
      'a template database',
      { databases: ['template1'] },
      'databases[0]: is the template of every new database',
    ],
    [
      'the main database as a template',
      { cluster: existingCluster({ identifier: 'orders', databaseName: 'template0' }) },
      'cluster.databaseName: is the template that PostgreSQL keeps unchanged',
    ],
    [
      "a group in RDS's own database",
      { access: { groups: { reader: readOnly({ database: 'rdsadmin' }) }, logins: {} }, principals: {} },
      'groups.reader.database: belongs to RDS',
    ],
    [
      'PUBLIC as a creator',
      { access: { groups: { reader: readOnly({ creators: ['public'] }) }, logins: {} }, principals: {} },
      'groups.reader.creators[0]: is a keyword of PostgreSQL',
    ],
    [
      'rdsadmin as a creator',
      { access: { groups: { reader: readOnly({ creators: ['rdsadmin'] }) }, logins: {} }, principals: {} },
      'groups.reader.creators[0]: belongs to PostgreSQL or RDS',
    ],
    [
      'adopt beside cutover',
      {
        access: {
          groups: { reader: readOnly() },
          logins: { analyst: { memberOf: ['reader'], adopt: true, cutover: true } },
        },
        principals: {},
      },
      'logins.analyst.adopt: cannot be combined with cutover',
    ],
    [
      'one target twice',
      {
        targets: {
          one: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
          two: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
        },
      },
      'targets.two: is the same place as target "one"',
    ],
    [
      'one proxy twice, in another case',
      { targets: { one: rdsProxy({ name: 'pooled' }), two: rdsProxy({ name: 'Pooled' }) } },
      'targets.two: is the same place as target "one"',
    ],
    [
      'the cluster as its own member',
      { targets: { self: memberCluster({ identifier: 'orders', region: 'eu-west-1' }) } },
      "targets.self: is the environment's own cluster",
    ],
    [
      'a member in another partition',
      { targets: { gov: memberCluster({ identifier: 'orders', region: 'us-gov-west-1' }) } },
      'targets.gov.region: is in another partition',
    ],
    [
      'a role of another partition',
      {
        principals: {
          api: iamRole('arn:aws-cn:iam::111111111111:role/orders-api', { connectsAs: ['orders_api'] }),
        },
      },
      'principals.api.role: is in the partition aws-cn',
    ],
    [
      "'latest' as a version",
      { providerVersions: { aws: 'latest' } },
      'providerVersions.aws: is not a version constraint',
    ],
    [
      'a host with a blank',
      { through: tunnel({ host: 'my host', port: 5432 }) },
      'through.host: is not the name or address of a host',
    ],
    [
      'a host with a port',
      { through: tunnel({ host: 'localhost:5432', port: 5432 }) },
      'through.host: is not the name or address of a host',
    ],
    [
      'a bucket with a wildcard',
      { backend: s3Backend({ bucket: 'states-*' }) },
      'backend.bucket: is not the name of a bucket',
    ],
    [
      'a key prefix that leads out',
      { backend: s3Backend({ bucket: 'states', keyPrefix: '../other' }) },
      'backend.keyPrefix: is not a key prefix',
    ],
    [
      'an IAM admin whose name is a wildcard',
      { admin: iamAdmin('*') },
      'admin.username: is not a login name',
    ],
    [
      'a wildcard in the secret of the admin',
      { admin: { kind: 'secret', secretArn: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:*' } },
      'admin.secretArn: is not the ARN of a secret',
    ],
  ])('%s', (_what, changes, fault) => {
    expect(faultsOf(exampleEnvironment(changes))).toEqual([expect.stringContaining(fault)]);
  });

  test.each(['localhost', '127.0.0.1', '::1', 'bastion_1.example.com', 'orders.internal.'])(
    'a tunnel at %s is taken',
    (host) => {
      expect(faultsOf(exampleEnvironment({ through: tunnel({ host, port: 5432 }) }))).toEqual([]);
    },
  );

  test.each(['6.25.0', '>= 5.100.0, < 7.0.0', '~> 1.26', '!= 6.0.0,>=5', '1.27.0-beta.1'])(
    'the version constraint %s is taken',
    (aws) => {
      expect(faultsOf(exampleEnvironment({ providerVersions: { aws } }))).toEqual([]);
    },
  );

  test.each(['us-iso-east-1', 'us-isob-east-1', 'eusc-de-east-1', 'cn-north-1', 'us-gov-east-1'])(
    'an environment in %s may name the roles of its partition only',
    (region) => {
      const role = 'arn:aws:iam::111111111111:role/orders-api';
      const principals = { api: iamRole(role, { connectsAs: ['orders_api'] }) };
      expect(faultsOf(exampleEnvironment({ region, principals }))).toEqual([
        expect.stringContaining('principals.api.role: is in the partition aws,'),
      ]);
    },
  );
});

test('a reference of CDKTF is for constructs: an environment is written before there is anything to refer to', () => {
  const cluster = createCluster({
    identifier: 'orders',
    databaseName: 'orders',
    engineVersion: '17.5',
    instances: serverlessV2({ minimumCapacity: 0.5, maximumCapacity: 1 }),
    // Raw arguments of the provider: there a reference may stand.
    overrides: { cluster: { networkType: '${TfToken[TOKEN.1]}' } },
  });
  const environment = defineEnvironment({
    ...exampleEnvironment({ cluster }),
    principals: { api: iamRole('${TfToken[TOKEN.0]}', { connectsAs: ['orders_api'] }) },
    tags: { '&{TfToken[TOKEN.2]}': 'x' },
  });
  expect(faultsOf(environment)).toEqual([
    expect.stringContaining('principals.api.role: is known to Terraform only'),
    expect.stringContaining('tags: is known to Terraform only'),
  ]);
});
