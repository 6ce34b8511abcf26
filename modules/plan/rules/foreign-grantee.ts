import { code } from '../markdown';
import { acts, managed, stays, text } from '../values';
import { databaseRoles } from './memberships';
import { fault, type Rule } from './rule';

/** Privileges are given to groups of the environment, and to nobody else: logins have them through a group. */
export const foreignGrantee: Rule<'foreign-grantee'> = (plan, isAllowed) => {
  const groups = new Set(
    databaseRoles(plan)
      .filter(({ isLogin }) => !isLogin)
      .map(({ name }) => name),
  );
  return managed(plan).flatMap((resource) => {
    const { address, type, change } = resource;
    if (!['postgresql_grant', 'postgresql_default_privileges'].includes(type)) return [];
    const role = text(change.after, 'role');
    if (!acts(resource) || !stays(resource) || role === undefined || isAllowed(address)) return [];
    return groups.has(role) || role.toLowerCase() === 'public'
      ? []
      : [
          fault(
            'foreign-grantee',
            address,
            `gives privileges to ${code(role)}, which is not a group of this plan`,
            'grant them to a group, and make logins members of it',
            change.after,
          ),
        ];
  });
};
