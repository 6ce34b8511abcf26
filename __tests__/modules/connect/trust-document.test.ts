import {
  eksServiceAccount,
  githubActions,
  newRole,
  otherAccount,
  service,
  type Trust,
  trustDocument,
} from '../../../modules';
import { exampleEnvironment } from '../../support/example';
import { resources, synthesize } from '../../support/synthesized';

const home = { partition: 'aws', account: '111111111111', region: 'eu-west-1' };
const statement = (trust: Trust, at = home) => trustDocument(trust, at).Statement[0];

test.each([
  ['lambda', 'lambda.amazonaws.com', 'sts:AssumeRole'],
  ['ecsTasks', 'ecs-tasks.amazonaws.com', 'sts:AssumeRole'],
  ['ec2', 'ec2.amazonaws.com', 'sts:AssumeRole'],
  ['podIdentity', 'pods.eks.amazonaws.com', ['sts:AssumeRole', 'sts:TagSession']],
] as const)('%s trusts %s', (name, principal, action) => {
  expect(statement(service(name))).toEqual({
    Effect: 'Allow',
    Principal: { Service: principal },
    Action: action,
  });
});

test('EC2 of China has a name of its own', () => {
  const inChina = { ...home, partition: 'aws-cn', region: 'cn-north-1' };
  expect(statement(service('ec2'), inChina).Principal).toEqual({ Service: 'ec2.amazonaws.com.cn' });
});

test('EKS: exactly one service account, and the audience', () => {
  const issuer = 'oidc.eks.eu-west-1.amazonaws.com/id/ABC123';
  expect(statement(eksServiceAccount({ issuer, namespace: 'orders', serviceAccount: 'api' }))).toEqual({
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::111111111111:oidc-provider/${issuer}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: {
      StringEquals: {
        [`${issuer}:aud`]: 'sts.amazonaws.com',
        [`${issuer}:sub`]: 'system:serviceaccount:orders:api',
      },
    },
  });
});

test.each([
  [{ environment: 'prod' }, 'repo:me/shop:environment:prod'],
  [{ branch: 'main' }, 'repo:me/shop:ref:refs/heads/main'],
  [{ tag: 'v1.0' }, 'repo:me/shop:ref:refs/tags/v1.0'],
])('GitHub Actions with %j: exactly %s', (of, subject) => {
  const trusted = statement(githubActions({ repository: 'me/shop', ...of }));
  expect(trusted.Condition?.StringEquals).toEqual({
    'token.actions.githubusercontent.com:aud': 'sts.amazonaws.com',
    'token.actions.githubusercontent.com:sub': subject,
  });
  expect(trusted.Principal).toEqual({
    Federated: 'arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com',
  });
});

test('another account, with an external id where one is given', () => {
  expect(statement(otherAccount({ account: '222222222222' }))).toEqual({
    Effect: 'Allow',
    Principal: { AWS: 'arn:aws:iam::222222222222:root' },
    Action: 'sts:AssumeRole',
  });
  expect(statement(otherAccount({ account: '222222222222', externalId: 'x1' })).Condition).toEqual({
    StringEquals: { 'sts:ExternalId': 'x1' },
  });
});

describe('a new role', () => {
  const roleOf = (trust: Trust) => {
    const api = newRole('orders-api', {
      trust,
      connectsAs: ['orders_api'],
      path: '/services/',
      permissionsBoundaryArn: 'arn:aws:iam::111111111111:policy/boundary',
      maxSessionDuration: 7200,
      tags: { team: '${x}' },
    });
    return synthesize(exampleEnvironment({ principals: { api } })).stacks['test-policies'];
  };

  test('is created with its trust, and its path, boundary, duration and tags pass through', () => {
    const stack = roleOf(service('lambda'));
    expect(resources(stack, 'aws_iam_role')['role-api']).toMatchObject({
      name: 'orders-api',
      path: '/services/',
      permissions_boundary: 'arn:aws:iam::111111111111:policy/boundary',
      max_session_duration: 7200,
      tags: { team: '$${x}' },
    });
    expect(resources(stack, 'aws_iam_role_policy_attachment')['attachment-api']).toMatchObject({
      role: '${aws_iam_role.role-api.name}',
    });
    expect(stack?.output['role_arns']?.value).toEqual({ api: '${aws_iam_role.role-api.arn}' });
  });

  test('of EC2 comes with the instance profile that a machine takes it by', () => {
    expect(
      resources(roleOf(service('ec2')), 'aws_iam_instance_profile')['instance-profile-api'],
    ).toMatchObject({
      role: '${aws_iam_role.role-api.name}',
    });
    expect(resources(roleOf(service('lambda')), 'aws_iam_instance_profile')).toEqual({});
  });
});
