import { CONNECT, coversAction } from '../actions';
import { lowerCase } from '../evaluator/wildcard';
import { quoted, type Rule } from './rule';

export const noSuchAction: Rule = {
  id: 'no-such-action',
  finds: 'an action of `rds-db` that does not exist',
  inStatement: ({ allows, actions }) =>
    actions
      .map(lowerCase)
      .flatMap((action, index) =>
        action.startsWith('rds-db:') && !coversAction(action, CONNECT)
          ? [
              `${quoted(actions[index] ?? '')} is no action, so it ${allows ? 'grants' : 'denies'} nothing; write rds-db:connect`,
            ]
          : [],
      ),
};
