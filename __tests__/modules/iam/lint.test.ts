import fc from 'fast-check';
import type { Finding } from '../../../modules';
import { connectDocuments, deploymentPermissions } from '../../../modules';
import { findingLine } from '../../../modules/findings/finding';
import { lintPolicy as lintWhole } from '../../../modules/iam/lint';
import { generatedEnvironment } from '../../support/generated-environments';
import { told } from '../../support/told';

const id = 'cluster-ABCDEFGHIJKL0123456789ABCD';
const arn = (resourceId = id, login = 'analyst') =>
  `arn:aws:rds-db:eu-west-1:111111111111:dbuser:${resourceId}/${login}`;
const policy = (statement: object, document: object = { Version: '2012-10-17' }) =>
  JSON.stringify({
    ...document,
    Statement: [{ Sid: 'Connect', Effect: 'Allow', Action: 'rds-db:connect', ...statement }],
  });
/** Without what the document comes to, which the last tests are about. */
const lintPolicy = (text: string) => lintWhole(text).filter(({ rule }) => rule !== 'lets-nobody-in');
const rules = (text: string) => lintPolicy(text).map(({ rule }) => rule);

test.each<[string, string]>([
  ['connect on the resource id', policy({ Resource: arn() })],
  ['the action in another case', policy({ Action: 'RDS-DB:Connect', Resource: arn() })],
  ['an RDS instance', policy({ Resource: arn('db-ABC123') })],
  ['a proxy', policy({ Resource: arn('prx-0a1b2c3d') })],
  ['own names', policy({ Resource: arn(id, '${aws:username}') })],
  [
    'own names of people who come by SAML',
    policy({
      Resource: arn(id, '${saml:sub}'),
      Condition: { StringEquals: { 'saml:sub_type': 'persistent' } },
    }),
  ],
  [
    'the look-up in a statement of its own',
    policy({
      Action: 'rds:DescribeDBClusters',
      Resource: 'arn:aws:rds:eu-west-1:111111111111:cluster:orders',
    }),
  ],
  [
    'China',
    policy({ Resource: arn().replace('arn:aws:', 'arn:aws-cn:').replace('eu-west-1', 'cn-north-1') }),
  ],
  [
    'a condition on the user',
    policy({ Resource: arn(), Condition: { StringEquals: { 'aws:username': 'jane' } } }),
  ],
  ['a Deny of everything', policy({ Effect: 'Deny', Resource: '*' })],
  ['a Deny by a short ARN', policy({ Effect: 'Deny', Resource: 'arn:aws:rds-db:eu-west-1' })],
  ['a Deny of some logins everywhere', policy({ Effect: 'Deny', Resource: arn('*', 'orders_*') })],
  ['a Deny of all that is not listed', policy({ Effect: 'Deny', NotResource: arn(), Resource: undefined })],
  [
    'connect and look-up in one statement, each with its own resource',
    policy({
      Action: ['rds-db:connect', 'rds:DescribeDBClusters'],
      Resource: [arn(), 'arn:aws:rds:eu-west-1:111111111111:cluster:orders'],
    }),
  ],
  ['GovCloud', policy({ Resource: 'arn:aws-us-gov:rds-db:us-gov-west-1:111111111111:dbuser:db-A1/analyst' })],
  [
    'a partition that this project does not know',
    policy({ Resource: 'arn:aws-eusc:rds-db:eusc-de-east-1:111111111111:dbuser:cluster-A1/analyst' }),
  ],
  ['a part of the own name', policy({ Resource: arn(id, 'app_${aws:username}') })],
  ['a login with a sign that needs no quotes', policy({ Resource: arn(id, 'svc$etl') })],
  ['a login of 63 bytes', policy({ Resource: arn(id, 'a'.repeat(63)) })],
  [
    'everything but rds-db of another service',
    policy({ Action: undefined, NotAction: 'rds-db:*', Resource: '*' }),
  ],
  ['NotResource that leaves nothing over', policy({ NotResource: '*', Resource: undefined })],
  [
    'an unknown key of a statement about S3',
    policy({
      Action: 's3:GetObject',
      Resource: '*',
      Condition: { Bool: { 'aws:SecureTransport': 'true' } },
    }),
  ],
  ['another service', policy({ Action: 's3:GetObject', Resource: '*' })],
  ...[
    'arn:aws:rds:eu-west-1:111111111111:cluster:*',
    'arn:aws:rds:eu-west-1:111111111111:*',
    'arn:aws:rds:*:*:cl*',
    'arn:aws:rds:eu-west-1:111111111111:${aws:PrincipalTag/x}',
    '*',
  ].map((Resource): [string, string] => [
    `a look-up on ${Resource}`,
    policy({ Action: ['rds:DescribeDBClusters', 'rds:Describe*'], Resource }),
  ]),
  [
    'a look-up of clusters and instances, each with its own resource',
    policy({
      Action: ['rds:DescribeDBClusters', 'rds:DescribeDBInstances'],
      Resource: [
        'arn:aws:rds:eu-west-1:111111111111:cluster:orders',
        'arn:aws:rds:eu-west-1:111111111111:db:orders-1',
      ],
    }),
  ],
  [
    'connecting to DSQL',
    policy({
      Action: 'dsql:DbConnect',
      Resource: 'arn:aws:dsql:eu-west-1:111111111111:cluster/abcdefghijklmnopqrstuvwxyz',
    }),
  ],
])('%s: nothing to say', (_what, text) => {
  expect(lintPolicy(text)).toEqual([]);
});

