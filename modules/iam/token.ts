import { timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Caller, IssuedCredentials } from './caller';

/**
 * An IAM token of RDS is a presigned GET request without its scheme: `host:port/?Action=connect&DBUser=…&X-Amz-…`.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Connecting.html
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

/** A token lives for 15 minutes. */
export const TOKEN_LIFETIME_SECONDS = 900;
/** How far a client's clock may be ahead, as AWS allows it for signed requests. */
export const CLOCK_SKEW_SECONDS = 300;

/** What a token says, read but not believed: nothing of it is checked except its form. */
export interface TokenParts {
  readonly host: string;
  readonly port: number;
  readonly action: string;
  readonly user: string;
  readonly algorithm: string;
  readonly accessKeyId: string;
  /** The credential scope: `<YYYYMMDD>/<region>/<service>/<terminator>`. */
  readonly scope: {
    readonly date: string;
    readonly region: string;
    readonly service: string;
    readonly terminator: string;
  };
  readonly signedAt: Date;
  readonly expiresSeconds: number;
  readonly signedHeaders: string;
  readonly securityToken?: string;
  /** 64 hexadecimal digits. */
  readonly signature: string;
}

/** Why a text is not a whole, intact token. The message is one line and holds nothing secret of the text. */
export class TokenError extends Error {}

const REQUIRED = [
  'Action',
  'DBUser',
  'X-Amz-Algorithm',
  'X-Amz-Credential',
  'X-Amz-Date',
  'X-Amz-Expires',
  'X-Amz-SignedHeaders',
  'X-Amz-Signature',
] as const;
type Parameter = (typeof REQUIRED)[number] | 'X-Amz-Security-Token';
const KNOWN: readonly string[] = [...REQUIRED, 'X-Amz-Security-Token'];

/**
 * Takes a token apart. Parameters may stand in any order: JavaScript sorts them, the CLI puts the signature last.
 * @throws TokenError that says what happened to the text on its way.
 */
