import { type Finding, note } from '../../findings/finding';
import { REVOKE_COMMAND } from '../../names/commands';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';
import { grantSignalling, SIGNAL_ROLE } from '../signal-sessions';

/** `revoke` is for the moment when it must work: better known before. */
export function endSessions(_question: CheckQuestion, live: LiveAccess): Finding<'end-sessions'>[] {
  const admin = live.roles.find(({ name }) => name === live.admin);
  const signal = live.roles.find(({ name }) => name === SIGNAL_ROLE);
  if (!admin || admin.superuser || !signal || signal.inherited) return [];
  return [
    note(
      'end-sessions',
      `admin ${live.admin}`,
      `may not end the sessions of every login, so \`${REVOKE_COMMAND}\` could stop new ones only`,
      `as the master, run ${grantSignalling(live.admin)}`,
    ),
  ];
}
