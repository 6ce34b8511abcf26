import { nameFault } from '../../names/postgresql';
import { hasVariable, hasWildcard, type LintedResource, namesDatabaseUsers } from './linted-resource';
import { quoted, type Rule, told } from './rule';

export const login: Rule = {
  id: 'login',
  inStatement: ({ linted }) =>
    linted
      .flatMap(writtenLogin)
      .filter((login) => !hasWildcard(login) && !hasVariable(login))
      .flatMap((login) => {
        const fault = nameFault(login);
        if (fault) {
          const [what = '', wayOut = ''] = fault.split('; ');
          return [told(`the login ${quoted(login)} ${what}`, wayOut)];
        }
        // PostgreSQL allows anything in double quotes; what stands here is far more often a database name or a slip.
        return /^[\p{L}\d_$+=,.@-]+$/u.test(login)
          ? []
          : [
              told(
                `the login ${quoted(login)} has a character that is most likely a slip`,
                'write the name alone, as rolname of pg_roles has it',
              ),
            ];
      }),
};

/** What stands in the place of the login; nothing where the ARN has another fault there. */
export function writtenLogin(resource: LintedResource): readonly string[] {
  const { name, resourceId, login } = resource;
  if (!namesDatabaseUsers(resource) || (resourceId === undefined && !hasWildcard(name))) return [];
  // A wildcard at the end of what has no / matches the logins, too, and is told already.
  if (login === undefined && hasWildcard(name)) return [];
  return [login ?? ''];
}
