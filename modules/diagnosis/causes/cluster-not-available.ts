import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { seenOf } from '../words';

/** States in which a cluster serves logins, besides `available`: the change goes on beside them.
 *  https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/accessing-monitoring.html#Aurora.Status */
const SERVING =
  /^(available|backing-up|modifying|configuring-iam-database-auth|configuring-log-exports|storage-optimization|upgrading|maintenance)$/;

export const clusterNotAvailable: Cause = {
  id: 'cluster-not-available',
  step: 'cluster',
  suspicion: 'the cluster is stopped, starting or being changed',
  judge: (facts) => {
    const there = 'value' in facts.cluster ? facts.cluster.value.found : undefined;
    const { kind = 'cluster', identifier = '' } = 'value' in facts.cluster ? facts.cluster.value : {};
    if (there && !SERVING.test(there.status))
      return found(
        'cluster-not-available',
        `${kind} ${identifier}`,
        `is ${there.status}`,
        there.status === 'stopped'
          ? `start it: aws rds start-db-${kind} --db-${kind}-identifier ${identifier}`
          : 'wait until it is available',
      );
    const seen = seenOf(facts);
    if (seen?.kind === 'not-available')
      return found(
        'cluster-not-available',
        'the server',
        `cannot let anybody in now (${seen.text})`,
        'wait, and try again',
      );
    if (!('value' in facts.cluster)) return notLookedAt(facts.cluster.notKnown);
    return there ? RULED_OUT : notLookedAt('the look-up found nothing');
  },
};
