import { PREDEFINED_ROLES } from '../../environment/access';
import { RDS_IAM } from '../../names/postgresql';
import { code } from '../markdown';
import { addedMemberships, databaseRoles, RESERVED_ROLE } from './memberships';
import { fault, type Rule } from './rule';

/** A membership in a role that is neither a group of the plan nor one of PostgreSQL's that an environment can name. */
export const foreignMembership: Rule<'foreign-membership'> = (plan, isAllowed) => {
  const roles = databaseRoles(plan);
  const known = [
    ...PREDEFINED_ROLES,
    RDS_IAM,
    ...roles.filter(({ isLogin, name }) => !isLogin && !RESERVED_ROLE.test(name)).map(({ name }) => name),
  ];
  return addedMemberships(plan)
    .filter(({ address, of }) => !known.includes(of) && !isAllowed(address))
    .map(({ address, role, of }) => {
      const would = `${code(role)} would become a member of`;
      return roles.some(({ isLogin, name }) => isLogin && name === of)
        ? fault(
            'foreign-membership',
            address,
            `${would} the login ${code(of)}, and have everything that it has`,
            'grant groups only',
          )
        : fault(
            'foreign-membership',
            address,
            `${would} ${code(of)}, which is not a group of this plan: what it may do cannot be seen`,
            'grant groups of the environment, or roles that predefined() takes',
          );
    });
};