test.each<[string, string, string, string]>([
  [
    'the cluster identifier',
    policy({ Resource: arn('orders') }),
    'identifier-as-resource-id',
    'DbClusterResourceId',
  ],
  [
    'an identifier that looks like an id',
    policy({ Resource: arn('cluster-orders') }),
    'identifier-as-resource-id',
    'nothing ever matches',
  ],
  [
    'a resource id in lower case',
    policy({ Resource: arn(id.toLowerCase()) }),
    'identifier-as-resource-id',
    'nothing ever matches',
  ],
  [
    'rds:Describe* beside connect',
    policy({ Action: ['rds-db:connect', 'rds:Describe*'], Resource: arn() }),
    'describe-on-dbuser',
    'grants nothing here',
  ],
  [
    'rds:* beside connect',
    policy({ Action: ['rds-db:connect', 'rds:*'], Resource: arn() }),
    'describe-on-dbuser',
    'grants nothing here',
  ],
  ['rds:connect', policy({ Action: 'rds:connect', Resource: arn() }), 'wrong-prefix', 'write rds-db:connect'],
  ['rds-db:*', policy({ Action: 'rds-db:*', Resource: arn() }), 'any-action', 'write rds-db:connect'],
  ['rds-db:connect*', policy({ Action: 'rds-db:connect*', Resource: arn() }), 'any-action', 'one is enough'],
  ['a slip', policy({ Action: 'rds-db:conect', Resource: arn() }), 'no-such-action', 'grants nothing'],
  [
    'the permission that does not exist',
    policy({ Action: ['rds:DescribeDBClusters', 'rds:GenerateDBAuthToken'], Resource: '*' }),
    'no-such-action',
    '"rds:GenerateDBAuthToken" is not an action, so it grants nothing; remove it: making a token needs no permission, and logging in needs rds-db:connect',
  ],
  [
    'the permission that does not exist, on a login',
    policy({ Action: ['rds-db:connect', 'rds:generate-db-auth-token'], Resource: arn() }),
    'no-such-action',
    'making a token needs no permission',
  ],
  [
    'a slip in an action of rds',
    policy({ Action: 'rds:DescribeDBCluster', Resource: '*' }),
    'no-such-action',
    'did you mean rds:DescribeDBClusters?',
  ],
  [
    'a pattern that matches no action',
    policy({ Action: 'rds:Discribe*', Resource: '*' }),
    'no-such-action',
    '"rds:Discribe*" matches no action of rds',
  ],
  [
    'a slip in an action of DSQL',
    policy({ Action: 'dsql:DbConect', Resource: '*' }),
    'no-such-action',
    'did you mean dsql:DbConnect?',
  ],
  [
    'the look-up of a cluster on an instance',
    policy({ Action: 'rds:DescribeDBClusters', Resource: 'arn:aws:rds:eu-west-1:111111111111:db:orders' }),
    'action-resource',
    'takes none of the resources beside it, so it grants nothing; name one that it takes: arn:<partition>:rds:<region>:<account>:cluster:<DbClusterInstanceName>',
  ],
  [
    'an action that works on * only, on a cluster',
    policy({
      Action: 'rds:DescribeAccountAttributes',
      Resource: 'arn:aws:rds:eu-west-1:111111111111:cluster:orders',
    }),
    'action-resource',
    'write "Resource": "*" for it',
  ],
  [
    'connecting to DSQL by the ARN of a cluster of RDS',
    policy({ Action: 'dsql:DbConnect', Resource: 'arn:aws:rds:eu-west-1:111111111111:cluster:orders' }),
    'action-resource',
    'arn:<partition>:dsql:<region>:<account>:cluster/<Identifier>',
  ],
  [
    'a slip in NotAction of a Deny',
    policy({ Effect: 'Deny', Action: undefined, NotAction: 'rds:DescribeDBCluster', Resource: '*' }),
    'no-such-action',
    'leaving it out changes nothing',
  ],
  [
    "DSQL's permission to connect",
    policy({ Action: 'dsql:DbConnect', Resource: arn() }),
    'wrong-prefix',
    'is for Aurora DSQL, which is another service',
  ],
  [
    'the ARN of a cluster of DSQL',
    policy({ Resource: 'arn:aws:dsql:eu-west-1:111111111111:cluster/abcdefghijklmnopqrstuvwxyz' }),
    'wrong-service',
    'an ARN of the service "dsql"',
  ],
  [
    'a slip in a Deny',
    policy({ Effect: 'Deny', Action: 'rds-db:conect', Resource: arn() }),
    'no-such-action',
    'denies nothing',
  ],
  [
    'rdsdb:connect',
    policy({ Action: 'rdsdb:connect', Resource: arn() }),
    'wrong-prefix',
    'write rds-db:connect',
  ],
  [
    'Describe alone on a database user',
    policy({ Action: 'rds:DescribeDBClusters', Resource: arn() }),
    'describe-on-dbuser',
    'connecting does not need it',
  ],
  ['every login', policy({ Resource: arn(id, '*') }), 'any-login', 'name each login'],
  ['some logins', policy({ Resource: arn(id, 'orders_?') }), 'any-login', 'name each login'],
  ['every cluster', policy({ Resource: arn('*') }), 'any-cluster', 'write the resource id'],
  ['every account', policy({ Resource: arn().replace('111111111111', '*') }), 'any-account', 'write them'],
  [
    'every region',
    policy({ Resource: arn().replace('eu-west-1', 'eu-*') }),
    'any-account',
    'region or account open',
  ],
  ['every partition', policy({ Resource: arn().replace('arn:aws:', 'arn:*:') }), 'any-account', 'partition'],
  [
    'no region',
    policy({ Resource: arn().replace('eu-west-1', '') }),
    'incomplete-arn',
    'nothing ever matches',
  ],
  [
    'half an account',
    policy({ Resource: arn().replace('111111111111', '1111') }),
    'incomplete-arn',
    '12 digits',
  ],
  [
    'some clusters, and so all their logins',
    policy({ Resource: arn().replace(/:cluster-.*/, ':cluster-A*') }),
    'any-cluster',
    'and every login',
  ],
  [
    'all of an account',
    policy({ Resource: arn().replace(/dbuser:.*/, '*') }),
    'any-cluster',
    'and every login',
  ],
  ['all of rds-db', policy({ Resource: 'arn:aws:rds-db:*' }), 'every-database', 'name dbuser ARNs'],
  [
    'all of rds-db, part by part',
    policy({ Resource: 'arn:aws:rds-db:*:*:dbuser:*/*' }),
    'every-database',
    'name dbuser ARNs',
  ],
  [
    'any service',
    policy({ Resource: arn().replace('rds-db', 'rds*') }),
    'any-service',
    'the IAM manual allows none',
  ],
  [
    'db-user for dbuser',
    policy({ Resource: arn().replace('dbuser', 'db-user') }),
    'resource-type',
    'write dbuser:',
  ],
  [
    'a slash after dbuser',
    policy({ Resource: arn().replace('dbuser:', 'dbuser/') }),
    'resource-type',
    'nothing ever matches',
  ],
  [
    'the ARN of the cluster beside Describe',
    policy({
      Action: ['rds-db:connect', 'rds:Describe*'],
      Resource: 'arn:aws:rds:eu-west-1:111111111111:cluster:orders',
    }),
    'wrong-service',
    'rds-db:connect needs one of rds-db',
  ],
  [
    'the service in capitals',
    policy({ Resource: arn().replace('rds-db', 'RDS-DB') }),
    'wrong-service',
    'write arn:<partition>:rds-db',
  ],
  [
    'a Deny on the identifier',
    policy({ Effect: 'Deny', Resource: arn('orders', '*') }),
    'identifier-as-resource-id',
    'nothing ever matches',
  ],
  [
    'all of rds-db by a short ARN',
    policy({ Resource: 'arn:aws:rds-db' }),
    'every-database',
    'fills the missing',
  ],
  [
    'an ARN that ends with the region',
    policy({ Resource: 'arn:aws:rds-db:eu-west-1' }),
    'short-arn',
    'every login',
  ],
  [
    'an ARN that ends with the account',
    policy({ Resource: 'arn:aws:rds-db:eu-west-1:111111111111' }),
    'short-arn',
    'every login of every cluster there',
  ],
  [
    'a short ARN with a wildcard',
    policy({ Resource: 'arn:aws:rds-db:eu-*' }),
    'short-arn',
    'fills the others',
  ],
  [
    'an ARN that ends with a colon',
    policy({ Resource: 'arn:aws:rds-db:eu-west-1:111111111111:' }),
    'resource-type',
    'has no resource',
  ],
  [
    'a wildcard in the resource type',
    policy({ Resource: arn().replace('dbuser:', 'db*:') }),
    'resource-type',
    'the IAM manual allows none',
  ],
  ['an Id', policy({ Resource: arn() }, { Version: '2012-10-17', Id: 'mine' }), 'id', 'leave it out'],
  ['no condition at all', policy({ Resource: arn(), Condition: {} }), 'empty-condition', 'leave it out'],
  ['every resource', policy({ Resource: '*' }), 'every-database', 'name dbuser ARNs'],
  ['everything', policy({ Action: '*', Resource: '*' }), 'every-database', 'name dbuser ARNs'],
  [
    'the ARN of the cluster',
    policy({ Resource: 'arn:aws:rds:eu-west-1:111111111111:cluster:orders' }),
    'wrong-service',
    'rds-db:connect needs one of rds-db',
  ],
  [
    'the wrong partition',
    policy({ Resource: arn().replace('eu-west-1', 'cn-north-1') }),
    'partition',
    'is in aws-cn',
  ],
  [
    'a source address',
    policy({ Resource: arn(), Condition: { IpAddress: { 'aws:SourceIp': '10.0.0.0/8' } } }),
    'unsupported-condition',
    'not supported',
  ],
  [
    'a VPC, in another case',
    policy({ Resource: arn(), Condition: { StringEquals: { 'AWS:sourcevpc': 'vpc-1' } } }),
    'unsupported-condition',
    'not supported',
  ],
  [
    'a tag of the principal',
    policy({ Resource: arn(), Condition: { StringEquals: { 'aws:PrincipalTag/team': 'a' } } }),
    'unknown-condition',
    'is not known',
  ],
  [
    'own names without a version',
    policy({ Resource: arn(id, '${aws:username}') }, {}),
    'old-version',
    '2012-10-17',
  ],
  [
    'own names in a document of 2008',
    policy({ Resource: arn(id, '${aws:username}') }, { Version: '2008-10-17' }),
    'old-version',
    'taken literally',
  ],
  [
    'a tag as login',
    policy({ Resource: arn(id, '${aws:PrincipalTag/login}') }),
    'unknown-variable',
    'is not known',
  ],
  [
    'a name by SAML of any kind',
    policy({ Resource: arn(id, '${saml:sub}') }),
    'transient-name',
    'persistent',
  ],
  [
    'a transient name by SAML',
    policy({
      Resource: arn(id, '${saml:sub}'),
      Condition: { StringEquals: { 'saml:sub_type': ['persistent', 'transient'] } },
    }),
    'transient-name',
    'another one in each session',
  ],
  [
    'a variable in the place of the account',
    policy({ Resource: arn().replace('111111111111', '${aws:PrincipalAccount}') }),
    'variable-place',
    'before the fifth colon',
  ],
  [
    'a tag of the resource',
    policy({ Resource: arn(), Condition: { StringEquals: { 'aws:ResourceTag/team': 'a' } } }),
    'unknown-condition',
    'is not known',
  ],
  [
    'a source address in a Deny of everything',
    policy({
      Effect: 'Deny',
      Action: '*',
      Resource: '*',
      Condition: { NotIpAddress: { 'aws:SourceIp': '10.0.0.0/8' } },
    }),
    'unsupported-condition',
    'not supported',
  ],
  [
    'a database before the login',
    policy({ Resource: arn(id, 'orders/analyst') }),
    'login',
    'most likely a slip',
  ],
  ['a blank after the login', policy({ Resource: arn(id, 'analyst ') }), 'login', 'most likely a slip'],
  ['half a variable', policy({ Resource: arn(id, '${aws:username') }), 'login', 'most likely a slip'],
  ['a login of 64 bytes', policy({ Resource: arn(id, 'a'.repeat(64)) }), 'login', '64 bytes long'],
  ['no login', policy({ Resource: arn(id, '') }), 'login', 'is empty'],
  ['nothing after the resource id', policy({ Resource: arn().replace('/analyst', '') }), 'login', 'is empty'],
  [
    'NotAction',
    policy({ Action: undefined, NotAction: 's3:*', Resource: arn() }),
    'not-action',
    'write Action',
  ],
  ['NotResource', policy({ NotResource: arn(), Resource: undefined }), 'not-resource', 'list the ARNs'],
  ['no JSON', '{', 'malformed', 'correct it first'],
  [
    'no effect',
    JSON.stringify({ Statement: [{ Action: 'rds-db:connect', Resource: arn() }] }),
    'malformed',
    'correct it first',
  ],
  [
    'a character that IAM refuses',
    policy({ Sid: 'A', Resource: arn(), Condition: { StringEquals: { 'aws:username': '日' } } }),
    'malformed',
    'correct it first',
  ],
])('%s is found', (_what, text, rule, message) => {
  const [finding, ...more] = lintPolicy(text);
  expect(more).toEqual([]);
  expect(finding?.rule).toBe(rule);
  expect(told(finding as Finding)).toContain(message);
});

