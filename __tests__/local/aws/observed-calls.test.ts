import { type AwsRequest, readCall } from '../../../local/aws/aws-protocol';
import { observeCalls, refusedCalls } from '../../../local/aws/observed-calls';
import type { PolicyDocument, PolicyStatement } from '../../../modules/iam/policy-document';

const iam = 'arn:aws:iam::123456789012';
const rds = 'arn:aws:rds:eu-west-1:123456789012';

/** One call, as a client sends it, and what was observed. */
function observed(
  service: string,
  what: Record<string, string> | Partial<AwsRequest>,
  { answer = '', status = 200, userAgent = 'aws-sdk-go-v2/1.36 app/dev-policies' } = {},
  observer = observeCalls('aws', '123456789012'),
) {
  const credential = `AKID/20260101/eu-west-1/${service}/aws4_request`;
  const request: AwsRequest = {
    method: 'POST',
    path: '/',
    rawHeaders: [
      ...['Authorization', `AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=x`],
      ...['User-Agent', userAgent],
      ...('Action' in what ? ['Content-Type', 'application/x-www-form-urlencoded'] : []),
      ...(service === 'secretsmanager' ? ['X-Amz-Target', 'secretsmanager.GetSecretValue'] : []),
    ],
    body: Buffer.from('Action' in what ? new URLSearchParams(what as Record<string, string>).toString() : ''),
    ...('Action' in what ? {} : what),
  };
  observer.observe(request, readCall(request), { status, rawHeaders: [], body: Buffer.from(answer) });
  return observer.calls.at(-1);
}

test('a program is known by the name that its SDK adds to the User-Agent', () => {
  const call = { Action: 'GetPolicy', PolicyArn: `${iam}:policy/a` };
  expect(observed('iam', call)?.program).toBe('dev-policies');
  expect(observed('iam', call, { userAgent: 'aws-sdk-js/3.1169.0 ua/2.1' })?.program).toBeUndefined();
});

test.each<[string, Record<string, string>, string[]]>([
  ['iam', { Action: 'CreatePolicy', PolicyName: 'a', Path: '/team/' }, [`${iam}:policy/team/a`]],
  ['iam', { Action: 'DeletePolicy', PolicyArn: `${iam}:policy/a` }, [`${iam}:policy/a`]],
  ['iam', { Action: 'GetRole', RoleName: 'never-seen' }, []],
  [
    'rds',
    { Action: 'CreateDBInstance', DBClusterIdentifier: 'orders', DBInstanceIdentifier: 'orders-1' },
    [`${rds}:cluster:orders`, `${rds}:db:orders-1`],
  ],
  ['rds', { Action: 'ListTagsForResource', ResourceName: `${rds}:subgrp:orders` }, [`${rds}:subgrp:orders`]],
  ['sts', { Action: 'GetCallerIdentity' }, []],
])('%s: %j names %j', (service, parameters, resources) => {
  expect(observed(service, parameters)).toMatchObject({
    action: `${service}:${parameters['Action']}`,
    resources,
  });
});

test('a role is known by the ARN that it was created with, path and all', () => {
  const observer = observeCalls('aws', '123456789012');
  const answer = `<Role><Arn>${iam}:role/jobs/api</Arn></Role>`;
  observed(
    'iam',
    { Action: 'CreateRole', RoleName: 'api', PermissionsBoundary: `${iam}:policy/limit` },
    { answer },
    observer,
  );
  const attach = { Action: 'AttachRolePolicy', RoleName: 'api', PolicyArn: `${iam}:policy/a` };
  observed('iam', attach, {}, observer);
  expect(observer.calls).toMatchObject([
    { resources: [`${iam}:role/jobs/api`], context: { 'iam:PermissionsBoundary': `${iam}:policy/limit` } },
    { resources: [`${iam}:role/jobs/api`], context: { 'iam:PolicyARN': `${iam}:policy/a` } },
  ]);
});

test('a secret that RDS keeps has the tag that RDS gives it', () => {
  const observer = observeCalls('aws', '123456789012');
  const answer = `<DBCluster><SecretArn>secret</SecretArn><DBClusterArn>${rds}:cluster:orders</DBClusterArn></DBCluster>`;
  observed('rds', { Action: 'DescribeDBClusters', DBClusterIdentifier: 'orders' }, { answer }, observer);
  expect(
    observed('secretsmanager', { body: Buffer.from('{"SecretId":"secret"}') }, {}, observer),
  ).toMatchObject({
    action: 'secretsmanager:GetSecretValue',
    resources: ['secret'],
    context: { 'secretsmanager:ResourceTag/aws:rds:primaryDBClusterArn': `${rds}:cluster:orders` },
  });
});

test.each([
  ['GET', '/states?list-type=2&prefix=env%3A%2F', 's3:ListBucket', 'states'],
  ['GET', '/states/a/b%20c?x-id=GetObject', 's3:GetObject', 'states/a/b c'],
  ['PUT', '/states/a', 's3:PutObject', 'states/a'],
  ['DELETE', '/states/a', 's3:DeleteObject', 'states/a'],
])('%s %s is %s', (method, path, action, name) => {
  expect(observed('s3', { method, path })).toMatchObject({ action, resources: [`arn:aws:s3:::${name}`] });
});

test('a request that nobody can read harms nothing', () => {
  expect(observed('secretsmanager', { body: Buffer.from('{') }, { status: 400 })?.resources).toEqual([]);
});

describe('refused', () => {
  const allow = (statement: Partial<PolicyStatement>): PolicyDocument => ({
    Version: '2012-10-17',
    Statement: [{ Sid: 'It', Effect: 'Allow', ...statement }],
  });
  const attach = {
    action: 'iam:AttachRolePolicy',
    resources: [`${iam}:role/api`],
    context: { 'iam:PolicyARN': `${iam}:policy/orders.dev.api` },
  };
  const own = (policies: string) =>
    allow({
      Action: 'iam:AttachRolePolicy',
      Resource: `${iam}:role/api`,
      Condition: { ArnLike: { 'iam:PolicyARN': `${iam}:policy/${policies}` } },
    });

  test('is what no statement allows on the resource, under its conditions', () => {
    expect(refusedCalls([attach], [own('orders.dev.*')])).toEqual([]);
    expect(refusedCalls([attach], [own('orders.prod.*')])).toEqual([
      `no policy of the principal allows iam:AttachRolePolicy on ${iam}:role/api`,
    ]);
    expect(
      refusedCalls([{ ...attach, resources: [`${iam}:role/other`] }], [own('orders.dev.*')]),
    ).toHaveLength(1);
  });

  test('is not what needs no permission; what names nothing is judged by its action', () => {
    const call = (action: string) => ({ action, resources: [], context: {} });
    expect(refusedCalls([call('sts:GetCallerIdentity')], [])).toEqual([]);
    expect(refusedCalls([call('rds:DescribeGlobalClusters')], [own('*')])).toEqual([
      'no document allows rds:DescribeGlobalClusters',
    ]);
    expect(refusedCalls([call('iam:AttachRolePolicy')], [own('*')])).toEqual([]);
  });
});
