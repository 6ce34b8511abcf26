import { type Rule, told } from './rule';

export const id: Rule = {
  id: 'id',
  inDocument: ({ Id }) =>
    Id === undefined
      ? []
      : [told('has an Id, which the IAM grammar allows in policies of resources only', 'leave it out')],
};
