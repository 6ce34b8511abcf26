import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  AttachRolePolicyCommand,
  CreatePolicyCommand,
  CreateRoleCommand,
  DeleteRolePermissionsBoundaryCommand,
  DeleteRolePolicyCommand,
  IAMClient,
  PutRolePermissionsBoundaryCommand,
  PutRolePolicyCommand,
  UpdateAssumeRolePolicyCommand,
} from '@aws-sdk/client-iam';
import { CreateDBClusterCommand, CreateDBInstanceCommand, RDSClient } from '@aws-sdk/client-rds';
import { AssumeRoleCommand, STSClient } from '@aws-sdk/client-sts';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { Client } from 'pg';
import type { DoctorOptions } from '../../cli/doctor';
import { type LocalAurora, OWNER_CREDENTIALS, startLocalAurora } from '../../local/local-aurora';
import { identityOf, type LocalDoor, makeToken, makeTokenAt } from '../../local/main-job/logins';
import { LOCAL_DIRECTORY } from '../../local/project-directory';
import {
  defineAccess,
  defineEnvironment,
  environmentPassword,
  existingCluster,
  iamRole,
  readOnly,
} from '../../modules';
import type { Diagnosis } from '../../modules/diagnosis/diagnose';
import { ALLOWED, askDoctor, COMMAND, variablesOf } from './ask-doctor';
import type { Decision } from './aws-edge';
import { type AwsEdge, startAwsEdge } from './aws-edge';
import { ended } from './cli-project';

/** How much whoever asks may see. */
export type Level = 'connect' | 'read' | 'admin';

export const REGION = 'eu-west-1';
export const ACCOUNT = '123456789012';
export const USER = 'orders_api' as const;
export const MASTER_PASSWORD = 'master-password-1';

/** What is asked of the doctor, besides what each level gives. */
export interface Question {
  readonly options?: Partial<DoctorOptions>;
  /** @default those of the role that may connect */
  readonly credentials?: AwsCredentialIdentity;
  /** The text that a client sends. */
  readonly token?: string;
  /** What AWS answers instead. */
  readonly edge?: Decision;
  /** Milliseconds before each answer of AWS. */
  readonly delay?: number;
  /** Seconds by which this machine's clock is ahead. */
  readonly clock?: number;
  readonly variables?: Readonly<Record<string, string>>;
}

export interface Answer
  extends Pick<Diagnosis, 'outcome' | 'cause' | 'also' | 'suspects' | 'checks' | 'seen'> {
  readonly exit: number;
  readonly answer: string;
  readonly milliseconds: number;
}

/** Local Aurora with one cluster, one login that may come in, and an environment that says so. */
export interface Stage {
  readonly aurora: LocalAurora;
  readonly edge: AwsEdge;
  readonly rds: RDSClient;
  readonly iam: IAMClient;
  readonly host: string;
  readonly resourceId: string;
  readonly door: LocalDoor;
  /** Of the role `orders-api`. */
  readonly credentials: AwsCredentialIdentity;
  /** In the database orders, in a session of the master that is open from the beginning. */
  sql(statement: string): Promise<void>;
  dbuser(login?: string, resourceId?: string, region?: string): string;
  /** A role that everybody may assume, with one inline policy. */
  role(name: string, statements: readonly object[]): Promise<AwsCredentialIdentity>;
  policy(role: string, statements: readonly object[] | undefined): Promise<void>;
  boundary(role: string, statements: readonly object[] | undefined): Promise<void>;
  /** Lets a service assume it, and nobody else. */
  trust(role: string, service: string): Promise<void>;
  attach(role: string, statements: readonly object[]): Promise<void>;
  assume(role: string, sessionPolicy?: readonly object[]): Promise<AwsCredentialIdentity>;
  token(
    changes?: Partial<LocalDoor & { user: string; at: Date; credentials: AwsCredentialIdentity }>,
  ): Promise<string>;
  ask(level: Level, question: Question): Promise<Answer>;
  /** `aurora-iam …`, as a person runs it who has these credentials and may ask what `level` says. */
  run(
    level: Level,
    given: readonly string[],
    question?: Pick<Question, 'credentials' | 'variables'>,
  ): ReturnType<typeof ended>;
  stop(): Promise<void>;
}

