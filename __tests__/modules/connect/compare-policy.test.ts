import { iamAdmin } from '../../../modules';
import { withComparison } from '../../../modules/connect/compare-policy';
import type { DescribedTarget } from '../../../modules/connect/whose-id';
import { lintPolicy } from '../../../modules/iam/lint';
import { exampleEnvironment } from '../../support/example';

const home = { partition: 'aws', region: 'eu-west-1', account: '111111111111' };
const DESCRIBED: readonly DescribedTarget[] = [
  {
    key: 'cluster',
    kind: 'cluster',
    identifier: 'orders',
    target: { ...home, resourceId: 'cluster-ABC1' },
    instances: [
      { identifier: 'orders-1', resourceId: 'db-W1' },
      { identifier: 'orders-2', resourceId: 'db-R1' },
    ],
  },
  {
    key: 'frankfurt',
    kind: 'cluster',
    identifier: 'orders-fra',
    target: { ...home, region: 'eu-central-1', resourceId: 'cluster-FRA1' },
    instances: [],
  },
  {
    key: 'pooled',
    kind: 'proxy',
    identifier: 'orders-proxy',
    target: { ...home, resourceId: 'prx-0a1b' },
    instances: [],
  },
];

const arn = (resourceId = 'cluster-ABC1', login = 'analyst') =>
  `arn:aws:rds-db:eu-west-1:111111111111:dbuser:${resourceId}/${login}`;
const document = (...resources: string[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: [{ Sid: 'Connect', Effect: 'Allow', Action: 'rds-db:connect', Resource: resources }],
  });
const compared = (text: string, environment = exampleEnvironment()) =>
  withComparison(lintPolicy(text), text, DESCRIBED, environment).map(
    ({ severity, rule, where, message, wayOut }) => `${severity} ${rule} ${where}: ${message}; ${wayOut}`,
  );
/** Beside an ARN that is right, so that the document lets somebody in. */
const besideRight = (resource: string) => compared(document(arn(), resource));

test.each([
  ['the cluster', arn()],
  ['a member of the global database', arn('cluster-FRA1').replace('eu-west-1', 'eu-central-1')],
  ['a proxy', arn('prx-0a1b')],
  ['own names', arn('cluster-ABC1', '${aws:username}')],
])('%s by its resource id: nothing to say', (_what, resource) => {
  expect(compared(document(resource))).toEqual([]);
});

test.each([
  [
    'the id of a member instance',
    arn('db-W1'),
    `"db-W1" is the resource id of the instance orders-1 of cluster orders, and a policy for Aurora needs that of the cluster, so nothing ever matches; write ${arn()}`,
  ],
  [
    'the identifier of the cluster',
    arn('orders'),
    `"orders" is the identifier of cluster orders, so nothing ever matches; write ${arn()}`,
  ],
  [
    'the identifier of a member instance',
    arn('orders-2'),
    `"orders-2" is the identifier of the instance orders-2 of cluster orders, so nothing ever matches; write ${arn()}`,
  ],
  [
    'the name of the proxy',
    arn('orders-proxy'),
    `"orders-proxy" is the name of proxy orders-proxy, so nothing ever matches; write ${arn('prx-0a1b')}`,
  ],
  [
    'the id in lower case',
    arn('cluster-abc1'),
    `"cluster-abc1" is the resource id of cluster orders in another case, so nothing ever matches; write ${arn()}`,
  ],
  [
    'another region',
    arn('cluster-FRA1'),
    `"${arn('cluster-FRA1')}" names the region "eu-west-1", and cluster orders-fra is in eu-central-1, so nothing ever matches; write ${arn('cluster-FRA1').replace('eu-west-1', 'eu-central-1')}`,
  ],
  [
    'another account',
    arn().replace('111111111111', '222222222222'),
    `"${arn().replace('111111111111', '222222222222')}" names the account "222222222222", and cluster orders is in 111111111111, so nothing ever matches; write ${arn()}`,
  ],
])('%s is told from the resource id, with the right ARN', (_what, resource, told) => {
  expect(besideRight(resource)).toEqual([`fault wrong-id statement Connect: ${told}`]);
});

test('another partition is found by the region, too', () => {
  const resource = arn().replace('arn:aws:', 'arn:aws-cn:');
  expect(besideRight(resource)).toContainEqual(
    expect.stringContaining('names the partition "aws-cn", and cluster orders is in aws'),
  );
});

test('the id of another database is a note, with the ids that there are', () => {
  expect(besideRight(arn('cluster-OTHER'))).toEqual([
    'note other-database statement Connect: "cluster-OTHER" is no resource id of this environment: cluster-ABC1 (cluster orders, target cluster), cluster-FRA1 (cluster orders-fra, target frankfurt), prx-0a1b (proxy orders-proxy, target pooled); take one of these, if a database of this environment is meant',
  ]);
});

test.each([
  [
    'in another case',
    'Analyst',
    'the login "Analyst" differs from "analyst" of environment test in upper and lower case, and both count; write analyst',
  ],
  ['with a slip', 'analist', 'environment test has no login "analist"; did you mean analyst?'],
  [
    'that nobody created',
    'somebody_else',
    'environment test has no login "somebody_else"; remove it, or add it under access.logins',
  ],
])('a login %s is told', (_what, login, told) => {
  expect(besideRight(arn('cluster-ABC1', login))).toEqual([`fault no-such-login statement Connect: ${told}`]);
});

test('the admin by IAM and logins that somebody else manages are logins, too', () => {
  const environment = exampleEnvironment({ admin: iamAdmin('iam_admin'), otherIamLogins: ['legacy'] });
  const text = document(arn('cluster-ABC1', 'iam_admin'), arn('cluster-ABC1', 'legacy'));
  expect(compared(text, environment)).toEqual([]);
});

test('of another database, its logins are not compared', () => {
  expect(besideRight(arn('cluster-OTHER', 'nobody'))).toEqual([
    expect.stringContaining('note other-database'),
  ]);
});

test('a policy for a member instance alone lets nobody in', () => {
  expect(compared(document(arn('db-W1')))).toEqual([
    expect.stringContaining('fault wrong-id statement Connect: "db-W1" is'),
    `fault lets-nobody-in document: lets nobody into a database of environment test: it allows no login of the environment on any of its targets; allow rds-db:connect on an ARN such as ${arn('cluster-ABC1', 'orders_api')}`,
  ]);
});

test('a policy for the identifier alone lets nobody in, which is told once', () => {
  const all = compared(document(arn('orders')));
  expect(all.filter((line) => line.includes('lets-nobody-in'))).toHaveLength(1);
  expect(all).toHaveLength(2);
});

test('what cannot be compared, a wildcard, is left to lint', () => {
  expect(compared(document(arn('*')))).toEqual([expect.stringContaining('any-cluster')]);
});
