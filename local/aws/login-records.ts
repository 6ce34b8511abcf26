import { CONNECT } from '../../modules/iam/actions';
import { oneLine } from '../../modules/names/text';
import type { JudgedLogin, LoginOutcome } from '../gate/judged-login';
import type { Ask } from './aws-protocol';

/** Where CloudWatch keeps what a cluster says of its logins. */
export interface RecordedCluster {
  readonly identifier: string;
  /** The log's stream. */
  readonly instance: string;
  /** Whether `iam-db-auth-error` is among its `EnabledCloudwatchLogsExports`: without it there is no log, only metrics. */
  readonly exportsErrors: boolean;
}

/** What RDS sends to CloudWatch about logins by token, and moto knows nothing of. */
export interface LoginRecords {
  note(login: JudgedLogin, cluster: RecordedCluster): void;
  /** Puts what was noted since the last time into moto's CloudWatch. @throws if moto does not take it; it is tried again then */
  publish(ask: Ask): Promise<void>;
}

/**
 * Nothing is sent before somebody asks CloudWatch, so that a login costs nothing more. Counts are one data point a minute,
 * for the dimension DBClusterIdentifier.
 */
export function createLoginRecords(): LoginRecords {
  const uncounted: Noted[] = [];
  const unlogged: Noted[] = [];
  let last: Promise<void> = Promise.resolve();

  const publishNow = async (ask: Ask): Promise<void> => {
    await taking(uncounted, (noted) => putMetrics(noted, ask));
    await taking(unlogged, (noted) => putLogs(noted, ask));
  };
  return {
    note(login, cluster) {
      uncounted.push({ login, cluster });
      if (login.outcome !== 'success' && cluster.exportsErrors) unlogged.push({ login, cluster });
    },
    publish(ask) {
      // One after the other: who asks second must find what is still on its way.
      const published = last.catch(() => {}).then(() => publishNow(ask));
      last = published;
      return published;
    },
  };
}

/** Takes all out of the list; what could not be used goes back. */
async function taking<T>(list: T[], use: (taken: readonly T[]) => Promise<void>): Promise<void> {
  const taken = list.splice(0);
  try {
    await use(taken);
  } catch (error) {
    list.unshift(...taken);
    throw error;
  }
}

type Noted = { readonly login: JudgedLogin; readonly cluster: RecordedCluster };

/** Metric names of AWS/RDS. */
const METRICS: Readonly<Record<LoginOutcome, readonly string[]>> = {
  success: ['IamDbAuthConnectionSuccess'],
  'invalid-token': ['IamDbAuthConnectionFailure', 'IamDbAuthConnectionFailureInvalidToken'],
  'expired-token': ['IamDbAuthConnectionFailure', 'IamDbAuthConnectionFailureInvalidToken'],
  'not-authorized': ['IamDbAuthConnectionFailure', 'IamDbAuthConnectionFailureInsufficientPermissions'],
  'internal-error': ['IamDbAuthConnectionFailure', 'IamDbAuthConnectionFailureServerError'],
};

async function putMetrics(noted: readonly Noted[], ask: Ask): Promise<void> {
  const counts = new Map<string, { name: string; cluster: string; minute: string; count: number }>();
  for (const { login, cluster } of noted)
    for (const name of ['IamDbAuthConnectionRequests', ...METRICS[login.outcome]]) {
      const minute = `${login.at.toISOString().slice(0, 16)}:00Z`;
      const key = `${name} ${cluster.identifier} ${minute}`;
      const count = (counts.get(key)?.count ?? 0) + 1;
      counts.set(key, { name, cluster: cluster.identifier, minute, count });
    }
  const data = [...counts.values()].map(({ name, cluster, minute, count }, index) => {
    const datum = `MetricData.member.${index + 1}`;
    return {
      [`${datum}.MetricName`]: name,
      [`${datum}.Dimensions.member.1.Name`]: 'DBClusterIdentifier',
      [`${datum}.Dimensions.member.1.Value`]: cluster,
      [`${datum}.Timestamp`]: minute,
      [`${datum}.Value`]: String(count),
      [`${datum}.Unit`]: 'Count',
    };
  });
  if (data.length === 0) return;
  const parameters = Object.assign({ Namespace: 'AWS/RDS', Version: '2010-08-01' }, ...data);
  const { status } = await ask('monitoring', 'PutMetricData', parameters);
  if (status !== 200) throw new Error(`CloudWatch does not take the counts of logins: ${status}`);
}

async function putLogs(noted: readonly Noted[], ask: Ask): Promise<void> {
  const streams = new Map(noted.map(({ cluster }) => [`${cluster.identifier}/${cluster.instance}`, cluster]));
  for (const { identifier, instance } of streams.values()) {
    const logGroupName = `/aws/rds/cluster/${identifier}/iam-db-auth-error`;
    const logStreamName = instance;
    // Either may be there already: made here, or by somebody who wants the log to be kept for a certain time.
    await ask('logs', 'CreateLogGroup', { logGroupName });
    await ask('logs', 'CreateLogStream', { logGroupName, logStreamName });
    const logEvents = noted
      .filter(({ cluster }) => cluster.identifier === identifier && cluster.instance === instance)
      .map(({ login }) => ({ timestamp: login.at.getTime(), message: logLine(login) }));
    const { status } = await ask('logs', 'PutLogEvents', { logGroupName, logStreamName, logEvents });
    if (status !== 200) throw new Error(`CloudWatch does not take the log of refused logins: ${status}`);
  }
}

/** A line as RDS writes it. It names the error and, of the second kind alone, the caller; never the true reason. */
function logLine({ outcome, user, caller }: JudgedLogin): string {
  const connection = `the connection request for user ${oneLine(user)}`;
  const code = (status: number, name: string) => `(Status Code: ${status}, Error Code: ${name})`;
  switch (outcome) {
    case 'expired-token':
      return `[ERROR] Failed to authenticate ${connection} because the token age is longer than 15 minutes. ${code(400, 'ExpiredToken')}`;
    case 'not-authorized':
      return (
        `[ERROR] Failed to authorize ${connection} because the IAM policy assumed by the caller '${caller}' is not ` +
        `authorized to perform \`${CONNECT}\` on the DB instance. ${code(403, 'NotAuthorized')}`
      );
    case 'internal-error':
      return `[ERROR] Failed to authorize ${connection} due to an internal IAM DB authentication error. ${code(500, 'InternalError')}`;
    default:
      return `[ERROR] Failed to authenticate ${connection} because the provided token is malformed or otherwise invalid. ${code(400, 'InvalidToken')}`;
  }
}
