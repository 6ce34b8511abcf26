import { trustDocument } from '../../../modules/connect/trust-document';
import {
  eksServiceAccount,
  githubActions,
  otherAccount,
  type Trust,
} from '../../../modules/environment/principals';
import { type AssumeRequest, mayAssume } from '../../../modules/iam/judge-trust';

const account = '123456789012';
const home = { partition: 'aws', account, region: 'eu-west-1' };
const github = 'token.actions.githubusercontent.com';
const provider = `arn:aws:iam::${account}:oidc-provider/${github}`;
const root = `arn:aws:iam::${account}:root`;
const role = `arn:aws:iam::${account}:role/team/ci`;
const session = `arn:aws:sts::${account}:assumed-role/ci/me`;

const context = { 'aws:CurrentTime': '2026-01-02T03:04:05Z', 'aws:EpochTime': '1767323045' };

function webIdentity(
  subject = 'repo:example/orders:environment:local',
  { issuer = github, audience = 'sts.amazonaws.com' } = {},
): AssumeRequest {
  return {
    action: 'sts:AssumeRoleWithWebIdentity',
    by: { provider: `arn:aws:iam::${account}:oidc-provider/${issuer}` },
    keys: { [`${issuer}:sub`]: subject, [`${issuer}:aud`]: audience, 'sts:RoleSessionName': 'me' },
    context,
  };
}

function caller(
  arns: readonly string[] = [root],
  { externalId = undefined as string | undefined } = {},
): AssumeRequest {
  const of = arns[0]?.split(':')[4] ?? '';
  return {
    action: 'sts:AssumeRole',
    by: { partition: 'aws', account: of, arns },
    keys: { 'sts:ExternalId': externalId, 'sts:RoleSessionName': 'me' },
    context: { ...context, 'aws:PrincipalArn': arns[0] ?? '', 'aws:PrincipalAccount': of },
  };
}

interface Statement {
  readonly Effect?: 'Allow' | 'Deny';
  readonly Principal?: unknown;
  readonly NotPrincipal?: unknown;
  readonly Action?: string | readonly string[];
  readonly Condition?: unknown;
}
const policy = (...statements: Statement[]) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: statements.map((each) => ({ Effect: 'Allow', ...each })),
  });
const trustOf = (trust: Trust) => JSON.stringify(trustDocument(trust, home));

describe.each([
  ['example@1001/orders@2002', 'repo:example@1001/orders@2002:environment:local'],
  ['example/orders', 'repo:example/orders:environment:local'],
])('a role for GitHub Actions of %s', (repository, subject) => {
  const trust = trustOf(githubActions({ repository, environment: 'local' }));
  const otherForm = subject.includes('@')
    ? 'repo:example/orders:environment:local'
    : 'repo:example@1001/orders@2002:environment:local';

  test('lets the workflow of its environment in', () => {
    expect(mayAssume(webIdentity(subject), trust)).toEqual({
      allowed: true,
      reason: 'allowed by statement 1 of the trust policy',
      named: true,
    });
  });

  test.each([
    ['another branch', webIdentity(`repo:${repository}:ref:refs/heads/main`)],
    ['another repository', webIdentity(subject.replace('orders', 'other'))],
    ['another case', webIdentity(subject.replace('example', 'Example'))],
    ['a longer environment', webIdentity(`${subject}-2`)],
    ['the other form of the same names', webIdentity(otherForm)],
    ['an owner of the same name', webIdentity('repo:example@9009/orders@2002:environment:local')],
    ['a repository of the same name', webIdentity('repo:example@1001/orders@9009:environment:local')],
    ['a longer id', webIdentity('repo:example@1001/orders@20020:environment:local')],
    ['another audience', webIdentity(subject, { audience: 'https://github.com/example' })],
    ['another issuer', webIdentity(subject, { issuer: 'example.com' })],
    ["the account's owner", caller()],
  ])('lets %s not in', (_what, request) => {
    const { allowed, reason } = mayAssume(request, trust);
    expect(allowed).toBe(false);
    expect(reason).toMatch(/^no statement of the trust policy allows sts:AssumeRole/);
  });
});

test('a role for a service account lets this one in, and none of another namespace', () => {
  const issuer = 'oidc.eks.eu-west-1.amazonaws.com/id/ABC';
  const trust = trustOf(eksServiceAccount({ issuer, namespace: 'orders', serviceAccount: 'jobs' }));
  const of = (namespace: string) => webIdentity(`system:serviceaccount:${namespace}:jobs`, { issuer });
  expect(mayAssume(of('orders'), trust).allowed).toBe(true);
  expect(mayAssume(of('other'), trust).allowed).toBe(false);
  const otherCluster = { issuer: 'oidc.eks.eu-west-1.amazonaws.com/id/ABCD' };
  expect(mayAssume(webIdentity('system:serviceaccount:orders:jobs', otherCluster), trust).allowed).toBe(
    false,
  );
});

