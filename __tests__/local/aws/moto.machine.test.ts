import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmod, mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import {
  AddUserToGroupCommand,
  AttachGroupPolicyCommand,
  AttachRolePolicyCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateOpenIDConnectProviderCommand,
  CreatePolicyCommand,
  CreatePolicyVersionCommand,
  CreateRoleCommand,
  CreateUserCommand,
  DeleteAccessKeyCommand,
  DeleteRoleCommand,
  DeleteRolePolicyCommand,
  DetachRolePolicyCommand,
  IAMClient,
  PutGroupPolicyCommand,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
} from '@aws-sdk/client-iam';
import {
  CreateDBClusterCommand,
  DeleteDBClusterCommand,
  DescribeDBClustersCommand,
  ModifyDBClusterCommand,
  RDSClient,
} from '@aws-sdk/client-rds';
import { GetSecretValueCommand, SecretsManagerClient } from '@aws-sdk/client-secrets-manager';
import {
  AssumeRoleCommand,
  AssumeRoleWithWebIdentityCommand,
  GetCallerIdentityCommand,
  GetSessionTokenCommand,
  STSClient,
} from '@aws-sdk/client-sts';
import { policiesOf } from '../../../clients/aws/policies-of';
import {
  type AwsEndpoint,
  type CreatedCluster,
  type ModifiedCluster,
  startAwsEndpoint,
} from '../../../local/aws/aws-endpoint';
import { createCredentialLedger } from '../../../local/aws/credential-ledger';
import { type MotoServer, startMoto } from '../../../local/aws/moto';
import { findMoto, findOrInstallMoto } from '../../../local/aws/moto-installation';
import { createOidcIssuer, type OidcIssuer } from '../../../local/aws/oidc-issuer';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../../../local/project-directory';
import { describeWith } from '../../support/machine';

jest.setTimeout(60_000);

const lines: string[] = [];
const log = { write: (source: string, line: string) => void lines.push(`${source}: ${line}`) };

let folder: string;
beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'moto-test-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

