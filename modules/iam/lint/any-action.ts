import { CONNECT, coversAction } from '../actions';
import { lowerCase } from '../evaluator/wildcard';
import { quoted, type Rule } from './rule';

export const anyAction: Rule = {
  id: 'any-action',
  finds: 'a wildcard in an action of `rds-db` that is allowed',
  inStatement: ({ allows, actions }) =>
    actions.flatMap((action) => {
      const name = lowerCase(action);
      const wide = name.startsWith('rds-db:') && name !== CONNECT;
      return allows && wide && coversAction(name, CONNECT)
        ? [
            `${quoted(action)} also allows what rds-db may have later, and needs only one action; write rds-db:connect`,
          ]
        : [];
    }),
};
