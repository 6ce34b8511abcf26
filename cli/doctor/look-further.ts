import type { ClusterFacts } from '../../clients/aws/diagnosis/cluster';
import { lookForHolders } from '../../clients/aws/diagnosis/holders';
import { type LoggingCluster, readLoginLog, readLoginMetrics } from '../../clients/aws/diagnosis/log';
import { lookAtPolicies, NO_SUCH_PRINCIPAL, simulate } from '../../clients/aws/diagnosis/permission';
import { type FoundCredentials, findCredentials } from '../../clients/aws/diagnosis/signer';
import { UserError } from '../../clients/error';
import { AFTER_TOKEN } from '../../modules/diagnosis/causes/inside-cause';
import { type Facts, knownOf, notKnown } from '../../modules/diagnosis/facts';
import { isClose, loginArn, permissionVerdict, targetOf } from '../../modules/diagnosis/permission';
import { seenOf } from '../../modules/diagnosis/words';
import type { DoctorOptions } from '../doctor';
import type { Question } from './question';
import { readInside } from './read-inside';

/** After a refusal: what IAM, the catalogs, the logs and the metrics say, all at once. */
export async function lookFurther(
  facts: Facts,
  question: Question,
  options: DoctorOptions,
  clusterFacts: ClusterFacts,
  signing: FoundCredentials,
): Promise<Facts> {
  const region = knownOf(facts.cluster)?.region ?? knownOf(facts.endpoint)?.region ?? 'us-east-1';
  const own = question.signing.role === undefined ? signing : await findCredentials(question.looking, region);
  const [permission, inside, log] = await Promise.all([
    lookAtPermission(facts, question, own, region),
    readInside(facts, question, options, clusterFacts, own),
    lookAtLog(facts, question, own),
  ]);
  return withHolders({ ...facts, permission, inside, ...log }, question, own, region);
}

/** What the catalogs, and whatever answers before the token, make pointless to ask. */
function isAboutToken(facts: Facts): boolean {
  const seen = seenOf(facts);
  return (
    seen === undefined || ['pam', 'unknown', 'admitted'].includes(seen.kind) || seen.kind.startsWith('log-')
  );
}

/** Why neither IAM nor the logs were asked. */
function whyNotAsked(facts: Facts): string {
  const kind = seenOf(facts)?.kind ?? '';
  if (/^(unknown-host|connection-|certificate-|no-tls|not-available)/.test(kind))
    return 'the connection did not get this far';
  if (kind === 'password') return 'not needed: the server took the token for a password and did not ask IAM';
  return (AFTER_TOKEN as readonly string[]).includes(kind)
    ? 'not needed: the server has accepted the token'
    : 'not needed: the server refused before it looked at a token';
}

async function lookAtPermission(
  facts: Facts,
  question: Question,
  { credentials }: FoundCredentials,
  region: string,
): Promise<Facts['permission']> {
  const none = (why: string) => ({
    policies: notKnown(why),
    simulation: notKnown(why),
    others: notKnown(why),
  });
  if (!isAboutToken(facts)) return none(whyNotAsked(facts));
  if (credentials === undefined) return none('there are no credentials to ask IAM with');
  const caller = knownOf(facts.signer)?.caller;
  const who = question.principal === undefined ? caller : { arn: question.principal };
  if (facts.asked.ownToken && question.principal === undefined)
    return none(
      'whose policies count is only known to AWS: the token names an access key. Ask with --as <principal>',
    );
  if (who === undefined) return none('AWS does not say who signs');
  const { IAMClient } = await import('@aws-sdk/client-iam');
  const iam = new IAMClient({ region, credentials, maxAttempts: 2 });
  try {
    const policies = await lookAtPolicies(who, iam);
    // Never the administrator's own, where another principal is asked about.
    const known = knownOf(policies)?.caller ?? (question.principal === undefined ? caller : undefined);
    if (question.principal !== undefined && 'notKnown' in policies && policies.notKnown === NO_SUCH_PRINCIPAL)
      throw new UserError(`--as ${facts.asked.as}: ${NO_SUCH_PRINCIPAL} of that name in this account.`);
    const simulation =
      known === undefined
        ? notKnown('who is asked about is not known')
        : await simulate(known, loginArn(facts), iam, facts.now);
    return { policies, simulation, others: notKnown('nobody had to be looked for') };
  } finally {
    iam.destroy();
  }
}

/** Who else may connect: only where it is the answer, because it reads all of the account's IAM. */
async function withHolders(
  facts: Facts,
  question: Question,
  { credentials }: FoundCredentials,
  region: string,
): Promise<Facts> {
  const verdict = permissionVerdict(facts);
  const target = targetOf(facts);
  if (verdict.is !== 'refused' || target === undefined || credentials === undefined) return facts;
  const { by } = verdict;
  const asks = by.layer === 'some' || (by.layer === 'identity' && !by.near.some(isClose));
  if (!asks) return facts;
  const { IAMClient } = await import('@aws-sdk/client-iam');
  const iam = new IAMClient({ region, credentials, maxAttempts: 2 });
  try {
    const others = await lookForHolders(target, question.user, iam, facts.now);
    return { ...facts, permission: { ...facts.permission, others } };
  } finally {
    iam.destroy();
  }
}

async function lookAtLog(
  facts: Facts,
  question: Question,
  { credentials }: FoundCredentials,
): Promise<Pick<Facts, 'log' | 'metrics'>> {
  const none = (why: string) => ({ log: notKnown(why), metrics: notKnown(why) });
  if (!isAboutToken(facts)) return none(whyNotAsked(facts));
  if (credentials === undefined) return none('there are no credentials to read the logs with');
  const there = knownOf(facts.cluster);
  if (!there?.found)
    return none(
      `the logs are found by the cluster: ${'notKnown' in facts.cluster ? facts.cluster.notKnown : 'there is none'}`,
    );
  const cluster: LoggingCluster = {
    identifier: there.identifier,
    kind: there.kind,
    region: there.region,
    exports: there.found.logExports,
  };
  const [log, metrics] = await Promise.all([
    readLoginLog(cluster, question.user, credentials, facts.now),
    readLoginMetrics(cluster, credentials, facts.now),
  ]);
  return { log, metrics };
}