test.each([
  ['no action', policy({ Action: [], Resource: arn() })],
  ['no resource', policy({ Resource: [] })],
  ['an operator without keys', policy({ Resource: arn(), Condition: { StringEquals: {} } })],
  ['a key without values', policy({ Resource: arn(), Condition: { StringEquals: { 'aws:username': [] } } })],
  ['a wildcard as service', policy({ Action: '*:*', Resource: arn() })],
])('%s: what AWS makes of it is not documented, and nothing else is said', (_what, text) => {
  const [finding, ...more] = lintPolicy(text);
  expect(more).toEqual([]);
  expect(finding).toMatchObject({ where: 'document', rule: 'malformed' });
  expect(told(finding as Finding)).toMatch(/not documented.*; correct it first$/);
});

test.each([
  'arn:aws:rds-db',
  'arn:aws:rds-db:eu-west-1',
  'arn:aws:rds-db:eu-west-1:111111111111',
  'arn:aws:rds-db:*',
])('of %s, which matches much, it is never said that nothing matches', (Resource) => {
  for (const Effect of ['Allow', 'Deny'])
    for (const { message } of lintPolicy(policy({ Effect, Resource })))
      expect(message).not.toMatch(/nothing/);
  expect(rules(policy({ Resource }))).not.toEqual([]);
});

