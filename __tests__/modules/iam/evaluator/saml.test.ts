import { type Caller, contextOf } from '../../../../modules/iam/caller';
import { evaluate } from '../../../../modules/iam/evaluator/evaluate';
import { loginRequest } from '../../../../modules/iam/login-request';

const arn = (login: string) => `arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-A1/${login}`;
const document = JSON.stringify({
  Version: '2012-10-17',
  Statement: {
    Effect: 'Allow',
    Action: 'rds-db:connect',
    Resource: arn('${saml:sub}'),
    Condition: { StringEquals: { 'saml:sub_type': 'persistent' } },
  },
});
const caller = (changes: Partial<Caller>): Caller => ({
  kind: 'assumed-role',
  arn: 'arn:aws:sts::111111111111:assumed-role/AWSReservedSSO_Dev_1/jane',
  account: '111111111111',
  principalArn: 'arn:aws:iam::111111111111:role/AWSReservedSSO_Dev_1',
  name: 'AWSReservedSSO_Dev_1',
  userId: 'AROAEXAMPLE:jane',
  issuedAt: new Date(0),
  sessionPolicies: [],
  sessionPolicyArns: [],
  ...changes,
});
const decide = (login: string, who: Partial<Caller>) =>
  evaluate(loginRequest(caller(who), arn(login), new Date(1)), { identity: [{ name: 'own', document }] });
const jane = (subType = 'persistent') => ({ saml: { sub: 'jane', subType } });

test('a person who comes by SAML connects as the login of the own persistent name, and as no other', () => {
  expect(decide('jane', jane())).toMatchObject({ allowed: true });
  expect(decide('joe', jane())).toMatchObject({ allowed: false });
  expect(decide('Jane', jane())).toMatchObject({ allowed: false });
  expect(decide('jane', jane('transient'))).toMatchObject({ allowed: false });
});

test('a name is no pattern: * connects as *, and as nobody else', () => {
  expect(decide('jane', { saml: { sub: '*', subType: 'persistent' } })).toMatchObject({ allowed: false });
});

test('who does not come by SAML is surely refused, and of a session that may, nothing is concluded', () => {
  expect(decide('jane', { saml: 'none' })).not.toHaveProperty('cannotJudge');
  expect(decide('jane', { saml: 'none' }).allowed).toBe(false);
  expect(decide('jane', {})).toMatchObject({
    allowed: false,
    cannotJudge: true,
    reason: expect.stringContaining('whether this is one is not known'),
  });
});

test('an IAM user has no name by SAML', () => {
  const user = { kind: 'user', arn: 'arn:aws:iam::111111111111:user/jane', name: 'jane' } as const;
  expect(contextOf(caller(user), new Date())).not.toHaveProperty('saml:sub');
  expect(decide('jane', user)).not.toHaveProperty('cannotJudge');
});
