import { type Environment, EnvironmentError, newRole, service, validateEnvironments } from '../../../modules';
import { exampleAccess, exampleEnvironment } from '../../support/example';
import { faultsOf } from '../../support/faults-of';

const access = (groups: object, logins: object) => ({
  access: {
    groups: { ...exampleAccess.groups, ...groups },
    logins: { ...exampleAccess.logins, ...logins },
  },
});
const login = (definition: object, name = 'new_login') =>
  exampleEnvironment(access({}, { [name]: definition }) as object);
const group = (definition: object, name = 'new_group') =>
  exampleEnvironment(access({ [name]: definition }, {}) as object);
const principal = (definition: object) =>
  ({
    ...exampleEnvironment(),
    principals: { api: definition },
  }) as unknown as Environment;

test('a right environment has no faults', () => {
  expect(faultsOf(exampleEnvironment())).toEqual([]);
});

test.each<[string, unknown, string]>([
  [
    'of the cluster',
    exampleEnvironment({ cluster: { kind: 'existing', identifier: 'o', databaseName: 'a\nb' } }),
    'cluster.databaseName',
  ],
  ['of the environment', exampleEnvironment({ databases: ['a\rb'] }), 'databases[0]'],
  ['of a group', group({ preset: 'readOnly', database: 'a\nb' }), 'groups.new_group.database'],
  [
    'a key of a group',
    group({ preset: 'readOnly', databases: { 'a\nb': ['s'] } }),
    'groups.new_group.databases["a\\nb"]',
  ],
])('a database with a line break in its name is refused: %s', (_where, environment, path) => {
  expect(faultsOf(environment)).toContainEqual(
    expect.stringMatching(new RegExp(`${path.replace(/[.[\]\\]/g, '\\$&')}: contains a control character`)),
  );
});