test('a document that is too long is found', () => {
  const many = Array.from({ length: 80 }, (_, index) => arn(id, `login_${index}`));
  expect(rules(policy({ Resource: many }))).toEqual(['too-long']);
});

test('several faults are all told, with the statements they are in', () => {
  const text = policy({
    Sid: 'Both',
    Action: ['rds-db:connect', 'rds:Describe*'],
    Resource: arn('orders', '*'),
  });
  expect(lintPolicy(text).map(({ where, rule }) => `${where}: ${rule}`)).toEqual([
    'statement Both: describe-on-dbuser',
    'statement Both: identifier-as-resource-id',
    'statement Both: any-login',
  ]);
});

test.each([
  'aws:SourceIp',
  'aws:SourceVpc',
  'aws:SourceVpce',
  'aws:UserAgent',
  'aws:Referer',
  'aws:VpcSourceIp',
])('the key %s is not supported', (key) => {
  expect(rules(policy({ Resource: arn(), Condition: { StringLike: { [key]: 'x' } } }))).toEqual([
    'unsupported-condition',
  ]);
});

test('white space does not count', () => {
  const text = policy({ Resource: arn() });
  expect(lintPolicy(text.replace('{', `{${' \n\t'.repeat(3000)}`))).toEqual([]);
});

test('the same mistake in many ARNs is told once', () => {
  expect(rules(policy({ Resource: ['a', 'b', 'c'].map((login) => arn('orders', login)) }))).toEqual([
    'identifier-as-resource-id',
  ]);
});