export function readToken(text: string): TokenParts {
  if (text === '') throw new TokenError('the password is empty');
  if (/^\s|\s$/.test(text)) throw new TokenError('the token begins or ends with white space or a line break');
  if (/^['"`]|['"`]$/.test(text))
    throw new TokenError('the token stands in quotes: they were sent as part of it');
  if (/^https?:\/\//.test(text))
    throw new TokenError('the token begins with a scheme: it must begin with the host');
  if (/%3A\d+%2F|%2F%3FAction|%253A|%252F/i.test(text))
    throw new TokenError(
      'the token is URL-encoded once more than it was made: give it as it is outside of a URI',
    );
  // The Go SDK, and so the postgresql provider, writes no slash before the question mark. What is signed is the same.
  const endpoint = /^([A-Za-z0-9](?:[A-Za-z0-9.-]{0,251}[A-Za-z0-9])?):(\d{1,5})\/?\?(.*)$/s.exec(text);
  if (!endpoint?.[1] || !endpoint[3]?.includes('='))
    throw new TokenError('the password is not an IAM token (<host>:<port>/?Action=connect&DBUser=…)');
  if (/\s/.test(text)) throw new TokenError('the token has white space or a line break inside');

  const parameters = queryParameters(endpoint[3]);
  const missing = REQUIRED.filter((name) => !parameters.has(name));
  if (missing.length > 0) throw new TokenError(`the token is cut off: ${missing.join(', ')} is missing`);
  const get = (name: Parameter) => parameters.get(name) ?? '';

  const signature = get('X-Amz-Signature');
  if (!/^[0-9a-f]{64}$/.test(signature))
    throw new TokenError(
      `the token is cut off or changed: X-Amz-Signature has ${signature.length} characters, not 64 hexadecimal digits`,
    );
  const credential =
    /^([A-Za-z0-9_]{16,128})\/(\d{8})\/([a-z0-9-]{1,32})\/([a-z0-9-]{1,32})\/(\w{1,32})$/.exec(
      get('X-Amz-Credential'),
    );
  if (!credential)
    throw new TokenError('X-Amz-Credential is not <access key id>/<date>/<region>/rds-db/aws4_request');
  const [, accessKeyId = '', date = '', region = '', service = '', terminator = ''] = credential;
  const expires = get('X-Amz-Expires');
  if (!/^\d{1,9}$/.test(expires)) throw new TokenError('X-Amz-Expires is not a number of seconds');

  return {
    host: endpoint[1],
    port: Number(endpoint[2]),
    action: get('Action'),
    user: get('DBUser'),
    algorithm: get('X-Amz-Algorithm'),
    accessKeyId,
    scope: { date, region, service, terminator },
    signedAt: signingDate(get('X-Amz-Date')),
    expiresSeconds: Number(expires),
    signedHeaders: get('X-Amz-SignedHeaders'),
    securityToken: parameters.get('X-Amz-Security-Token'),
    signature,
  };
}

function queryParameters(query: string): ReadonlyMap<string, string> {
  const parameters = new Map<string, string>();
  const pairs = query.split('&');
  for (const [index, pair] of pairs.entries()) {
    const [name = '', ...rest] = pair.split('=');
    if (!KNOWN.includes(name)) {
      if (index === pairs.length - 1 && KNOWN.some((known) => known.startsWith(pair)))
        throw new TokenError('the token is cut off: it ends inside of the name of a parameter');
      // The name may be any part of a mangled token, so it is told only if it looks like a name.
      const shown = /^[A-Za-z0-9-]{1,40}$/.test(name) ? `: ${name}` : '';
      throw new TokenError(`the token has a parameter that no signer makes${shown}`);
    }
    if (parameters.has(name)) throw new TokenError(`the token has the parameter ${name} twice`);
    parameters.set(name, decoded(name, rest.join('=')));
  }
  return parameters;
}

function decoded(name: string, value: string): string {
  // Every signer writes these as %XX. A + that lost its %2B cannot be told from a space, so nothing is guessed.
  const bare = /[/=:@+]/.exec(value)?.[0];
  if (bare) throw new TokenError(`${name} has a bare ${bare}: the token was URL-decoded on its way`);
  try {
    return decodeURIComponent(value);
  } catch {
    throw new TokenError(`the token is cut off or changed: ${name} ends in half an escape (%XX)`);
  }
}

/** `YYYYMMDDTHHMMSSZ`. */
function signingDate(text: string): Date {
  const iso = text.replace(/^(\d{4})(\d\d)(\d\d)T(\d\d)(\d\d)(\d\d)Z$/, '$1-$2-$3T$4:$5:$6.000Z');
  const date = new Date(iso);
  // Comparing back refuses what JavaScript would be lenient about.
  if (iso === text || Number.isNaN(date.getTime()) || date.toISOString() !== iso)
    throw new TokenError('X-Amz-Date is not a date of the form YYYYMMDDTHHMMSSZ');
  return date;
}

/** Where a token must be signed for to be good here. */
export interface TokenTarget {
  /** The host names of the cluster's endpoints, as AWS describes them. */
  readonly endpoints: readonly string[];
  readonly port: number;
  readonly region: string;
}

export interface TokenExpectations {
  /** The database user of the connection. */
  readonly user: string;
  readonly cluster: TokenTarget;
  /** The credentials behind an access key id; undefined if it was never handed out. */
  readonly credentials: (accessKeyId: string) => IssuedCredentials | undefined;
  readonly now: Date;
}

export type TokenVerdict =
  | { readonly ok: true; readonly caller: Caller; readonly parts: TokenParts }
  /** `reason`: one line, nothing secret. `parts`, `caller`: as far as they are known. */
  | {
      readonly ok: false;
      readonly reason: string;
      readonly parts?: TokenParts;
      readonly caller?: Caller;
    };

/**
 * Whether a token opens the door for `user`: its form, whom and what it was signed for, its age, whose
 * credentials signed it, and last the signature. What a person can put right is checked first, because a wrong
 * host or user makes no other signature than a wrong secret does. Never throws for a bad token.
 */
export async function verifyToken(text: string, expected: TokenExpectations): Promise<TokenVerdict> {
  let parts: TokenParts;
  try {
    parts = readToken(text);
  } catch (error) {
    if (error instanceof TokenError) return { ok: false, reason: error.message };
    throw error;
  }
  const fault = requestFault(parts, expected) ?? ageFault(parts, expected.now);
  if (fault) return { ok: false, reason: fault, parts };

  const issued = expected.credentials(parts.accessKeyId);
  if (!issued)
    return {
      ok: false,
      reason: `the access key ${parts.accessKeyId} is not known: not handed out here, or deleted`,
      parts,
    };
  const credentialsFault = issuedFault(parts, issued, expected.now);
  if (credentialsFault) return { ok: false, reason: credentialsFault, parts, caller: issued.caller };
  if (!timingSafeEqual(Buffer.from(await sign(parts, issued), 'hex'), Buffer.from(parts.signature, 'hex')))
    return {
      ok: false,
      reason: 'the signature does not match: another secret access key signed it, or the token was changed',
      parts,
      caller: issued.caller,
    };
  return { ok: true, caller: issued.caller, parts };
}

function requestFault(parts: TokenParts, { user, cluster }: TokenExpectations): string | undefined {
  const { host, port, scope } = parts;
  if (parts.action !== 'connect') return 'the token is not for the action connect';
  if (!cluster.endpoints.includes(host) || port !== cluster.port)
    return `the token is signed for ${host}:${port}, the cluster is ${cluster.endpoints.join(' or ')}, port ${cluster.port}: sign for the real endpoint, also behind a tunnel or an alias`;
  if (parts.user !== user)
    return parts.user.toLowerCase() === user.toLowerCase()
      ? `the token is for the user "${user}" in another case: names are case-sensitive`
      : `the token is for the user ${shortened(parts.user)}, not for the one that connects`;
  if (scope.region !== cluster.region)
    return `the token is signed for the region ${scope.region}, the cluster is in ${cluster.region}`;
  if (parts.algorithm !== 'AWS4-HMAC-SHA256') return 'the token is not signed with AWS4-HMAC-SHA256';
  if (scope.service !== 'rds-db' || scope.terminator !== 'aws4_request')
    return `the token is signed for the service ${scope.service}/${scope.terminator}, not for rds-db/aws4_request`;
  if (scope.date !== parts.signedAt.toISOString().slice(0, 10).replaceAll('-', ''))
    return 'the date of the credential scope is not the day of X-Amz-Date';
  if (parts.signedHeaders !== 'host')
    return 'the token signs other headers than host alone, or it is cut off';
  return undefined;
}

function ageFault({ signedAt, expiresSeconds }: TokenParts, now: Date): string | undefined {
  if (expiresSeconds < 1 || expiresSeconds > TOKEN_LIFETIME_SECONDS)
    return `X-Amz-Expires is ${expiresSeconds} seconds; a token lives for 1 to ${TOKEN_LIFETIME_SECONDS}`;
  const age = Math.floor((now.getTime() - signedAt.getTime()) / 1000);
  if (age < -CLOCK_SKEW_SECONDS)
    return `the token is signed ${-age} seconds in the future: the clock of the machine that made it is ahead`;
  if (age > expiresSeconds)
    return `the token expired: it is ${age} seconds old and lived for ${expiresSeconds} (or its maker's clock is behind)`;
  return undefined;
}

function issuedFault(parts: TokenParts, issued: IssuedCredentials, now: Date): string | undefined {
  if (issued.expiration && issued.expiration <= now)
    return `the credentials that signed the token expired at ${issued.expiration.toISOString()}`;
  if (issued.sessionToken === undefined)
    return parts.securityToken === undefined
      ? undefined
      : 'the token has a session token, but its access key is a long-term one';
  if (parts.securityToken === undefined)
    return 'the session token is missing: temporary credentials were used without AWS_SESSION_TOKEN';
  return parts.securityToken === issued.sessionToken
    ? undefined
    : 'the session token is not the one that belongs to the access key, or it is cut off';
}

/** The same request presigned with the secret that we know. Checked before: no parameter is left out of it. */
async function sign(parts: TokenParts, issued: IssuedCredentials): Promise<string> {
  const { accessKeyId, secretAccessKey, sessionToken } = issued;
  const signer = new SignatureV4({
    service: parts.scope.service,
    region: parts.scope.region,
    credentials: { accessKeyId, secretAccessKey, sessionToken },
    sha256: Sha256,
  });
  const request = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: parts.host,
      port: parts.port,
      path: '/',
      query: { Action: parts.action, DBUser: parts.user },
      headers: { host: `${parts.host}:${parts.port}` },
    },
    { signingDate: parts.signedAt, expiresIn: parts.expiresSeconds },
  );
  return String(request.query?.['X-Amz-Signature']);
}

/** The name is the token's own, so it may be anything: quoted, in one line, and short. */
function shortened(name: string): string {
  return JSON.stringify(name.length > 63 ? `${name.slice(0, 63)}…` : name);
}
