import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { IAMClient } from '@aws-sdk/client-iam';
import { type DBCluster, DescribeDBClustersCommand, RDSClient } from '@aws-sdk/client-rds';
import { Pool } from 'pg';
import { policiesOf } from '../clients/aws/policies-of';
import { type MembershipMode, rdsIamMembership } from '../modules/access/rds-iam-membership';
import { contextOf } from '../modules/iam/caller';
import { evaluate } from '../modules/iam/evaluator/evaluate';
import { loginRequest } from '../modules/iam/login-request';
import type { NamedPolicy } from '../modules/iam/policy-set';
import { rdsParts } from '../modules/names/arn';
import { asker } from './aws/ask-moto';
import { MOTO_ACCOUNT } from './aws/assume-role';
import { type CreatedCluster, startAwsEndpoint } from './aws/aws-endpoint';
import { createCredentialLedger } from './aws/credential-ledger';
import { createLoginRecords } from './aws/login-records';
import { startMoto } from './aws/moto';
import { findOrInstallMoto } from './aws/moto-installation';
import { type ObservedCall, observeCalls } from './aws/observed-calls';
import { createOidcIssuer, type OidcIssuer } from './aws/oidc-issuer';
import { organizationDecision } from './aws/simulation-calls';
import { createCertificateAuthority, type ServerCertificate } from './gate/certificates';
import { startGate } from './gate/gate';
import type { GateCluster } from './gate/route';
import { type PostgresMajor, postgresBinaries } from './postgres/postgres-binaries';
import { type PostgresServer, startPostgres } from './postgres/postgres-server';
import { createMaster, createRdsRoles } from './postgres/rds-roles';
import { fileRunLog } from './run-log';

export interface LocalAuroraOptions {
  /** The folder of this run: data, logs, the certificate authority. */
  readonly directory: string;
  /** Kept between runs: what had to be installed. */
  readonly toolsDirectory: string;
  readonly region: string;
  /** @default 17 */
  readonly major?: PostgresMajor;
  /** How the gate counts memberships in rds_iam. @default 'rds' */
  readonly mode?: MembershipMode;
  /**
   * The service control policies of every account, asked anew at each login and each simulation. At least one must allow, as
   * AWS's own FullAWSAccess does. None, or absent: there is no organization.
   */
  readonly serviceControlPolicies?: () => readonly NamedPolicy[];
}

/** An AWS endpoint and a database behind a gate; the cluster itself is created by whoever uses the endpoint. */
export interface LocalAurora {
  /** URL of the AWS endpoint, for every service. */
  readonly awsEndpoint: string;
  /** Where the gate listens, on 127.0.0.1. A cluster created with this port is the one behind it. */
  readonly port: number;
  /** PEM file of the authority that signs the gate's certificate. */
  readonly certificateAuthorityFile: string;
  /** The folder of the logs, one file for each part. */
  readonly logs: string;
  readonly postgresVersion: string;
  readonly mode: MembershipMode;
  /** Stands in for GitHub Actions and EKS: with its tokens, STS here can be asked for a role. */
  readonly issuer: OidcIssuer;
  /** What the gate said about refused logins, line by line. */
  readonly refusals: readonly string[];
  /** What the AWS endpoint was asked, and by which program. */
  readonly calls: readonly ObservedCall[];
  /** The password of the master, once there is one; never, where the master logs in by IAM. For checks only: it is in no file. */
  masterPassword(): string | undefined;
  /** What only RDS itself may do inside of PostgreSQL, such as REPLICATION. For tests only. */
  asSuperuser(statement: string): Promise<void>;
  /** Ends everything and removes the data. May be called twice. */
  stop(): Promise<void>;
}

/** Keys that mean nothing: the AWS endpoint admits everybody, as the owner of the account. */
export const OWNER_CREDENTIALS = {
  accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
  secretAccessKey: 'local-aurora-owner',
};

