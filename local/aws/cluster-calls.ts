import { randomInt, randomUUID } from 'node:crypto';
import type { RunLog } from '../run-log';
import {
  type Ask,
  type AwsAnswer,
  type AwsCall,
  elementText,
  errorAnswer,
  type Handler,
  innerXml,
} from './aws-protocol';
import {
  expressWriter,
  forMoto,
  isExpress,
  masterByIam,
  masterFault,
  withExpress,
  withLocalEndpoints,
} from './iam-master';

/** A cluster as the answer to CreateDBCluster or ModifyDBCluster describes it. */
export interface AnsweredCluster {
  readonly identifier: string;
  readonly arn: string;
  /** `cluster-…` */
  readonly resourceId: string;
  readonly engineVersion: string;
  readonly endpoint: string;
  readonly readerEndpoint: string;
  readonly port: number;
  readonly masterUsername: string;
  /** Absent: the cluster was created without a database of its own. */
  readonly databaseName?: string;
  /** Absent: RDS does not manage the master's password. */
  readonly masterUserSecretArn?: string;
  readonly iamAuthenticationEnabled: boolean;
}

export interface CreatedCluster extends AnsweredCluster {
  /** From the request, or the new one of the managed secret. For the database server only. Absent: the master logs in by IAM. */
  readonly masterPassword?: string;
}

export interface ModifiedCluster extends AnsweredCluster {
  /** Differs from `identifier` if the cluster was renamed. */
  readonly formerIdentifier: string;
  /** Present: the master has this password from now on. */
  readonly masterPassword?: string;
  /** Present: the master logs in by IAM from now on, and has no password. */
  readonly masterByIam?: true;
}

export interface ClusterHooks {
  /** The port of an express cluster: RDS decides it, 5432 there. */
  readonly expressPort?: () => number;
  /**
   * Why a cluster cannot have a master: there is no database server for it. Asked before the master of a cluster gets a
   * password, and nothing happens if there is a reason. @param resourceId of a cluster that exists
   */
  readonly whyNoServer?: (resourceId?: string) => string | undefined;
  /** Runs once the cluster is deleted, before the client has its answer. */
  readonly onClusterDeleted?: (resourceId: string) => void;
  /** Runs before the client has its answer. If it fails, the cluster is taken back and the client gets an error. */
  readonly onClusterCreated?: (cluster: CreatedCluster) => Promise<void>;
  /** Runs before the client has its answer. If it fails, the client gets an error, but the change stays. */
  readonly onClusterModified?: (cluster: ModifiedCluster) => Promise<void>;
}

/**
 * What RDS does and moto does not: no second cluster under one name, a password in the managed secret, a master that logs in by
 * IAM, a server.
 */
