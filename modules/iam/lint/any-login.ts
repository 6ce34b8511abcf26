import { hasWildcard } from './linted-resource';
import { writtenLogin } from './login';
import { quoted, type Rule, told } from './rule';

export const anyLogin: Rule = {
  id: 'any-login',
  inStatement: ({ allows, linted }) =>
    linted
      .flatMap(writtenLogin)
      .filter((login) => allows && hasWildcard(login))
      .map((login) =>
        told(
          `${quoted(login)} matches other logins too, the master among them if it is in rds_iam`,
          'name each login',
        ),
      ),
};
