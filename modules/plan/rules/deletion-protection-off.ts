import { attributeOf, isUnknown, managed, stays } from '../values';
import { fault, type Rule } from './rule';

export const deletionProtectionOff: Rule<'deletion-protection-off'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, change } = resource;
    const isOn =
      attributeOf(change.after, 'deletion_protection') === true &&
      !isUnknown(change.after_unknown, 'deletion_protection');
    return stays(resource) && attributeOf(change.before, 'deletion_protection') === true && !isOn
      ? [
          fault(
            'deletion-protection-off',
            address,
            'may be destroyed from then on',
            'leave deletion_protection = true, or accept this if it is to go',
          ),
        ]
      : [];
  });
