import { acts, attributeOf, isAbsent, isChanged, managed, stays } from '../values';
import { CLUSTER_TYPES } from './cluster-destroyed';
import { fault, type Rule } from './rule';

const PASSWORDS = [
  'master_password',
  'master_password_wo',
  'master_password_wo_version',
  'password',
  'password_wo',
  'password_wo_version',
];

/** RDS keeps the master's password where the stacks make a cluster, and nobody else knows it. */
export const masterPassword: Rule<'master-password'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, type, change } = resource;
    if (!CLUSTER_TYPES.includes(type) || !acts(resource) || !stays(resource)) return [];
    const given = PASSWORDS.filter(
      (name) => !isAbsent(attributeOf(change.after, name)) && isChanged(change, name),
    );
    const isNoLongerManaged =
      attributeOf(change.before, 'manage_master_user_password') === true &&
      attributeOf(change.after, 'manage_master_user_password') !== true;
    return given.length === 0 && !isNoLongerManaged
      ? []
      : [
          fault(
            'master-password',
            address,
            'gives the master a password other than the one that RDS manages',
            'leave manage_master_user_password = true and write none',
            [given, isNoLongerManaged],
          ),
        ];
  });
