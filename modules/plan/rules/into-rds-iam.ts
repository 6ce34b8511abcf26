import { RDS_IAM } from '../../names/postgresql';
import { code } from '../markdown';
import { masters } from './masters';
import { addedMemberships, databaseRoles, memberships } from './memberships';
import { fault, type Rule } from './rule';

/**
 * Whoever comes into rds_iam, by whatever way, can no longer log in by password: the master, and each member of a
 * group, too. Only logins of the plan belong there.
 */
export const intoRdsIam: Rule<'into-rds-iam'> = (plan) => {
  const roles = databaseRoles(plan);
  const admins = masters(plan);
  const logins = roles
    .filter(({ name, isLogin }) => isLogin && !admins.includes(name))
    .map(({ name }) => name);
  const inRdsIam = memberships(plan, 'after')
    .filter(({ of }) => of === RDS_IAM)
    .map(({ role }) => role);
  return addedMemberships(plan).flatMap(({ address, role, of }) => {
    if (of === RDS_IAM ? logins.includes(role) : !inRdsIam.includes(of)) return [];
    return [
      fault(
        'into-rds-iam',
        address,
        `${code(role)} would come into rds_iam${of === RDS_IAM ? '' : ` by ${code(of)}`}, and its password and those of its members would be refused`,
        'put only logins of the environment there',
      ),
    ];
  });
};
