import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  CreateGroupCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  CreateUserCommand,
  IAMClient,
  UpdateRoleCommand,
} from '@aws-sdk/client-iam';
import { CreateDBClusterCommand, CreateDBProxyCommand, RDSClient } from '@aws-sdk/client-rds';
import { App } from 'cdktf';
import { type AwsEndpoint, startAwsEndpoint } from '../../../local/aws/aws-endpoint';
import { createCredentialLedger } from '../../../local/aws/credential-ledger';
import { type MotoServer, startMoto } from '../../../local/aws/moto';
import { findMoto } from '../../../local/aws/moto-installation';
import { type ObservedCall, observeCalls, refusedCalls } from '../../../local/aws/observed-calls';
import { LOCAL_DIRECTORY } from '../../../local/project-directory';
import {
  type CreatedCluster,
  createCluster,
  type Environment,
  environmentStacks,
  existingCluster,
  iamGroup,
  iamRole,
  iamUser,
  memberCluster,
  newRole,
  provisioned,
  rdsProxy,
  s3Backend,
  service,
} from '../../../modules';
import { deploymentPermissions } from '../../../modules/connect/deploying-role/deploying-role';
import type { PolicyDocument } from '../../../modules/iam/policy-document';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';

// What Terraform really calls, against what the documents allow, with the state in a bucket. The cluster stack takes four
// minutes, because the provider waits half a minute for everything: AURORA_IAM_SLOW_TESTS=1. Its deployment, and the database
// stack, which wants a server, are looked at by `npm start`, too.

const account = '123456789012';
const region = 'eu-west-1';
const credentials = { accessKeyId: 'owner', secretAccessKey: 'owner' };
const log = { write: () => {} };

/** A life of a stack, from one environment to another. */
interface Life {
  readonly stack: 'cluster' | 'policies';
  readonly before: (subnets: string[]) => Environment;
  readonly after: (subnets: string[]) => Environment;
  /** What is allowed and yet not called. */
  readonly notCalled: string[];
  /** What moto cannot tell the resource of. */
  readonly withoutResource: string[];
}

const lives: Life[] = [
  {
    stack: 'policies',
    before: policiesBefore,
    after: policiesAfter,
    // AWS asks for it besides the call that puts a role into an instance profile; it is no call.
    notCalled: ['iam:PassRole'],
    withoutResource: [],
  },
  ...(process.env['AURORA_IAM_SLOW_TESTS']
    ? [
        {
          stack: 'cluster',
          before: clusterBefore,
          after: clusterAfter,
          notCalled: [
            'iam:CreateServiceLinkedRole',
            'kms:DescribeKey',
            'rds:CreateDBClusterSnapshot',
            'rds:ModifyDBSubnetGroup',
            'rds:ResetDBClusterParameterGroup',
            'secretsmanager:CreateSecret',
            'secretsmanager:TagResource',
          ],
          withoutResource: ['rds:DescribeGlobalClusters'],
        } as const satisfies Life,
      ]
    : []),
];

describeWith(['terraform', 'aws-provider', 'moto'], 'deployed to moto', () => {
  describe.each(lives)('the $stack stack', whole);
});

