import { type Rule, told } from './rule';

export const emptyCondition: Rule = {
  id: 'empty-condition',
  inStatement: ({ connects, statement: { Condition } }) =>
    connects && Condition && Object.keys(Condition).length === 0
      ? [told('has a Condition without any operator, and what that means is not documented', 'leave it out')]
      : [],
};
