import { judgeMembership } from '../access/rds-iam-membership';
import { RDS_IAM } from '../names/postgresql';
import { plural } from '../names/text';
import { ago } from './ago';
import type { Step } from './cause';
import { type Fact, type Facts, type FoundCluster, knownOf, notKnown } from './facts';
import { loginArn, permissionVerdict } from './permission';
import type { Seen } from './seen';
import { hostWords, isExpress, newestLine, seenOf, userWords } from './words';

/**
 * What is so where nothing of a step is wrong: the facts by which a person sees that the right thing was looked at; or why nobody could
 * look. What was not looked at is never called right.
 */
export function stepWords(step: Step, facts: Facts): Words {
  return WORDS[step](facts);
}

/** In words, or why not. */
type Words = { readonly ok: string } | { readonly notKnown: string };

const ok = (words: string): Words => ({ ok: words });

/** After these, the connection has not come as far as TLS, or as the login. */
const BEFORE_TLS = /^(unknown-host|connection-\w+)$/;
const BEFORE_LOGIN = /^(unknown-host|connection-\w+|certificate-\w+|no-tls)$/;

const WORDS: Readonly<Record<Step, (facts: Facts) => Words>> = {
  identity: ({ signer, now }) => {
    const known = knownOf(signer);
    if (!known) return why(signer);
    const { caller, source, expires, beside, accessKeyId } = known;
    const who = caller?.arn ?? `access key ${accessKeyId} (AWS was not reached)`;
    const left = expires ? `, for another ${ago((expires.getTime() - now.getTime()) / 1000)}` : '';
    return ok(`${who}, from ${source}${left}${beside === undefined ? '' : `; ${beside}`}`);
  },
  endpoint: (facts) => {
    const look = knownOf(facts.endpoint);
    if (!look) return why(facts.endpoint);
    const { endpoint, given, alias, port, region } = look;
    if (endpoint.kind === 'none') return notKnown(`${given} ${endpoint.message}`);
    const where = endpoint.region ?? region;
    return ok(
      `${endpoint.host}, port ${port}: ${KINDS[endpoint.kind]}${where === undefined ? '' : ` in ${where}`}${alias ? `; ${given} leads there` : ''}`,
    );
  },
  network: (facts) => {
    const { through } = facts.asked;
    return reached(
      facts,
      BEFORE_TLS,
      `${hostWords(facts)} answers${through === undefined ? '' : ` through ${through}`}`,
    );
  },
  tls: (facts) => {
    // Only the login that is tried here checks the certificate.
    if (facts.told?.kind === 'pam' && !('value' in facts.tried)) return ok('on: the message proves it');
    return reached(
      facts,
      BEFORE_LOGIN,
      'on; the certificate is of this endpoint, and a trusted authority signed it',
    );
  },
  cluster: (facts) => {
    const known = knownOf(facts.cluster);
    if (!known) return why(facts.cluster);
    const { kind, identifier, region, found } = known;
    return found
      ? ok(
          `${kind} ${identifier} is ${found.status}, ${found.engine}, with IAM authentication on; its resource id is ${found.resourceId}${expressWords(facts, found)}`,
        )
      : notKnown(`these credentials see no ${kind} ${identifier} in ${region}`);
  },
  clock: ({ clock }) => {
    const known = knownOf(clock);
    if (!known) return why(clock);
    const seconds = Math.abs(Math.round((known.here.getTime() - known.there.getTime()) / 1000));
    return ok(`differs from that of AWS by ${plural(seconds, 'second')}`);
  },
  token: (facts) => {
    const reading = knownOf(facts.token);
    if (!reading) return why(facts.token);
    const { length, parts } = reading;
    if (parts === undefined) return notKnown('the token cannot be read to its end');
    const age = Math.max(0, Math.floor((facts.now.getTime() - parts.signedAt.getTime()) / 1000));
    return ok(
      `${length} characters, for "${parts.user}" at ${parts.host}:${parts.port} in ${parts.scope.region}, ${ago(age)} old`,
    );
  },
  permission: (facts) => {
    const verdict = permissionVerdict(facts);
    if (verdict.is === 'not known') return notKnown(verdict.why);
    const arn = loginArn(facts);
    if (verdict.is === 'allowed' && verdict.by === 'login')
      return ok('rds-db:connect is allowed: the server has taken the token');
    const by =
      verdict.is === 'allowed' && verdict.by === 'simulation'
        ? ', says IAM'
        : ', as far as the policies can be read';
    return ok(`rds-db:connect is allowed${arn === undefined ? '' : ` on ${arn}`}${by}`);
  },
  database: databaseWords,
  service: serviceWords,
};

function expressWords(facts: Facts, { vpcNetworking }: FoundCluster): string {
  if (!isExpress(facts)) return '';
  const vpc = vpcNetworking === undefined ? '' : vpcNetworking ? ' and a VPC' : ', no VPC';
  return `. It has express configuration: an internet access gateway${vpc}; every login must be an IAM one`;
}

function databaseWords(facts: Facts): Words {
  const inside = knownOf(facts.inside);
  const { database } = facts.asked;
  if (inside) {
    const { through } = judgeMembership(inside.paths, 'rds');
    const way = through.length === 0 || through.includes(RDS_IAM) ? '' : ` through ${through.join(', ')}`;
    return ok(
      `${userWords(facts)} has LOGIN, is in ${RDS_IAM}${way} and may connect to ${database} (read as ${inside.by})`,
    );
  }
  const seen = seenOf(facts);
  if (seen?.kind === 'admitted') return ok(`${userWords(facts)} may log in, and connect to ${database}`);
  if (seen?.kind === 'pam')
    return ok(
      `${userWords(facts)} exists and is in ${RDS_IAM}: the message proves it. ${whyNot(facts.inside)}`,
    );
  return why(facts.inside);
}

function serviceWords(facts: Facts): Words {
  const { log, metrics } = facts;
  if (seenOf(facts)?.kind === 'admitted') return ok('RDS has taken the token');
  const line = newestLine(facts);
  if (line)
    return ok(`the newest line of the log about this user, of ${line.at.toISOString()}: ${line.text}`);
  if ('value' in log)
    return ok(
      'the log has no line about this user in the last 15 minutes; AWS needs some minutes to show one',
    );
  if ('value' in metrics) {
    const refused = metrics.value['IamDbAuthConnectionFailure'] ?? 0;
    return ok(
      `${plural(refused, 'refused login')} of the whole cluster in the last hour, none for want of capacity. ${log.notKnown}`,
    );
  }
  return notKnown([...new Set([log.notKnown, metrics.notKnown])].join('; '));
}

/** A step that the connection has passed if it ended later. */
function reached(facts: Facts, before: RegExp, words: string): Words {
  const tried: Seen | undefined = knownOf(facts.tried) ?? facts.told;
  if (!tried) return why(facts.tried);
  return before.test(tried.kind) ? notKnown('the connection did not get this far') : ok(words);
}

function why(fact: Fact<unknown>): { readonly notKnown: string } {
  return 'notKnown' in fact ? fact : notKnown('not looked at');
}

function whyNot(fact: Fact<unknown>): string {
  return 'notKnown' in fact ? `Nobody looked further: ${fact.notKnown}` : '';
}

const KINDS = {
  writer: 'the writer of a cluster',
  readers: 'the readers of a cluster',
  custom: 'a custom endpoint',
  shardGroup: 'a shard group',
  instance: 'an instance',
  proxy: 'an RDS Proxy',
  global: 'the writer of a global database',
} as const;
