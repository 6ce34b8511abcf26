import type { Rule } from './rule';

export const notAction: Rule = {
  id: 'not-action',
  finds: '`NotAction` that allows to connect',
  inStatement: ({ allows, connects, statement }) =>
    allows && connects && statement.NotAction
      ? [
          'allows rds-db:connect by NotAction, with everything else that it does not name; write Action: rds-db:connect',
        ]
      : [],
};
