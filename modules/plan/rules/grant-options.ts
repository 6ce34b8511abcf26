import { code } from '../markdown';
import { attributeOf, isUnknown, managed, stays, text } from '../values';
import { fault, type Rule, type RuleFinding } from './rule';

/** The right to give others what one was given. */
export const grantOptions: Rule<'admin-option' | 'grant-option'> = (plan) =>
  managed(plan).flatMap((resource): RuleFinding<'admin-option' | 'grant-option'>[] => {
    const { address, type, change } = resource;
    const isNew = (attribute: string) =>
      type.startsWith('postgresql_') &&
      stays(resource) &&
      attributeOf(change.before, attribute) !== true &&
      (attributeOf(change.after, attribute) === true || isUnknown(change.after_unknown, attribute));
    const who = code(text(change.after, 'role') ?? address);
    return [
      ...(isNew('with_admin_option')
        ? [
            fault(
              'admin-option',
              address,
              `${who} could make anybody a member of ${code(text(change.after, 'grant_role') ?? '?')}`,
              'leave with_admin_option out',
            ),
          ]
        : []),
      ...(isNew('with_grant_option')
        ? [
            fault(
              'grant-option',
              address,
              `${who} could give others its privileges`,
              'leave with_grant_option out',
              change.after,
            ),
          ]
        : []),
    ];
  });
