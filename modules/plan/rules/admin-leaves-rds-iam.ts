import { RDS_IAM } from '../../names/postgresql';
import { code } from '../markdown';
import { admins, masters } from './masters';
import { memberships } from './memberships';
import { fault, type Rule } from './rule';

/** A master or admin that logs in by IAM is let in by rds_iam alone, and such a master has no password to come back with. */
export const adminLeavesRdsIam: Rule<'admin-leaves-rds-iam'> = (plan) => {
  const known = admins(plan);
  const byPassword = known.filter(({ byIam }) => !byIam).map(({ name }) => name);
  const kept = [...masters(plan), ...known.map(({ name }) => name)].filter(
    (name) => !byPassword.includes(name),
  );
  const [before, after] = [memberships(plan, 'before'), memberships(plan, 'after')];
  const inRdsIam = before.filter(({ of }) => of === RDS_IAM).map(({ role }) => role);
  return before
    .filter(({ role, of }) => kept.includes(role) && (of === RDS_IAM || inRdsIam.includes(of)))
    .filter(({ role, of }) => !after.some((each) => each.role === role && each.of === of))
    .map(({ address, role, of }) =>
      fault(
        'admin-leaves-rds-iam',
        address,
        `${code(role)} would leave ${code(of)}, and ${of === RDS_IAM ? '' : 'with it '}perhaps rds_iam: if it logs in by IAM, it could not log in any more, and a master of that kind has no password`,
        'leave the membership as it is: take the resource out of the state with a removed block (destroy = false)',
      ),
    );
};