/** Starts moto, PostgreSQL and the gate. What had started is stopped again if a part fails. */
export async function startLocalAurora(options: LocalAuroraOptions): Promise<LocalAurora> {
  const { directory, toolsDirectory, region, major = 17, mode = 'rds' } = options;
  mkdirSync(directory, { recursive: true });
  const refusals: string[] = [];
  const logs = join(directory, 'logs');
  const log = fileRunLog(logs, (source, line) => {
    if (source === 'iam-db-auth-error') refusals.push(line);
  });
  const stops: (() => Promise<void>)[] = [];
  const stop = async () => {
    // In the opposite order of starting; one that fails must not keep the others running.
    const results = await Promise.allSettled(
      stops
        .splice(0)
        .reverse()
        .map((each) => each()),
    );
    for (const result of results) if (result.status === 'rejected') throw result.reason;
  };
  try {
    const ledger = createCredentialLedger();
    let masterPassword: string | undefined;
    /** The cluster that has the only server there is. */
    let served: { readonly resourceId: string; readonly identifier: string } | undefined;
    const [moto, postgres, authority, issuer] = await allStarted(
      findOrInstallMoto({ toolsDirectory, log }).then(async (installation) => {
        const server = await startMoto({ installation, log });
        stops.push(() => server.stop());
        return server;
      }),
      postgresBinaries(major, { toolsDirectory, log }).then(async (binaries) => {
        const server = await startPostgres({ binaries, directory: join(directory, 'postgresql'), log });
        stops.push(() => server.stop());
        return server;
      }),
      createCertificateAuthority(),
      createOidcIssuer(),
    );
    const catalog = superuserPool(postgres);
    stops.push(() => catalog.end());
    await createRdsRoles((text, values) => catalog.query(text, values), postgres.major);

    const whyNoServer = (resourceId?: string) =>
      served === undefined || served.resourceId === resourceId
        ? undefined
        : `cannot have a master: Local Aurora has one server, and cluster ${served.identifier} has it. Delete ` +
          'that cluster first, or start a second Local Aurora for another one.';
    const setMaster = async (cluster: CreatedCluster) => {
      const reason = whyNoServer(cluster.resourceId);
      if (reason !== undefined) throw new Error(`DB cluster ${cluster.identifier} ${reason}`);
      await createMaster((text, values) => catalog.query(text, values), {
        username: cluster.masterUsername,
        ...(cluster.masterPassword === undefined ? {} : { password: cluster.masterPassword }),
        databaseName: cluster.databaseName ?? 'postgres',
        serverMajor: postgres.major,
      });
      masterPassword = cluster.masterPassword;
      served = cluster;
      if (cluster.port !== gate.port)
        log.write(
          'aws',
          `The gate listens on port ${gate.port}: nobody reaches ${cluster.identifier} on its port ${cluster.port}.`,
        );
    };
    const observer = observeCalls('aws', MOTO_ACCOUNT);
    const records = createLoginRecords();
    const serviceControlPolicies = options.serviceControlPolicies ?? (() => []);
    // Every change passes the endpoint: until one does, the cluster is as it was, and moto need not be asked at each login.
    let described: Promise<GateCluster | undefined> | undefined;
    const aws = await startAwsEndpoint({
      moto: moto.url,
      ledger,
      log,
      onAnswer: (request, call, answer) => {
        if (!/^(Describe|Get|List)/.test(call.action)) described = undefined;
        observer.observe(request, call, answer);
      },
      // What RDS does and moto cannot: a cluster is a server with a master and a database.
      whyNoServer,
      onClusterDeleted: (resourceId) => {
        if (served?.resourceId === resourceId) served = undefined;
      },
      onClusterCreated: setMaster,
      onClusterModified: (cluster) =>
        cluster.masterPassword !== undefined || cluster.masterByIam ? setMaster(cluster) : Promise.resolve(),
      expressPort: () => gate.port,
      issuer,
      policiesOf: (principal) => policiesOf(principal, iam),
      serviceControlPolicies,
      beforeCloudWatch: async () => {
        const account = (await cluster())?.account ?? MOTO_ACCOUNT;
        await records.publish(asker(moto.url, { accessKeyId: 'local-aurora', region, account }));
      },
      mayCallAssumeRole: async (caller, resource, named) => {
        const own = await policiesOf(caller, iam);
        const identity = named ? [...own.identity, trustAsPolicy(resource)] : own.identity;
        const context = contextOf(caller, new Date());
        return evaluate({ action: 'sts:AssumeRole', resource, context }, { ...own, identity });
      },
    });
    stops.push(() => aws.stop());

    const client = { endpoint: aws.url, region, credentials: OWNER_CREDENTIALS };
    const rds = new RDSClient(client);
    const iam = new IAMClient(client);
    const certificateAuthorityFile = join(directory, 'certificate-authority.pem');
    writeFileSync(certificateAuthorityFile, authority.certificate);
    const certificates = new Map<string, Promise<ServerCertificate>>();
    const describe = async (): Promise<GateCluster | undefined> => {
      const { DBClusters = [] } = await rds.send(new DescribeDBClustersCommand({}));
      const found = DBClusters.find(
        (each) => each.DbClusterResourceId === served?.resourceId && each.Port === gate.port,
      );
      return found && gateCluster(found);
    };
    /** The cluster that has the server, and the gate's port, as the endpoint describes it now. */
    const cluster = async (): Promise<GateCluster | undefined> => {
      const asked = described ?? describe();
      described = asked;
      const found = await asked.catch((error: unknown) => {
        described = undefined;
        throw error;
      });
      if (!found) described = undefined;
      return found;
    };
    const gate = await startGate({
      backend: postgres,
      log,
      cluster,
      certificate: async () => {
        const names = ['localhost', '127.0.0.1', ...((await cluster())?.endpoints ?? [])];
        const key = names.join(' ');
        const known = certificates.get(key) ?? authority.issue(names);
        certificates.set(key, known);
        return known;
      },
      isIamUser: async (user, { masterUsername }) => {
        const query = (text: string, values: string[]) => catalog.query(text, values);
        const question = { user, master: masterUsername, mode, serverMajor: postgres.major };
        const { counts, reason } = await rdsIamMembership(query, question);
        return { member: counts, reason };
      },
      mayReplicate: async (user) => {
        const text = 'SELECT FROM pg_roles WHERE rolname = $1 AND (rolreplication OR rolsuper)';
        return (await catalog.query(text, [user])).rows.length > 0;
      },
      credentials: (accessKeyId) => ledger.find(accessKeyId),
      authorize: async (caller, resource) => {
        const request = loginRequest(caller, resource, new Date());
        const own = evaluate(request, await policiesOf(caller, iam));
        const organization = serviceControlPolicies();
        return own.allowed && organization.length > 0 ? organizationDecision(request, organization) : own;
      },
      onLogin: (login, { records: recorded }) => recorded && records.note(login, recorded),
    });
    stops.push(() => gate.close());
    return {
      awsEndpoint: aws.url,
      port: gate.port,
      certificateAuthorityFile,
      logs,
      postgresVersion: postgres.version,
      mode,
      issuer,
      refusals,
      calls: observer.calls,
      masterPassword: () => masterPassword,
      asSuperuser: async (statement) => void (await catalog.query(statement)),
      stop,
    };
  } catch (error) {
    await stop().catch(() => {});
    throw error;
  }
}