export function clusterHandlers(hooks: ClusterHooks, log: RunLog): Record<string, Handler> {
  /** Resource ids of the clusters whose master logs in by IAM. */
  const byIam = new Set<string>();
  /** Resource ids of the express clusters. */
  const express = new Set<string>();
  const shown = (answer: AwsAnswer) => withExpress(withLocalEndpoints(answer, byIam), express);
  // One after the other: between the question whether a name is taken and its taking, nobody else may ask.
  let last: Promise<unknown> = Promise.resolve();
  const inTurn =
    (handler: Handler): Handler =>
    (...step) => {
      const answer = last.then(() => handler(...step));
      last = answer.catch(() => {});
      return answer;
    };

  const create: Handler = async (call, forward, ask) => {
    const identifier = call.parameters.get('DBClusterIdentifier') ?? '';
    // moto would replace the cluster, and its resource id with it.
    if (identifier !== '' && (await describe(identifier, ask)) !== undefined) {
      return errorAnswer(
        call,
        400,
        'DBClusterAlreadyExistsFault',
        `DB cluster ${identifier} already exists.`,
      );
    }
    const isAurora = call.parameters.get('Engine') === ENGINE;
    const fault = masterFault(call, isTrue(call, 'EnableIAMDatabaseAuthentication'));
    if (isAurora && fault) return fault;
    const iam = isAurora && masterByIam(call) === true;
    const noServer = isAurora && (iam || givesPassword(call)) ? hooks.whyNoServer?.() : undefined;
    if (noServer !== undefined)
      return refusal(call, 403, 'DBClusterQuotaExceededFault', `DB cluster ${identifier} ${noServer}`, log);
    const answer = iam
      ? await ask('rds', 'CreateDBCluster', forMoto(call, hooks.expressPort?.() ?? 5432))
      : await forward();
    const cluster = auroraPostgresql(answer);
    if (!cluster) return answer;
    try {
      if (iam) {
        byIam.add(cluster.resourceId);
        await hooks.onClusterCreated?.(cluster);
        if (isExpress(call)) {
          await ask('rds', 'CreateDBInstance', expressWriter(call, cluster.identifier));
          express.add(cluster.resourceId);
        }
        return shown(answer);
      }
      const masterPassword = await newMasterPassword(call, cluster, ask);
      if (masterPassword === undefined) {
        log.write('aws', `${cluster.identifier} has no master password: no server stands behind it.`);
      } else {
        await withoutPassword(masterPassword, () => hooks.onClusterCreated?.({ ...cluster, masterPassword }));
      }
      return answer;
    } catch (error) {
      byIam.delete(cluster.resourceId);
      const names = { DBClusterIdentifier: cluster.identifier, SkipFinalSnapshot: 'true' };
      const undone = await ask('rds', 'DeleteDBCluster', { ...names, Version: '2014-10-31' });
      if (undone.status !== 200)
        log.write('aws', `${cluster.identifier} is there, but nothing is behind it.`);
      return failure(call, `The database of ${cluster.identifier} could not be set up`, error, log);
    }
  };

  const modify: Handler = async (call, forward, ask) => {
    const formerIdentifier = call.parameters.get('DBClusterIdentifier') ?? '';
    // moto fails in the middle of these two, and loses the cluster in the second.
    const former = await describe(formerIdentifier, ask);
    if (former === undefined) {
      return errorAnswer(call, 404, 'DBClusterNotFoundFault', `DBCluster ${formerIdentifier} not found.`);
    }
    if (isTrue(call, 'RotateMasterUserPassword') && !isTrue(call, 'ApplyImmediately')) {
      const message = 'You must specify apply immediately when rotating the master user password.';
      return errorAnswer(call, 400, 'InvalidParameterCombination', message);
    }
    const isAurora = elementText(former, 'Engine') === ENGINE;
    const resourceId = elementText(former, 'DbClusterResourceId') ?? '';
    const iamAuthentication =
      isTrue(call, 'EnableIAMDatabaseAuthentication') ||
      (!call.parameters.has('EnableIAMDatabaseAuthentication') &&
        elementText(former, 'IAMDatabaseAuthenticationEnabled') === 'true');
    const fault = masterFault(call, iamAuthentication);
    if (isAurora && fault) return fault;
    const change = isAurora ? masterByIam(call) : undefined;
    if (
      byIam.has(resourceId) &&
      (change === undefined ? givesPassword(call) : change === false && !givesPassword(call))
    )
      return errorAnswer(
        call,
        400,
        'InvalidParameterCombination',
        'The master user logs in by IAM. For a password, give MasterUserAuthenticationType password and the password.',
      );
    const noServer =
      isAurora && (change || givesPassword(call)) ? hooks.whyNoServer?.(resourceId) : undefined;
    if (noServer !== undefined)
      return refusal(
        call,
        400,
        'InvalidDBClusterStateFault',
        `DB cluster ${formerIdentifier} ${noServer}`,
        log,
      );
    // A managed secret goes with the password.
    const toIam = () => ({ ...forMoto(call, 0), ManageMasterUserPassword: 'false' });
    const answer = change ? await ask('rds', 'ModifyDBCluster', toIam()) : await forward();
    const cluster = auroraPostgresql(answer);
    if (!cluster) return shown(answer);
    try {
      if (change) {
        await hooks.onClusterModified?.({ ...cluster, formerIdentifier, masterByIam: true });
        byIam.add(cluster.resourceId);
        return shown(answer);
      }
      const masterPassword = await newMasterPassword(call, cluster, ask);
      const modified = { ...cluster, formerIdentifier, ...(masterPassword ? { masterPassword } : {}) };
      await withoutPassword(masterPassword, () => hooks.onClusterModified?.(modified));
      if (masterPassword !== undefined) byIam.delete(cluster.resourceId);
      return shown(answer);
    } catch (error) {
      return failure(call, `The change of ${cluster.identifier} did not reach its database`, error, log);
    }
  };

  const remove: Handler = async (call, forward, ask) => {
    const former = await describe(call.parameters.get('DBClusterIdentifier') ?? '', ask);
    const answer = await forward();
    const resourceId = elementText(former ?? '', 'DbClusterResourceId');
    const deleted = shown(answer);
    if (answer.status === 200 && resourceId !== undefined) {
      byIam.delete(resourceId);
      express.delete(resourceId);
      hooks.onClusterDeleted?.(resourceId);
    }
    return deleted;
  };

  const read: Handler = async (_call, forward) => shown(await forward());

  return {
    'rds:CreateDBCluster': inTurn(create),
    'rds:ModifyDBCluster': inTurn(modify),
    'rds:DeleteDBCluster': inTurn(remove),
    'rds:DescribeDBClusters': read,
  };
}

