import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { TOKEN_LIFETIME_SECONDS } from '../../modules/iam/token';
import { UserError } from '../error';
import { askedWith, type CredentialOptions, credentialsOf } from './credentials';
import { awsReason } from './reason';

/** What a token is signed for. */
export interface TokenTarget {
  readonly host: string;
  readonly port: number;
  readonly region: string;
  readonly user: string;
}

export interface SignedToken {
  readonly token: string;
  /** 15 minutes after it was signed, or when the credentials expire that signed it, if that is earlier. */
  readonly expiresAt: Date;
}

/** A token, valid for this host, port, region and user only. It is signed here; AWS is not asked.
 *  @throws UserError if there are no credentials to sign with */
export async function signToken(target: TokenTarget, options: CredentialOptions): Promise<string> {
  return (await freshToken(target, options)).token;
}

/** As `signToken`. */
export async function freshToken(target: TokenTarget, options: CredentialOptions): Promise<SignedToken> {
  return freshTokenWith(target, await credentialsOf(options, target.region), options);
}

/** As `freshToken`, with credentials at hand. The SDK keeps the key that it derives from them for the day; nobody keeps the token. */
export async function freshTokenWith(
  { host, port, region, user }: TokenTarget,
  provider: () => Promise<AwsCredentialIdentity>,
  options: CredentialOptions = {},
): Promise<SignedToken> {
  const { Signer } = await import('@aws-sdk/rds-signer');
  try {
    const credentials = await provider();
    const signer = new Signer({ hostname: host, port, region, username: user, credentials });
    // Before it is signed, and so never later than what the token says. It is not read: an imitation of AWS has keys of any form.
    const ends = [Date.now() + TOKEN_LIFETIME_SECONDS * 1000, credentials.expiration?.getTime() ?? Infinity];
    const token = await signer.getAuthToken();
    return { token, expiresAt: new Date(Math.min(...ends)) };
  } catch (error) {
    throw new UserError(`A token cannot be signed: ${awsReason(error, askedWith(options, region))}.`);
  }
}
