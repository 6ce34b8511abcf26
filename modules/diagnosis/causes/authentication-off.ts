import { type Cause, found, notLookedAt, RULED_OUT } from '../cause';
import { worksHere } from '../words';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Enabling.html */
export const authenticationOff: Cause = {
  id: 'authentication-off',
  step: 'cluster',
  suspicion: 'IAM authentication is off on the cluster (rds:DescribeDBClusters tells)',
  judge: (facts) => {
    const { cluster } = facts;
    if (!('value' in cluster)) return worksHere(facts) ? RULED_OUT : notLookedAt(cluster.notKnown);
    const { kind, identifier, found: there } = cluster.value;
    if (!there) return notLookedAt('the look-up found nothing');
    // A proxy has its own setting, which another cause looks at.
    if (kind === 'proxy') return RULED_OUT;
    const where = `${kind} ${identifier}`;
    if (there.iamAuthentication) return RULED_OUT;
    return found(
      'authentication-off',
      where,
      there.iamAuthenticationPending === true
        ? 'has IAM authentication off until its next maintenance window: the change that turns it on is pending'
        : 'has IAM authentication off, so no token is admitted',
      `turn it on now: aws rds modify-db-${kind} --db-${kind}-identifier ${identifier} --enable-iam-database-authentication --apply-immediately`,
    );
  },
};