test('a role for another account asks for its external id', () => {
  const other = '999999999999';
  const trust = trustOf(otherAccount({ account: other, externalId: 'agreed' }));
  const owner = [`arn:aws:iam::${other}:root`];
  expect(mayAssume(caller(owner, { externalId: 'agreed' }), trust).allowed).toBe(true);
  expect(mayAssume(caller(owner, { externalId: 'Agreed' }), trust).allowed).toBe(false);
  expect(mayAssume(caller(owner), trust).allowed).toBe(false);
  expect(mayAssume(caller([root], { externalId: 'agreed' }), trust).allowed).toBe(false);
});

test('a provider beside everybody is still named; everybody alone is not documented to mean it', () => {
  const judged = (Principal: unknown, Effect: 'Allow' | 'Deny' = 'Allow') =>
    mayAssume(
      webIdentity(),
      policy(
        { Principal, Action: 'sts:AssumeRoleWithWebIdentity', Effect },
        { Principal: { Federated: provider }, Action: 'sts:AssumeRoleWithWebIdentity' },
      ),
    );
  expect(judged({ AWS: '*', Federated: provider })).toMatchObject({ allowed: true, named: true });
  for (const everybody of ['*', { AWS: '*' }]) {
    expect(
      mayAssume(webIdentity(), policy({ Principal: everybody, Action: 'sts:AssumeRoleWithWebIdentity' })),
    ).toMatchObject({ allowed: false, reason: expect.stringContaining('not documented') });
    // In doubt, a Deny refuses.
    expect(judged(everybody, 'Deny').allowed).toBe(false);
  }
});

describe('the conditions on a web identity', () => {
  const subject = 'repo:example/orders:ref:refs/heads/main';
  const judged = (Condition: unknown) =>
    mayAssume(
      webIdentity(subject),
      policy({ Principal: { Federated: provider }, Action: 'sts:AssumeRoleWithWebIdentity', Condition }),
    );
  const sub = `${github}:sub`;

  test.each([
    ['a pattern of StringLike', { StringLike: { [sub]: 'repo:example/orders:*' } }],
    ['one of several values', { StringEquals: { [sub]: ['repo:example/x:y', subject] } }],
    ['the key in another case', { StringEquals: { [sub.toUpperCase()]: subject } }],
    ['a negation', { StringNotEquals: { [sub]: 'repo:example/orders:pull_request' } }],
    ['a time that is not over', { DateLessThan: { 'aws:CurrentTime': '2026-02-01T00:00:00Z' } }],
    ['the name of the session', { StringEquals: { 'sts:RoleSessionName': 'me' } }],
    ['an operator for sets', { 'ForAllValues:StringEquals': { [sub]: subject } }],
    ['the presence of a key', { Null: { [sub]: 'false' } }],
  ])('hold by %s', (_what, condition) => {
    expect(judged(condition)).toMatchObject({ allowed: true });
  });

  test.each([
    ['a pattern in StringEquals, which has none', { StringEquals: { [sub]: 'repo:example/orders:*' } }],
    ['another pattern', { StringLike: { [sub]: 'repo:example/orders:pull*' } }],
    ['a negation of the subject', { StringNotLike: { [sub]: '*:ref:refs/heads/main' } }],
    ['an operator for sets', { 'ForAnyValue:StringEquals': { [sub]: 'repo:example/x:y' } }],
    ['the absence of a key that is there', { Null: { [sub]: 'true' } }],
    ['a time that is over', { DateLessThan: { 'aws:CurrentTime': '2026-01-01T00:00:00Z' } }],
    ['one of two that does not', { StringLike: { [sub]: '*' }, StringEquals: { [`${github}:aud`]: 'x' } }],
  ])('do not hold by %s', (_what, condition) => {
    expect(judged(condition)).toMatchObject({
      allowed: false,
      reason: expect.stringMatching(/^no statement/),
    });
  });

  test.each([
    ['another claim', { StringEquals: { [`${github}:repository`]: 'example/orders' } }, /:repository/],
    [
      'a key of a request that nobody signed',
      { StringEquals: { 'aws:PrincipalAccount': account } },
      /PrincipalAccount/,
    ],
    ['an operator for numbers', { NumericEquals: { [sub]: '1' } }, /NumericEquals/],
    ['a variable of another claim', { StringEquals: { [sub]: `\${${github}:ref}` } }, /:ref/],
  ])('cannot be judged by %s, and refuse', (_what, condition, reason) => {
    const decision = judged(condition);
    expect(decision.allowed).toBe(false);
    expect(decision.reason).toContain('cannot judge statement 1');
    expect(decision.reason).toMatch(reason);
  });
});

