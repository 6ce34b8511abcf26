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
import { findMoto, type MotoServer, startMoto } from '../../../local/aws/moto';
import { type ObservedCall, observeCalls, refusedCalls } from '../../../local/aws/observed-calls';
import { LOCAL_DIRECTORY } from '../../../local/project-directory';
import {
  type Environment,
  environmentStacks,
  existingCluster,
  iamGroup,
  iamRole,
  iamUser,
  memberCluster,
  newRole,
  rdsProxy,
  s3Backend,
  service,
} from '../../../modules';
import { deploymentPermissions } from '../../../modules/policies/deployment-permissions';
import type { PolicyDocument } from '../../../modules/policies/policy-document';
import { exampleEnvironment } from '../../example';
import { describeWith } from '../../machine';

// What Terraform really calls, against what the documents allow: the policies stack, with its state in a bucket. The
// cluster stack, which waits long, and the database stack, which wants a server, are looked at by `npm start`.

const account = '123456789012';
const region = 'eu-west-1';
const program = 'test-policies';
const credentials = { accessKeyId: 'owner', secretAccessKey: 'owner' };
const log = { write: () => {} };

describeWith(['terraform', 'aws-provider', 'moto'], 'the policies stack, deployed to moto', () => {
  const observer = observeCalls('aws', account);
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
    await createSurroundings(aws.url);
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
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(stacks?.policies.toTerraform()));
  };
  /** What the stack calls meanwhile. */
  const callsOf = async (work: () => Promise<void>) => {
    const before = observer.calls.length;
    await work();
    return observer.calls.slice(before).filter((call) => call.program === program);
  };
  const apply = ['apply', '-auto-approve', '-input=false'];

  const [first, second] = [before(), after()];
  const documents = [documentOf(first), documentOf(second)] as const;
  const all: ObservedCall[] = [];

  test('may do all that a deploy, a change and a destroy call', async () => {
    write(first);
    const deployed = await callsOf(async () => {
      await terraform('init', '-input=false', '-backend-config=use_path_style=true');
      await terraform(...apply);
    });
    await changeByHand(aws.url);
    write(second);
    const changed = await callsOf(() => terraform(...apply));
    const destroyed = await callsOf(() => terraform('destroy', '-auto-approve', '-input=false'));
    all.push(...deployed, ...changed, ...destroyed);
    expect(refusedCalls(deployed, [documents[0]])).toEqual([]);
    // What goes stands in the document of before.
    expect(refusedCalls(changed, documents)).toEqual([]);
    expect(refusedCalls(destroyed, [documents[1]])).toEqual([]);
  }, 120_000);

  test('may do nothing that it does not call', () => {
    const called = new Set(all.map(({ action }) => action));
    const allowed = [...new Set(documents.flatMap(actionsOf))];
    // AWS asks for it besides the call that puts a role into an instance profile; it is no call.
    expect(allowed.filter((action) => !called.has(action))).toEqual(['iam:PassRole']);
  });

  test('is refused each call without the statement for it, and all of them with the document of another environment', () => {
    const ofAnother = documentOf({
      ...first,
      region: 'eu-west-2',
      cluster: existingCluster({ identifier: 'others', databaseName: 'orders' }),
      principals: { api: iamRole('others-api', { connectsAs: ['orders_api'] }) },
      backend: s3Backend({ bucket: 'other-states' }),
      targets: {},
    });
    const calls = all.filter(({ action }) => action !== 'sts:GetCallerIdentity');
    expect(calls.length).toBeGreaterThan(150);
    expect(calls.filter(({ resources }) => resources.length === 0)).toEqual([]);
    for (const call of calls) {
      expect(
        refusedCalls(
          [call],
          documents.map((document) => without(document, call.action)),
        ),
      ).not.toEqual([]);
      expect(refusedCalls([call], [ofAnother])).not.toEqual([]);
    }
  });
});

function documentOf(environment: Environment): PolicyDocument {
  return deploymentPermissions(environment)['test-policies'] as PolicyDocument;
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
function before(): Environment {
  return exampleEnvironment({
    account,
    cluster: existingCluster({ identifier: 'orders', databaseName: 'orders' }),
    targets: {
      frankfurt: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
      pooled: rdsProxy({ name: 'pooled' }),
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
      work: newRole('work', { connectsAs: ['orders_api'], trust: service('lambda') }),
    },
  });
}

/** Every kind of change: a principal that goes, logins, tags, trust, duration and boundary. */
function after(): Environment {
  const { jane, people, ...environment } = before().principals;
  void people;
  return {
    ...before(),
    tags: { owner: 'orders' },
    principals: {
      ...environment,
      jane: { ...jane, connectsAs: ['analyst', 'orders_api'] } as typeof jane & object,
      jobs: newRole('jobs', {
        connectsAs: ['orders_api'],
        trust: service('ec2'),
        path: '/jobs/',
        permissionsBoundaryArn: boundary('other-limit'),
        maxSessionDuration: 7200,
      }),
      work: newRole('work', { connectsAs: ['orders_api'], trust: service('ecsTasks') }),
    },
  };
}

/** What nobody told Terraform of, and an apply mends. */
async function changeByHand(endpoint: string): Promise<void> {
  const iam = new IAMClient({ endpoint, region, credentials });
  await iam.send(new UpdateRoleCommand({ RoleName: 'work', Description: 'mine', MaxSessionDuration: 3600 }));
  iam.destroy();
}

/** What the account has before. */
async function createSurroundings(endpoint: string): Promise<void> {
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
  const subnets = await unsigned('ec2', endpoint, 'POST', 'Action=DescribeSubnets&Version=2016-11-15');
  const subnet = /<subnetId>([^<]+)/.exec(subnets)?.[1] ?? '';
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
          VpcSubnetIds: [subnet],
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
