import { trustDocument } from '../../../modules/connect/trust-document';
import {
  eksServiceAccount,
  githubActions,
  otherAccount,
  service,
  type Trust,
} from '../../../modules/environment/principals';
import { reviewPlan } from '../../../modules/plan/review';
import { change } from '../../support/plan-json';
import { connect, document, faults, login, of, told } from './reviewed';

// What comes with a thing that was there before, and what goes without a word of it.

const role = (name: string, has: object) => ({ name, login: false, roles: [], ...has });
const takenOver = (name: string, has: object) =>
  change(`postgresql_role.${name}`, role(name, has), role(name, has), { importing: { id: name } });
const member = (group: string) => change('postgresql_role.l', login(), login({ roles: ['rds_iam', group] }));

describe('a group that is taken over by an import block', () => {
  test('is told and refused with the powers and memberships that it brings', () => {
    const plan = of(
      takenOver('dba', { create_role: true, bypass_row_level_security: true, roles: ['rds_superuser'] }),
      member('dba'),
    );
    expect(faults(plan)).toEqual(['foreign-membership', 'login-with-powers']);
    expect(told(plan).changes).toContain(
      'group `dba` keeps what it has: CREATEROLE, BYPASSRLS, the membership in `rds_superuser`',
    );
  });

  test.each(['rds_superuser', 'pg_execute_server_program', 'rdsadmin'])(
    '%s is no group of an environment, whatever the plan says',
    (name) => expect(faults(of(takenOver(name, {}), member(name)))).toEqual(['foreign-membership']),
  );

  test('without any, it is a group like the others', () => {
    expect(faults(of(takenOver('readers', { roles: ['pg_monitor'] }), member('readers')))).toEqual([]);
  });
});

describe('a Deny that holds for somebody no longer', () => {
  const arn = 'arn:aws:iam::111111111111:policy/guard';
  const guard = {
    name: 'guard',
    arn,
    policy: document(connect, { Effect: 'Deny', Action: '*', Resource: '*' }),
  };
  const attachment = (after: object | null) =>
    change('aws_iam_role_policy_attachment.a', { role: 'api', policy_arn: arn }, after);
  test('by the attachment that goes', () => {
    expect(faults(of(change('aws_iam_policy.p', guard, guard), attachment(null)))).toEqual([
      'policy-restriction-removed',
    ]);
  });
  test('by the policy that goes', () => {
    expect(faults(of(change('aws_iam_policy.p', guard, null), attachment(null)))).toEqual([
      'policy-restriction-removed',
    ]);
    expect(faults(of(change('aws_iam_policy.p', guard, null)))).toEqual(['policy-restriction-removed']);
  });
  test('unless the role goes, too', () => {
    const gone = change('aws_iam_role.r', { name: 'api' }, null);
    expect(faults(of(change('aws_iam_policy.p', guard, null), attachment(null), gone))).toEqual([]);
  });
});

