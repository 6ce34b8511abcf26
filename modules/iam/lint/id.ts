import { type Rule, told } from './rule';

export const id: Rule = {
  id: 'id',
  inDocument: ({ Id }) =>
    Id === undefined
      ? []
      : [told('has an Id, which the IAM grammar allows only in policies of resources', 'leave it out')],
};
