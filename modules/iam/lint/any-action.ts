import { lowerCase, matches, wildcardPattern } from '../evaluator/wildcard';
import { quoted, type Rule, told } from './rule';

export const anyAction: Rule = {
  id: 'any-action',
  inStatement: ({ allows, actions }) =>
    actions.flatMap((action) => {
      const name = lowerCase(action);
      const wide = name.startsWith('rds-db:') && name !== 'rds-db:connect';
      return allows && wide && matches(wildcardPattern(name), 'rds-db:connect')
        ? [
            told(
              `${quoted(action)} also allows whatever actions rds-db gets later, and one is enough`,
              'write rds-db:connect',
            ),
          ]
        : [];
    }),
};
