import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { type Fact, known, type LogLine, notKnown } from '../../../modules/diagnosis/facts';
import { oneLine } from '../../../modules/names/text';
import { type SignedAnswer, signedCall, xmlText } from '../signed-call';
import { missing } from './missing';

/** How far back is looked. */
const HOUR = 3_600_000;

/** Where RDS writes about logins of a cluster. */
export interface LoggingCluster {
  readonly identifier: string;
  readonly kind: 'cluster' | 'instance' | 'proxy';
  readonly region: string;
  /** `EnabledCloudwatchLogsExports` */
  readonly exports: readonly string[];
}

/**
 * The lines of the last hour about one user in `iam-db-auth-error`, and those of `rdsauthproxy` in the log of PostgreSQL. It takes
 * logs:FilterLogEvents on the log groups.
 */
export async function readLoginLog(
  cluster: LoggingCluster,
  user: string,
  credentials: AwsCredentialIdentity,
  now: Date,
): Promise<Fact<readonly LogLine[]>> {
  const { identifier, kind, exports } = cluster;
  if (!exports.includes('iam-db-auth-error'))
    return notKnown(
      `${kind} ${identifier} does not export the log iam-db-auth-error, in which RDS writes why it refuses: ` +
        `aws rds modify-db-${kind} --db-${kind}-identifier ${identifier} --cloudwatch-logs-export-configuration '{"EnableLogTypes":["iam-db-auth-error"]}'`,
    );
  const group = (log: string) => `/aws/rds/${kind}/${identifier}/${log}`;
  const about = new RegExp(`user \\W?${user.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w.@-])`);
  try {
    const own = await filterLog(
      group('iam-db-auth-error'),
      `"${user.replaceAll('"', '')}"`,
      cluster.region,
      credentials,
      now,
    );
    const host = exports.includes('postgresql')
      ? await filterLog(group('postgresql'), '"rdsauthproxy"', cluster.region, credentials, now)
      : [];
    return known(
      [...own.filter(({ text }) => about.test(text)), ...host].sort(
        (one, other) => one.at.getTime() - other.at.getTime(),
      ),
    );
  } catch (error) {
    return missing(error, 'why RDS refused this user');
  }
}

/** https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html */
async function filterLog(
  logGroupName: string,
  filterPattern: string,
  region: string,
  credentials: AwsCredentialIdentity,
  now: Date,
): Promise<LogLine[]> {
  const answer = await signedCall(
    {
      service: 'logs',
      region,
      body: JSON.stringify({ logGroupName, filterPattern, startTime: now.getTime() - HOUR, limit: 500 }),
      headers: {
        'content-type': 'application/x-amz-json-1.1',
        'x-amz-target': 'Logs_20140328.FilterLogEvents',
      },
    },
    credentials,
  );
  // Nothing was ever written.
  if (/ResourceNotFoundException/.test(answer.body)) return [];
  if (answer.status !== 200) throw refusal(answer);
  const { events = [] } = JSON.parse(answer.body) as { events?: { timestamp?: number; message?: string }[] };
  return events.map(({ timestamp = 0, message = '' }) => ({
    at: new Date(timestamp),
    text: oneLine(message.trim()),
  }));
}

/** Failures that are told apart by a metric. */
const METRICS = [
  'IamDbAuthConnectionFailureThrottling',
  'IamDbAuthConnectionFailureServerError',
  'IamDbAuthConnectionFailure',
];

/** Sums of the last hour, of the whole cluster. It takes cloudwatch:GetMetricData. */
export async function readLoginMetrics(
  { identifier, kind, region }: LoggingCluster,
  credentials: AwsCredentialIdentity,
  now: Date,
): Promise<Fact<Readonly<Record<string, number>>>> {
  const parameters = new URLSearchParams({
    Action: 'GetMetricData',
    Version: '2010-08-01',
    StartTime: new Date(now.getTime() - HOUR).toISOString(),
    // The minute that is not over counts, too.
    EndTime: new Date(now.getTime() + 60_000).toISOString(),
  });
  for (const [index, name] of METRICS.entries()) {
    const query = `MetricDataQueries.member.${index + 1}`;
    parameters.set(`${query}.Id`, `m${index}`);
    parameters.set(`${query}.MetricStat.Metric.Namespace`, 'AWS/RDS');
    parameters.set(`${query}.MetricStat.Metric.MetricName`, name);
    parameters.set(
      `${query}.MetricStat.Metric.Dimensions.member.1.Name`,
      kind === 'instance' ? 'DBInstanceIdentifier' : 'DBClusterIdentifier',
    );
    parameters.set(`${query}.MetricStat.Metric.Dimensions.member.1.Value`, identifier);
    parameters.set(`${query}.MetricStat.Period`, '60');
    parameters.set(`${query}.MetricStat.Stat`, 'Sum');
  }
  try {
    const answer = await signedCall(
      {
        service: 'monitoring',
        region,
        body: parameters.toString(),
        headers: { 'content-type': 'application/x-www-form-urlencoded' },
      },
      credentials,
    );
    if (answer.status !== 200) throw refusal(answer);
    return known(sums(answer.body));
  } catch (error) {
    return missing(error, 'how many logins RDS refused, and of which kind');
  }
}

function sums(xml: string): Record<string, number> {
  const results = xml.split('<Id>').slice(1);
  const counts = METRICS.map((name, index): [string, number] => {
    const own = results.find((result) => result.startsWith(`m${index}</Id>`)) ?? '';
    const [, values = ''] = /<Values>([\s\S]*?)<\/Values>/.exec(own) ?? [];
    const numbers = [...values.matchAll(/<member>([^<]*)<\/member>/g)].map(([, value]) => Number(value));
    return [name, numbers.reduce((sum, value) => sum + value, 0)];
  });
  return Object.fromEntries(counts);
}

function refusal({ status, body }: SignedAnswer): Error {
  const [, type, message] = /"__type":\s*"(?:[^"#]*#)?([^"]*)".*?"[mM]essage":\s*"([^"]*)"/s.exec(body) ?? [];
  const error = new Error(message ?? xmlText(body, 'Message') ?? `HTTP ${status}`);
  error.name = type ?? xmlText(body, 'Code') ?? String(status);
  return error;
}
