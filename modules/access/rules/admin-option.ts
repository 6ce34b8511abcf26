import { type Finding, fault } from '../../findings/finding';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';
import { revokeWayOut } from '../membership-statements';

/** A login that may hand on its memberships. */
export function adminOption(question: CheckQuestion, live: LiveAccess): Finding<'admin-option'>[] {
  return question.model.logins.flatMap(({ name }) => {
    const granted = live.memberships.filter(({ member, adminOption }) => member === name && adminOption);
    return [...new Set(granted.map(({ role }) => role))].map((role) =>
      fault(
        'admin-option',
        `login ${name}`,
        `may make others members of ${role}`,
        revokeWayOut(
          question,
          live,
          granted.filter((row) => row.role === role),
          'ADMIN OPTION FOR ',
        ),
      ),
    );
  });
}
