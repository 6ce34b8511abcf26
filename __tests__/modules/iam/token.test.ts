import { Signer } from '@aws-sdk/rds-signer';
import { type TokenExpectations, verifyToken } from '../../../local/gate/verify-token';
import type { IssuedCredentials } from '../../../modules/iam/caller';
import { readToken, TokenError } from '../../../modules/iam/token';

const host = 'orders.cluster-abc.eu-west-1.rds.amazonaws.com';
const caller: IssuedCredentials['caller'] = {
  kind: 'assumed-role',
  principalArn: 'arn:aws:iam::111111111111:role/orders-api',
  arn: 'arn:aws:sts::111111111111:assumed-role/orders-api/session',
  account: '111111111111',
  name: 'orders-api',
  userId: 'AROAEXAMPLE:session',
  sessionPolicies: [],
  sessionPolicyArns: [],
};
const user: IssuedCredentials = {
  accessKeyId: 'AKIAEXAMPLEEXAMPLE12',
  secretAccessKey: 'the-secret-of-the-user',
  caller: { ...caller, kind: 'user', arn: 'arn:aws:iam::111111111111:user/jane', name: 'jane' },
};
const session: IssuedCredentials = {
  accessKeyId: 'ASIAEXAMPLEEXAMPLE12',
  secretAccessKey: 'the-secret-of-the-session',
  sessionToken: `${'aB3+/x'.repeat(1_500)}==`,
  expiration: new Date(Date.now() + 3_600_000),
  caller,
};

interface Signing {
  readonly hostname?: string;
  readonly port?: number;
  readonly region?: string;
  readonly username?: string;
}
function sign(
  credentials: Omit<IssuedCredentials, 'caller'> = session,
  signing: Signing = {},
): Promise<string> {
  // The expiration stays out: the signer would try to renew the credentials.
  const { accessKeyId, secretAccessKey, sessionToken } = credentials;
  return new Signer({
    hostname: host,
    port: 5432,
    region: 'eu-west-1',
    username: 'orders_api',
    ...signing,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
  }).getAuthToken();
}

function expected(changes: Partial<TokenExpectations> = {}): TokenExpectations {
  const issued = [user, session];
  return {
    user: 'orders_api',
    cluster: { endpoints: [host, host.replace('cluster-', 'cluster-ro-')], port: 5432, region: 'eu-west-1' },
    credentials: (id) => issued.find(({ accessKeyId }) => accessKeyId === id),
    now: new Date(),
    ...changes,
  };
}
const later = (seconds: number) => new Date(Date.now() + seconds * 1000);

/** The true reason of a refusal. Whatever the fault: nothing that could be used again may be in it. */
async function refusal(token: string, changes: Partial<TokenExpectations> = {}): Promise<string> {
  const verdict = await verifyToken(token, expected(changes));
  if (verdict.ok) throw new Error('the token was accepted');
  const signature = /X-Amz-Signature=([0-9a-f]{8,})/.exec(token)?.[1];
  if (signature) expect(verdict.reason).not.toContain(signature);
  for (const { secretAccessKey, sessionToken } of [user, session]) {
    expect(verdict.reason).not.toContain(secretAccessKey);
    if (sessionToken) expect(verdict.reason).not.toContain(sessionToken.slice(0, 20));
  }
  expect(verdict.reason).not.toMatch(/[\r\n]/);
  return verdict.reason;
}

function withParameter(token: string, name: string, change: (value: string) => string): string {
  return token.replace(new RegExp(`(?<=[?&]${name}=)[^&]*`), change);
}

