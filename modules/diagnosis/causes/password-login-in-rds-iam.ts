import { judgeMembership } from '../../access/rds-iam-membership';
import { RDS_IAM } from '../../names/postgresql';
import { quoteIdentifier } from '../../names/sql';
import { found, notLookedAt, RULED_OUT } from '../cause';
import { type Facts, knownOf } from '../facts';
import { isExpress, seenOf, userWords } from '../words';
import { AFTER_TOKEN, insideCause } from './inside-cause';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html */
export const passwordLoginInRdsIam = insideCause({
  id: 'password-login-in-rds-iam',
  suspicion:
    'the client uses a password, and the user has become a member of rds_iam, directly or through a group',
  excluded: ['password', ...AFTER_TOKEN],
  shown: {
    kind: 'pam',
    // PAM is asked for members of rds_iam only: the message itself proves the membership.
    judge: (facts) =>
      hasPassword(facts)
        ? found(
            'password-login-in-rds-iam',
            userWords(facts),
            `logs in with a password and is a member of ${RDS_IAM}, directly or through a group: its password no longer counts`,
            `REVOKE ${RDS_IAM} FROM ${quoteIdentifier(facts.asked.user ?? '')}; as another administrator. Where there is none, a token for ${facts.asked.user} itself still works, if IAM allows it`,
          )
        : isExpress(facts)
          ? RULED_OUT
          : notLookedAt('whether the client used a password is not known'),
  },
  judge: ({ role, paths }, facts) => {
    const { counts, through } = judgeMembership(paths, 'rds');
    if (!role || !counts) return RULED_OUT;
    if (!hasPassword(facts)) return isIamLogin(facts) || isExpress(facts) ? RULED_OUT : undefined;
    const groups = through.length === 0 ? [RDS_IAM] : through;
    return found(
      'password-login-in-rds-iam',
      userWords(facts),
      `logs in with a password and is a member of ${RDS_IAM}${through.length === 0 || through.includes(RDS_IAM) ? '' : ` through ${through.join(', ')}`}: its password no longer counts`,
      groups
        .map((group) => `REVOKE ${quoteIdentifier(group)} FROM ${quoteIdentifier(facts.asked.user ?? '')};`)
        .join(' '),
    );
  },
});

/** It is the master, or the admin of the environment, and logs in with a password. */
function hasPassword({ asked, cluster }: Facts): boolean {
  const { environment, user } = asked;
  if (environment) return environment.admin.username === user && !environment.admin.byToken;
  const there = knownOf(cluster)?.found;
  return there !== undefined && there.masterUsername === user && there.masterHasPassword;
}

/** Nobody would give it a password. */
function isIamLogin(facts: Facts): boolean {
  const seen = seenOf(facts);
  const { environment, user } = facts.asked;
  // Such an admin is often a master that has no password.
  if (environment?.admin.byToken && environment.admin.username === user) return true;
  return environment?.isLogin === true || (seen !== undefined && facts.told === undefined);
}
