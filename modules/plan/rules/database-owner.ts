import { code } from '../markdown';
import { acts, isChanged, managed, stays, text } from '../values';
import { databaseRoles } from './memberships';
import { fault, type Rule } from './rule';

/** The provider grants the owner of a database to the admin, and leaves it so: an owner in rds_iam locks the admin out. */
export const databaseOwner: Rule<'database-owner'> = (plan) => {
  const groups = databaseRoles(plan)
    .filter(({ isLogin }) => !isLogin)
    .map(({ name }) => name);
  return managed(plan).flatMap((resource) => {
    const { address, type, change } = resource;
    if (type !== 'postgresql_database' || !acts(resource) || !stays(resource) || !isChanged(change, 'owner'))
      return [];
    const owner = text(change.after, 'owner');
    if (
      owner === undefined
        ? change.before === null && change.after_unknown === undefined
        : groups.includes(owner)
    )
      return [];
    return [
      fault(
        'database-owner',
        address,
        `would belong to ${owner === undefined ? 'a role that is known only after the apply' : code(owner)}: if that is in rds_iam, directly or through other roles, an admin with a password can no longer log in`,
        'let a group of this plan own it',
      ),
    ];
  });
};
