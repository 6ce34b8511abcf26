import type { Rule } from './rule';

export const emptyCondition: Rule = {
  id: 'empty-condition',
  finds: 'a `Condition` without any operator',
  inStatement: ({ connects, statement: { Condition } }) =>
    connects && Condition && Object.keys(Condition).length === 0
      ? ['has a Condition without any operator, and what that means is not documented; leave it out']
      : [],
};
