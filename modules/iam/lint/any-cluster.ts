import { hasWildcard, namesDatabaseUsers } from './linted-resource';
import { typeHasWildcard } from './resource-type';
import { quoted, type Rule, told } from './rule';

export const anyCluster: Rule = {
  id: 'any-cluster',
  inStatement: ({ allows, linted }) =>
    linted
      .filter((resource) => allows && namesDatabaseUsers(resource))
      .filter(({ name }) => hasWildcard(name) && !typeHasWildcard(name))
      .map(({ text, login }) => {
        const logins = login === undefined ? ', and every login' : '';
        return told(
          `${quoted(text)} matches more than one cluster${logins}`,
          'write the resource id and the login',
        );
      }),
};