test.each<[string, unknown, string, string]>([
  ['no object at all', undefined, '(the environment)', 'is missing; write an object'],
  ['an unknown key', { ...exampleEnvironment(), acount: '1' }, 'acount', 'is not a setting here'],
  [
    'an unknown key deep inside',
    login({ memberof: ['orders_read'] }),
    'logins.new_login.memberof',
    'is not a setting here',
  ],
  [
    'an account that is not 12 digits',
    exampleEnvironment({ account: '1234' }),
    'account',
    'is not an account',
  ],
  [
    'an account as a number',
    { ...exampleEnvironment(), account: 111111111111 },
    'account',
    'is the number 111111111111; write text in quotes',
  ],
  ['a region that is none', exampleEnvironment({ region: 'Ireland' }), 'region', 'is not a region'],
  ['a name with a dot', exampleEnvironment({ name: 'dev.eu' }), 'name', 'is not a name for an environment'],
  ['a name that is too long', exampleEnvironment({ name: 'x'.repeat(25) }), 'name', 'longer than 24'],
  ['a login in no group', login({}), 'logins.new_login', 'is in no group'],
  ['a login in an empty list of groups', login({ memberOf: [] }), 'logins.new_login', 'is in no group'],
  [
    'a group that does not exist',
    login({ memberOf: ['orders_raed'] }),
    'logins.new_login.memberOf[0]',
    'there is no group "orders_raed"; write one of orders_owner',
  ],
  [
    'a group called like a method of objects',
    login({ memberOf: ['constructor'] }),
    'logins.new_login.memberOf[0]',
    'there is no group',
  ],
  ['a login as a group', login({ memberOf: ['analyst'] }), 'logins.new_login.memberOf[0]', 'is a login'],
  [
    'a group named twice',
    login({ memberOf: ['orders_read', 'orders_read'] }),
    'logins.new_login.memberOf[1]',
    'named twice',
  ],
  [
    'rds_iam as a membership',
    login({ memberOf: ['rds_iam'] }),
    'logins.new_login.memberOf[0]',
    'is granted to every login',
  ],
  [
    'rds_superuser as a membership',
    login({ memberOf: ['rds_superuser'] }),
    'logins.new_login.memberOf[0]',
    'administrator of the cluster',
  ],
  [
    'rds_ad as a membership',
    login({ memberOf: ['rds_ad'] }),
    'logins.new_login.memberOf[0]',
    'excludes rds_iam',
  ],
  [
    'rds_iam as a predefined role',
    login({ memberOf: [{ predefined: 'rds_iam' }] }),
    'logins.new_login.memberOf[0]',
    'is granted to every login',
  ],
  [
    'a predefined role without the word',
    login({ memberOf: ['pg_monitor'] }),
    'logins.new_login.memberOf[0]',
    "write predefined('pg_monitor')",
  ],
  [
    'a predefined role that reaches files',
    login({ memberOf: [{ predefined: 'pg_read_server_files' }] }),
    'logins.new_login.memberOf[0]',
    'is not a predefined role that an environment can grant',
  ],
  [
    'acting as nobody',
    login({ actsAs: 'nobody' }),
    'logins.new_login.actsAs',
    'there is no group "nobody"; write one of orders_owner',
  ],
  [
    'acting as a reader',
    login({ actsAs: 'orders_read' }),
    'logins.new_login.actsAs',
    'is not an owner group',
  ],
  [
    'acting as a group and being its member',
    login({ actsAs: 'orders_owner', memberOf: ['orders_owner'] }),
    'logins.new_login.actsAs',
    'is in memberOf too',
  ],
  [
    'a login with a wildcard',
    login({ memberOf: ['orders_read'] }, 'orders*'),
    'logins["orders*"]',
    'is not a login name',
  ],
  [
    'a login that is the master',
    login({ memberOf: ['orders_read'] }, 'postgres'),
    'logins.postgres',
    "cluster's master",
  ],
  ['a login reserved by PostgreSQL', login({ memberOf: ['orders_read'] }, 'pg_x'), 'logins.pg_x', 'reserves'],
  [
    'a capital letter by accident',
    login({ memberOf: ['orders_read'] }, 'Jane'),
    'logins.Jane',
    'caseSensitive',
  ],
  [
    'one name as group and login',
    login({ memberOf: ['orders_read'] }, 'orders_write'),
    'logins.orders_write',
    'is also the name of a group',
  ],
  ['an unknown preset', group({ preset: 'readEverything' }), 'groups.new_group.preset', 'is not one of'],
  ['a group reserved by RDS', group({ preset: 'readOnly' }, 'rds_new'), 'groups.rds_new', 'reserved by RDS'],
  ['no schema', group({ preset: 'readOnly', schemas: [] }), 'groups.new_group.schemas', 'is empty'],
  [
    'a schema of PostgreSQL',
    group({ preset: 'readOnly', schemas: ['pg_catalog'] }),
    'groups.new_group.schemas[0]',
    'schema of PostgreSQL itself',
  ],
  [
    'a login as creator',
    group({ preset: 'readOnly', creators: ['analyst'] }),
    'groups.new_group.creators[0]',
    'logins own nothing',
  ],
  [
    'creators of an owner group',
    group({ preset: 'owner', creators: ['x'] }),
    'groups.new_group.creators',
    'has no effect',
  ],
  [
    'a principal without logins',
    principal({ kind: 'role', role: 'r', connectsAs: [] }),
    'principals.api.connectsAs',
    'is empty',
  ],
  [
    'a principal with an unknown login',
    principal({ kind: 'role', role: 'r', connectsAs: ['nobody'] }),
    'principals.api.connectsAs[0]',
    'there is no login "nobody"',
  ],
  [
    'a principal with a login twice',
    principal({ kind: 'document', connectsAs: ['analyst', 'analyst'] }),
    'principals.api.connectsAs[1]',
    'named twice',
  ],
  [
    'a role with a space',
    principal({ kind: 'role', role: 'my role', connectsAs: ['analyst'] }),
    'principals.api.role',
    'neither the name nor the ARN',
  ],
  [
    'a role of another account',
    principal({
      kind: 'role',
      role: 'arn:aws:iam::222222222222:role/x',
      connectsAs: ['analyst'],
    }),
    'principals.api.role',
    'is a role of account 222222222222',
  ],
  [
    'a role of Identity Center',
    principal({
      kind: 'role',
      role: 'AWSReservedSSO_Dev_1',
      connectsAs: ['analyst'],
    }),
    'principals.api.role',
    'use documentOnly',
  ],
  [
    'a role of Identity Center, by the ARN of a session',
    principal({
      kind: 'role',
      role: 'arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Dev_1/jane',
      connectsAs: ['analyst'],
    }),
    'principals.api.role',
    'use documentOnly',
  ],
  [
    'a session instead of its role',
    principal({
      kind: 'role',
      role: 'arn:aws:sts::111111111111:assumed-role/orders-api/i-1',
      connectsAs: ['analyst'],
    }),
    'principals.api.role',
    'is a session, and policies are attached to its role; write orders-api',
  ],
  ...[
    'AWSServiceRoleForRDS',
    'arn:aws:iam::111111111111:role/aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS',
  ].map((role): [string, unknown, string, string] => [
    `the service-linked role ${role}`,
    principal({ kind: 'role', role, connectsAs: ['analyst'] }),
    'principals.api.role',
    'is a service-linked role, whose policies only AWS can change; give the program a role of its own',
  ]),
  [
    'an unknown kind of principal',
    principal({ kind: 'team', connectsAs: ['analyst'] }),
    'principals.api.kind',
    'is "team", which is not a kind here; write one of role, user, group',
  ],
  [
    'a cluster identifier with capitals',
    exampleEnvironment({
      cluster: { kind: 'existing', identifier: 'Orders', databaseName: 'x' },
    }),
    'cluster.identifier',
    'is not a cluster identifier',
  ],
  [
    'a database name that is too long',
    exampleEnvironment({
      cluster: {
        kind: 'existing',
        identifier: 'orders',
        databaseName: 'x'.repeat(64),
      },
    }),
    'cluster.databaseName',
    '64 bytes',
  ],
  [
    'an administrator that is a login',
    exampleEnvironment({
      admin: { kind: 'environmentPassword', username: 'analyst' },
    }),
    'admin.username',
    'is one of the logins',
  ],
  [
    'a secret that is not an ARN',
    exampleEnvironment({
      admin: { kind: 'secret', secretArn: 'orders/master' },
    }),
    'admin.secretArn',
    'is not the ARN of a secret',
  ],
  [
    'a role to assume that is no ARN',
    exampleEnvironment({ assumeRole: { roleArn: 'deploy' } }),
    'assumeRole.roleArn',
    'is not the ARN of a role',
  ],
  [
    'a role to assume of another account',
    exampleEnvironment({ assumeRole: { roleArn: 'arn:aws:iam::222222222222:role/deploy' } }),
    'assumeRole.roleArn',
    'is a role of account 222222222222, and this environment is in 111111111111',
  ],
  [
    'an admin by IAM beside a role to assume',
    exampleEnvironment({
      admin: { kind: 'iam', username: 'iam_admin' },
      assumeRole: { roleArn: 'arn:aws:iam::111111111111:role/deploy' },
    }),
    'assumeRole',
    'signs its token as the process itself',
  ],
  [
    'a tunnel that checks nothing',
    {
      ...exampleEnvironment(),
      through: { host: 'localhost', port: 1, sslmode: 'require' },
    },
    'through.sslmode',
    'is not one of',
  ],
])('%s is refused', (_what, environment, path, message) => {
  const faults = faultsOf(environment);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toMatch(new RegExp(`^${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}: `));
  expect(faults[0]).toContain(message);
});

