import { hasWildcard } from './linted-resource';
import { writtenLogin } from './login';
import { quoted, type Rule } from './rule';

export const anyLogin: Rule = {
  id: 'any-login',
  finds: 'a wildcard in the name of a login',
  inStatement: ({ allows, linted }) =>
    linted
      .flatMap(writtenLogin)
      .filter((login) => allows && hasWildcard(login))
      .map(
        (login) =>
          `${quoted(login)} matches other logins too, the master among them if it is in rds_iam; name each login`,
      ),
};
