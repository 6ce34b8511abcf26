import { RDS_IAM } from '../../names/postgresql';
import { code } from '../markdown';
import { acts, attributeOf, isAbsent, isChanged, isUnknown, managed, stays, text } from '../values';
import { memberships } from './memberships';
import { fault, type Rule, type RuleFinding } from './rule';

const PASSWORDS = ['password', 'password_wo', 'password_wo_version'];

/** A login that no token is needed for. */
export const loginByPassword: Rule<'login-by-password'> = (plan) => {
  const inRdsIam = memberships(plan, 'after')
    .filter(({ of }) => of === RDS_IAM)
    .map(({ role }) => role);
  return managed(plan)
    .filter((resource) => resource.type === 'postgresql_role' && acts(resource) && stays(resource))
    .flatMap((resource): RuleFinding<'login-by-password'>[] => {
      const { address, change } = resource;
      const name = text(change.after, 'name') ?? address;
      const given = PASSWORDS.filter((attribute) => {
        const value = attributeOf(change.after, attribute);
        return (
          isUnknown(change.after_unknown, attribute) ||
          (!isAbsent(value) && value !== '' && isChanged(change, attribute))
        );
      });
      const mayLogIn = attributeOf(change.after, 'login') === true;
      const isNew = attributeOf(change.before, 'login') !== true || change.importing !== undefined;
      // Without a state, what an adopted login is a member of is not known; a real plan has it.
      const isAdopted = change.importing !== undefined && isAbsent(change.before);
      return [
        ...(given.length > 0
          ? [
              fault(
                'login-by-password',
                address,
                `${code(name)} would be given a password`,
                'leave it out: logins of the environment use tokens',
                given,
              ),
            ]
          : []),
        ...(mayLogIn && isNew && !isAdopted && !inRdsIam.includes(name)
          ? [
              fault(
                'login-by-password',
                address,
                `${code(name)} could log in, and is not in rds_iam: it would log in with a password`,
                'make it a member of rds_iam',
              ),
            ]
          : []),
      ];
    });
};
