import { code } from '../markdown';
import type { ResourceChange } from '../terraform-plan';
import { acts, attributeOf, isAbsent, isUnknown, managed, stays, text } from '../values';
import { fault, type Rule, type RuleFinding } from './rule';

const GROUPS: readonly string[] = ['aws_rds_cluster_parameter_group', 'aws_db_parameter_group'];

/** What lets a login come in without TLS. */
export const tlsOff: Rule<'tls-off'> = (plan) => {
  const groups = managed(plan).filter(({ type }) => GROUPS.includes(type));
  const names = groups.flatMap(({ change }) => text(change.after, 'name') ?? []);
  return managed(plan)
    .filter((resource) => acts(resource) && stays(resource))
    .flatMap((resource): RuleFinding<'tls-off'>[] => {
      const { address, type, change } = resource;
      if (type === 'aws_rds_cluster_parameter_group') return forced(resource);
      if (type === 'aws_db_parameter_group' && forces(change.before)) return forced(resource);
      if (type !== 'aws_rds_cluster') return [];
      const [was, is] = [
        text(change.before, 'db_cluster_parameter_group_name'),
        text(change.after, 'db_cluster_parameter_group_name'),
      ];
      const isUnset =
        is === undefined &&
        (isUnknown(change.after_unknown, 'db_cluster_parameter_group_name') || !isAbsent(change.before));
      if (
        (is === was && !isUnset) ||
        (is !== undefined && names.includes(is)) ||
        (isUnset && was === undefined)
      )
        return [];
      return [
        fault(
          'tls-off',
          address,
          `takes its parameters from ${is === undefined ? 'a group that is not known yet' : code(is)}, which this plan does not hold: whether it forces TLS cannot be seen`,
          'use the group of the stack',
        ),
      ];
    });
};

function forced({ address, change }: ResourceChange): RuleFinding<'tls-off'>[] {
  if (forces(change.after) && !isUnknown(change.after_unknown, 'parameter')) return [];
  // What was off before is nothing that this plan does.
  if (!isAbsent(change.before) && !forces(change.before)) return [];
  return [
    fault(
      'tls-off',
      address,
      'does not force TLS: roles with a password could connect without it',
      'set rds.force_ssl = 1',
    ),
  ];
}

function forces(group: unknown): boolean {
  const parameters = attributeOf(group, 'parameter');
  const ssl = (Array.isArray(parameters) ? parameters : []).filter(
    (parameter) => text(parameter, 'name') === 'rds.force_ssl',
  );
  return ssl.length > 0 && ssl.every((parameter) => text(parameter, 'value') === '1');
}
