import { RDS_IAM } from '../../names/postgresql';
import { code } from '../markdown';
import { masters } from './masters';
import { addedMemberships, databaseRoles, memberships } from './memberships';
import { fault, type Rule } from './rule';

/**
 * Whoever comes into rds_iam, by whatever way, can no longer log in by password: a master that has one, and each member of a
 * group, too. Only logins of the plan belong there. A master without a password is there already, and what Terraform gives it,
 * Terraform takes away again.
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
        admins.includes(role) && of === RDS_IAM
          ? `the master ${code(role)} would come into rds_iam: its password would be refused, and if it has none, it would be locked out when this resource goes`
          : `${code(role)} would come into rds_iam${of === RDS_IAM ? '' : ` by ${code(of)}`}, and its password and those of its members would be refused`,
        'put only logins of the environment there',
      ),
    ];
  });
};
