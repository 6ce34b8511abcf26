import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import { type AccessFinding, type CheckQuestion, fault } from '../finding';
import { unreadableSettings } from './existing';

/** Groups that are there before the deploy. */
export function group({ model }: CheckQuestion, live: LiveAccess): AccessFinding[] {
  return model.groups.flatMap(({ name, adopted }) => {
    const role = live.roles.find((each) => each.name === name);
    if (!role)
      return adopted
        ? [fault('missing', `group ${name} is to be adopted and does not exist; take adopt out`)]
        : [];
    const findings = adopted ? unreadableSettings(role) : [];
    if (role.login)
      findings.push(
        fault('group', `group ${name} is a login: it would lose LOGIN; choose another name for the group`),
      );
    if (!role.alterable && model.logins.some(({ groups }) => groups.includes(name)))
      findings.push(
        fault(
          'existing',
          `group ${name} was not made by ${live.admin}, which may not grant it to anybody: GRANT ${quoteIdentifier(name)} TO ${quoteIdentifier(live.admin)} WITH ADMIN OPTION; as somebody who may`,
        ),
      );
    return findings;
  });
}
