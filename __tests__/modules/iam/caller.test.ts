import { type Caller, contextOf } from '../../../modules/iam/caller';
import { evaluate } from '../../../modules/iam/evaluator/evaluate';

const ARN = 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ/jane';
const noon = new Date('2026-03-01T12:00:00Z');
const issuedAt = new Date('2026-03-01T11:30:00Z');
const user: Caller = {
  kind: 'user',
  arn: 'arn:aws:iam::111111111111:user/people/jane',
  account: '111111111111',
  principalArn: 'arn:aws:iam::111111111111:user/people/jane',
  name: 'jane',
  userId: 'AIDAJANE',
  sessionPolicies: [],
  sessionPolicyArns: [],
};
const sessionToken: Caller = { ...user, issuedAt };
const federated: Caller = {
  ...user,
  issuedAt,
  arn: 'arn:aws:sts::111111111111:federated-user/Bob',
  principalArn: 'arn:aws:sts::111111111111:federated-user/Bob',
  userId: '111111111111:Bob',
};
const role: Caller = {
  ...user,
  issuedAt,
  kind: 'assumed-role',
  arn: 'arn:aws:sts::111111111111:assumed-role/api/me',
  principalArn: 'arn:aws:iam::111111111111:role/team/api',
  name: 'api',
  userId: 'AROAAPI:me',
};

function decide(caller: Caller, ...statements: object[]) {
  const document = JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const context = contextOf(caller, noon);
  return evaluate(
    { action: 'rds-db:connect', resource: ARN, context },
    { identity: [{ name: 'p', document }] },
  );
}
const connect = { Effect: 'Allow', Action: 'rds-db:connect', Resource: ARN };
/** What the console writes for "Revoke active sessions". */
const revokeOlderThan = (moment: string) => ({
  Effect: 'Deny',
  Action: ['*'],
  Resource: ['*'],
  Condition: { DateLessThan: { 'aws:TokenIssueTime': moment } },
});
const SESSIONS = [
  ['an assumed role', role],
  ['a session token of a user', sessionToken],
  ['a federated user', federated],
] as const;

test('the keys of a role session', () => {
  expect(contextOf(role, noon)).toEqual({
    'aws:CurrentTime': '2026-03-01T12:00:00.000Z',
    'aws:EpochTime': '1772366400',
    'aws:PrincipalAccount': '111111111111',
    'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/team/api',
    'aws:PrincipalType': 'AssumedRole',
    'aws:TokenIssueTime': '2026-03-01T11:30:00.000Z',
    'aws:userid': 'AROAAPI:me',
  });
});

describe.each(SESSIONS)('%s', (_what, caller) => {
  test('that was revoked is refused, a younger one is not', () => {
    expect(decide(caller, connect, revokeOlderThan('2026-03-01T11:45:00.000Z')).reason).toMatch(
      /explicit Deny/,
    );
    expect(decide(caller, connect, revokeOlderThan('2026-03-01T11:15:00.000Z')).allowed).toBe(true);
  });
  test('is allowed by a condition on its age only while it holds', () => {
    const young = (moment: string) => ({
      ...connect,
      Condition: { DateGreaterThan: { 'aws:TokenIssueTime': moment } },
    });
    expect(decide(caller, young('2026-03-01T11:15:00Z')).allowed).toBe(true);
    expect(decide(caller, young('2026-03-01T11:45:00Z'))).toMatchObject({ allowed: false });
  });
  test('is known to be temporary', () => {
    const Condition = { Null: { 'aws:TokenIssueTime': 'true' } };
    expect(decide(caller, { ...connect, Condition })).toEqual({ allowed: false, reason: expect.any(String) });
  });
  test.each([
    'aws:MultiFactorAuthPresent',
    'aws:MultiFactorAuthAge',
    'aws:FederatedProvider',
    'aws:SourceIdentity',
  ])('whether it has %s is not known, so nothing is allowed because it is absent', (key) => {
    expect(decide(caller, { ...connect, Condition: { Null: { [key]: 'true' } } })).toMatchObject({
      allowed: false,
      cannotJudge: true,
    });
    expect(
      decide(caller, connect, { ...revokeOlderThan(''), Condition: { Null: { [key]: 'false' } } }),
    ).toMatchObject({ allowed: false, cannotJudge: true });
  });
});

test('a long-term key of a user has no issue time: revoking sessions does not touch it', () => {
  expect(decide(user, connect, revokeOlderThan('2099-01-01T00:00:00Z')).allowed).toBe(true);
  expect(decide(user, { ...connect, Condition: { Null: { 'aws:TokenIssueTime': 'true' } } }).allowed).toBe(
    true,
  );
});

test('a session whose issue time nobody knows is not taken for one without', () => {
  const { issuedAt: _, ...unknown } = role;
  expect(decide(unknown, connect, revokeOlderThan('2026-03-01T11:45:00.000Z'))).toMatchObject({
    allowed: false,
    cannotJudge: true,
    reason: expect.stringContaining('has aws:TokenIssueTime, but its value was not given'),
  });
});