export async function startStage(): Promise<Stage> {
  const folder = mkdtempSync(join(LOCAL_DIRECTORY, 'faults-'));
  const aurora = await startLocalAurora({
    directory: folder,
    toolsDirectory: join(LOCAL_DIRECTORY, 'tools'),
    region: REGION,
  });
  const edge = await startAwsEdge(aurora.awsEndpoint);
  const client = { endpoint: aurora.awsEndpoint, region: REGION, credentials: OWNER_CREDENTIALS };
  const [rds, iam, sts] = [new RDSClient(client), new IAMClient(client), new STSClient(client)];
  const { DBCluster } = await rds.send(
    new CreateDBClusterCommand({
      Engine: 'aurora-postgresql',
      EngineVersion: '17.5',
      DBClusterIdentifier: 'orders',
      DatabaseName: 'orders',
      MasterUsername: 'postgres',
      MasterUserPassword: MASTER_PASSWORD,
      EnableIAMDatabaseAuthentication: true,
      EnableCloudwatchLogsExports: ['iam-db-auth-error', 'postgresql'],
      Port: aurora.port,
    }),
  );
  await rds.send(
    new CreateDBInstanceCommand({
      Engine: 'aurora-postgresql',
      DBInstanceIdentifier: 'orders-1',
      DBClusterIdentifier: 'orders',
      DBInstanceClass: 'db.r7g.large',
    }),
  );
  const host = DBCluster?.Endpoint ?? '';
  const resourceId = DBCluster?.DbClusterResourceId ?? '';
  const master = await masterSession(aurora, host);
  const project = writeProject(folder);
  const ownDirectory = process.cwd();
  process.chdir(project);

  const policyText = (statements: readonly object[]) =>
    JSON.stringify({ Version: '2012-10-17', Statement: statements });
  const dbuser: Stage['dbuser'] = (login = USER, id = resourceId, region = REGION) =>
    `arn:aws:rds-db:${region}:${ACCOUNT}:dbuser:${id}/${login}`;
  const door: LocalDoor = {
    host,
    port: aurora.port,
    region: REGION,
    database: 'orders',
    address: '127.0.0.1',
    certificateAuthority: '',
  };
  const policy: Stage['policy'] = async (RoleName, statements) => {
    const named = { RoleName, PolicyName: 'connect' };
    if (statements === undefined) await iam.send(new DeleteRolePolicyCommand(named));
    else await iam.send(new PutRolePolicyCommand({ ...named, PolicyDocument: policyText(statements) }));
  };
  const managed = async (name: string, statements: readonly object[]) => {
    const { Policy } = await iam.send(
      new CreatePolicyCommand({ PolicyName: name, PolicyDocument: policyText(statements) }),
    );
    return Policy?.Arn ?? '';
  };
  let policies = 0;
  const assume: Stage['assume'] = async (role, sessionPolicy) => {
    const RoleArn = `arn:aws:iam::${ACCOUNT}:role/${role}`;
    const { Credentials } = await sts.send(
      new AssumeRoleCommand({
        RoleArn,
        RoleSessionName: 'jane',
        ...(sessionPolicy ? { Policy: policyText(sessionPolicy) } : {}),
      }),
    );
    return identityOf(Credentials, RoleArn);
  };
  const role: Stage['role'] = async (name, statements) => {
    const trust = {
      Effect: 'Allow',
      Action: 'sts:AssumeRole',
      Principal: { AWS: `arn:aws:iam::${ACCOUNT}:root` },
    };
    const AssumeRolePolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [trust] });
    await iam.send(new CreateRoleCommand({ RoleName: name, AssumeRolePolicyDocument }));
    if (statements.length > 0) await policy(name, statements);
    return assume(name);
  };
  const sql = async (statement: string) => void (await master.query(statement));
  await sql(`CREATE ROLE ${USER} LOGIN; GRANT rds_iam TO ${USER}`);
  const credentials = await role('orders-api', [
    { Effect: 'Allow', Action: 'rds-db:connect', Resource: dbuser() },
  ]);

  return {
    aurora,
    edge,
    rds,
    iam,
    host,
    resourceId,
    door,
    credentials,
    sql,
    dbuser,
    role,
    policy,
    assume,
    async boundary(RoleName, statements) {
      if (statements === undefined) await iam.send(new DeleteRolePermissionsBoundaryCommand({ RoleName }));
      else
        await iam.send(
          new PutRolePermissionsBoundaryCommand({
            RoleName,
            PermissionsBoundary: await managed(`boundary-${policies++}`, statements),
          }),
        );
    },
    async trust(RoleName, Service) {
      const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { Service } };
      const PolicyDocument = JSON.stringify({ Version: '2012-10-17', Statement: [statement] });
      await iam.send(new UpdateAssumeRolePolicyCommand({ RoleName, PolicyDocument }));
    },
    async attach(RoleName, statements) {
      const PolicyArn = await managed(`attached-${policies++}`, statements);
      await iam.send(new AttachRolePolicyCommand({ RoleName, PolicyArn }));
    },
    token({ user = USER, at, credentials: own = credentials, ...changes } = {}) {
      const place = { ...door, ...changes };
      return at === undefined ? makeToken(place, user, own) : makeTokenAt(at, place, user, own);
    },
    ask: (level, question) => askDoctor({ aurora, edge, host, folder, credentials }, level, question),
    run(level, given, question = {}) {
      const scene = { aurora, edge, host, folder, credentials };
      edge.set({ allowed: ALLOWED[level] });
      return ended(process.execPath, [COMMAND, ...given], {
        cwd: folder,
        env: variablesOf(scene, level, question),
      });
    },
    async stop() {
      process.chdir(ownDirectory);
      await master.end().catch(() => {});
      for (const each of [rds, iam, sts]) each.destroy();
      await edge.stop();
      await aurora.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

async function masterSession(aurora: LocalAurora, host: string): Promise<Client> {
  const { readFileSync } = await import('node:fs');
  const master = new Client({
    host: '127.0.0.1',
    port: aurora.port,
    user: 'postgres',
    password: MASTER_PASSWORD,
    database: 'orders',
    ssl: { ca: readFileSync(aurora.certificateAuthorityFile, 'utf8'), servername: host },
  });
  master.on('error', () => {});
  await master.connect();
  return master;
}

/** An environment in which the role `orders-api` connects as the login; its admin is the master, by PGPASSWORD. */
function writeProject(folder: string): string {
  const environment = defineEnvironment({
    name: 'test',
    account: ACCOUNT,
    region: REGION,
    cluster: existingCluster({ identifier: 'orders', databaseName: 'orders' }),
    admin: environmentPassword(),
    access: defineAccess({
      groups: { reader: readOnly() },
      logins: { orders_api: { memberOf: ['reader'] } },
    }),
    principals: { api: iamRole('orders-api', { connectsAs: ['orders_api'] }) },
  });
  writeFileSync(join(folder, 'environments.js'), `exports.default = ${JSON.stringify([environment])};`);
  const context = { 'aurora-iam': { environments: 'environments.js' } };
  writeFileSync(join(folder, 'cdktf.json'), JSON.stringify({ context }));
  return folder;
}