test('a statement without a Sid, or with an empty one, is named by its number', () => {
  const statement = { Effect: 'Allow', Action: 'rds-db:connect', Resource: '*' };
  const text = JSON.stringify({ Version: '2012-10-17', Statement: [statement, { ...statement, Sid: '' }] });
  expect(lintPolicy(text).map((finding) => finding.where)).toEqual(['statement 1', 'statement 2']);
});

test('whatever the text is, the answer is a list of single lines without control characters', () => {
  const anything = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.json(),
    fc
      .tuple(fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }), fc.string({ unit: 'binary' }))
      .map(([resourceId, login, key]) =>
        policy({ Resource: arn(resourceId, login), Condition: { StringEquals: { [key]: login } } }),
      ),
    // Escaped, so that it passes IAM's pattern for the text.
    fc
      .string({ unit: 'binary' })
      .map((login) =>
        policy({ Resource: arn(id, login) }).replace(
          /[^\x20-\x7e]/g,
          (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
        ),
      ),
  );
  fc.assert(
    fc.property(anything, (text) => {
      for (const finding of lintPolicy(text)) expect(findingLine(finding)).toMatch(/^\P{Cc}+; \P{Cc}+$/u);
    }),
    { numRuns: 500 },
  );
});

test.each(['\n', '\u001b', '\u009b'])(
  'the control character %j in a login is shown, not obeyed',
  (character) => {
    const [finding] = lintPolicy(policy({ Resource: arn(id, `a${character}b`) }));
    expect(finding?.rule).toBe('login');
    expect(finding?.message).toContain(`a\\u00${character.charCodeAt(0).toString(16).padStart(2, '0')}b`);
  },
);