describe('a good token', () => {
  test.each([
    ['of a user’s long-term key', user],
    ['of an assumed role with a session token of 9,000 characters', session],
  ])('%s opens the door and names its caller', async (_, credentials) => {
    const verdict = await verifyToken(await sign(credentials), expected());
    expect(verdict).toMatchObject({ ok: true, caller: credentials.caller });
  });

  test('may have its parameters in any order', async () => {
    const [address = '', query = ''] = (await sign()).split('?');
    const pairs = query.split('&');
    // The CLI and Go put the signature last.
    const last = pairs.filter((pair) => pair.startsWith('X-Amz-Signature='));
    const cli = [...pairs.filter((pair) => !last.includes(pair)), ...last];
    for (const order of [cli, [...pairs].reverse()])
      expect(await verifyToken(`${address}?${order.join('&')}`, expected())).toMatchObject({ ok: true });
  });

  test('may lack the slash before the question mark, as the Go SDK writes it', async () => {
    const token = (await sign()).replace('/?', '?');
    expect(await verifyToken(token, expected())).toMatchObject({ ok: true });
  });

  test('may be signed for any endpoint of the cluster', async () => {
    const token = await sign(session, { hostname: host.replace('cluster-', 'cluster-ro-') });
    expect(await verifyToken(token, expected())).toMatchObject({ ok: true });
  });

  test('may name a user with @, . and -', async () => {
    const token = await sign(user, { username: 'jane.doe-x@example.com' });
    expect(await verifyToken(token, expected({ user: 'jane.doe-x@example.com' }))).toMatchObject({
      ok: true,
    });
  });

  test.each([
    ['is good for 15 minutes', 898],
    ['from a clock 4 minutes ahead is good', -240],
  ])('%s', async (_, seconds) => {
    const changes = { now: later(seconds), credentials: () => user };
    expect(await verifyToken(await sign(user), expected(changes))).toMatchObject({ ok: true });
  });

  test('is read into what it says', async () => {
    expect(readToken(await sign())).toMatchObject({
      host,
      port: 5432,
      action: 'connect',
      user: 'orders_api',
      algorithm: 'AWS4-HMAC-SHA256',
      accessKeyId: session.accessKeyId,
      scope: { region: 'eu-west-1', service: 'rds-db', terminator: 'aws4_request' },
      expiresSeconds: 900,
      signedHeaders: 'host',
      securityToken: session.sessionToken,
    });
  });
});

describe('a token that was damaged on its way is refused, and the reason names the damage', () => {
  test.each<[string, (token: string) => string, RegExp]>([
    ['nothing at all', () => '', /empty/],
    ['a password', () => 'correct horse battery staple', /not an IAM token/],
    ['a trailing line break', (token) => `${token}\n`, /white space or a line break/],
    ['leading blanks', (token) => `  ${token}`, /white space/],
    ['a line break inside', (token) => token.replace('&X-Amz-Date', '\n&X-Amz-Date'), /inside/],
    ['quotes', (token) => `"${token}"`, /quotes/],
    ['its scheme', (token) => `https://${token}`, /scheme/],
    ['one more URL-encoding of all', encodeURIComponent, /URL-encoded once more/],
    ['one more URL-encoding of %', (token) => token.replaceAll('%', '%25'), /URL-encoded once more/],
    ['a URL-decoding', decodeURIComponent, /URL-decoded/],
    ['100 characters only', (token) => token.slice(0, 100), /cut off/],
    [
      'half a signature',
      (token) => withParameter(token, 'X-Amz-Signature', (hex) => hex.slice(1)),
      /63 characters/,
    ],
    ['half an escape', (token) => token.slice(0, token.indexOf('%2Feu-west') + 2), /half an escape/],
    ['a parameter twice', (token) => `${token}&DBUser=orders_api`, /DBUser twice/],
    ['one parameter more', (token) => `${token}&Version=1`, /no signer makes: Version/],
    ['a bad date', (token) => withParameter(token, 'X-Amz-Date', () => '20260231T000000Z'), /X-Amz-Date/],
    [
      'a bad credential',
      (token) => withParameter(token, 'X-Amz-Credential', () => 'AKIA'),
      /X-Amz-Credential/,
    ],
    ['a bad expiry', (token) => withParameter(token, 'X-Amz-Expires', () => 'soon'), /X-Amz-Expires/],
  ])('%s', async (_, damage, reason) => {
    const token = damage(await sign());
    expect(() => readToken(token)).toThrow(TokenError);
    expect(await refusal(token)).toMatch(reason);
  });

  test('cut at any place, it is refused and never throws', async () => {
    const token = await sign(user);
    for (let length = 0; length < token.length; length += 1) {
      expect((await verifyToken(token.slice(0, length), expected())).ok).toBe(false);
    }
  });
});

