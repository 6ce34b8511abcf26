import { type Finding, fault, note } from '../../findings/finding';
import { sqlCommand } from '../../names/commands';
import type { LiveAccess, LiveDependency } from '../catalog';
import { type DependencyKind, dependencyText, dependencyWayOut } from '../dependency';
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
          ruleOf(dependency.kind),
          `login ${name}`,
          `is not in the environment, and ${dependency.kind} ${dependencyText(dependency)}: if this deploy is to drop the login, it fails`,
          `before that, ${dependencyWayOut(dependency.kind)}${
            dependency.kind === 'has privileges on'
              ? `, or drop the login with the script of \`${sqlCommand('<env>', { remove: true })} <login>\``
              : ''
          }`,
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
            ruleOf(dependency.kind),
            `login ${name}`,
            `keeps what it has after the cutover: it ${dependency.kind} ${dependencyText(dependency)}, and cannot be dropped before that is gone`,
            `when it is to go: the script of \`${sqlCommand('<env>', { remove: true })} ${name}\` revokes privileges, and names what it owns`,
          ),
        ),
    );
}

/** Groups that are to go one day: the provider hands over and revokes in one database only, and there it does so to policies, too. */
function groups({ model }: CheckQuestion, live: LiveAccess): Finding<'owner' | 'privileges'>[] {
  return model.groups
    .filter(({ adopted }) => !adopted)
    .flatMap(({ name, ownsIn = model.databases[0] }) => {
      const isElsewhere = ({ kind, database }: LiveDependency) =>
        kind === 'has privileges on' ? !model.databases.includes(database ?? '') : database !== ownsIn;
      return live.dependencies
        .filter(({ role, database }) => role === name && database !== null)
        .flatMap((dependency) => {
          if (isElsewhere(dependency)) return [standsElsewhere(name, dependency)];
          return dependency.kind === 'is named in' ? [goesWithPolicies(name, dependency)] : [];
        });
    });
}

function standsElsewhere(name: string, dependency: LiveDependency): Finding<'owner' | 'privileges'> {
  return note(
    ruleOf(dependency.kind),
    `group ${name}`,
    `${dependency.kind} ${dependencyText(dependency)}: while that is so, a deploy cannot drop the group, nor a destroy the stack`,
    `before you remove the group, ${dependencyWayOut(dependency.kind)}`,
  );
}

/** The provider runs DROP OWNED BY before it drops a group.
 *  https://www.postgresql.org/docs/current/sql-drop-owned.html */
function goesWithPolicies(name: string, dependency: LiveDependency): Finding<'privileges'> {
  return note(
    'privileges',
    `group ${name}`,
    `is named in ${dependencyText(dependency)}: a deploy that drops the group takes it out of the policy, and drops a policy that names nobody else`,
    'before you remove the group, see who may read and write those rows without it',
  );
}

function ruleOf(kind: DependencyKind): 'owner' | 'privileges' {
  return kind === 'owns' ? 'owner' : 'privileges';
}
