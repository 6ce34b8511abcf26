import { type Finding, fault } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';
import { unreadableSettings } from './existing';

/** Groups that are there before the deploy. */
export function group(
  { model }: CheckQuestion,
  live: LiveAccess,
): Finding<'group' | 'missing' | 'existing'>[] {
  return model.groups.flatMap(({ name, adopted }): ReturnType<typeof group> => {
    const role = live.roles.find((each) => each.name === name);
    if (!role)
      return adopted
        ? [fault('missing', `group ${name}`, 'is to be adopted and does not exist', 'take adopt out')]
        : [];
    const findings: ReturnType<typeof group> = adopted ? unreadableSettings(role) : [];
    if (role.login)
      findings.push(
        fault(
          'group',
          `group ${name}`,
          'is a login, and would lose LOGIN',
          'choose another name for the group',
        ),
      );
    if (!role.alterable && model.logins.some(({ groups }) => groups.includes(name)))
      findings.push(
        fault(
          'existing',
          `group ${name}`,
          `was not created by ${live.admin}, which may not grant it to anybody`,
          `as somebody who may, run GRANT ${quoteIdentifier(name)} TO ${quoteIdentifier(live.admin)} WITH ADMIN OPTION;`,
        ),
      );
    return findings;
  });
}
