import { createHmac } from 'node:crypto';
import { createOidcIssuer, type OidcIssuer } from '../../../local/aws/oidc-issuer';

const github = 'https://token.actions.githubusercontent.com';
const request = {
  issuer: github,
  subject: 'repo:example@1001/orders@2002:environment:local',
  audience: 'sts.amazonaws.com',
};

let issuer: OidcIssuer;
beforeAll(async () => {
  issuer = await createOidcIssuer();
  issuer.standInFor(github);
});

type Part = Record<string, unknown>;
const part = (jwt: string, index: number): Part =>
  JSON.parse(Buffer.from(jwt.split('.')[index] ?? '', 'base64url').toString());
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
/** The same token with another header or other claims, and the signature as it was. */
const edited = (jwt: string, header: Part, claims: Part) =>
  [encoded({ ...part(jwt, 0), ...header }), encoded({ ...part(jwt, 1), ...claims }), jwt.split('.')[2]].join(
    '.',
  );
const reason = (jwt: string, now = new Date()) => {
  const verified = issuer.verifyToken(jwt, now);
  return 'fault' in verified ? `${verified.fault}: ${verified.reason}` : 'accepted';
};

describe('a token of the OIDC issuer', () => {
  test('is a JWT signed with RS256 that says who, for whom and how long', () => {
    const jwt = issuer.issueToken({ ...request, expiresAt: new Date('2040-01-02T03:04:05Z') });
    expect(part(jwt, 0)).toMatchObject({ alg: 'RS256', typ: 'JWT' });
    expect(part(jwt, 1)).toEqual({
      iss: github,
      sub: 'repo:example@1001/orders@2002:environment:local',
      aud: 'sts.amazonaws.com',
      exp: Date.parse('2040-01-02T03:04:05Z') / 1000,
      iat: expect.any(Number),
    });
    expect(issuer.verifyToken(jwt, new Date())).toEqual({ claims: part(jwt, 1) });
  });

  test('is good for five minutes, and not for a second more', () => {
    const jwt = issuer.issueToken(request);
    const exp = Number(part(jwt, 1)['exp']) * 1000;
    expect(exp - Date.now()).toBeGreaterThan(298_000);
    expect(exp - Date.now()).toBeLessThanOrEqual(300_000);
    expect(reason(jwt, new Date(exp - 1))).toBe('accepted');
    expect(reason(jwt, new Date(exp))).toBe(`expired: the token expired at ${new Date(exp).toISOString()}`);
  });

  test('that is made to be expired was good before', () => {
    const expiresAt = new Date(Date.now() - 60_000);
    const jwt = issuer.issueToken({ ...request, expiresAt });
    expect(reason(jwt)).toMatch(/^expired/);
    expect(reason(jwt, new Date(expiresAt.getTime() - 30_000))).toBe('accepted');
  });

  test('is not good before it was issued', () => {
    expect(reason(issuer.issueToken(request), new Date(Date.now() - 3_600_000))).toMatch(/in the future/);
  });

  test('with another subject, audience or end has a wrong signature', () => {
    const jwt = issuer.issueToken(request);
    for (const claims of [
      { sub: 'repo:other/orders:environment:local' },
      { aud: 'x' },
      { exp: 9_999_999_999 },
    ])
      expect(reason(edited(jwt, {}, claims))).toBe('invalid: the signature of the token is wrong');
  });

  test('may not choose how it is signed: not at all, or with a secret that everybody knows', () => {
    const jwt = issuer.issueToken(request);
    expect(reason(edited(jwt, { alg: 'none' }, {}))).toMatch(/not signed with RS256/);
    const [header, claims] = edited(jwt, { alg: 'HS256' }, {}).split('.');
    const signature = createHmac('sha256', 'public').update(`${header}.${claims}`).digest('base64url');
    expect(reason(`${header}.${claims}.${signature}`)).toMatch(/not signed with RS256/);
  });

  test('of another issuer with other keys is not accepted, even under the same names', async () => {
    const impostor = await createOidcIssuer();
    impostor.standInFor(github);
    const jwt = impostor.issueToken(request);
    expect(reason(jwt)).toMatch(/a key that the issuer does not have/);
    // With the right name of the key, too.
    const { kid } = part(issuer.issueToken(request), 0);
    expect(reason(edited(jwt, { kid }, {}))).toMatch(/signature of the token is wrong/);
  });

  test.each(['', 'x', 'a.b.c', 'bnVsbA.bnVsbA.', '..', `${encoded({ alg: 'RS256' })}.${encoded({})}.a.b`])(
    'is not %j',
    (jwt) => {
      expect(reason(jwt)).toBe('invalid: the token is not a JWT');
    },
  );

  test('is never quoted when it is refused', () => {
    const jwt = issuer.issueToken({ ...request, expiresAt: new Date(0) });
    for (const piece of jwt.split('.')) expect(reason(jwt)).not.toContain(piece);
  });
});

describe('the OIDC issuer', () => {
  test('makes and accepts tokens only of the issuers that it was told to stand in for', async () => {
    const other = await createOidcIssuer();
    expect(() => other.issueToken(request)).toThrow(/does not stand in for/);
    other.standInFor('https://oidc.eks.eu-west-1.amazonaws.com/id/ABC');
    expect(() => other.issueToken(request)).toThrow(/does not stand in for/);
  });

  test.each([
    'token.actions.githubusercontent.com',
    'http://example.com',
    'https://example.com/',
    'https://a b',
    'https://a?b',
  ])('does not stand in for %s, which is no issuer', (url) => {
    expect(() => issuer.standInFor(url)).toThrow(TypeError);
  });
});
