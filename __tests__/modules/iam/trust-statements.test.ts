import fc from 'fast-check';
import { trustDocument } from '../../../modules/connect/trust-document';
import { type AssumeRequest, mayAssume } from '../../../modules/iam/judge-trust';
import { trustStatements, trustsEverybody } from '../../../modules/iam/trust-statements';
import { reviewPlan } from '../../../modules/plan/review';
import { planSummary } from '../../../modules/plan/summary';
import { change, planWith } from '../../support/plan-json';

const ISSUER = 'token.actions.githubusercontent.com';
const PROVIDER = `arn:aws:iam::111111111111:oidc-provider/${ISSUER}`;
const SUBJECT = 'repo:me/shop:environment:prod';
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const allow = (Principal: unknown, Condition?: object, more: object = {}) => ({
  Effect: 'Allow',
  Principal,
  Action: 'sts:AssumeRole',
  ...(Condition ? { Condition } : {}),
  ...more,
});
const web = (Condition?: object) =>
  allow({ Federated: PROVIDER }, Condition, { Action: 'sts:AssumeRoleWithWebIdentity' });
const aud = { [`${ISSUER}:aud`]: 'sts.amazonaws.com' };
const sub = { [`${ISSUER}:sub`]: SUBJECT };

const open: [what: string, statement: object][] = [
  ['everybody', allow('*')],
  ['everybody in a list', allow({ AWS: ['arn:aws:iam::111111111111:root', '*'] })],
  ['an empty Condition', allow({ AWS: '*' }, {})],
  ['a pattern for everybody', allow('*', { StringLike: { 'aws:PrincipalArn': '*' } })],
  ['a role of any account', allow('*', { StringLike: { 'aws:PrincipalArn': 'arn:aws:iam::*:role/ci' } })],
  ['any organization', allow('*', { StringLike: { 'aws:PrincipalOrgID': 'o-*' } })],
  ['everybody but one account', allow('*', { StringNotEquals: { 'aws:PrincipalAccount': '111111111111' } })],
  ['if the key is there', allow('*', { StringEqualsIfExists: { 'aws:PrincipalOrgID': 'o-1234567890' } })],
  [
    'for all values of none',
    allow('*', { 'ForAllValues:StringEquals': { 'aws:PrincipalOrgID': 'o-1234567890' } }),
  ],
  ['a key that says not who', allow('*', { StringEquals: { 'aws:UserAgent': 'x' } })],
  ['an external id, which is no secret', allow('*', { StringEquals: { 'sts:ExternalId': 'x' } })],
  ['what is always so', allow('*', { StringEquals: { 'aws:PrincipalAccount': '${aws:PrincipalAccount}' } })],
  [
    'NotPrincipal',
    { Effect: 'Allow', NotPrincipal: { AWS: 'arn:aws:iam::111111111111:root' }, Action: 'sts:AssumeRole' },
  ],
  ['a provider with no condition', web()],
  ['a provider without sub', web({ StringEquals: aud })],
  ['a provider without aud', web({ StringEquals: sub })],
  ['every repository but ours', web({ StringEquals: aud, StringNotEquals: sub })],
  ['a condition that holds of nothing', web({ StringEquals: aud, 'ForAllValues:StringEqualsIfExists': sub })],
  ['a pattern for a subject', web({ StringEquals: aud, StringLike: { [`${ISSUER}:sub`]: 'repo:*' } })],
];
const closed: [what: string, statement: object][] = [
  ['one account', allow({ AWS: 'arn:aws:iam::111111111111:root' })],
  ['one organization', allow('*', { StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } })],
  [
    'roles of one account',
    allow('*', { ArnLike: { 'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/*' } }),
  ],
  ['a service', allow({ Service: 'lambda.amazonaws.com' })],
  ['one subject', web({ StringEquals: { ...aud, ...sub } })],
  ['everybody denied', { ...allow('*'), Effect: 'Deny' }],
];

const review = (text: string, before?: string) => {
  const role = (assume_role_policy: string) => ({ name: 'r', assume_role_policy });
  const plan = planWith([change('aws_iam_role.r', before === undefined ? null : role(before), role(text))]);
  return {
    faults: reviewPlan(plan).flatMap(({ severity, rule }) => (severity === 'fault' ? rule : [])),
    ...planSummary(plan),
  };
};

test.each(open)('anybody gets in: %s', (_what, statement) => {
  expect(trustStatements(document(statement)).some(trustsEverybody)).toBe(true);
  expect(review(document(statement)).faults).toContain('trusts-everybody');
});

test.each(closed)('only who is named: %s', (_what, statement) => {
  expect(trustStatements(document(statement)).some(trustsEverybody)).toBe(false);
});

test('what newRole writes passes, and nothing of another shape without a word', () => {
  const home = { partition: 'aws', account: '111111111111', region: 'eu-west-1' };
  const trusts = [
    { kind: 'service', service: 'lambda' },
    { kind: 'service', service: 'podIdentity' },
    { kind: 'github', repository: 'me/shop', environment: 'prod' },
    { kind: 'eks', issuer: 'oidc.eks.eu-west-1.amazonaws.com/id/A', namespace: 'n', serviceAccount: 's' },
    { kind: 'account', account: '222222222222' },
    { kind: 'account', account: '222222222222', externalId: 'x' },
  ] as const;
  for (const trust of trusts) expect(review(JSON.stringify(trustDocument(trust, home))).faults).toEqual([]);
  expect(
    review(document(allow('*', { StringEquals: { 'aws:PrincipalOrgID': 'o-1234567890' } }))).faults,
  ).toEqual(['foreign-trust']);
  expect(review(document(allow({ Service: 'events.amazonaws.com' }))).faults).toEqual(['foreign-trust']);
});

