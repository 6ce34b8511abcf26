import { REVOKE_COMMAND } from '../../names/commands';
import { code } from '../markdown';
import { attributeOf, isUnknown, managed, stays, text } from '../values';
import { fault, type Rule } from './rule';

export const loginSwitchedOff: Rule<'login-switched-off'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, type, change } = resource;
    const isOff =
      attributeOf(change.before, 'login') === true &&
      (attributeOf(change.after, 'login') !== true || isUnknown(change.after_unknown, 'login'));
    return type === 'postgresql_role' && stays(resource) && isOff
      ? [
          fault(
            'login-switched-off',
            address,
            `login ${code(text(change.after, 'name') ?? address)} could no longer log in`,
            `remove it, or run ${REVOKE_COMMAND}`,
          ),
        ]
      : [];
  });