const roleWith = (trust: unknown, changes: object = {}) =>
  principal({ kind: 'newRole', name: 'orders-api', trust, connectsAs: ['analyst'], ...changes });
const lambda = { kind: 'service', service: 'lambda' };
const github = (changes: object) => roleWith({ kind: 'github', repository: 'me/shop', ...changes });
const eks = (changes: object) =>
  roleWith({
    kind: 'eks',
    issuer: 'oidc.eks.eu-west-1.amazonaws.com/id/A1',
    namespace: 'n',
    serviceAccount: 's',
    ...changes,
  });
const withTargets = (targets: object, used: string[], changes: object = {}) => ({
  ...principal({ kind: 'document', connectsAs: ['analyst'], targets: used }),
  targets,
  ...changes,
});

test.each<[string, unknown, string, string]>([
  [
    'an IAM user with a space',
    principal({ kind: 'user', user: 'jane doe', connectsAs: ['analyst'] }),
    'principals.api.user',
    'neither the name nor the ARN of an IAM user',
  ],
  [
    'an IAM user named by the ARN of a role',
    principal({ kind: 'user', user: 'arn:aws:iam::111111111111:role/x', connectsAs: ['analyst'] }),
    'principals.api.user',
    'neither the name nor the ARN',
  ],
  [
    'a group of another account',
    principal({ kind: 'group', group: 'arn:aws:iam::222222222222:group/x', connectsAs: ['analyst'] }),
    'principals.api.group',
    'is a group of account 222222222222',
  ],
  [
    'an own name without a login',
    principal({ kind: 'group', group: 'g', connectsAs: { ownName: ['analyst', 'jane'] } }),
    'principals.api.connectsAs.ownName[1]',
    'there is no login "jane"',
  ],
  [
    'another own name than the user has',
    principal({ kind: 'user', user: 'jane', connectsAs: { ownName: ['analyst'] } }),
    'principals.api.connectsAs.ownName',
    "write ownName(['jane'])",
  ],
  [
    'own names of a role, which has none',
    principal({ kind: 'role', role: 'r', connectsAs: { ownName: ['analyst'] } }),
    'principals.api.connectsAs',
    'is an object; write a list: [ … ]',
  ],
  [
    'an unknown target',
    withTargets({}, ['frankfurt']),
    'principals.api.targets[0]',
    'there is no target "frankfurt"; write one of cluster',
  ],
  [
    'a target named twice',
    withTargets({}, ['cluster', 'cluster']),
    'principals.api.targets[1]',
    'named twice',
  ],
  ['no target', withTargets({}, []), 'principals.api.targets', 'is empty'],
  [
    'a target called like the cluster',
    withTargets({ cluster: { kind: 'proxy', name: 'p' } }, ['cluster']),
    'targets.cluster',
    "environment's own cluster",
  ],
  [
    'a target with a wrong region',
    withTargets({ x: { kind: 'memberCluster', identifier: 'o', region: 'here' } }, ['x']),
    'targets.x.region',
    'is not a region',
  ],
  [
    'a proxy by its ARN',
    withTargets({ x: { kind: 'proxy', name: 'arn:aws:rds:eu-west-1:1:db-proxy:prx-1' } }, ['x']),
    'targets.x.name',
    'is an ARN (db-proxy); write the identifier (DBProxyName)',
  ],
  ...(
    [
      ['of another account', 'arn:aws:iam::222222222222:role/p', 'is a role of account 222222222222'],
      ['that AWS keeps for itself', 'AWSServiceRoleForRDS', 'is a service-linked role'],
      ['of Identity Center', 'AWSReservedSSO_x', 'is managed by IAM Identity Center'],
      ['by no name', 'my role', 'is neither the name nor the ARN of an IAM role'],
    ] as const
  ).map(([what, role, message]): [string, unknown, string, string] => [
    `a proxy with a role ${what}`,
    withTargets({ x: { kind: 'proxy', name: 'shop', role } }, ['x']),
    'targets.x.role',
    message,
  ]),
  [
    'a member cluster of an instance',
    withTargets({ x: { kind: 'memberCluster', identifier: 'o', region: 'eu-west-1' } }, ['x'], {
      cluster: { kind: 'instance', identifier: 'o', databaseName: 'o' },
    }),
    'principals.api.targets[0]',
    'this environment has an RDS instance',
  ],
  [
    'an unknown service',
    roleWith({ kind: 'service', service: 's3' }),
    'principals.api.trust.service',
    'is not one of',
  ],
  [
    'GitHub without a branch, tag or environment',
    github({}),
    'principals.api.trust',
    'must name exactly one of environment, branch and tag',
  ],
  [
    'GitHub with a branch and a tag',
    github({ branch: 'main', tag: 'v1' }),
    'principals.api.trust',
    'must name exactly one of',
  ],
  [
    'GitHub with every branch',
    github({ branch: '*' }),
    'principals.api.trust.branch',
    'patterns are refused',
  ],
  [
    'GitHub with a claim in the name of the branch',
    github({ branch: 'x:environment:prod' }),
    'principals.api.trust.branch',
    'patterns are refused',
  ],
  [
    'GitHub with a policy variable',
    github({ environment: '${aws:username}' }),
    'principals.api.trust.environment',
    'patterns are refused',
  ],
  [
    'GitHub with every repository',
    github({ repository: 'me/*', branch: 'main' }),
    'principals.api.trust.repository',
    'write owner@<owner id>/name@<repository id>',
  ],
  ...[
    'me@1/shop',
    'me/shop@2',
    'me@*/shop@2',
    'me@1/shop@?',
    'me@1/shop@2:environment:prod',
    'me@1/shop@2/x',
    'me@01/shop@2',
    'me@1/shop@0',
    'me@1x/shop@2',
    'me@1@1/shop@2',
    'me@-1/shop@2',
    'me@1 /shop@2',
    'me@1/shop@2\n',
    'me@\u0661/shop@2',
    '@1/@2',
    'me@${aws:userid}/shop@2',
    `me@1/shop@${'1'.repeat(30)}`,
  ].map((repository): [string, unknown, string, string] => [
    `GitHub with the hostile id of ${JSON.stringify(repository)}`,
    github({ repository, branch: 'main' }),
    'principals.api.trust.repository',
    'is not a repository',
  ]),
  [
    'the own account as another one',
    roleWith({ kind: 'account', account: '111111111111' }),
    'principals.api.trust.account',
    "is the environment's own account",
  ],
  [
    'EKS with every service account',
    eks({ serviceAccount: '*' }),
    'principals.api.trust.serviceAccount',
    'name exactly one',
  ],
  ['EKS with every namespace', eks({ namespace: '*' }), 'principals.api.trust.namespace', 'name exactly one'],
  [
    'EKS with https before the issuer',
    eks({ issuer: 'https://oidc.eks.eu-west-1.amazonaws.com/id/A1' }),
    'principals.api.trust.issuer',
    'without https://',
  ],
  ...[
    'oidc-eks.eu-west-1.api.aws/id/A1',
    'https://oidc-eks.eu-west-1.api.aws/id/A1',
    'oidc-eks.eu-west-1.api.aws/id/A1/',
  ].map((issuer): [string, unknown, string, string] => [
    `the dual-stack issuer ${issuer}`,
    eks({ issuer }),
    'principals.api.trust.issuer',
    'the tokens carry the other one, whatever the IP family of the cluster: a trust policy that names this one never matches; write oidc.eks.eu-west-1.amazonaws.com/id/A1',
  ]),
  [
    'a role with the name of a service-linked one',
    roleWith(lambda, { name: 'AWSServiceRoleForOrders' }),
    'principals.api.name',
    'do not begin with',
  ],
  [
    'a role with the path of service-linked ones',
    roleWith(lambda, { path: '/aws-service-role/rds.amazonaws.com/' }),
    'principals.api.path',
    'not with /aws-service-role/',
  ],
  [
    'trust in an account that is none',
    roleWith({ kind: 'account', account: 'prod' }),
    'principals.api.trust.account',
    'is not an account',
  ],
  [
    'an external id with a wildcard',
    roleWith({ kind: 'account', account: '222222222222', externalId: '**' }),
    'principals.api.trust.externalId',
    'is not an external id',
  ],
  [
    'a role with a reserved name',
    roleWith(lambda, { name: 'AWSReservedSSO_x' }),
    'principals.api.name',
    'is not a name for an IAM role',
  ],
  [
    'a role with half a path',
    roleWith(lambda, { path: '/services' }),
    'principals.api.path',
    'begins and ends with /',
  ],
  [
    'a session of a minute',
    roleWith(lambda, { maxSessionDuration: 60 }),
    'principals.api.maxSessionDuration',
    '3600 to 43200',
  ],
  [
    'a boundary that is no policy',
    roleWith(lambda, { permissionsBoundaryArn: 'arn:aws:iam::111111111111:role/x' }),
    'principals.api.permissionsBoundaryArn',
    'is not the ARN of a policy',
  ],
])('%s is refused', (_what, environment, path, message) => {
  const faults = faultsOf(environment);
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(`${path}: `);
  expect(faults[0]).toContain(message);
});

