import { type Finding, fault, note } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** Whether `lockDown` can be done, and who can connect only through PUBLIC. */
export function lockDown({ model }: CheckQuestion, live: LiveAccess): Finding<'lock-down'>[] {
  const locked = new Set(model.publicGrants.map(({ database }) => database));
  return [...locked].flatMap((database) => {
    const found = live.databases.find(({ name }) => name === database);
    if (!found) return [];
    const findings: Finding<'lock-down'>[] = [];
    const admin = live.roles.find(({ name }) => name === live.admin);
    if (found.owner !== live.admin && !admin?.superuser && !groupsOf(live.admin, live).has(found.owner))
      findings.push(
        fault(
          'lock-down',
          `database ${database}`,
          `belongs to ${found.owner}, so ${live.admin} cannot take anything from PUBLIC`,
          `set lockDown: false, or as ${found.owner} run REVOKE CONNECT, TEMPORARY ON DATABASE ${quoteIdentifier(database)} FROM PUBLIC;`,
        ),
      );
    const connect = new Set(
      found.privileges.filter(({ privilege }) => privilege === 'CONNECT').map(({ grantee }) => grantee),
    );
    if (!connect.has('')) return findings;
    const planned = model.grants
      .filter((grant) => grant.database === database && grant.objectType === 'database')
      .map(({ group }) => group);
    const allowed = new Set([...connect, ...planned, found.owner]);
    const managed = new Set(model.logins.map(({ name }) => name));
    const losing = live.roles.filter(
      ({ name, login, superuser }) =>
        login &&
        !superuser &&
        !managed.has(name) &&
        ![name, ...groupsOf(name, live)].some((each) => allowed.has(each)),
    );
    if (losing.length > 0)
      findings.push(
        note(
          'lock-down',
          `database ${database}`,
          `will be closed by lockDown to ${losing.map(({ name }) => name).join(', ')}, who have CONNECT through PUBLIC only`,
          'grant CONNECT to those who need it',
        ),
      );
    return findings;
  });
}

/** All that a role is a member of, however indirectly. */
function groupsOf(role: string, live: LiveAccess): Set<string> {
  const found = new Set<string>();
  const waiting = [role];
  for (let member = waiting.pop(); member !== undefined; member = waiting.pop())
    for (const membership of live.memberships)
      if (membership.member === member && !found.has(membership.role)) {
        found.add(membership.role);
        waiting.push(membership.role);
      }
  return found;
}