describe('the account in a trust policy', () => {
  const trusts = (AWS: unknown, request: AssumeRequest) =>
    mayAssume(request, policy({ Principal: { AWS }, Action: 'sts:AssumeRole' }));

  test.each([
    ['its root', root],
    ['its number', account],
    ['everybody', '*'],
    ['a list that has it', ['arn:aws:iam::999999999999:root', root]],
  ])('is trusted as %s, and so is each role of it, though not by name', (_what, listed) => {
    expect(trusts(listed, caller()).allowed).toBe(true);
    expect(trusts(listed, caller([role, session]))).toMatchObject({ allowed: true, named: false });
  });

  test('may be trusted for one role or session, which is named then', () => {
    for (const listed of [role, session])
      expect(trusts(listed, caller([role, session]))).toMatchObject({ allowed: true, named: true });
    expect(trusts(role, caller()).allowed).toBe(false);
    expect(trusts(role, caller([`arn:aws:iam::${account}:role/ci`])).allowed).toBe(false);
    expect(trusts(role, caller([`arn:aws:iam::${account}:user/team/ci`])).allowed).toBe(false);
  });

  test('is another one in another partition or with another number', () => {
    expect(trusts(`arn:aws-cn:iam::${account}:root`, caller()).allowed).toBe(false);
    expect(trusts('999999999999', caller()).allowed).toBe(false);
  });

  test('is not meant by a pattern, which IAM does not take', () => {
    const { allowed, reason } = trusts(`arn:aws:iam::${account}:role/*`, caller([role]));
    expect(allowed).toBe(false);
    expect(reason).toContain('is not the ARN of a principal');
  });

  test('is not trusted by a role that trusts a service or a provider, nor for another action', () => {
    const action = 'sts:AssumeRole';
    expect(
      mayAssume(caller(), policy({ Principal: { Service: 'ec2.amazonaws.com' }, Action: action })).allowed,
    ).toBe(false);
    expect(mayAssume(caller(), policy({ Principal: { Federated: provider }, Action: action })).allowed).toBe(
      false,
    );
    const tags = policy({ Principal: { AWS: root }, Action: 'sts:TagSession' });
    expect(mayAssume(caller(), tags).allowed).toBe(false);
  });

  test('is trusted by a pattern of actions, in any case', () => {
    expect(mayAssume(caller(), policy({ Principal: '*', Action: 'STS:assume*' })).allowed).toBe(true);
  });
});

describe('a Deny', () => {
  const allow: Statement = { Principal: { AWS: root }, Action: 'sts:AssumeRole' };
  const deny = (more: Statement) =>
    mayAssume(
      caller([role, session]),
      policy(allow, { Effect: 'Deny', Principal: '*', Action: 'sts:*', ...more }),
    );

  test('wins over an Allow', () => {
    expect(deny({})).toEqual({
      allowed: false,
      reason: 'explicit Deny: statement 2 of the trust policy',
      named: false,
    });
  });

  test('of somebody else does not count', () => {
    expect(deny({ Principal: { AWS: `arn:aws:iam::${account}:role/other` } }).allowed).toBe(true);
    expect(deny({ Action: 'sts:AssumeRoleWithWebIdentity' }).allowed).toBe(true);
  });

  test.each([
    ['a condition', { Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } } }],
    ['a NotPrincipal', { Principal: undefined, NotPrincipal: { AWS: role } }],
  ])('refuses if %s of it cannot be judged', (_what, more) => {
    expect(deny(more)).toMatchObject({
      allowed: false,
      reason: expect.stringMatching(/^cannot judge whether a Deny applies: statement 2/),
    });
  });
});

describe('a malformed trust policy', () => {
  const statement = '"Effect":"Allow","Principal":"*","Action":"sts:AssumeRole"';
  test.each([
    ['no JSON', '{', /not JSON/],
    ['nothing', '', /not JSON/],
    ['a list', '[]', /not a JSON object/],
    ['no statement', '{"Version":"2012-10-17"}', /Statement is empty/],
    [
      'a statement without principal',
      '{"Statement":[{"Effect":"Allow","Action":"sts:AssumeRole"}]}',
      /needs either Principal or NotPrincipal/,
    ],
    [
      'a principal and its opposite',
      `{"Statement":[{${statement},"NotPrincipal":"*"}]}`,
      /needs either Principal or NotPrincipal/,
    ],
    ['a resource', `{"Statement":[{${statement},"Resource":"*"}]}`, /has a Resource/],
    ['a key given twice', `{"Statement":[{${statement},"Effect":"Allow"}]}`, /given twice/],
    ['an element of no grammar', `{"Statement":[{${statement},"Who":"me"}]}`, /not in the grammar/],
    [
      'an unknown kind of principal',
      '{"Statement":[{"Effect":"Allow","Principal":{"Aws":"*"},"Action":"sts:*"}]}',
      /an element that is not in the grammar/,
    ],
    [
      'a principal that is a number',
      '{"Statement":[{"Effect":"Allow","Principal":{"AWS":[1]},"Action":"sts:*"}]}',
      /AWS principal/,
    ],
  ])('with %s lets nobody in, and is said to be malformed', (_what, text, reason) => {
    const decision = mayAssume(caller(), text);
    expect(decision.allowed).toBe(false);
    expect(decision.reason).toMatch(/^the trust policy is malformed: /);
    expect(decision.reason).toMatch(reason);
  });
});
