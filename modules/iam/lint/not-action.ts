import { type Rule, told } from './rule';

export const notAction: Rule = {
  id: 'not-action',
  inStatement: ({ allows, connects, statement }) =>
    allows && connects && statement.NotAction
      ? [
          told(
            'allows rds-db:connect through NotAction, together with everything else that it does not name',
            'write Action: rds-db:connect',
          ),
        ]
      : [],
};
