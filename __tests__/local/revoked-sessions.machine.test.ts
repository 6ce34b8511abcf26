import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { IAMClient, PutRolePolicyCommand } from '@aws-sdk/client-iam';
import { CreateDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { Signer } from '@aws-sdk/rds-signer';
import { Client } from 'pg';
import { type LocalAurora, OWNER_CREDENTIALS, startLocalAurora } from '../../local/local-aurora';
import { createRole } from '../../local/main-job/roles';
import { LOCAL_DIRECTORY } from '../../local/project-directory';

const region = 'eu-west-1';
const account = '123456789012';
const password = 'master-password-1';
let folder: string;
let aurora: LocalAurora;
let iam: IAMClient;
let sts: STSClient;
let arn: string;
let endpoint: string;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-revoked-'));
  aurora = await startLocalAurora({
    directory: folder,
    toolsDirectory: join(LOCAL_DIRECTORY, 'tools'),
    region,
  });
  const client = { endpoint: aurora.awsEndpoint, region, credentials: OWNER_CREDENTIALS };
  iam = new IAMClient(client);
  sts = new STSClient(client);
  const { DBCluster } = await new RDSClient(client).send(
    new CreateDBClusterCommand({
      DBClusterIdentifier: 'orders',
      Engine: 'aurora-postgresql',
      Port: aurora.port,
      MasterUsername: 'postgres',
      MasterUserPassword: password,
      DatabaseName: 'orders',
      EnableIAMDatabaseAuthentication: true,
    }),
  );
  endpoint = DBCluster?.Endpoint ?? '';
  await asMaster('CREATE ROLE api LOGIN; GRANT rds_iam TO api');
  arn = await createRole(iam, { name: 'api', account, partition: 'aws' });
  await put('connect', {
    Effect: 'Allow',
    Action: 'rds-db:connect',
    Resource: `arn:aws:rds-db:${region}:${account}:dbuser:${DBCluster?.DbClusterResourceId}/api`,
  });
}, 180_000);

afterAll(async () => {
  await aurora?.stop();
  rmSync(folder, { recursive: true, force: true });
}, 60_000);

async function asMaster(sql: string): Promise<void> {
  const client = await connect('postgres', password);
  await client.query(sql);
  await client.end();
}
async function connect(user: string, secret: string): Promise<Client> {
  const ca = readFileSync(aurora.certificateAuthorityFile, 'utf8');
  const client = new Client({
    host: '127.0.0.1',
    port: aurora.port,
    user,
    password: secret,
    database: 'orders',
    ssl: { ca, servername: endpoint },
  });
  await client.connect();
  return client;
}
async function put(PolicyName: string, statement: object): Promise<void> {
  const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
  await iam.send(new PutRolePolicyCommand({ RoleName: 'api', PolicyName, PolicyDocument }));
}
/** A token of a new session of the role. */
async function session(): Promise<string> {
  const { Credentials } = await sts.send(new AssumeRoleCommand({ RoleArn: arn, RoleSessionName: 'test' }));
  return new Signer({
    hostname: endpoint,
    port: aurora.port,
    region,
    username: 'api',
    credentials: {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken,
    },
  }).getAuthToken();
}

test('"Revoke active sessions" closes the door to the sessions before it, and to no later one', async () => {
  const before = await session();
  await (await connect('api', before)).end();
  // As the console writes it.
  await put('AWSRevokeOlderSessions', {
    Effect: 'Deny',
    Action: ['*'],
    Resource: ['*'],
    Condition: { DateLessThan: { 'aws:TokenIssueTime': new Date().toISOString() } },
  });
  await expect(connect('api', before)).rejects.toMatchObject({ code: '28000' });
  expect(aurora.refusals.at(-1)).toMatch(
    /explicit Deny: statement 1 of inline policy AWSRevokeOlderSessions/,
  );
  await (await connect('api', await session())).end();
}, 60_000);