test('an identifier is never taken for a resource id, whatever it begins with', () => {
  const identifier = fc
    .tuple(fc.constantFrom('', 'cluster-', 'db-'), fc.stringMatching(/^[a-z][a-z0-9]{0,20}$/))
    .map((parts) => parts.join(''));
  fc.assert(
    fc.property(identifier, (name) => {
      expect(rules(policy({ Resource: arn(name) }))).toEqual(['identifier-as-resource-id']);
    }),
  );
});

test('the documents of the deploying role name actions that exist, each with a resource that it takes', () => {
  fc.assert(
    fc.property(generatedEnvironment, (environment) => {
      for (const document of Object.values(deploymentPermissions(environment)))
        expect(
          lintPolicy(JSON.stringify(document)).filter(({ rule }) =>
            ['no-such-action', 'action-resource', 'malformed', 'template'].includes(rule),
          ),
        ).toEqual([]);
    }),
    { numRuns: 50 },
  );
});

test('what this project emits has no findings', () => {
  const home = { partition: 'aws', account: '111111111111' };
  fc.assert(
    fc.property(generatedEnvironment, (environment) => {
      const targets = {
        cluster: { ...home, region: 'eu-west-1', resourceId: 'cluster-A1' },
        frankfurt: { ...home, region: 'eu-central-1', resourceId: 'cluster-B2' },
        pooled: { ...home, region: 'eu-west-1', resourceId: 'prx-0a1b' },
      };
      const lookUp = {
        action: 'rds:DescribeDBClusters',
        arn: 'arn:aws:rds:eu-west-1:111111111111:cluster:orders',
      };
      for (const principal of Object.values(environment.principals))
        for (const document of connectDocuments(environment, principal, { targets, lookUp }))
          expect(lintPolicy(JSON.stringify(document))).toEqual([]);
    }),
    { numRuns: 200 },
  );
});