test('two new roles of one name are refused', () => {
  const role = { kind: 'newRole', name: 'twin', trust: lambda, connectsAs: ['analyst'] };
  const environment = { ...exampleEnvironment(), principals: { a: role, b: { ...role, name: 'TWIN' } } };
  expect(faultsOf(environment)).toEqual([
    'principals.b.name: is already created by principal "a" (IAM does not distinguish upper and lower case); rename one of the two',
  ]);
});

const created = (changes: object) =>
  ({
    ...exampleEnvironment(),
    cluster: {
      kind: 'created',
      identifier: 'orders',
      databaseName: 'orders',
      engineVersion: '17.5',
      instances: { kind: 'provisioned', instanceClass: 'db.r7g.large' },
      ...changes,
    },
  }) as unknown as Environment;

test.each<[string, object, string, string]>([
  ['a version without a minor', { engineVersion: '17' }, 'cluster.engineVersion', 'is not a version'],
  ['one subnet', { subnetIds: ['subnet-1'] }, 'cluster.subnetIds', 'fewer than 2 subnets'],
  [
    'subnets and a subnet group',
    { subnetIds: ['subnet-1', 'subnet-2'], subnetGroupName: 'x' },
    'cluster.subnetGroupName',
    'one of the two',
  ],
  ['a port that Aurora does not take', { port: 80 }, 'cluster.port', '1150'],
  [
    'capacity upside down',
    {
      instances: {
        kind: 'serverlessV2',
        minimumCapacity: 4,
        maximumCapacity: 2,
      },
    },
    'cluster.instances.minimumCapacity',
    'more than maximumCapacity',
  ],
  [
    'too many readers',
    {
      instances: {
        kind: 'provisioned',
        instanceClass: 'db.r7g.large',
        readers: 16,
      },
    },
    'cluster.instances.readers',
    '15 readers',
  ],
  [
    'IAM authentication switched off',
    { overrides: { cluster: { iamDatabaseAuthenticationEnabled: false } } },
    'cluster.overrides.cluster.iamDatabaseAuthenticationEnabled',
    'cannot be overridden',
  ],
  [
    'the master called admin',
    { masterUsername: 'admin' },
    'cluster.masterUsername',
    'is not a name that RDS accepts',
  ],
])('a cluster to create with %s is refused', (_what, changes, path, message) => {
  const faults = faultsOf(created(changes));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(`${path}: `);
  expect(faults[0]).toContain(message);
});