describe('where moto is not there yet', () => {
  let toolsDirectory: string;
  let environment: NodeJS.ProcessEnv;
  beforeEach(async () => {
    toolsDirectory = path.join(await mkdtemp(path.join(folder, 'case-')), 'tools');
  });

  /** A python3 whose virtual environments and pip do what the two shell snippets say; alone on the PATH. */
  async function python({ venv, pip, version = '[3, 12]' }: { venv: string; pip: string; version?: string }) {
    const directory = path.join(path.dirname(toolsDirectory), 'bin');
    await mkdir(directory, { recursive: true });
    await writeFile(
      path.join(directory, 'python3'),
      `#!/bin/sh
home=$(dirname "$0")
if [ "\${1##*/}" = moto-inspection.py ]; then
  moto=null; [ -e "$home/moto" ] && moto='"5.2.1"'
  echo "{\\"executable\\": \\"$0\\", \\"python\\": ${version}, \\"moto\\": $moto, \\"missing\\": []}"
elif [ "$2" = venv ]; then
  ${venv}
else
  ${pip}
fi
`,
    );
    await chmod(path.join(directory, 'python3'), 0o755);
    environment = { PATH: `${directory}:/usr/bin:/bin` };
    // The real ones of the machine must not be found behind it.
    for (const newer of ['3.14', '3.13', '3.12', '3.11', '3.10']) {
      await writeFile(path.join(directory, `python${newer}`), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
    }
  }
  const copy = 'mkdir -p "$3/bin" && cp "$0" "$3/bin/python"';
  const install = () => findOrInstallMoto({ toolsDirectory, environment, log });

  test('and no Python either, the error says what to install', async () => {
    environment = { PATH: path.join(folder, 'nothing') };
    expect(await findMoto({ toolsDirectory, environment })).toBeUndefined();
    await expect(install()).rejects.toThrow(/needs Python 3\.10 or newer/);
  });

  test('a Python that is too old is as good as none', async () => {
    await python({ venv: copy, pip: 'touch "$home/moto"', version: '[3, 9]' });
    await expect(install()).rejects.toThrow(/needs Python 3\.10 or newer/);
  });

  test('it is installed once, also by two runs at once, and found by the next', async () => {
    const installations = path.join(folder, 'installations');
    await python({ venv: copy, pip: `sleep 0.1; echo x >> ${installations}; touch "$home/moto"` });
    const [first, second] = await Promise.all([install(), install()]);
    expect(second).toEqual(first);
    expect(first.python.startsWith(path.join(toolsDirectory, 'moto-5.2.1'))).toBe(true);
    expect(await install()).toEqual(first);
    expect(await findMoto({ toolsDirectory, environment })).toEqual(first);
    const { stdout } = spawnSync('cat', [installations], { encoding: 'utf8' });
    expect(stdout.trim().split('\n')).toHaveLength(2);
    expect(await readdir(toolsDirectory)).toEqual(['moto-5.2.1']);
  });

  test('an installation whose Python is gone is made again', async () => {
    await python({ venv: copy, pip: 'touch "$home/moto"' });
    const broken = path.join(toolsDirectory, 'moto-5.2.1', 'bin');
    await mkdir(broken, { recursive: true });
    await writeFile(path.join(broken, 'python'), '#!/bin/sh\nexit 127\n', { mode: 0o755 });
    expect((await install()).version).toBe('5.2.1');
    expect(await readdir(toolsDirectory)).toEqual(['moto-5.2.1']);
  });

  test('a failing pip gives its reason, and nothing half-finished is found later', async () => {
    await python({ venv: copy, pip: 'echo "ERROR: No matching distribution found" >&2; exit 1' });
    await expect(install()).rejects.toThrow(
      /pip could not install moto.*pip install "moto\[server\]==5\.2\.1".*No matching distribution/,
    );
    expect(await findMoto({ toolsDirectory, environment })).toBeUndefined();
    expect(await readdir(toolsDirectory)).toEqual([]);
  });

  test('a Python without venv names the package to install', async () => {
    await python({ venv: 'echo "ensurepip is not available."; exit 1', pip: 'exit 1' });
    await expect(install()).rejects.toThrow(/apt install python3-venv\): ensurepip is not available/);
  });

  test('a moto that does not start says why', async () => {
    const broken = path.join(folder, 'broken-python');
    await writeFile(broken, '#!/bin/sh\necho "ImportError: no flask" >&2\nexit 3\n', { mode: 0o755 });
    const start = startMoto({ installation: { python: broken, version: '5.2.1' }, log });
    await expect(start).rejects.toThrow(/moto 5\.2\.1 did not start.*code 3\.\nImportError: no flask/);
  });
});

