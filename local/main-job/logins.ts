import { Sha256 } from '@aws-crypto/sha256-js';
import { AssumeRoleCommand, type Credentials, STSClient } from '@aws-sdk/client-sts';
import { Signer } from '@aws-sdk/rds-signer';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { SignatureV4 } from '@smithy/signature-v4';
import { Client, DatabaseError } from 'pg';
import { OWNER_CREDENTIALS } from '../local-aurora';

/** The door to knock at. */
export interface Door {
  /** The cluster's endpoint, which the certificate and every token carry. It resolves nowhere on this machine. */
  readonly host: string;
  readonly port: number;
  readonly region: string;
  readonly database: string;
  /** PEM. */
  readonly certificateAuthority: string;
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
export function makeToken(door: Door, user: string, credentials: AwsCredentialIdentity): Promise<string> {
  const { host, port, region } = door;
  return new Signer({ hostname: host, port, region, username: user, credentials }).getAuthToken();
}

/** A token that was made at another time, which no SDK offers. */
export async function makeTokenAt(
  time: Date,
  door: Door,
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

/** Logs in over TLS with the certificate checked in full, runs `use` and logs out.
 *  @throws what the server or the gate said */
export async function logIn<T>(
  door: Door,
  user: string,
  password: string,
  use: (client: Client) => Promise<T>,
  options: { readonly tls: boolean } = { tls: true },
): Promise<T> {
  const client = new Client({
    host: '127.0.0.1',
    port: door.port,
    user,
    password,
    database: door.database,
    connectionTimeoutMillis: 20_000,
    // The chain and the endpoint's name are both checked: libpq calls it verify-full.
    ...(options.tls ? { ssl: { ca: door.certificateAuthority, servername: door.host } } : {}),
  });
  // A server that ends the session says so in the query, too.
  client.on('error', () => {});
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** `<message> (<SQLSTATE>)` of a refused login or statement; `undefined` if it succeeded. */
export async function refusalOf(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof DatabaseError) return `${error.message} (${error.code})`;
    throw error;
  }
}
