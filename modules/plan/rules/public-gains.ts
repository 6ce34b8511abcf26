import { code } from '../markdown';
import { acts, attributeOf, isUnknown, managed, stays, text, textSet } from '../values';
import { isLockDown } from '../words/postgresql-grant';
import { fault, type Rule } from './rule';

/** PUBLIC is every role of the server: the stacks only take from it. */
export const publicGains: Rule<'public-gains'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, type, change } = resource;
    if (!['postgresql_grant', 'postgresql_default_privileges'].includes(type)) return [];
    if (!acts(resource) || !stays(resource) || text(change.after, 'role')?.toLowerCase() !== 'public')
      return [];
    if (isLockDown(change.after) && !isUnknown(change.after_unknown, 'privileges')) return [];
    const [was, is] = [
      textSet(attributeOf(change.before, 'privileges')) ?? [],
      textSet(attributeOf(change.after, 'privileges')),
    ];
    const more = is?.filter((privilege) => !was.includes(privilege));
    if (more?.length === 0 && !change.actions.includes('create')) return [];
    return [
      fault(
        'public-gains',
        address,
        `everybody (PUBLIC) would have ${more?.map(code).join(', ') || 'privileges that are not known'}`,
        'grant it to a group',
        change.after,
      ),
    ];
  });