describe('a trust policy', () => {
  const github = 'token.actions.githubusercontent.com';
  const web = (issuer: string, ...subjects: string[]) => ({
    Effect: 'Allow',
    Principal: { Federated: `arn:aws:iam::111111111111:oidc-provider/${issuer}` },
    Action: 'sts:AssumeRoleWithWebIdentity',
    Condition: { StringEquals: { [`${issuer}:aud`]: 'sts.amazonaws.com', [`${issuer}:sub`]: subjects } },
  });
  const eks = 'oidc.eks.eu-west-1.amazonaws.com/id/ABC';
  const lambda = (Condition?: object) => ({
    Effect: 'Allow',
    Principal: { Service: 'lambda.amazonaws.com' },
    Action: 'sts:AssumeRole',
    ...(Condition ? { Condition } : {}),
  });
  const ours = lambda({ StringEquals: { 'aws:SourceAccount': '111111111111' } });
  const trusting = (before: object | null, after: object) =>
    faults(
      of(
        change('aws_iam_role.r', before && { name: 'r', assume_role_policy: document(before) }, {
          name: 'r',
          assume_role_policy: document(after),
        }),
      ),
    );

  test.each<[what: string, statement: object, rules: string[]]>([
    ['an environment of a repository', web(github, 'repo:me@1/shop@2:environment:prod'), []],
    ['a branch', web(github, 'repo:me/shop:ref:refs/heads/main'), []],
    ['a service account', web(eks, 'system:serviceaccount:shop:api'), []],
    ['Lambda of this account', ours, []],
    ['pull requests', web(github, 'repo:me/shop:pull_request'), ['foreign-trust']],
    ['two subjects', web(github, 'repo:a/b:environment:x', 'repo:c/d:environment:x'), ['foreign-trust']],
    ['another issuer', web('evil.example.com', 'repo:me/shop:environment:prod'), ['foreign-trust']],
    ['Lambda of any account', lambda(), ['foreign-trust']],
    [
      'Lambda of two accounts',
      lambda({ StringEquals: { 'aws:SourceAccount': ['111111111111', '999999999999'] } }),
      ['foreign-trust'],
    ],
  ])('of the shape that newRole writes, or refused: %s', (_what, statement, rules) => {
    expect(trusting(null, statement)).toEqual(rules);
  });

  test.each<Trust>([
    service('lambda'),
    service('ecsTasks'),
    service('ec2'),
    service('podIdentity'),
    eksServiceAccount({ issuer: eks, namespace: 'shop', serviceAccount: 'orders.api' }),
    eksServiceAccount({
      issuer: 'oidc.eks.cn-north-1.amazonaws.com.cn/id/ABC',
      namespace: 'shop',
      serviceAccount: 'api',
    }),
    githubActions({ repository: 'me@1/shop@2', environment: 'prod' }),
    githubActions({ repository: 'me/shop', branch: 'release/1' }),
    githubActions({ repository: 'me/shop', tag: 'v1' }),
    otherAccount({ account: '999999999999' }),
    otherAccount({ account: '999999999999', externalId: 'shop-1' }),
  ])('that newRole writes passes: %j', (trust) => {
    for (const [partition, region] of [
      ['aws', 'eu-west-1'],
      ['aws-cn', 'cn-north-1'],
    ] as const) {
      const [statement] = trustDocument(trust, { partition, region, account: '111111111111' }).Statement;
      expect(trusting(null, statement)).toEqual([]);
    }
  });

  test('that loses its external id', () => {
    const other = {
      Effect: 'Allow',
      Principal: { AWS: 'arn:aws:iam::999999999999:root' },
      Action: 'sts:AssumeRole',
    };
    const guarded = { ...other, Condition: { StringEquals: { 'sts:ExternalId': 'shop-1' } } };
    expect(trusting(guarded, other)).toEqual(['policy-restriction-removed']);
    expect(trusting(other, guarded)).toEqual([]);
  });
});

test('an acceptance of a foreign policy is for one identity', () => {
  const given = (name: string) =>
    of(
      change('aws_iam_role_policy_attachment.a', null, {
        role: name,
        policy_arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
      }),
    );
  const [accepted] = reviewPlan(given('api'));
  const after = (name: string) =>
    reviewPlan(given(name), [accepted?.acceptance ?? '']).map((each) => each.severity);
  expect([after('api'), after('deployer')]).toEqual([['note'], ['fault']]);
});

test('of two inline policies of one name, both are told', () => {
  const inline = ['Allow', 'Deny'].map((Effect) => ({
    name: 'a',
    policy: document({ Effect, Action: '*', Resource: '*' }),
  }));
  const plan = of(change('aws_other.x', null, { inline }));
  expect(faults(plan, ['aws_other'])).toEqual(['policy-beyond-connect']);
  expect(told(plan).gains).toContain('do more than connect: `* on *`');
});

test('a secret that is a number is one', () => {
  const plan = of(change('terraform_data.x', null, { triggers_replace: { db_password: 20261127 } }));
  expect(faults(plan)).toEqual(['secret']);
  expect(JSON.stringify([told(plan), reviewPlan(plan)])).not.toContain('20261127');
});

test('a provider that is called like a method is one that the stacks never use', () => {
  const provider_config = { constructor: { name: 'constructor', full_name: 'evil/constructor' } };
  expect(faults({ ...of(), configuration: { provider_config } })).toEqual(['provider']);
});
