import { acts, attributeOf, isUnknown, managed, stays } from '../values';
import { fault, type Rule } from './rule';

/** A function that runs with the rights of its owner, whoever calls it. */
export const securityDefiner: Rule<'security-definer'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, type, change } = resource;
    const isDefiner =
      attributeOf(change.after, 'security_definer') === true ||
      isUnknown(change.after_unknown, 'security_definer');
    return type === 'postgresql_function' && acts(resource) && stays(resource) && isDefiner
      ? [
          fault(
            'security-definer',
            address,
            'runs with the rights of its owner, whoever calls it (SECURITY DEFINER), and PUBLIC may call it',
            'look at its body',
            change.after,
          ),
        ]
      : [];
  });
