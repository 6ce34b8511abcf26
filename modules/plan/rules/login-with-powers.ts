import { code } from '../markdown';
import { attributeOf, isUnknown, managed, stays, text } from '../values';
import { POWERS } from '../words/postgresql-role';
import { isTakenOverGroup } from './memberships';
import { fault, type Rule } from './rule';

/** Logins and groups of an environment have privileges, and no powers over the server. */
export const loginWithPowers: Rule<'login-with-powers'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, type, change } = resource;
    if (type !== 'postgresql_role' || !stays(resource)) return [];
    return Object.entries(POWERS)
      .filter(
        ([attribute]) =>
          (attributeOf(change.before, attribute) !== true || isTakenOverGroup(resource)) &&
          (attributeOf(change.after, attribute) === true || isUnknown(change.after_unknown, attribute)),
      )
      .map(([, power]) =>
        fault(
          'login-with-powers',
          address,
          `${code(text(change.after, 'name') ?? address)} would be given ${power}`,
          'leave it out: this stack does not make administrators',
        ),
      );
  });
