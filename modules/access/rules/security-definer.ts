import { type Finding, note } from '../../findings/finding';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** More of one owner are told in one line. */
const SINGLE_LINES = 3;

/** Functions that every login may run with the rights of their owner. PostgreSQL grants EXECUTE to PUBLIC on each function
 *  that is made. https://www.postgresql.org/docs/current/sql-createfunction.html#SQL-CREATEFUNCTION-SECURITY */
export function securityDefiner(_question: CheckQuestion, live: LiveAccess): Finding<'security-definer'>[] {
  return [...live.inDatabases].flatMap(([database, { objects }]) => {
    const byOwner = new Map<string, string[]>();
    for (const { type, name, owner, privileges, securityDefiner } of objects)
      if (type === 'routine' && securityDefiner && privileges.some(({ grantee }) => grantee === ''))
        byOwner.set(owner, [...(byOwner.get(owner) ?? []), name]);
    return [...byOwner].flatMap(([owner, names]) => {
      const cure = 'if that is not meant, REVOKE EXECUTE ON FUNCTION … FROM PUBLIC;';
      return names.length <= SINGLE_LINES
        ? names.map((name) =>
            note(
              'security-definer',
              'PUBLIC',
              `may execute the SECURITY DEFINER function ${name} of database ${database}, which runs as ${owner}`,
              cure,
            ),
          )
        : [
            note(
              'security-definer',
              'PUBLIC',
              `may execute ${names.length} SECURITY DEFINER functions of database ${database} that run as ${owner}, such as ${names.slice(0, SINGLE_LINES).join(', ')}`,
              cure,
            ),
          ];
    });
  });
}