function whole({ stack, before, after, notCalled, withoutResource }: Life): void {
  const program = `test-${stack}`;
  const documentOf = (environment: Environment) =>
    deploymentPermissions(environment)[program] as PolicyDocument;
  const observer = observeCalls('aws', account);
  let subnets: string[];
  let folder: string;
  let moto: MotoServer;
  let aws: AwsEndpoint;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aurora-iam-permissions-'));
    const installation = await findMoto({ toolsDirectory: join(LOCAL_DIRECTORY, 'tools') });
    if (!installation) throw new Error('moto was there a moment ago');
    moto = await startMoto({ installation, log });
    aws = await startAwsEndpoint({
      moto: moto.url,
      ledger: createCredentialLedger(),
      log,
      onAnswer: observer.observe,
    });
    subnets = await createSurroundings(aws.url);
  }, 60_000);

  afterAll(async () => {
    await aws?.stop();
    await moto?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const terraform = (...commandArguments: string[]) =>
    new Promise<void>((resolve, reject) => {
      const env = {
        ...process.env,
        AWS_ENDPOINT_URL: aws.url,
        AWS_ACCESS_KEY_ID: 'owner',
        AWS_SECRET_ACCESS_KEY: 'owner',
        AWS_EC2_METADATA_DISABLED: 'true',
        AWS_SDK_UA_APP_ID: program,
      };
      execFile(
        'terraform',
        [...commandArguments, '-no-color'],
        { cwd: folder, env },
        (error, stdout, stderr) => (error ? reject(new Error(stdout + stderr)) : resolve()),
      );
    });
  const write = (environment: Environment) => {
    const app = new App({ outdir: join(folder, 'out'), skipValidation: true });
    const [stacks] = environmentStacks(app, [environment]);
    const made = stacks?.[stack];
    // As CDKTF does at synthesis.
    made?.ensureBackendExists();
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(made?.toTerraform()));
  };
  /** What the stack calls meanwhile. */
  const callsOf = async (work: () => Promise<void>) => {
    const before = observer.calls.length;
    await work();
    return observer.calls.slice(before).filter((call) => call.program === program);
  };
  const apply = ['apply', '-auto-approve', '-input=false'];

  const documents = [documentOf(before([])), documentOf(after([]))] as const;
  const all: ObservedCall[] = [];

  test('may do all that a deploy, a change and a destroy call', async () => {
    write(before(subnets));
    const deployed = await callsOf(async () => {
      await terraform('init', '-input=false', '-backend-config=use_path_style=true');
      await terraform(...apply);
    });
    if (stack === 'policies') await changeByHand(aws.url);
    write(after(subnets));
    const changed = await callsOf(() => terraform(...apply));
    const destroyed = await callsOf(() => terraform('destroy', '-auto-approve', '-input=false'));
    all.push(...deployed, ...changed, ...destroyed);
    expect(refusedCalls(deployed, [documents[0]])).toEqual([]);
    // What goes stands in the document of before.
    expect(refusedCalls(changed, documents)).toEqual([]);
    expect(refusedCalls(destroyed, [documents[1]])).toEqual([]);
  }, 600_000);

  test('may do nothing that it does not call', () => {
    const called = new Set(all.map(({ action }) => action));
    const allowed = [...new Set(documents.flatMap(actionsOf))];
    expect(allowed.filter((action) => !called.has(action)).sort()).toEqual(notCalled);
  });

  test('is refused each call without the statement for it, and all of them with the document of another environment', () => {
    const ofAnother = documentOf({
      ...before([]),
      region: 'eu-west-2',
      cluster: { ...before([]).cluster, identifier: 'others' },
      principals: { api: iamRole('others-api', { connectsAs: ['orders_api'] }) },
      backend: s3Backend({ bucket: 'other-states' }),
      targets: {},
    });
    const calls = all.filter(({ action }) => action !== 'sts:GetCallerIdentity');
    expect(calls.length).toBeGreaterThan(100);
    const nameless = calls.filter(({ resources }) => resources.length === 0).map(({ action }) => action);
    expect([...new Set(nameless)]).toEqual(withoutResource);
    for (const call of calls) {
      expect(
        refusedCalls(
          [call],
          documents.map((document) => without(document, call.action)),
        ),
      ).not.toEqual([]);
      if (call.resources.length > 0) expect(refusedCalls([call], [ofAnother])).not.toEqual([]);
    }
  });
}

function actionsOf({ Statement }: PolicyDocument): string[] {
  return [Statement].flat().flatMap(({ Action = [] }) => Action);
}

function without(document: PolicyDocument, action: string): PolicyDocument {
  const Statement = [document.Statement].flat().map((statement) => ({
    ...statement,
    Action: [statement.Action ?? []].flat().filter((each) => each !== action),
  }));
  return { ...document, Statement: Statement.filter(({ Action }) => Action.length > 0) };
}

function boundary(name: string): string {
  return `arn:aws:iam::${account}:policy/${name}`;
}

/** Each kind of principal, a target in another region, tags, and a state in a bucket. */
function policiesBefore(): Environment {
  return exampleEnvironment({
    account,
    cluster: existingCluster({ identifier: 'orders', databaseName: 'orders' }),
    targets: {
      frankfurt: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
      pooled: rdsProxy({ name: 'pooled', role: `arn:aws:iam::${account}:role/apps/orders-api` }),
    },
    backend: s3Backend({ bucket: 'states' }),
    tags: { team: 'orders' },
    providerVersions: { aws: '>= 5.100.0, < 7.0.0' },
    principals: {
      api: iamRole(`arn:aws:iam::${account}:role/apps/orders-api`, { connectsAs: ['orders_api'] }),
      jane: iamUser('jane', { connectsAs: ['analyst'] }),
      people: iamGroup('people', { connectsAs: ['analyst'], targets: ['cluster', 'frankfurt'] }),
      jobs: newRole('jobs', {
        connectsAs: ['orders_api'],
        trust: service('ec2'),
        path: '/jobs/',
        permissionsBoundaryArn: boundary('limit'),
      }),
      work: newRole('work', {
        connectsAs: ['orders_api'],
        targets: ['cluster', 'pooled'],
        trust: service('lambda'),
      }),
    },
  });
}

/** Every kind of change: a principal that goes, logins, tags, trust, duration and boundary. */
function policiesAfter(): Environment {
  const { jane, people: _, ...others } = policiesBefore().principals;
  return {
    ...policiesBefore(),
    tags: { owner: 'orders' },
    principals: {
      ...others,
      jane: { ...jane, connectsAs: ['analyst', 'orders_api'] } as typeof jane & object,
      jobs: newRole('jobs', {
        connectsAs: ['orders_api'],
        trust: service('ec2'),
        path: '/jobs/',
        permissionsBoundaryArn: boundary('other-limit'),
        maxSessionDuration: 7200,
      }),
      work: newRole('work', {
        connectsAs: ['orders_api'],
        targets: ['cluster', 'pooled'],
        trust: service('ecsTasks'),
      }),
    },
  };
}

