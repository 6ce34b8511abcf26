import { RDS_IAM } from '../../names/postgresql';
import { quoteIdentifier } from '../../names/sql';
import { found, RULED_OUT } from '../cause';
import { isExpress, userWords } from '../words';
import { AFTER_TOKEN, insideCause } from './inside-cause';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html */
export const notInRdsIam = insideCause({
  id: 'not-in-rds-iam',
  suspicion: 'the database user is not in rds_iam (an admin of the database can tell)',
  excluded: ['pam', ...AFTER_TOKEN],
  judge: ({ role, paths, inRdsAd }, facts) => {
    if (!role || paths.length > 0 || inRdsAd) return RULED_OUT;
    const { environment, user = '' } = facts.asked;
    const isPasswordAdmin = environment?.admin.username === user && !environment.admin.byToken;
    if (isPasswordAdmin)
      return found(
        'not-in-rds-iam',
        userWords(facts),
        `is the admin of environment ${environment.name} and logs in with a password, not with a token`,
        `use its password, or connect as a login: ${environment.logins.slice(0, 3).join(', ')}`,
      );
    // A master that logs in by IAM has no password to come back with.
    if (environment?.admin.byToken && environment.admin.username === user)
      return found(
        'not-in-rds-iam',
        userWords(facts),
        `is the admin of environment ${environment.name}, logs in with a token and is not in ${RDS_IAM}`,
        `GRANT ${RDS_IAM} TO ${quoteIdentifier(user)}; as another administrator${isExpress(facts) ? '' : ', or give it a password for that time: aws rds modify-db-cluster --manage-master-user-password'}`,
      );
    if (isExpress(facts))
      return found(
        'not-in-rds-iam',
        userWords(facts),
        `is not in ${RDS_IAM}, and on an express cluster every login must be an IAM one: there is no logging in with a password`,
        `GRANT ${RDS_IAM} TO ${quoteIdentifier(user)};`,
      );
    return found(
      'not-in-rds-iam',
      userWords(facts),
      `is not in ${RDS_IAM}, so the server asks it for a password and takes the token for a wrong one`,
      `GRANT ${RDS_IAM} TO ${quoteIdentifier(user)}; it can then no longer log in with a password`,
    );
  },
});
