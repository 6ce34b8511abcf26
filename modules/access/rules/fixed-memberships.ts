import { type Finding, fault } from '../../findings/finding';
import type { LiveAccess, LiveMembership } from '../catalog';
import { isAdminOnly } from '../catalog';
import type { CheckQuestion } from '../finding';
import { isRevocable, revokeStatements, revokeWayOut } from '../membership-statements';
import { hasSettings } from '../model';

/**
 * Memberships that the admin cannot take away. Whenever the provider changes a role, it revokes all its memberships, each for
 * the admin as its grantor, and grants those of the configuration. Without ADMIN on what was granted that fails; where somebody
 * else is the grantor, PostgreSQL only warns, and the membership stays.
 */
export function fixedMemberships(question: CheckQuestion, live: LiveAccess): Finding<'member'>[] {
  const { model } = question;
  return [
    ...model.groups
      .filter(({ adopted }) => !adopted)
      .flatMap(({ name }) => ofManaged(question, `group ${name}`, name, [], live)),
    ...model.logins.flatMap((login) => {
      const { name, adopted, memberships } = login;
      if (!adopted) return ofManaged(question, `login ${name}`, name, memberships, live);
      return hasSettings(login) ? ofAdopted(question, name, live) : [];
    }),
  ];
}

function ofManaged(
  question: CheckQuestion,
  where: string,
  name: string,
  wanted: readonly string[],
  live: LiveAccess,
): Finding<'member'>[] {
  const extra = live.memberships.filter(
    (row) => row.member === name && !wanted.includes(row.role) && !isRevocable(live, row),
  );
  return byRole(extra).map(([role, rows]) =>
    fault(
      'member',
      where,
      `is a member of ${role}, ${grantedBy(rows)}, which ${live.admin} cannot revoke: ${
        isAlterable(live, role)
          ? 'each plan will show it, and no deploy can take it away'
          : 'the provider revokes all memberships of a role that it changes, so the deploy fails'
      }`,
      revokeWayOut(question, live, rows),
    ),
  );
}

function ofAdopted(question: CheckQuestion, name: string, live: LiveAccess): Finding<'member'>[] {
  const has = live.memberships.filter(({ member }) => member === name);
  const where = `login ${name}`;
  const leaveOut =
    'take connectionLimit, statementTimeout, searchPath and actsAs of this login out of the environment, and set them with ALTER ROLE';
  return byRole(has).flatMap(([role, rows]): Finding<'member'>[] => {
    if (!isAlterable(live, role))
      return [
        fault(
          'member',
          where,
          `is a member of ${role}, ${grantedBy(rows)}, which ${live.admin} cannot revoke: to change the settings of the login, the provider revokes and grants all its memberships, so the deploy fails`,
          `${leaveOut}, or ${revokeWayOut(question, live, rows)}`,
        ),
      ];
    const special = rows.filter(
      (row) => isRevocable(live, row) && (row.adminOption || !row.inheritOption || !row.setOption),
    );
    return special.length === 0
      ? []
      : [
          fault(
            'member',
            where,
            `is a member of ${role} ${optionsOf(special)}, and would lose that: to change the settings of the login, the provider revokes and grants all its memberships`,
            `${leaveOut}, or ${revokeStatements(live, special)} and grant it without options`,
          ),
        ];
  });
}

function optionsOf(rows: readonly LiveMembership[]): string {
  if (rows.every(isAdminOnly)) return 'with ADMIN only';
  return rows.some(({ adminOption }) => adminOption)
    ? 'WITH ADMIN OPTION'
    : 'WITH INHERIT FALSE or SET FALSE';
}

function isAlterable(live: LiveAccess, name: string): boolean {
  return live.roles.some((role) => role.name === name && role.alterable);
}

function grantedBy(rows: readonly LiveMembership[]): string {
  return `granted by ${[...new Set(rows.map(({ grantor }) => grantor))].join(' and ')}`;
}

function byRole(rows: readonly LiveMembership[]): [role: string, rows: LiveMembership[]][] {
  const found = new Map<string, LiveMembership[]>();
  for (const row of rows) found.set(row.role, [...(found.get(row.role) ?? []), row]);
  return [...found];
}
