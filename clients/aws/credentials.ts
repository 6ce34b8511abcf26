import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';

/** With whose credentials. */
export interface CredentialOptions {
  readonly profile?: string;
  /** ARN of a role to assume first. */
  readonly role?: string;
  /** What that role's trust policy may ask for. */
  readonly externalId?: string;
}

/** The AWS default chain, for the profile named; with `role`, that role assumed with them. */
export async function credentialsOf(
  options: CredentialOptions,
  region: string,
): Promise<AwsCredentialIdentityProvider> {
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const { profile, role, externalId } = options;
  // The files are read each time: in a process that lasts, somebody may write new keys into them.
  const own = fromNodeProviderChain({
    clientConfig: { region },
    ignoreCache: true,
    ...(profile ? { profile } : {}),
  });
  if (role === undefined) return own;
  return fromTemporaryCredentials({
    masterCredentials: own,
    params: {
      RoleArn: role,
      RoleSessionName: 'aurora-iam',
      ...(externalId ? { ExternalId: externalId } : {}),
    },
    clientConfig: { region },
  });
}