describe('a template is not a policy, and nothing else is said of it', () => {
  const hcl = `data "aws_iam_policy_document" "connect" {
  statement {
    actions   = ["rds-db:connect"]
    resources = ["arn:aws:rds-db:eu-west-1:111111111111:dbuser:\${aws_db_instance.x.resource_id}/app"]
  }
}`;

  test.each<[string, string, string]>([
    [
      'a reference of Terraform',
      policy({ Resource: arn('${aws_rds_cluster.orders.cluster_resource_id}') }),
      'of Terraform',
    ],
    [
      'a variable of Terraform',
      policy({ Resource: arn(id, '${var.login}') }),
      '${var.login} is an expression of Terraform',
    ],
    ['a function of Terraform', policy({ Resource: arn(id, '${lower(each.key)}') }), 'of Terraform'],
    [
      'an escaped policy variable of Terraform',
      policy({ Resource: arn(id, '$${aws:username}') }),
      "Terraform's way",
    ],
    ['HCL', hcl, 'of Terraform'],
    ['HCL without a reference', hcl.replace(/\$\{.*?\}/, 'cluster-A1'), 'HCL'],
    ['jsonencode', 'policy = jsonencode({ Statement = [] })', 'HCL'],
    [
      'a pseudo parameter',
      policy({ Resource: arn().replace('111111111111', '${AWS::AccountId}') }),
      'CloudFormation',
    ],
    [
      'a resource of CloudFormation',
      policy({ Resource: arn('${Cluster.DBClusterResourceId}') }),
      'CloudFormation',
    ],
    [
      'an escaped policy variable of CloudFormation',
      policy({ Resource: arn(id, '${!aws:username}') }),
      'CloudFormation',
    ],
    ['Fn::Sub', policy({ Resource: { 'Fn::Sub': arn() } }), '"Fn::Sub" is a function of CloudFormation'],
    ['Ref', policy({ Resource: { Ref: 'Arn' } }), 'CloudFormation'],
    [
      'YAML',
      `Version: '2012-10-17'\nStatement:\n  - Effect: Allow\n    Resource: !Sub ${arn()}`,
      'CloudFormation',
    ],
    ['a token of CDKTF', policy({ Resource: arn('${TfToken[TOKEN.12]}') }), 'token of the CDK'],
    ['a token of the AWS CDK', policy({ Resource: arn('${Token[Cluster.Id.12]}') }), 'token of the CDK'],
    ['a program', "new iam.PolicyStatement({ actions: ['rds-db:connect'] })", 'program'],
  ])('%s', (_what, text, message) => {
    const [finding, ...more] = lintWhole(text);
    expect(more).toEqual([]);
    expect(finding).toMatchObject({ rule: 'template', where: 'document', severity: 'fault' });
    expect(told(finding as Finding)).toContain(message);
    expect(finding?.wayOut).toContain('lint what it renders to');
  });

  test.each([
    '${aws:username}',
    '${aws:PrincipalTag/login}',
    '${www.amazon.com:user_id}',
    '${*}',
    '${?}',
    '${$}',
  ])('%s is a policy variable', (variable) => {
    expect(rules(policy({ Resource: arn(id, `a${variable}`) }))).not.toContain('template');
  });
});