describe('principals whose policies would have one name in IAM', () => {
  test('are refused, because IAM does not tell upper from lower case', () => {
    const environment = exampleEnvironment({
      principals: {
        api: { kind: 'document', connectsAs: ['analyst'] },
        API: { kind: 'document', connectsAs: ['analyst'] },
      },
    });
    expect(faultsOf(environment)).toEqual([
      'principals.API: would have the same address as "api"; rename one of the two',
    ]);
  });
});

describe('two environments', () => {
  const other = (changes: Partial<Environment>) => exampleEnvironment({ name: 'other', ...changes });

  test('of one name are refused', () => {
    const twin = exampleEnvironment({
      cluster: { kind: 'existing', identifier: 'twin', databaseName: 'x' },
    });
    expect(faultsOf(exampleEnvironment(), twin)).toEqual([
      'name: is the name of two environments; rename one',
    ]);
  });

  test('that claim the same roles of the same cluster are refused, role by role', () => {
    const faults = faultsOf(exampleEnvironment(), other({}));
    expect(faults).toHaveLength(6);
    expect(faults[5]).toContain('logins.analyst: is already managed on this cluster by environment test');
  });

  test.each<[string, Partial<Environment>]>([
    ['account', { account: '222222222222' }],
    ['region', { region: 'eu-central-1' }],
    [
      'cluster',
      {
        cluster: {
          kind: 'existing',
          identifier: 'other',
          databaseName: 'orders',
        },
      },
    ],
  ])('may have the same roles in another %s', (_what, changes) => {
    expect(faultsOf(exampleEnvironment(), other(changes))).toEqual([]);
  });

  test('of one account cannot both create a role', () => {
    const principals = { api: newRole('api', { trust: service('lambda'), connectsAs: ['analyst'] }) };
    const second = other({
      principals,
      cluster: { kind: 'existing', identifier: 'other', databaseName: 'orders' },
    });
    expect(faultsOf(exampleEnvironment({ principals }), second)).toEqual([
      'principals.api.name: is already created in this account by environment test; rename it, or use iamRole here',
    ]);
    expect(faultsOf(exampleEnvironment({ principals }), { ...second, account: '222222222222' })).toEqual([]);
  });

  test('cannot both create a cluster', () => {
    const second = {
      ...created({}),
      name: 'second',
      access: { groups: {}, logins: {} },
      principals: {},
    };
    expect(faultsOf(created({}), second)).toEqual([
      'cluster.identifier: is already created by environment test; use existingCluster here',
    ]);
  });
});

test('every fault is told at once, by environment, without a stack trace', () => {
  const environments = [
    exampleEnvironment({ account: '1', region: 'x' }),
    exampleEnvironment({
      name: 'other',
      ...access({}, { 'a b': { memberOf: ['nobody'] } }),
    } as Partial<Environment>),
  ];
  expect(() => validateEnvironments(environments)).toThrow(EnvironmentError);
  try {
    validateEnvironments(environments);
  } catch (error) {
    expect((error as Error).stack).toMatchInlineSnapshot(`
      "There are 4 faults in the environments:
      environment test
        fault environment-shape account: is not an account number; write its 12 digits in quotes: "111111111111"
        fault environment-shape region: is not a region; write its name, such as eu-west-1
      environment other
        fault environment-logins logins["a b"]: is not a login name: it contains " "; begin with a letter or _, and go on with letters, digits and _ . @ -
        fault environment-logins logins["a b"].memberOf[0]: there is no group "nobody"; write one of orders_owner, orders_read, orders_write, or add it under access.groups"
    `);
  }
});
