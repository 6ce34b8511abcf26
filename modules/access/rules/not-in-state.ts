import { type Finding, fault } from '../../findings/finding';
import { recoverCommand } from '../../names/commands';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';
import { type LeftBehind, leftBehind } from '../left-behind';

/** Before a deploy, where the state is known: roles that it would fail to create, because they are there. */
export function notInState(question: CheckQuestion, live: LiveAccess): Finding<'not-in-state'>[] {
  const { rolesInState } = question;
  if (rolesInState === undefined) return [];
  return leftBehind(question, live, rolesInState)
    .filter(({ kind, name }) => isJudgedHere(kind, name, live))
    .map(notInStateFinding);
}

/** Groups that may log in, and logins that do so by password, have rules of their own: `group` and `existing`. */
function isJudgedHere(kind: LeftBehind['kind'], name: string, live: LiveAccess): boolean {
  const login = live.roles.some((role) => role.name === name && role.login);
  return kind === 'group' ? !login : !login || live.waysToRdsIam.has(name);
}

export function notInStateFinding({ kind, name, differences }: LeftBehind): Finding<'not-in-state'> {
  if (differences.length === 0)
    return fault(
      'not-in-state',
      `${kind} ${name}`,
      'exists as the environment describes it, and is not in the state: a deploy that was killed made it, or the SQL export, or it came with a snapshot, or was adopted until now; creating it would fail',
      `run ${recoverCommand('<env>')}, which writes an import block for one run; if you deploy as SQL, give preflight --no-state`,
    );
  return fault(
    'not-in-state',
    `${kind} ${name}`,
    `exists, is not in the state, and is not as a deploy would have made it: ${differences.join('; ')}`,
    `if it is to be managed here, write adopt: true, which keeps what it has; or choose another name`,
  );
}
