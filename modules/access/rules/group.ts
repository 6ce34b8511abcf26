import { type Finding, fault } from '../../findings/finding';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** Groups that are there before the deploy. */
export function group({ model }: CheckQuestion, live: LiveAccess): Finding<'group' | 'missing'>[] {
  return model.groups.flatMap(({ name, adopted }): Finding<'group' | 'missing'>[] => {
    const role = live.roles.find((each) => each.name === name);
    if (!role)
      return adopted
        ? [fault('missing', `group ${name}`, 'is to be adopted and does not exist', 'take adopt out')]
        : [];
    if (!role.login) return [];
    const what = adopted ? 'is a login, and a group must not be one' : 'is a login, and would lose LOGIN';
    return [fault('group', `group ${name}`, what, 'choose another name for the group')];
  });
}
