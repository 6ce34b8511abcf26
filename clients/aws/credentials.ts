import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { UserError } from '../error';
import { profileNames } from './profiles';
import type { Asked } from './reason';

/** With whose credentials. */
export interface CredentialOptions {
  readonly profile?: string;
  /** ARN of a role to assume first. */
  readonly role?: string;
  /** What that role's trust policy may ask for. */
  readonly externalId?: string;
}

/** What helps to explain an error: see `awsReason`. */
export function askedWith({ profile }: CredentialOptions, region: string): Asked {
  const { AWS_PROFILE, AWS_ENDPOINT_URL } = process.env;
  return {
    profile: profile ?? (AWS_PROFILE || undefined),
    region,
    endpointUrl: AWS_ENDPOINT_URL || undefined,
  };
}

/** The SDK would say on eight lines that a profile and keys are both set; who names a profile means it. */
const QUIET = { debug() {}, info() {}, warn() {}, error() {} };

/** The AWS default chain, for the profile named; with `role`, that role assumed with them.
 *  @throws UserError if there is no such profile */
export async function credentialsOf(
  options: CredentialOptions,
  region: string,
): Promise<AwsCredentialIdentityProvider> {
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const { profile, role, externalId } = options;
  if (profile) profileExists(profile);
  // The files are read each time: in a process that lasts, somebody may write new keys into them.
  const own = fromNodeProviderChain({
    clientConfig: { region },
    ignoreCache: true,
    ...(profile ? { profile, logger: QUIET } : {}),
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

function profileExists(profile: string): void {
  const known = profileNames();
  if (!known.includes(profile))
    throw new UserError(
      `There is no profile "${profile}" in the files of the AWS CLI; there is ${known.join(', ') || 'none'}.`,
    );
}
