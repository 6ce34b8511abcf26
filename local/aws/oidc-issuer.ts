import { createSign, createVerify, generateKeyPair, randomUUID } from 'node:crypto';
import { promisify } from 'node:util';

/** What a token says of its bearer. Times in seconds since 1970. https://www.rfc-editor.org/rfc/rfc7519#section-4.1 */
export interface TokenClaims {
  /** URL: `https://token.actions.githubusercontent.com`. */
  readonly iss: string;
  readonly sub: string;
  readonly aud: string;
  readonly exp: number;
  readonly iat: number;
}

export interface TokenRequest {
  /** One that this issuer stands in for. */
  readonly issuer: string;
  readonly subject: string;
  readonly audience: string;
  /** @default in five minutes, as GitHub's are; a time in the past makes a token that was good once */
  readonly expiresAt?: Date;
}

export type TokenVerification =
  | { readonly claims: TokenClaims }
  | { readonly fault: 'invalid' | 'expired'; readonly reason: string };

/** Stands in for GitHub, for EKS clusters, or for whatever else issues OIDC tokens. */
export interface OidcIssuer {
  /** From now on, tokens of this issuer are made and accepted. @throws TypeError unless it is an https URL */
  standInFor(issuer: string): void;
  /** A signed JWT. @throws Error for an issuer that this one does not stand in for */
  issueToken(request: TokenRequest): string;
  /** Whether a JWT is one of ours, unchanged and in its time; `reason` is one line and quotes nothing secret. */
  verifyToken(jwt: string, now: Date): TokenVerification;
}

const LIFETIME = 5 * 60_000;

/** An issuer with a key of its own, which is in memory only: what another one signed is not accepted. */
export async function createOidcIssuer(): Promise<OidcIssuer> {
  // IAM takes RS256 from everybody: https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_providers_create_oidc.html
  const { privateKey, publicKey } = await promisify(generateKeyPair)('rsa', { modulusLength: 2048 });
  const keyId = randomUUID();
  const issuers = new Set<string>();
  return {
    standInFor: (issuer) => {
      if (!/^https:\/\/[^\s?#]+[^\s?#/]$/.test(issuer))
        throw new TypeError(`An OIDC issuer is an https URL without query: ${JSON.stringify(issuer)}`);
      issuers.add(issuer);
    },
    issueToken: ({ issuer, subject, audience, expiresAt = new Date(Date.now() + LIFETIME) }) => {
      if (!issuers.has(issuer)) throw new Error(`Local Aurora does not stand in for the issuer ${issuer}`);
      const exp = Math.floor(expiresAt.getTime() / 1000);
      // A token that is expired was issued before it expired.
      const iat = Math.min(Math.floor(Date.now() / 1000), exp - LIFETIME / 1000);
      const claims: TokenClaims = { iss: issuer, sub: subject, aud: audience, exp, iat };
      const signed = `${encoded({ alg: 'RS256', typ: 'JWT', kid: keyId })}.${encoded(claims)}`;
      return `${signed}.${createSign('RSA-SHA256').update(signed).sign(privateKey, 'base64url')}`;
    },
    verifyToken: (jwt, now) => {
      const [head = '', body = '', signature = '', ...more] = jwt.split('.');
      const header = decoded(head);
      const claims = decoded(body);
      if (!header || !claims || more.length > 0) return invalid('the token is not a JWT');
      // Never the token's choice: `none`, or HS256 with the public key for a secret, would let anybody sign.
      if (header['alg'] !== 'RS256') return invalid('the token is not signed with RS256');
      if (header['kid'] !== keyId)
        return invalid('the token is signed with a key that the issuer does not have');
      if (!createVerify('RSA-SHA256').update(`${head}.${body}`).verify(publicKey, signature, 'base64url'))
        return invalid('the signature of the token is wrong');
      return judged(claims, issuers, now);
    },
  };
}

function judged(
  { iss, sub, aud, exp, iat }: Record<string, unknown>,
  issuers: ReadonlySet<string>,
  now: Date,
): TokenVerification {
  // Kubernetes writes a list of one.
  const [audience, ...others] = [aud].flat() as unknown[];
  if (typeof iss !== 'string' || !issuers.has(iss)) return invalid('the issuer of the token is not known');
  if (typeof sub !== 'string' || sub === '') return invalid('the token has no subject');
  if (typeof audience !== 'string' || others.length > 0)
    return invalid('the token has not exactly one audience');
  if (typeof exp !== 'number' || typeof iat !== 'number') return invalid('the token has no exp or no iat');
  const seconds = now.getTime() / 1000;
  if (exp <= seconds)
    return { fault: 'expired', reason: `the token expired at ${new Date(exp * 1000).toISOString()}` };
  if (iat > seconds) return invalid('the token was issued in the future');
  return { claims: { iss, sub, aud: audience, exp, iat } };
}

function invalid(reason: string): TokenVerification {
  return { fault: 'invalid', reason };
}

function encoded(value: object): string {
  return Buffer.from(JSON.stringify(value)).toString('base64url');
}

function decoded(part: string): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(part, 'base64url').toString());
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : undefined;
  } catch {
    return undefined;
  }
}
