import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { seenOf, userWords } from '../words';

/** https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/UsingWithRDS.IAMDBAuth.html (limitations) */
export const replicationByToken: Cause = {
  id: 'replication-by-token',
  step: 'database',
  suspicion: 'it is a replication connection, and rds.iam_auth_for_replication is off',
  judge: (facts) => {
    const { asked, inside } = facts;
    // Asked for with --replication: an ordinary login has nothing to do with it.
    if (!asked.replication || ['admitted', 'no-replication'].includes(seenOf(facts)?.kind ?? ''))
      return RULED_OUT;
    if (!('value' in inside)) return notLookedAt(inside.notKnown);
    const { iamForReplication } = inside.value;
    return iamForReplication === '1' || iamForReplication === 'on'
      ? RULED_OUT
      : found(
          'replication-by-token',
          userWords(facts),
          `asks for a replication connection with a token, and rds.iam_auth_for_replication is ${iamForReplication ?? 'not set'}`,
          'set rds.iam_auth_for_replication to 1 in the parameter group of the cluster',
        );
  },
};
