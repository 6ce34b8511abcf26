import { attributeOf, managed, stays } from '../values';
import { fault, type Rule } from './rule';

export const publicAccess: Rule<'public-access'> = (plan) =>
  managed(plan).flatMap((resource) => {
    const { address, type, change } = resource;
    const isNew =
      attributeOf(change.after, 'publicly_accessible') === true &&
      attributeOf(change.before, 'publicly_accessible') !== true;
    return isNew && stays(resource) && /^aws_(rds|db)_/.test(type)
      ? [
          fault(
            'public-access',
            address,
            'gets an address on the internet (publicly_accessible)',
            'leave it out, and reach the database from within the VPC',
          ),
        ]
      : [];
  });