test('operators are shown, and a Deny is told as one', () => {
  const deny = { ...allow('*', { Bool: { 'aws:SecureTransport': 'false' } }), Effect: 'Deny' };
  const both = document(web({ StringEquals: { ...aud, ...sub } }), deny);
  const inverted = review(document(web({ StringEquals: aud, StringNotEquals: sub })), both);
  expect(inverted.gains.join()).toContain(`\`StringNotEquals\` \`${ISSUER}:sub\` is \`${SUBJECT}\``);
  expect(inverted.loses.join()).toContain(`\`StringEquals\` \`${ISSUER}:sub\` is \`${SUBJECT}\``);
  expect(inverted.gains.join()).toContain('No longer so: Deny: AWS `*` must not `sts:AssumeRole` if `Bool`');
  expect(inverted.faults).toEqual(['policy-restriction-removed', 'trusts-everybody']);
});

test.each([
  ['no JSON', '{'],
  ['no principal', document({ Effect: 'Allow', Action: 'sts:AssumeRole' })],
  [
    'a key that is given twice',
    document(allow('*')).replace('"Effect":"Allow"', '"Effect":"Deny","Effect":"Allow"'),
  ],
  ['an unknown effect', document(allow('*', undefined, { Effect: 'allow' }))],
])('a document that IAM would refuse is refused: %s', (_what, text) => {
  expect(review(text).faults).toEqual(['policy-unknown']);
});

test('whoever judges requests finds no stranger in what is not open', () => {
  const values = fc.constantFrom(
    '*',
    'o-1234567890',
    'o-*',
    '111111111111',
    'arn:aws:iam::111111111111:role/*',
    'arn:aws:iam::*:role/x',
    SUBJECT,
    'repo:*',
    'sts.amazonaws.com',
    '${aws:PrincipalAccount}',
  );
  const condition = fc.record({
    operator: fc.constantFrom(
      'StringEquals',
      'StringLike',
      'StringNotEquals',
      'StringEqualsIfExists',
      'ForAllValues:StringEquals',
      'ForAnyValue:StringLike',
      'ArnLike',
      'ArnNotLike',
      'StringEqualsIgnoreCase',
    ),
    key: fc.constantFrom(
      'aws:PrincipalOrgID',
      'aws:PrincipalArn',
      'aws:PrincipalAccount',
      'sts:ExternalId',
      `${ISSUER}:sub`,
      `${ISSUER}:aud`,
    ),
    value: fc.uniqueArray(values, { minLength: 1, maxLength: 2 }),
  });
  const statement = fc
    .tuple(
      fc.constantFrom<unknown>('*', { AWS: '*' }, { Federated: PROVIDER }),
      fc.array(condition, { maxLength: 3 }),
    )
    .map(([who, conditions]) => {
      const Condition: Record<string, Record<string, unknown>> = {};
      for (const { operator, key, value } of conditions)
        Condition[operator] = { ...Condition[operator], [key]: value };
      return { ...allow(who, Condition), Action: 'sts:*' };
    });
  const keys = { 'sts:ExternalId': 'x' };
  const strangers: AssumeRequest[] = [
    {
      action: 'sts:AssumeRole',
      by: { partition: 'aws', account: '999999999999', arns: ['arn:aws:iam::999999999999:role/x'] },
      keys,
      context: {
        'aws:PrincipalArn': 'arn:aws:iam::999999999999:role/x',
        'aws:PrincipalAccount': '999999999999',
        'aws:PrincipalOrgID': 'o-9999999999',
      },
    },
    {
      action: 'sts:AssumeRole',
      by: { partition: 'aws', account: '999999999999', arns: ['arn:aws:iam::999999999999:role/x'] },
      keys,
      context: {
        'aws:PrincipalArn': 'arn:aws:iam::999999999999:role/x',
        'aws:PrincipalAccount': '999999999999',
      },
    },
    {
      action: 'sts:AssumeRoleWithWebIdentity',
      by: { provider: PROVIDER },
      keys: { [`${ISSUER}:sub`]: 'repo:evil/x:environment:prod', [`${ISSUER}:aud`]: 'sts.amazonaws.com' },
      context: {},
    },
    {
      action: 'sts:AssumeRoleWithWebIdentity',
      by: { provider: PROVIDER },
      keys: { [`${ISSUER}:aud`]: 'sts.amazonaws.com' },
      context: {},
    },
  ];
  fc.assert(
    fc.property(statement, (each) => {
      const text = document(each);
      if (trustStatements(text).some(trustsEverybody)) return;
      for (const stranger of strangers) expect(mayAssume(stranger, text).allowed).toBe(false);
    }),
    { numRuns: 1000, seed: 20261127 },
  );
});
