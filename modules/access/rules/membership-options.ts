import { type Finding, fault, note } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** From 16 on, a membership may give nothing: INHERIT FALSE withholds the privileges, SET FALSE the SET ROLE. A plain
 *  GRANT does not change the options of a membership that is there.
 *  https://www.postgresql.org/docs/current/sql-grant.html#SQL-GRANT-DESCRIPTION-ROLES */
export function membershipOptions(
  { model }: CheckQuestion,
  live: LiveAccess,
): Finding<'membership-options'>[] {
  return model.logins.flatMap(({ name, groups, predefinedRoles, actsAs }) =>
    // Membership in rds_iam counts whatever its options.
    [...predefinedRoles, ...groups].flatMap((granted) => {
      const rows = live.memberships.filter(({ role, member }) => role === granted && member === name);
      if (rows.length === 0) return [];
      const inherits = rows.some(({ inheritOption }) => inheritOption);
      const sets = rows.some(({ setOption }) => setOption);
      const cure = `GRANT ${quoteIdentifier(granted)} TO ${quoteIdentifier(name)} WITH INHERIT TRUE, SET TRUE;`;
      if (actsAs === granted && !sets)
        return [
          fault(
            'membership-options',
            `login ${name}`,
            `is a member of ${granted} WITH SET FALSE, so its sessions cannot become ${granted}`,
            cure,
          ),
        ];
      if (!inherits)
        return [
          fault(
            'membership-options',
            `login ${name}`,
            `is a member of ${granted} WITH INHERIT FALSE, so ${granted} gives it nothing`,
            cure,
          ),
        ];
      if (!sets)
        return [
          note(
            'membership-options',
            `login ${name}`,
            `is a member of ${granted} WITH SET FALSE, so it may not SET ROLE to it`,
            cure,
          ),
        ];
      return [];
    }),
  );
}