describe('a whole token for something else is refused, and the reason names what', () => {
  test.each<[string, Signing, RegExp]>([
    [
      'another host',
      { hostname: 'localhost' },
      /signed for localhost:5432, the cluster is orders\.cluster-abc/,
    ],
    ['another port', { port: 15432 }, /:15432, the cluster is .* port 5432/],
    ['another user', { username: 'postgres' }, /for the user "postgres"/],
    ['the user in another case', { username: 'Orders_API' }, /case-sensitive/],
    ['another region', { region: 'us-east-1' }, /region us-east-1, the cluster is in eu-west-1/],
  ])('%s', async (_, signing, reason) => {
    expect(await refusal(await sign(session, signing))).toMatch(reason);
  });

  test.each<[string, string, (value: string) => string, RegExp]>([
    ['another action', 'Action', () => 'delete', /action/],
    ['another algorithm', 'X-Amz-Algorithm', () => 'AWS4-ECDSA-P256-SHA256', /AWS4-HMAC-SHA256/],
    ['another service', 'X-Amz-Credential', (value) => value.replace('rds-db', 's3'), /service s3/],
    ['a scope of another day', 'X-Amz-Credential', (value) => value.replace(/\d{8}/, '20200101'), /day/],
    ['other headers', 'X-Amz-SignedHeaders', () => 'host%3Bx-other', /headers/],
    ['a longer life', 'X-Amz-Expires', () => '3600', /3600 seconds/],
    ['no life', 'X-Amz-Expires', () => '0', /0 seconds/],
  ])('%s', async (_, name, change, reason) => {
    expect(await refusal(withParameter(await sign(), name, change))).toMatch(reason);
  });
});

describe('a token is refused', () => {
  test('after 15 minutes', async () => {
    expect(await refusal(await sign(), { now: later(902) })).toMatch(/expired: it is 90[1-2] seconds old/);
  });

  test('if its maker’s clock is more than 5 minutes ahead', async () => {
    expect(await refusal(await sign(), { now: later(-400) })).toMatch(/in the future: the clock .* ahead/);
  });

  test('if its access key was never handed out', async () => {
    const credentials = () => undefined;
    expect(await refusal(await sign(), { credentials })).toMatch(/ASIAEXAMPLEEXAMPLE12 is not known/);
  });

  test('if the credentials that signed it have expired since', async () => {
    const credentials = () => ({ ...session, expiration: later(-1) });
    expect(await refusal(await sign(), { credentials })).toMatch(/credentials .* expired at/);
  });

  test('if the session token is missing', async () => {
    expect(await refusal(await sign({ ...session, sessionToken: undefined }))).toMatch(/AWS_SESSION_TOKEN/);
  });

  test('if the session token is another one', async () => {
    const token = await sign({ ...session, sessionToken: 'another' });
    expect(await refusal(token)).toMatch(/not the one that belongs/);
  });

  test('if a long-term key comes with a session token', async () => {
    expect(await refusal(await sign({ ...user, sessionToken: 'some' }))).toMatch(/long-term/);
  });

  test('if another secret signed it', async () => {
    const token = await sign({ ...session, secretAccessKey: 'guessed' });
    expect(await refusal(token)).toMatch(/signature does not match/);
  });

  test('if any digit of the signature is another', async () => {
    const token = await sign(user);
    const position = token.indexOf('X-Amz-Signature=') + 'X-Amz-Signature='.length;
    for (let digit = position; digit < position + 64; digit += 1) {
      const other = token[digit] === '0' ? '1' : '0';
      const changed = token.slice(0, digit) + other + token.slice(digit + 1);
      expect((await verifyToken(changed, expected())).ok).toBe(false);
    }
  });
});
