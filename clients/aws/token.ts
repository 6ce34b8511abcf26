import { UserError } from '../error';
import { type CredentialOptions, credentialsOf } from './credentials';

/** What a token is signed for. */
export interface TokenTarget {
  readonly host: string;
  readonly port: number;
  readonly region: string;
  readonly user: string;
}

/** A token, valid for 15 minutes and for this host, port, region and user only. It is signed here; AWS is not asked.
 *  @throws UserError if there are no credentials to sign with */
export async function signToken(target: TokenTarget, options: CredentialOptions): Promise<string> {
  const { Signer } = await import('@aws-sdk/rds-signer');
  const { host, port, region, user } = target;
  const credentials = await credentialsOf(options, region);
  const signer = new Signer({ hostname: host, port, region, username: user, credentials });
  try {
    return await signer.getAuthToken();
  } catch (error) {
    throw new UserError(
      `No token, because there are no credentials to sign it with: ${(error as Error).message}`,
    );
  }
}