/** What a trust policy that names the caller gives it: a Deny, a boundary and a session policy still count. */
function trustAsPolicy(roleArn: string): NamedPolicy {
  const statement = { Effect: 'Allow', Action: 'sts:AssumeRole', Resource: roleArn };
  return {
    name: `trust policy of ${roleArn}`,
    document: JSON.stringify({ Version: '2012-10-17', Statement: statement }),
  };
}

function gateCluster(cluster: DBCluster): GateCluster {
  const { partition = '', region = '', account = '' } = rdsParts(cluster.DBClusterArn ?? '') ?? {};
  return {
    endpoints: [cluster.Endpoint, cluster.ReaderEndpoint].filter((name) => name !== undefined),
    port: cluster.Port ?? 5432,
    partition,
    region,
    account,
    resourceId: cluster.DbClusterResourceId ?? '',
    iamAuthenticationEnabled: cluster.IAMDatabaseAuthenticationEnabled === true,
    masterUsername: cluster.MasterUsername ?? '',
    records: {
      identifier: cluster.DBClusterIdentifier ?? '',
      instance: writerOf(cluster) ?? cluster.DBClusterIdentifier ?? '',
      exportsErrors: cluster.EnabledCloudwatchLogsExports?.includes('iam-db-auth-error') === true,
    },
  };
}

function writerOf({ DBClusterMembers = [] }: DBCluster): string | undefined {
  return DBClusterMembers.find(({ IsClusterWriter }) => IsClusterWriter)?.DBInstanceIdentifier;
}

function superuserPool(postgres: PostgresServer): Pool {
  const { socketDirectory, port, superuser } = postgres;
  const pool = new Pool({
    host: socketDirectory,
    port,
    user: superuser,
    database: 'postgres',
    max: 4,
    // A superuser who asks the catalogs: nothing that somebody made there may stand in for PostgreSQL's own.
    options: '-c search_path=pg_catalog',
  });
  // A connection that breaks while idle is replaced at the next query, which says what is wrong.
  pool.on('error', () => {});
  return pool;
}

/** Waits for all, also when one fails, so that nothing starts behind the back of the clean-up. */
async function allStarted<T extends readonly unknown[]>(
  ...parts: { [K in keyof T]: Promise<T[K]> }
): Promise<T> {
  await Promise.allSettled(parts);
  return (await Promise.all(parts)) as unknown as T;
}
