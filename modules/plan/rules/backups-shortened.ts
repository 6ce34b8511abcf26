import { attributeOf, isUnknown, managed, stays } from '../values';
import { fault, type Rule } from './rule';

export const backupsShortened: Rule<'backups-shortened'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, change } = resource;
    const [was, is] = [
      attributeOf(change.before, 'backup_retention_period'),
      attributeOf(change.after, 'backup_retention_period'),
    ];
    if (!stays(resource) || typeof was !== 'number') return [];
    const isUntold = typeof is !== 'number';
    if (isUntold && !isUnknown(change.after_unknown, 'backup_retention_period')) return [];
    return isUntold || is < was
      ? [
          fault(
            'backups-shortened',
            address,
            `keeps its backups for ${isUntold ? 'a time that is known only after the apply' : `${is} days`} instead of ${was}: older ones are deleted`,
            'leave backup_retention_period',
          ),
        ]
      : [];
  });