describe('a policy by which nobody can connect', () => {
  const statement = (given: object) => ({
    Effect: 'Allow',
    Action: 'rds-db:connect',
    Resource: arn(),
    ...given,
  });
  const document = (...statements: object[]) =>
    JSON.stringify({ Version: '2012-10-17', Statement: statements.map(statement) });
  const sumOf = (text: string) => lintWhole(text).filter(({ rule }) => rule === 'lets-nobody-in');

  test.each<[string, string, string]>([
    [
      'two permissions, neither of which connects',
      document({ Action: ['rds:DescribeDBClusters', 'rds:GenerateDBAuthToken'], Resource: '*' }),
      'no statement allows rds-db:connect',
    ],
    ['connect of another service', document({ Action: 'dsql:DbConnect' }), 'no statement allows'],
    ['Describe on a login', document({ Action: 'rds:Describe*' }), 'no statement allows'],
    ['the identifier', document({ Resource: arn('orders') }), 'on nothing that is a login'],
    [
      'the ARN of the cluster',
      document({ Resource: 'arn:aws:rds:eu-west-1:111111111111:cluster:orders' }),
      'on nothing',
    ],
    [
      'several mistakes',
      document({ Resource: arn('orders') }, { Resource: arn(id, '') }),
      'on nothing that is a login',
    ],
    [
      'NotResource that leaves nothing over',
      document({ Resource: undefined, NotResource: '*' }),
      'on nothing',
    ],
    [
      'a Deny of the same',
      document({}, { Effect: 'Deny' }),
      'statement 2 denies everything that the others allow',
    ],
    [
      'a Deny of everything',
      document({}, { Sid: 'No', Effect: 'Deny', Action: '*', Resource: '*' }),
      'statement No denies',
    ],
    [
      'a Deny of a pattern over a pattern',
      document({ Resource: arn(id, 'orders_*') }, { Effect: 'Deny', Resource: arn(id, '*') }),
      'denies',
    ],
    [
      'a Deny of all other logins',
      document({}, { Effect: 'Deny', Resource: undefined, NotResource: arn(id, 'jane') }),
      'denies',
    ],
    [
      'two that deny a part each',
      document(
        { Resource: [arn(), arn(id, 'jane')] },
        { Effect: 'Deny' },
        { Effect: 'Deny', Resource: arn(id, 'jane') },
      ),
      'statement 2 and statement 3 deny everything',
    ],
  ])('%s', (_what, text, why) => {
    expect(sumOf(text)).toEqual([expect.objectContaining({ where: 'document', severity: 'fault' })]);
    expect(sumOf(text)[0]?.message).toContain(`lets nobody into a database: `);
    expect(sumOf(text)[0]?.message).toContain(why);
    expect(lintWhole(text).at(-1)?.rule).toBe('lets-nobody-in');
  });

  test('of a look-up alone it is a note, and of another service nothing', () => {
    const lookUp = document({ Action: 'rds:DescribeDBClusters', Resource: '*' });
    expect(lintWhole(lookUp).map(({ rule, severity }) => `${severity} ${rule}`)).toEqual([
      'note lets-nobody-in',
    ]);
    expect(lintWhole(document({ Action: 's3:GetObject', Resource: '*' }))).toEqual([]);
    expect(lintWhole(document({ Effect: 'Deny' }))).toEqual([]);
  });

  test.each<[string, string]>([
    ['one login of two', document({ Resource: [arn('orders'), arn()] })],
    [
      'a Deny with a condition',
      document({}, { Effect: 'Deny', Condition: { StringEquals: { 'aws:username': 'jane' } } }),
    ],
    ['a Deny of another login', document({}, { Effect: 'Deny', Resource: arn(id, 'jane') })],
    [
      'a Deny of a part of a pattern',
      document({ Resource: arn(id, 'orders_*') }, { Effect: 'Deny', Resource: arn(id, 'orders_?') }),
    ],
    [
      'the own name',
      document({ Resource: arn(id, '${aws:username}') }, { Effect: 'Deny', Resource: arn(id, 'jane') }),
    ],
    ['a wildcard as service', document({ Resource: arn().replace('rds-db', 'rds*') })],
    ['a short ARN', document({ Resource: 'arn:aws:rds-db:eu-west-1' })],
  ])('%s lets somebody in, or may', (_what, text) => {
    expect(sumOf(text)).toEqual([]);
  });
});
