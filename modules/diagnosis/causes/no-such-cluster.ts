import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { seenOf } from '../words';

export const noSuchCluster: Cause = {
  id: 'no-such-cluster',
  step: 'cluster',
  suspicion: 'the cluster is in another account or region',
  judge: (facts) => {
    const { cluster } = facts;
    if (!('value' in cluster)) return notLookedAt(cluster.notKnown);
    const { kind, identifier, region, found: there } = cluster.value;
    if (there) return RULED_OUT;
    // Somebody answered as PostgreSQL does: the cluster is there, and of another account.
    const kindSeen = seenOf(facts)?.kind;
    if (kindSeen !== undefined && kindSeen !== 'unknown-host')
      return notLookedAt(
        `these credentials see no ${kind} ${identifier} in ${region}: it is of another account`,
      );
    return found(
      'no-such-cluster',
      `${kind} ${identifier}`,
      `is not in ${region}, in the account of these credentials`,
      'compare identifier, region and account: aws rds describe-db-clusters',
    );
  },
};
