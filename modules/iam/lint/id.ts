import type { Rule } from './rule';

export const id: Rule = {
  id: 'id',
  finds: 'an `Id`, which only policies of resources have',
  inDocument: ({ Id }) =>
    Id === undefined
      ? []
      : ['has an Id, which the IAM grammar allows in policies of resources only; leave it out'],
};
