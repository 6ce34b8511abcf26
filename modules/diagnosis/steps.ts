import { judgeMembership } from '../access/rds-iam-membership';
import { RDS_IAM } from '../names/postgresql';
import type { Step } from './cause';
import { type Facts, knownOf } from './facts';
import { loginArn } from './permission';
import { hostWords, seenOf, userWords } from './words';

/** What is so where nothing of a step is wrong: the facts by which a person sees that the right thing was looked at. */
export function okWords(step: Step, facts: Facts): string {
  return OK[step](facts);
}

const OK: Readonly<Record<Step, (facts: Facts) => string>> = {
  identity: ({ signer, now }) => {
    const known = knownOf(signer);
    if (!known) return 'credentials';
    const { caller, source, expires, beside, accessKeyId } = known;
    const who = caller?.arn ?? `access key ${accessKeyId}`;
    const left = expires
      ? `, for another ${Math.floor((expires.getTime() - now.getTime()) / 60_000)} minutes`
      : '';
    return `${who}, from ${source}${left}${beside === undefined ? '' : `; ${beside}`}`;
  },
  endpoint: (facts) => {
    const { endpoint, given, alias, port } = knownOf(facts.endpoint) ?? {};
    if (endpoint === undefined || endpoint.kind === 'none') return given ?? '';
    const name = KINDS[endpoint.kind];
    const region = endpoint.region ?? knownOf(facts.endpoint)?.region;
    return `${endpoint.host}, port ${port}: ${name}${region === undefined ? '' : ` in ${region}`}${alias ? `; ${given} leads there` : ''}`;
  },
  network: (facts) =>
    facts.asked.through === undefined
      ? `${hostWords(facts)} answers`
      : `${hostWords(facts)} answers through ${facts.asked.through}`,
  tls: () => 'on; the certificate is of this endpoint and signed by a trusted authority',
  cluster: ({ cluster }) => {
    const { kind = 'cluster', identifier = '', found } = knownOf(cluster) ?? {};
    return found
      ? `${kind} ${identifier} is ${found.status}, ${found.engine}, with IAM authentication on; resource id ${found.resourceId}`
      : 'the server answers';
  },
  clock: ({ clock }) => {
    const known = knownOf(clock);
    const seconds = known ? Math.round((known.here.getTime() - known.there.getTime()) / 1000) : 0;
    return `differs from that of AWS by ${Math.abs(seconds)} seconds`;
  },
  token: (facts) => {
    const { length, parts } = knownOf(facts.token) ?? {};
    if (parts === undefined) return `${length ?? 0} characters`;
    const age = Math.max(0, Math.floor((facts.now.getTime() - parts.signedAt.getTime()) / 1000));
    return `${length} characters, for "${parts.user}" at ${parts.host}:${parts.port} in ${parts.scope.region}, ${age} seconds old`;
  },
  permission: (facts) => {
    const arn = loginArn(facts);
    const seen = seenOf(facts);
    return seen?.kind === 'admitted'
      ? 'rds-db:connect is allowed: the login was admitted'
      : `rds-db:connect is allowed${arn === undefined ? '' : ` on ${arn}`}`;
  },
  database: (facts) => {
    const inside = knownOf(facts.inside);
    if (!inside) return `${userWords(facts)} exists and is in rds_iam`;
    const { through } = judgeMembership(inside.paths, 'rds');
    const way = through.length === 0 || through.includes(RDS_IAM) ? '' : ` through ${through.join(', ')}`;
    return `${userWords(facts)} has LOGIN, is in rds_iam${way} and may connect to ${facts.asked.database} (read as ${inside.by})`;
  },
  service: ({ log }) => {
    const lines = knownOf(log);
    return lines === undefined
      ? 'no refusal for want of capacity in the metrics'
      : `${lines.length} refusals of this user in the log of the last hour`;
  },
};

const KINDS = {
  writer: 'the writer of a cluster',
  readers: 'the readers of a cluster',
  custom: 'a custom endpoint',
  shardGroup: 'a shard group',
  instance: 'an instance',
  proxy: 'an RDS Proxy',
  global: 'the writer of a global database',
} as const;
