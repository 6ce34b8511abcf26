import fc from 'fast-check';
import { connectDocuments } from '../../../modules';
import { lintPolicy } from '../../../modules/policies/lint';
import { generatedEnvironment } from '../../generated-environments';

const id = 'cluster-ABCDEFGHIJKL0123456789ABCD';
const arn = (resourceId = id, login = 'analyst') =>
  `arn:aws:rds-db:eu-west-1:111111111111:dbuser:${resourceId}/${login}`;
const policy = (statement: object, document: object = { Version: '2012-10-17' }) =>
  JSON.stringify({
    ...document,
    Statement: [{ Sid: 'Connect', Effect: 'Allow', Action: 'rds-db:connect', ...statement }],
  });
const rules = (text: string) => lintPolicy(text).map(({ rule }) => rule);

test.each<[string, string]>([
  ['connect on the resource id', policy({ Resource: arn() })],
  ['the action in another case', policy({ Action: 'RDS-DB:Connect', Resource: arn() })],
  ['an RDS instance', policy({ Resource: arn('db-ABC123') })],
  ['a proxy', policy({ Resource: arn('prx-0a1b2c3d') })],
  ['own names', policy({ Resource: arn(id, '${aws:username}') })],
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
  ['another service', policy({ Action: 's3:GetObject', Resource: '*' })],
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
  ['rds-db:*', policy({ Action: 'rds-db:*', Resource: arn() }), 'action', 'write rds-db:connect'],
  ['every login', policy({ Resource: arn(id, '*') }), 'any-login', 'name each login'],
  ['some logins', policy({ Resource: arn(id, 'orders_?') }), 'any-login', 'name each login'],
  ['every cluster', policy({ Resource: arn('*') }), 'any-cluster', 'write the resource id'],
  ['every account', policy({ Resource: arn().replace('111111111111', '*') }), 'any-account', 'write them'],
  ['every resource', policy({ Resource: '*' }), 'every-database', 'name dbuser ARNs'],
  ['everything', policy({ Action: '*', Resource: '*' }), 'every-database', 'name dbuser ARNs'],
  [
    'the ARN of the cluster',
    policy({ Resource: 'arn:aws:rds:eu-west-1:111111111111:cluster:orders' }),
    'wrong-service',
    'rds-db:connect is decided on',
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
  ['a login that cannot be one', policy({ Resource: arn(id, "o'brien") }), 'login', 'cannot be a login'],
  ['no login', policy({ Resource: arn(id, '') }), 'login', 'cannot be a login'],
  [
    'NotAction',
    policy({ Action: undefined, NotAction: 's3:*', Resource: arn() }),
    'not-action',
    'write Action',
  ],
  ['NotResource', policy({ NotResource: arn(), Resource: undefined }), 'not-resource', 'list the ARNs'],
  ['no JSON', '{', 'malformed', 'mend it first'],
  [
    'no effect',
    JSON.stringify({ Statement: [{ Action: 'rds-db:connect', Resource: arn() }] }),
    'malformed',
    'mend it first',
  ],
  [
    'a character that IAM refuses',
    policy({ Sid: 'A', Resource: arn(), Condition: { StringEquals: { 'aws:username': '日' } } }),
    'malformed',
    'mend it first',
  ],
])('%s is found', (_what, text, rule, message) => {
  const [finding, ...more] = lintPolicy(text);
  expect(more).toEqual([]);
  expect(finding?.rule).toBe(rule);
  expect(finding?.message).toContain(message);
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
  expect(lintPolicy(text).map(({ statement, rule }) => `${statement}: ${rule}`)).toEqual([
    'Both: describe-on-dbuser',
    'Both: identifier-as-resource-id',
    'Both: any-login',
  ]);
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