describeWith(['moto'], 'the AWS endpoint before a real moto', () => {
  const region = 'eu-west-1';
  const ledger = createCredentialLedger();
  const created: CreatedCluster[] = [];
  const modified: ModifiedCluster[] = [];
  let moto: MotoServer;
  let issuer: OidcIssuer;
  let aws: AwsEndpoint;
  let iam: IAMClient;
  let rds: RDSClient;
  let sts: STSClient;
  let secrets: SecretsManagerClient;

  const client = (accessKeyId = 'owner', secretAccessKey = 'owner', sessionToken?: string) => ({
    endpoint: aws.url,
    region,
    credentials: { accessKeyId, secretAccessKey, ...(sessionToken ? { sessionToken } : {}) },
  });

  beforeAll(async () => {
    const installation = await findMoto({ toolsDirectory: path.join(LOCAL_DIRECTORY, 'tools') });
    if (!installation) throw new Error('moto was there a moment ago');
    moto = await startMoto({ installation, log });
    issuer = await createOidcIssuer();
    aws = await startAwsEndpoint({
      moto: moto.url,
      ledger,
      log,
      issuer,
      onClusterCreated: async (cluster) => void created.push(cluster),
      onClusterModified: async (cluster) => void modified.push(cluster),
    });
    iam = new IAMClient(client());
    rds = new RDSClient(client());
    sts = new STSClient(client());
    secrets = new SecretsManagerClient(client());
  }, 60_000);

  afterAll(async () => {
    for (const one of [iam, rds, sts, secrets]) one?.destroy();
    await aws?.stop();
    await moto?.stop();
  });

  const document = (resource: string) =>
    JSON.stringify({
      Version: '2012-10-17',
      Statement: [
        { Effect: 'Allow', Action: 'rds-db:connect', Resource: `arn:aws:rds-db:*:*:dbuser:*/${resource}` },
      ],
    });
  const createPolicy = async (PolicyName: string) => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName, PolicyDocument: document(PolicyName) }),
    );
    return Policy?.Arn ?? '';
  };
  const createRole = async (RoleName: string) => {
    const trust = {
      Version: '2012-10-17',
      Statement: [{ Effect: 'Allow', Principal: '*', Action: 'sts:AssumeRole' }],
    };
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName, Path: '/team/', AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    return Role?.Arn ?? '';
  };
  const assume = async (RoleArn: string, more = {}) => {
    const command = new AssumeRoleCommand({ RoleArn, RoleSessionName: 'me', ...more });
    const { Credentials } = await sts.send(command);
    const issued = ledger.find(Credentials?.AccessKeyId ?? '');
    if (!issued) throw new Error('the ledger does not know the credentials');
    return { Credentials, issued };
  };

  test('remembers a session as STS handed it out, and STS knows the same caller', async () => {
    const { Credentials, issued } = await assume(await createRole('remembered'));
    expect(issued).toMatchObject({
      secretAccessKey: Credentials?.SecretAccessKey,
      sessionToken: Credentials?.SessionToken,
      caller: { kind: 'assumed-role', name: 'remembered', account: '123456789012' },
    });
    // moto writes microseconds, which the SDK rounds.
    const expiration = Credentials?.Expiration?.getTime() ?? 0;
    expect(Math.abs((issued.expiration?.getTime() ?? 0) - expiration)).toBeLessThanOrEqual(1);
    const session = new STSClient(client(issued.accessKeyId, issued.secretAccessKey, issued.sessionToken));
    expect(await session.send(new GetCallerIdentityCommand({}))).toMatchObject({
      Account: '123456789012',
      Arn: issued.caller.arn,
      UserId: issued.caller.userId,
    });
    session.destroy();
  });

  test('gives no session of a role that does not exist', async () => {
    for (const account of ['123456789012', '999999999999']) {
      const absent = assume(`arn:aws:iam::${account}:role/team/absent`);
      await expect(absent).rejects.toMatchObject({ name: 'AccessDenied' });
    }
  });

  test('gives a web identity a session of the role that trusts it, if the account has the provider', async () => {
    const [url, subject] = ['https://oidc.eks.eu-west-1.amazonaws.com/id/ABC', 'system:serviceaccount:a:b'];
    issuer.standInFor(url);
    const name = url.slice('https://'.length);
    const trust = {
      Version: '2012-10-17',
      Statement: {
        Effect: 'Allow',
        Principal: { Federated: `arn:aws:iam::123456789012:oidc-provider/${name}` },
        Action: 'sts:AssumeRoleWithWebIdentity',
        Condition: { StringEquals: { [`${name}:sub`]: subject } },
      },
    };
    const { Role } = await iam.send(
      new CreateRoleCommand({ RoleName: 'service-account', AssumeRolePolicyDocument: JSON.stringify(trust) }),
    );
    const ask = (claims: { subject?: string; audience?: string } = {}) => {
      const token = issuer.issueToken({ issuer: url, subject, audience: 'sts.amazonaws.com', ...claims });
      return sts.send(
        new AssumeRoleWithWebIdentityCommand({
          RoleArn: Role?.Arn,
          RoleSessionName: 'me',
          WebIdentityToken: token,
        }),
      );
    };
    const invalid = { name: 'InvalidIdentityTokenException' };
    await expect(ask()).rejects.toMatchObject(invalid);
    await iam.send(
      new CreateOpenIDConnectProviderCommand({ Url: url, ClientIDList: ['sts.amazonaws.com', 'other'] }),
    );
    const answer = await ask();
    expect(answer.AssumedRoleUser?.AssumedRoleId).toBe(`${Role?.RoleId}:me`);
    const issued = ledger.find(answer.Credentials?.AccessKeyId ?? '');
    expect(issued?.caller).toMatchObject({ principalArn: Role?.Arn, userId: `${Role?.RoleId}:me` });
    await expect(ask({ audience: 'unknown' })).rejects.toMatchObject(invalid);
    await expect(ask({ subject: 'system:serviceaccount:other:b' })).rejects.toMatchObject({
      name: 'AccessDenied',
    });
    await expect(assume(Role?.Arn ?? '')).rejects.toMatchObject({ name: 'AccessDenied' });
  });

  test('says which policies a role has now: attached, inline, boundary, session, and none once it is gone', async () => {
    const RoleName = 'judged';
    const roleArn = await createRole(RoleName);
    const [attached, boundary, cut] = [
      await createPolicy('attached'),
      await createPolicy('boundary'),
      await createPolicy('cut'),
    ];
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: attached }));
    await iam.send(
      new AttachRolePolicyCommand({ RoleName, PolicyArn: 'arn:aws:iam::aws:policy/ReadOnlyAccess' }),
    );
    const inline = { RoleName, PolicyName: 'inline' };
    await iam.send(
      new PutRolePolicyCommand({ ...inline, PolicyDocument: document('50%25+${aws:username}') }),
    );
    await iam.send(new PutRolePermissionsBoundaryCommand({ RoleName, PermissionsBoundary: boundary }));
    await iam.send(
      new CreatePolicyVersionCommand({
        PolicyArn: attached,
        PolicyDocument: document('second'),
        SetAsDefault: true,
      }),
    );
    const { issued } = await assume(roleArn, { Policy: document('session'), PolicyArns: [{ arn: cut }] });
    const policies = await policiesOf(issued.caller, iam);
    const named = Object.fromEntries(policies.identity.map((policy) => [policy.name, policy.document]));
    expect(Object.keys(named).sort()).toEqual(
      [attached, 'arn:aws:iam::aws:policy/ReadOnlyAccess', 'inline policy inline of role judged'].sort(),
    );
    expect(named[attached]).toBe(document('second'));
    expect(named['inline policy inline of role judged']).toBe(document('50%25+${aws:username}'));
    expect(policies.boundary).toEqual({ name: boundary, document: document('boundary') });
    expect(policies.session).toEqual([
      { name: 'inline session policy', document: document('session') },
      { name: cut, document: document('cut') },
    ]);

    for (const PolicyArn of [attached, 'arn:aws:iam::aws:policy/ReadOnlyAccess'])
      await iam.send(new DetachRolePolicyCommand({ RoleName, PolicyArn }));
    await iam.send(new DeleteRolePolicyCommand(inline));
    expect((await policiesOf(issued.caller, iam)).identity).toEqual([]);
    await iam.send(new DeleteRoleCommand({ RoleName }));
    // One of the same name is another role: the old session stays worthless.
    await createRole(RoleName);
    await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn: attached }));
    expect((await policiesOf(issued.caller, iam)).identity).toEqual([]);
  });

  test('remembers the key of a user and a session of it, with the policies of the groups', async () => {
    const UserName = 'jane';
    await iam.send(new CreateUserCommand({ UserName, Path: '/people/' }));
    await iam.send(new CreateGroupCommand({ GroupName: 'readers' }));
    await iam.send(new AddUserToGroupCommand({ UserName, GroupName: 'readers' }));
    const inline = { GroupName: 'readers', PolicyName: 'inline', PolicyDocument: document('reader') };
    await iam.send(new PutGroupPolicyCommand(inline));
    const shared = await createPolicy('shared');
    await iam.send(new AttachGroupPolicyCommand({ GroupName: 'readers', PolicyArn: shared }));
    const { AccessKey } = await iam.send(new CreateAccessKeyCommand({ UserName }));
    const { AccessKeyId = '', SecretAccessKey } = AccessKey ?? {};
    const issued = ledger.find(AccessKeyId);
    expect(issued).toMatchObject({
      secretAccessKey: SecretAccessKey,
      caller: { kind: 'user', arn: 'arn:aws:iam::123456789012:user/people/jane', name: 'jane' },
    });
    if (!issued) return;
    const expected = {
      identity: [
        { name: shared, document: document('shared') },
        { name: 'inline policy inline of group readers', document: document('reader') },
      ],
    };
    expect(await policiesOf(issued.caller, iam)).toEqual(expected);

    const jane = new STSClient(client(AccessKeyId, SecretAccessKey));
    const { Credentials } = await jane.send(new GetSessionTokenCommand({}));
    jane.destroy();
    const session = new STSClient(
      client(Credentials?.AccessKeyId, Credentials?.SecretAccessKey, Credentials?.SessionToken),
    );
    expect((await session.send(new GetCallerIdentityCommand({}))).Arn).toBe(issued.caller.arn);
    session.destroy();
    await iam.send(new DeleteAccessKeyCommand({ UserName, AccessKeyId }));
    expect(ledger.find(AccessKeyId)).toBeUndefined();
  });

  test('gives a cluster its port, its resource id and a managed password that its secret holds', async () => {
    const command = new CreateDBClusterCommand({
      DBClusterIdentifier: 'managed',
      Engine: 'aurora-postgresql',
      EngineVersion: '17.4',
      DatabaseName: 'orders',
      MasterUsername: 'postgres',
      ManageMasterUserPassword: true,
      EnableCloudwatchLogsExports: ['postgresql'],
      Port: 6543,
    });
    const { DBCluster } = await rds.send(command);
    const cluster = created.at(-1);
    expect(cluster).toMatchObject({
      identifier: 'managed',
      databaseName: 'orders',
      masterUsername: 'postgres',
      port: 6543,
      endpoint: DBCluster?.Endpoint,
      readerEndpoint: DBCluster?.ReaderEndpoint,
      resourceId: expect.stringMatching(/^cluster-[A-Z0-9]{26}$/),
      masterUserSecretArn: DBCluster?.MasterUserSecret?.SecretArn,
      iamAuthenticationEnabled: false,
    });
    const { SecretString = '{}' } = await secrets.send(
      new GetSecretValueCommand({ SecretId: DBCluster?.MasterUserSecret?.SecretArn }),
    );
    expect(JSON.parse(SecretString)).toEqual({ username: 'postgres', password: cluster?.masterPassword });
    expect(lines.join('\n')).not.toContain(cluster?.masterPassword);
    // A second of the name is refused, and leaves the first as it was.
    await expect(rds.send(command)).rejects.toMatchObject({ name: 'DBClusterAlreadyExistsFault' });
    const { DBClusters } = await rds.send(new DescribeDBClustersCommand({}));
    expect(DBClusters?.map((each) => each.DbClusterResourceId)).toEqual([cluster?.resourceId]);
  });

  test('turns IAM authentication and log exports on and off in a cluster that is there', async () => {
    const cluster = { DBClusterIdentifier: 'managed', ApplyImmediately: true };
    const describe = async () =>
      (await rds.send(new DescribeDBClustersCommand({ DBClusterIdentifier: 'managed' }))).DBClusters?.[0];
    await rds.send(
      new ModifyDBClusterCommand({
        ...cluster,
        EnableIAMDatabaseAuthentication: true,
        CloudwatchLogsExportConfiguration: { EnableLogTypes: ['iam-db-auth-error'] },
      }),
    );
    expect(modified.at(-1)).toMatchObject({ identifier: 'managed', iamAuthenticationEnabled: true });
    expect(modified.at(-1)).not.toHaveProperty('masterPassword');
    expect(await describe()).toMatchObject({
      IAMDatabaseAuthenticationEnabled: true,
      EnabledCloudwatchLogsExports: ['postgresql', 'iam-db-auth-error'],
    });
    await rds.send(
      new ModifyDBClusterCommand({
        ...cluster,
        EnableIAMDatabaseAuthentication: false,
        CloudwatchLogsExportConfiguration: { DisableLogTypes: ['postgresql'] },
      }),
    );
    expect(await describe()).toMatchObject({
      IAMDatabaseAuthenticationEnabled: false,
      EnabledCloudwatchLogsExports: ['iam-db-auth-error'],
    });
  });

  test('rotates a managed password', async () => {
    const before = created.at(-1)?.masterPassword;
    const rotation = { DBClusterIdentifier: 'managed', RotateMasterUserPassword: true };
    await expect(rds.send(new ModifyDBClusterCommand(rotation))).rejects.toMatchObject({
      name: 'InvalidParameterCombination',
    });
    const { DBCluster } = await rds.send(new ModifyDBClusterCommand({ ...rotation, ApplyImmediately: true }));
    const { SecretString = '{}' } = await secrets.send(
      new GetSecretValueCommand({ SecretId: DBCluster?.MasterUserSecret?.SecretArn }),
    );
    const { password } = JSON.parse(SecretString);
    expect(modified.at(-1)?.masterPassword).toBe(password);
    expect(password).not.toBe(before);
  });

  test('takes a cluster away, and another of the same name at once', async () => {
    const MasterUserPassword = createHash('sha256').update(folder).digest('hex');
    for (const SkipFinalSnapshot of [true, true]) {
      await rds.send(new DeleteDBClusterCommand({ DBClusterIdentifier: 'managed', SkipFinalSnapshot }));
      await rds.send(
        new CreateDBClusterCommand({
          DBClusterIdentifier: 'managed',
          Engine: 'aurora-postgresql',
          MasterUsername: 'postgres',
          MasterUserPassword,
        }),
      );
      expect(created.at(-1)).toMatchObject({ port: 5432, masterPassword: MasterUserPassword });
    }
    expect(new Set(created.map((each) => each.resourceId)).size).toBe(3);
  });

  test('moto ends with the process that started it, however that ends', async () => {
    const installation = await findMoto({ toolsDirectory: path.join(LOCAL_DIRECTORY, 'tools') });
    const program = `
      const { startMoto } = require(${JSON.stringify(path.join(PROJECT_DIRECTORY, 'dist/local/aws/moto.js'))});
      startMoto({ installation: ${JSON.stringify(installation)}, log: { write() {} } }).then(async ({ url }) => {
        require('node:fs').writeSync(1, JSON.stringify({ url, status: (await fetch(url + '/moto-api/')).status }));
        process.kill(process.pid, 'SIGKILL');
      });`;
    const { stdout, signal } = spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' });
    expect(signal).toBe('SIGKILL');
    const { url, status } = JSON.parse(stdout);
    expect(status).toBe(200);
    const deadline = Date.now() + 5_000;
    const isThere = () =>
      fetch(url).then(
        () => true,
        () => false,
      );
    let there = await isThere();
    while (there && Date.now() < deadline) {
      await new Promise((resolve) => setTimeout(resolve, 50));
      there = await isThere();
    }
    expect(there).toBe(false);
  }, 30_000);
});
