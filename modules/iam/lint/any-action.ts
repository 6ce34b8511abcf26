import { CONNECT, coversAction } from '../actions';
import { lowerCase } from '../evaluator/wildcard';
import { quoted, type Rule, told } from './rule';

export const anyAction: Rule = {
  id: 'any-action',
  inStatement: ({ allows, actions }) =>
    actions.flatMap((action) => {
      const name = lowerCase(action);
      const wide = name.startsWith('rds-db:') && name !== CONNECT;
      return allows && wide && coversAction(name, CONNECT)
        ? [
            told(
              `${quoted(action)} also allows whatever actions rds-db gets later, and one is enough`,
              'write rds-db:connect',
            ),
          ]
        : [];
    }),
};
