import { Sha256 } from '@aws-crypto/sha256-js';
import { AssumeRoleCommand, type Credentials, STSClient } from '@aws-sdk/client-sts';
import { Signer } from '@aws-sdk/rds-signer';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { SignatureV4 } from '@smithy/signature-v4';
import type { Door } from '../../clients/postgresql/log-in';
import { OWNER_CREDENTIALS } from '../local-aurora';

/** The door of Local Aurora: the cluster's endpoint resolves nowhere on this machine. */
export interface LocalDoor extends Door {
  readonly region: string;
}

/** Temporary credentials of a role, from the AWS endpoint. */
export async function assumeRole(
  awsEndpoint: string,
  region: string,
  roleArn: string,
): Promise<AwsCredentialIdentity> {
  const sts = new STSClient({ endpoint: awsEndpoint, region, credentials: OWNER_CREDENTIALS });
  try {
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'check' }),
    );
    return identityOf(Credentials, roleArn);
  } finally {
    sts.destroy();
  }
}

/** What STS hands out, as the SDKs take it. */
export function identityOf(credentials: Credentials | undefined, roleArn: string): AwsCredentialIdentity {
  if (!credentials?.AccessKeyId || !credentials.SecretAccessKey || !credentials.SessionToken)
    throw new Error(`STS gave no credentials of ${roleArn}`);
  return {
    accessKeyId: credentials.AccessKeyId,
    secretAccessKey: credentials.SecretAccessKey,
    sessionToken: credentials.SessionToken,
  };
}

/** A token as every AWS SDK makes it. */
export function makeToken(
  door: LocalDoor,
  user: string,
  credentials: AwsCredentialIdentity,
): Promise<string> {
  const { host, port, region } = door;
  return new Signer({ hostname: host, port, region, username: user, credentials }).getAuthToken();
}

/** A token that was made at another time, which no SDK offers. */
export async function makeTokenAt(
  time: Date,
  door: LocalDoor,
  user: string,
  credentials: AwsCredentialIdentity,
): Promise<string> {
  const { host, port, region } = door;
  const signer = new SignatureV4({ service: 'rds-db', region, credentials, sha256: Sha256 });
  const request = await signer.presign(
    {
      method: 'GET',
      protocol: 'https:',
      hostname: host,
      port,
      path: '/',
      query: { Action: 'connect', DBUser: user },
      headers: { host: `${host}:${port}` },
    },
    { expiresIn: 900, signingDate: time },
  );
  const query = new URLSearchParams(request.query as Record<string, string>);
  return `${host}:${port}/?${query.toString().replaceAll('+', '%20')}`;
}
