import { timingSafeEqual } from 'node:crypto';
import { Sha256 } from '@aws-crypto/sha256-js';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Caller, IssuedCredentials } from '../../modules/iam/caller';
import {
  ageFault,
  readToken,
  requestFault,
  TokenError,
  type TokenParts,
  type TokenTarget,
} from '../../modules/iam/token';

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
      /** The token is too old, and nothing else is known to be wrong with it. */
      readonly expired?: true;
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
  const fault = requestFault(parts, expected);
  if (fault) return { ok: false, reason: fault, parts };
  const tooOld = ageFault(parts, expected.now);
  if (tooOld) {
    const expired = parts.signedAt < expected.now ? { expired: true as const } : {};
    return { ok: false, reason: tooOld, parts, ...expired };
  }

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