/** A cluster with a reader, a subnet group, a parameter of its own, tags, and a snapshot at its end. */
function clusterBefore(subnets: string[]): Environment {
  return exampleEnvironment({
    account,
    cluster: createCluster({
      identifier: 'orders-test',
      databaseName: 'orders',
      engineVersion: '16.6',
      instances: provisioned({ instanceClass: 'db.r7g.large', readers: 1 }),
      subnetIds: subnets,
      deletionProtection: false,
      parameters: { work_mem: { value: '8192' } },
    }),
    backend: s3Backend({ bucket: 'states' }),
    tags: { team: 'orders' },
    providerVersions: { aws: '>= 5.100.0, < 7.0.0' },
  });
}

/** Every kind of change: a new major version, another class, a reader that goes, parameters, tags. */
function clusterAfter(subnets: string[]): Environment {
  return {
    ...clusterBefore(subnets),
    tags: { owner: 'orders' },
    cluster: {
      ...(clusterBefore(subnets).cluster as CreatedCluster),
      engineVersion: '17.5',
      instances: provisioned({ instanceClass: 'db.r7g.xlarge' }),
      parameters: { statement_timeout: { value: '60000' } },
      overrides: { cluster: { backupRetentionPeriod: 7, allowMajorVersionUpgrade: true } },
    },
  };
}

/** What nobody told Terraform of, and an apply mends. */
async function changeByHand(endpoint: string): Promise<void> {
  const iam = new IAMClient({ endpoint, region, credentials });
  await iam.send(new UpdateRoleCommand({ RoleName: 'work', Description: 'mine', MaxSessionDuration: 3600 }));
  iam.destroy();
}

/** What the account has before.
 *  @returns two of its subnets */
async function createSurroundings(endpoint: string): Promise<string[]> {
  const iam = new IAMClient({ endpoint, region, credentials });
  const trust = JSON.stringify({ Version: '2012-10-17', Statement: [] });
  await iam.send(
    new CreateRoleCommand({ RoleName: 'orders-api', Path: '/apps/', AssumeRolePolicyDocument: trust }),
  );
  await iam.send(new CreateUserCommand({ UserName: 'jane' }));
  await iam.send(new CreateGroupCommand({ GroupName: 'people' }));
  const nothing = { Effect: 'Allow', Action: 'rds-db:connect', Resource: '*' };
  for (const PolicyName of ['limit', 'other-limit'])
    await iam.send(
      new CreatePolicyCommand({
        PolicyName,
        PolicyDocument: JSON.stringify({ Version: '2012-10-17', Statement: [nothing] }),
      }),
    );
  iam.destroy();
  const described = await unsigned('ec2', endpoint, 'POST', 'Action=DescribeSubnets&Version=2016-11-15');
  const subnets = [...described.matchAll(/<subnetId>([^<]+)/g)].flatMap(([, id]) => id ?? []).slice(0, 2);
  for (const [DBClusterIdentifier, where] of [
    ['orders', region],
    ['orders-2', 'eu-central-1'],
  ] as const) {
    const rds = new RDSClient({ endpoint, region: where, credentials });
    await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier,
        Engine: 'aurora-postgresql',
        MasterUsername: 'postgres',
        MasterUserPassword: 'not-a-secret',
        EnableIAMDatabaseAuthentication: true,
      }),
    );
    if (where === region)
      await rds.send(
        new CreateDBProxyCommand({
          DBProxyName: 'pooled',
          EngineFamily: 'POSTGRESQL',
          RoleArn: `arn:aws:iam::${account}:role/apps/orders-api`,
          VpcSubnetIds: subnets,
          // No secret: end-to-end IAM, as far as provider 5 tells.
          Auth: [{ IAMAuth: 'REQUIRED' }],
        }),
      );
    rds.destroy();
  }
  await unsigned(
    's3',
    `${endpoint}/states`,
    'PUT',
    `<CreateBucketConfiguration xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><LocationConstraint>${region}</LocationConstraint></CreateBucketConfiguration>`,
  );
  return subnets;
}

/** The services whose SDKs this project does not have. moto reads account and service here, and verifies nothing. */
async function unsigned(serviceName: string, url: string, method: string, body: string): Promise<string> {
  const answer = await fetch(url, {
    method,
    headers: {
      authorization: `AWS4-HMAC-SHA256 Credential=owner/20000101/${region}/${serviceName}/aws4_request, SignedHeaders=host, Signature=none`,
      ...(serviceName === 'ec2' ? { 'content-type': 'application/x-www-form-urlencoded' } : {}),
    },
    body,
  });
  const text = await answer.text();
  if (!answer.ok) throw new Error(text);
  return text;
}
