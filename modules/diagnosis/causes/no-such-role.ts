import { RDS_IAM } from '../../names/postgresql';
import { quoteIdentifier } from '../../names/sql';
import { found, RULED_OUT } from '../cause';
import { userWords } from '../words';
import { AFTER_TOKEN, insideCause } from './inside-cause';

export const noSuchRole = insideCause({
  id: 'no-such-role',
  suspicion: ({ asked: { environment, user } }) =>
    environment && !environment.isLogin && environment.admin.username !== user
      ? `environment ${environment.name} has no login "${user}"; it has ${environment.logins.slice(0, 5).join(', ')}`
      : 'the database user does not exist (an admin of the database can tell)',
  // PAM is asked for members of rds_iam only.
  excluded: ['pam', ...AFTER_TOKEN],
  judge: ({ role, alike }, facts) => {
    if (role || alike.length > 0) return RULED_OUT;
    const { environment, user = '' } = facts.asked;
    return found(
      'no-such-role',
      userWords(facts),
      'does not exist in the database',
      environment && environment.admin.username !== user
        ? environment.isLogin
          ? `deploy the database stack of environment ${environment.name}`
          : `log in as one that the environment has (${environment.logins.slice(0, 5).join(', ')}), or add ${quoteIdentifier(user)} to its logins and deploy`
        : `CREATE ROLE ${quoteIdentifier(user)} LOGIN; GRANT ${RDS_IAM} TO ${quoteIdentifier(user)};`,
    );
  },
});
