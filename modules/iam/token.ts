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

/** Why a token is not for this user and cluster, in one line; undefined if it is. Its signature is not looked at. */
export function requestFault(
  parts: TokenParts,
  { user, cluster }: { readonly user: string; readonly cluster: TokenTarget },
): string | undefined {
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

/** Why a token is too old, or not yet valid; undefined if it is neither. */
export function ageFault({ signedAt, expiresSeconds }: TokenParts, now: Date): string | undefined {
  if (expiresSeconds < 1 || expiresSeconds > TOKEN_LIFETIME_SECONDS)
    return `X-Amz-Expires is ${expiresSeconds} seconds; a token lives for 1 to ${TOKEN_LIFETIME_SECONDS}`;
  const age = Math.floor((now.getTime() - signedAt.getTime()) / 1000);
  if (age < -CLOCK_SKEW_SECONDS)
    return `the token is signed ${-age} seconds in the future: the clock of the machine that made it is ahead`;
  if (age > expiresSeconds)
    return `the token expired: it is ${age} seconds old and lived for ${expiresSeconds} (or its maker's clock is behind)`;
  return undefined;
}

/** The name is the token's own, so it may be anything: quoted, in one line, and short. */
function shortened(name: string): string {
  return JSON.stringify(name.length > 63 ? `${name.slice(0, 63)}…` : name);
}