const ENGINE = 'aurora-postgresql';

/** What RDS says of a cluster; undefined: there is none of that name. */
async function describe(identifier: string, ask: Ask): Promise<string | undefined> {
  const parameters = { DBClusterIdentifier: identifier, Version: '2014-10-31' };
  const answer = await ask('rds', 'DescribeDBClusters', parameters);
  return answer.status === 200 ? answer.body.toString() : undefined;
}

/** Whether the master has a new password after the call. */
function givesPassword(call: AwsCall): boolean {
  return (
    isTrue(call, 'ManageMasterUserPassword') ||
    isTrue(call, 'RotateMasterUserPassword') ||
    call.parameters.has('MasterUserPassword')
  );
}

function refusal(call: AwsCall, status: number, code: string, message: string, log: RunLog): AwsAnswer {
  log.write('aws', message);
  return errorAnswer(call, status, code, message);
}

/** undefined: the call failed, or made another kind of cluster (Neptune and DocumentDB share RDS's API). */
function auroraPostgresql(answer: AwsAnswer): AnsweredCluster | undefined {
  const xml = innerXml(answer.body.toString(), 'DBCluster') ?? '';
  if (answer.status !== 200 || elementText(xml, 'Engine') !== ENGINE) return undefined;
  const databaseName = elementText(xml, 'DatabaseName');
  const masterUserSecretArn = elementText(innerXml(xml, 'MasterUserSecret') ?? '', 'SecretArn');
  return {
    identifier: needed(xml, 'DBClusterIdentifier'),
    arn: needed(xml, 'DBClusterArn'),
    resourceId: needed(xml, 'DbClusterResourceId'),
    engineVersion: needed(xml, 'EngineVersion'),
    endpoint: needed(xml, 'Endpoint'),
    readerEndpoint: needed(xml, 'ReaderEndpoint'),
    port: Number(needed(xml, 'Port')),
    masterUsername: elementText(xml, 'MasterUsername') ?? '',
    ...(databaseName ? { databaseName } : {}),
    ...(masterUserSecretArn ? { masterUserSecretArn } : {}),
    iamAuthenticationEnabled: elementText(xml, 'IAMDatabaseAuthenticationEnabled') === 'true',
  };
}

function needed(xml: string, name: string): string {
  const text = elementText(xml, name);
  if (text === undefined) throw new Error(`The answer of RDS has no ${name}.`);
  return text;
}

/** The password that the call gives the master; undefined: it gives none. moto's managed one is the same for everybody. */
async function newMasterPassword(
  call: AwsCall,
  cluster: AnsweredCluster,
  ask: Ask,
): Promise<string | undefined> {
  const managed = isTrue(call, 'ManageMasterUserPassword') || isTrue(call, 'RotateMasterUserPassword');
  if (!managed) return call.parameters.get('MasterUserPassword') ?? undefined;
  if (cluster.masterUserSecretArn === undefined) throw new Error('RDS answered without a managed secret.');
  const password = randomPassword();
  const { status } = await ask('secretsmanager', 'PutSecretValue', {
    SecretId: cluster.masterUserSecretArn,
    SecretString: JSON.stringify({ username: cluster.masterUsername, password }),
    ClientRequestToken: randomUUID(),
  });
  if (status !== 200)
    throw new Error(`The master's secret could not be written: Secrets Manager answered ${status}.`);
  return password;
}

/** Printable ASCII without `/`, `'`, `"`, `@` and blank, which RDS refuses; with characters that break careless quoting. */
function randomPassword(): string {
  const alphabet = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!#$%&()*+,-.:;<=>?[]^_{|}~';
  return Array.from({ length: 32 }, () => alphabet[randomInt(alphabet.length)]).join('');
}

function isTrue(call: AwsCall, parameter: string): boolean {
  return call.parameters.get(parameter)?.toLowerCase() === 'true';
}

/** Runs a hook; an error of it never carries the password on. */
async function withoutPassword(
  password: string | undefined,
  hook: () => Promise<void> | undefined,
): Promise<void> {
  try {
    await hook();
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    throw new Error(password ? message.replaceAll(password, '…') : message);
  }
}

/** 400, not 500: the SDKs repeat a 500 for minutes. */
function failure(call: AwsCall, what: string, error: unknown, log: RunLog): AwsAnswer {
  const message = `${what}: ${error instanceof Error ? error.message : String(error)}`;
  log.write('aws', message);
  return errorAnswer(call, 400, 'LocalAuroraFailure', message);
}
