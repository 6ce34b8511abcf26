import { RDS_IAM } from '../../names/postgresql';
import { code } from '../markdown';
import { isUnknown, managed, stays, text } from '../values';
import { memberships } from './memberships';
import { fault, type Rule, type RuleFinding } from './rule';

/** A login's memberships, by either way of writing them: it must not lose rds_iam, nor its last group. */
export const loginGroups: Rule<'login-leaves-rds-iam' | 'login-without-group'> = (plan) => {
  const [before, after] = [memberships(plan, 'before'), memberships(plan, 'after')];
  return managed(plan).flatMap((resource): RuleFinding<'login-leaves-rds-iam' | 'login-without-group'>[] => {
    const { address, type, change } = resource;
    const name = text(change.before, 'name');
    if (type !== 'postgresql_role' || name === undefined || !stays(resource)) return [];
    if (isUnknown(change.after_unknown, 'roles')) return [];
    const newName = text(change.after, 'name') ?? name;
    const was = before.filter(({ role }) => role === name).map(({ of }) => of);
    const granted = before
      .filter((each) => each.role === name && each.address !== address)
      .map(({ of }) => of);
    // An adopted login has what it was granted in `roles`, too: that goes with the grant.
    const is = after
      .filter(({ role }) => role === newName)
      .filter(
        (each) =>
          each.address !== address ||
          !granted.includes(each.of) ||
          after.some((other) => other.role === newName && other.of === each.of && other.address !== address),
      )
      .map(({ of }) => of);
    if (!was.includes(RDS_IAM)) return [];
    const groups = (all: readonly string[]) => all.filter((role) => !/^(rds_|pg_)/.test(role));
    return [
      ...(is.includes(RDS_IAM)
        ? []
        : [
            fault(
              'login-leaves-rds-iam',
              address,
              `login ${code(name)} would leave rds_iam: its tokens would be refused, and a password accepted`,
              'remove the login instead, or leave it in',
            ),
          ]),
      ...(groups(was).length > 0 && groups(is).length === 0
        ? [
            fault(
              'login-without-group',
              address,
              `login ${code(name)} would lose its last group, and with it everything it may do`,
              'remove the login, or give it a group',
            ),
          ]
        : []),
    ];
  });
};
