import { type AtHand, refusalHelp } from '../../../modules/diagnosis/refusal';

const HOST = 'shop.cluster-abc.eu-west-1.rds.amazonaws.com';
const PAM = { message: 'PAM authentication failed for user "jane"', sqlstate: '28000' };

function atHand(
  changes: Partial<AtHand> & { readonly date?: string; readonly region?: string } = {},
): AtHand {
  const { date = '20261127T100000Z', region = 'eu-west-1' } = changes;
  const credential = encodeURIComponent(
    `ASIAIOSFODNN7EXAMPLE/${date.slice(0, 8)}/${region}/rds-db/aws4_request`,
  );
  return {
    now: new Date('2026-11-27T10:00:10Z'),
    user: 'jane',
    database: 'shop',
    host: HOST,
    port: 5432,
    region,
    token: `${HOST}:5432/?Action=connect&DBUser=jane&X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=${credential}&X-Amz-Date=${date}&X-Amz-Expires=900&X-Amz-Security-Token=abc&X-Amz-Signature=${'ab'.repeat(32)}&X-Amz-SignedHeaders=host`,
    ...changes,
  };
}

const signer = (role: string): AtHand['signer'] => ({
  caller: {
    kind: 'assumed-role',
    arn: `arn:aws:sts::111111111111:assumed-role/${role}/jane`,
    account: '111111111111',
    principalArn: `arn:aws:iam::111111111111:role/${role}`,
    name: role,
    userId: 'AROAEXAMPLE:jane',
    sessionPolicies: [],
    sessionPolicyArns: [],
  },
  accessKeyId: 'ASIAIOSFODNN7EXAMPLE',
  source: 'the environment',
  expires: undefined,
  beside: undefined,
  fault: undefined,
});
const environment: AtHand['environment'] = {
  name: 'prod',
  isLogin: true,
  logins: ['jane', 'api'],
  principals: [{ key: 'people', identity: 'people-role', kind: 'role' }],
  admin: { username: 'postgres', byToken: false },
};

test('who signed, and the one command, where nothing at hand tells the cause', () => {
  expect(refusalHelp(PAM, atHand())).toEqual({
    cause: undefined,
    detail: expect.stringMatching(/^Signed as access key ASIAIOSFODNN7EXAMPLE\. TLS is on\./),
    hint: `To find the cause: npx aurora-iam doctor --host ${HOST} --user jane`,
  });
});

test('another identity than the environment lets in', () => {
  const help = refusalHelp(PAM, atHand({ environment, signer: signer('monitoring') }));
  expect(help).toMatchObject({
    cause: 'other-identity',
    detail: expect.stringContaining('environment prod lets people (people-role) connect as jane'),
    hint: expect.stringContaining('--as people'),
  });
});

test('the right identity: the doctor has to look', () => {
  const help = refusalHelp(PAM, atHand({ environment, signer: signer('people-role') }));
  expect(help).toMatchObject({
    cause: undefined,
    hint: expect.stringContaining('npx aurora-iam doctor prod jane'),
  });
});

test.each<[string, { message: string; sqlstate?: string }, Partial<AtHand> & { date?: string }, string]>([
  ['a token that is too old', PAM, { date: '20261127T090000Z' }, 'token-expired'],
  ['a region that is not that of the endpoint', PAM, { region: 'us-east-1' }, 'region-mismatch'],
  ['NOLOGIN', { message: 'role "jane" is not permitted to log in', sqlstate: '28000' }, {}, 'no-login'],
  [
    'no such database',
    { message: 'database "shop" does not exist', sqlstate: '3D000' },
    {},
    'no-such-database',
  ],
  ['a port without a listener', { message: 'connect ECONNREFUSED 10.0.0.5:5432' }, {}, 'connection-refused'],
  [
    'another case',
    { message: 'password authentication failed for user "Jane"', sqlstate: '28P01' },
    { user: 'Jane', environment: { ...environment, isLogin: false } },
    'other-case',
  ],
])('%s is told at once', (_what, refusal, changes, cause) => {
  expect(refusalHelp(refusal, atHand(changes)).cause).toBe(cause);
});

test('one line each, and nothing of the token', () => {
  for (const help of [
    refusalHelp(PAM, atHand()),
    refusalHelp({ message: 'x\ny' }, atHand({ user: 'a\nb' })),
  ]) {
    expect(`${help.detail}${help.hint}`).not.toMatch(/\n/);
    expect(`${help.detail}${help.hint}`).not.toContain('abab');
  }
});
