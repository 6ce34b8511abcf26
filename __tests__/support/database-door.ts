import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { Signer } from '@aws-sdk/rds-signer';
import { Client, Pool } from 'pg';
import { createCertificateAuthority } from '../../local/gate/certificates';
import { startGate } from '../../local/gate/gate';
import { type MembershipMode, rdsIamMembership } from '../../modules/access/rds-iam-membership';
import type { IssuedCredentials } from '../../modules/iam/caller';
import { type DatabaseServer, MASTER } from './database-server';

/**
 * The gate before a server, whose endpoint is `localhost`, or a name of RDS for what takes no other. Everybody with the one key
 * may connect as everybody.
 */
export interface DatabaseDoor {
  readonly endpoint: string;
  readonly mode: MembershipMode;
  readonly port: number;
  readonly certificateAuthorityFile: string;
  /** What an AWS SDK reads. */
  readonly variables: Record<string, string>;
  /** Logs in over TLS. @throws as PostgreSQL refuses */
  logIn(user: string, password: string): Promise<void>;
  /** A good one. */
  token(user: string): Promise<string>;
  /** Logs in with a token. @throws as PostgreSQL refuses */
  logInByToken(user: string): Promise<void>;
  close(): Promise<void>;
}

const region = 'eu-west-1';
const endpoint = `orders.cluster-abc.${region}.rds.amazonaws.com`;
const key: IssuedCredentials = {
  accessKeyId: 'ASIAEXAMPLEEXAMPLE34',
  secretAccessKey: 'a-secret-of-the-session',
  // As long as those of STS are: what a client cuts off would be missed.
  sessionToken: 'aB3+/x'.repeat(250),
  expiration: new Date(Date.now() + 3_600_000),
  caller: {
    kind: 'assumed-role',
    principalArn: 'arn:aws:iam::111111111111:role/deploy',
    arn: 'arn:aws:sts::111111111111:assumed-role/deploy/session',
    account: '111111111111',
    name: 'deploy',
    userId: 'AROAEXAMPLE:session',
    sessionPolicies: [],
    sessionPolicyArns: [],
  },
};

export async function openDoor(server: DatabaseServer, mode: MembershipMode): Promise<DatabaseDoor> {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-door-'));
  const authority = await createCertificateAuthority();
  const certificate = await authority.issue(['localhost', '127.0.0.1', endpoint]);
  const catalog = new Pool({
    host: dirname(server.socketPath),
    port: server.port,
    user: 'rdsadmin',
    database: 'postgres',
    max: 4,
  });
  catalog.on('error', () => {});
  const gate = await startGate({
    backend: server,
    log: { write: () => {} },
    cluster: async () => ({
      endpoints: ['localhost', endpoint],
      port: gate.port,
      partition: 'aws',
      region,
      account: '111111111111',
      resourceId: 'cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ',
      iamAuthenticationEnabled: true,
      masterUsername: MASTER,
    }),
    certificate: async () => certificate,
    isIamUser: async (user) => {
      const { counts, reason } = await rdsIamMembership(
        (text: string, values: string[]) => catalog.query(text, values),
        { user, master: MASTER, mode, serverMajor: server.major },
      );
      return { member: counts, reason };
    },
    mayReplicate: async (user) => {
      const text = 'SELECT FROM pg_roles WHERE rolname = $1 AND (rolreplication OR rolsuper)';
      return (await catalog.query(text, [user])).rows.length > 0;
    },
    credentials: (accessKeyId) => (accessKeyId === key.accessKeyId ? key : undefined),
    authorize: async () => ({ allowed: true, reason: 'the door of a test' }),
  });
  const ca = authority.certificate;
  const certificateAuthorityFile = join(folder, 'authority.pem');
  writeFileSync(certificateAuthorityFile, ca);
  const logIn = async (user: string, password: string) => {
    const client = new Client({
      host: 'localhost',
      port: gate.port,
      user,
      password,
      database: 'orders',
      ssl: { ca },
    });
    client.on('error', () => {});
    await client.connect();
    await client.end();
  };
  const { accessKeyId, secretAccessKey, sessionToken } = key;
  const token = (username: string) => {
    const credentials = { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) };
    return new Signer({
      hostname: 'localhost',
      port: gate.port,
      region,
      username,
      credentials,
    }).getAuthToken();
  };
  return {
    endpoint,
    mode,
    port: gate.port,
    certificateAuthorityFile,
    variables: {
      AWS_ACCESS_KEY_ID: accessKeyId,
      AWS_SECRET_ACCESS_KEY: secretAccessKey,
      AWS_SESSION_TOKEN: sessionToken ?? '',
    },
    logIn,
    token,
    logInByToken: async (user) => logIn(user, await token(user)),
    async close() {
      await gate.close();
      await catalog.end();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
