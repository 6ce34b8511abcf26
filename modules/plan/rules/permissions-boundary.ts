import { code } from '../markdown';
import { isAbsent, isChanged, managed, stays, text } from '../values';
import { fault, type Rule } from './rule';

/** A boundary limits what all policies of an identity can give. */
export const permissionsBoundary: Rule<'permissions-boundary'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, change } = resource;
    const was = text(change.before, 'permissions_boundary');
    if (isAbsent(change.before) || was === undefined || was === '') return [];
    if (!stays(resource) || !isChanged(change, 'permissions_boundary')) return [];
    const is = text(change.after, 'permissions_boundary');
    return [
      fault(
        'permissions-boundary',
        address,
        `loses the permissions boundary ${code(was)}${is ? ` for ${code(is)}` : ''}`,
        'leave it',
      ),
    ];
  });
