import { lowerCase, matches, wildcardPattern } from '../evaluator/wildcard';
import { quoted, type Rule } from './rule';

export const anyAction: Rule = {
  id: 'any-action',
  finds: 'a wildcard in an action of `rds-db` that is allowed',
  inStatement: ({ allows, actions }) =>
    actions.flatMap((action) => {
      const name = lowerCase(action);
      const wide = name.startsWith('rds-db:') && name !== 'rds-db:connect';
      return allows && wide && matches(wildcardPattern(name), 'rds-db:connect')
        ? [
            `${quoted(action)} also allows what rds-db may have later, and needs only one action; write rds-db:connect`,
          ]
        : [];
    }),
};
