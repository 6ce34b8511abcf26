import { type Finding, fault, note } from '../../findings/finding';
import { sqlCommand } from '../../names/commands';
import type { LiveAccess, LiveDependency } from '../catalog';
import { dependencyText } from '../dependency';
import type { CheckQuestion } from '../finding';
import { goneLogins } from '../gone-logins';

/** What keeps a role from being dropped. A message of PostgreSQL names it only in the database of the session. */
export function notDroppable(question: CheckQuestion, live: LiveAccess): Finding<'owner' | 'privileges'>[] {
  return [...logins(question, live), ...cutovers(question, live), ...groups(question, live)];
}

function logins(question: CheckQuestion, live: LiveAccess): Finding<'owner' | 'privileges'>[] {
  return goneLogins(question, live).flatMap((name) =>
    live.dependencies
      .filter(({ role }) => role === name)
      .map((dependency) =>
        fault(
          dependency.kind === 'owns' ? 'owner' : 'privileges',
          `login ${name}`,
          `is not in the environment, and ${dependency.kind} ${dependencyText(dependency)}: if this deploy is to drop the login, it fails`,
          dependency.kind === 'owns'
            ? 'hand it over first: ALTER … OWNER TO an owner group'
            : `revoke them first, or drop the login with the script of \`${sqlCommand('<env>', { remove: true })} <login>\``,
        ),
      ),
  );
}

/** What logged in by password before has privileges of its own, as a rule. */
function cutovers({ model }: CheckQuestion, live: LiveAccess): Finding<'owner' | 'privileges'>[] {
  return model.logins
    .filter(({ cutover }) => cutover)
    .flatMap(({ name }) =>
      live.dependencies
        .filter(({ role }) => role === name)
        .map((dependency) =>
          note(
            dependency.kind === 'owns' ? 'owner' : 'privileges',
            `login ${name}`,
            `keeps what it has after the cutover: it ${dependency.kind} ${dependencyText(dependency)}, and cannot be dropped before that is gone`,
            `when it is to go: the script of \`${sqlCommand('<env>', { remove: true })} ${name}\` revokes privileges, and names what it owns`,
          ),
        ),
    );
}

/** Groups that are to go one day: the provider hands over and revokes in one database only. */
function groups({ model }: CheckQuestion, live: LiveAccess): Finding<'owner' | 'privileges'>[] {
  return model.groups
    .filter(({ adopted }) => !adopted)
    .flatMap(({ name, ownsIn = model.databases[0] }) => {
      const isElsewhere = ({ kind, database }: LiveDependency) =>
        kind === 'owns' ? database !== ownsIn : !model.databases.includes(database ?? '');
      return live.dependencies
        .filter((each) => each.role === name && each.database !== null && isElsewhere(each))
        .map((dependency) =>
          note(
            dependency.kind === 'owns' ? 'owner' : 'privileges',
            `group ${name}`,
            `${dependency.kind} ${dependencyText(dependency)}: while it does, a deploy cannot drop the group, nor a destroy the stack`,
            dependency.kind === 'owns'
              ? 'before you remove the group, hand that over: ALTER … OWNER TO …'
              : 'before you remove the group, revoke that in the database',
          ),
        );
    });
}
