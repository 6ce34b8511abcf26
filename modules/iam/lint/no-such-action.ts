import { CONNECT, coversAction } from '../actions';
import { lowerCase } from '../evaluator/wildcard';
import { quoted, type Rule, told } from './rule';

export const noSuchAction: Rule = {
  id: 'no-such-action',
  inStatement: ({ allows, actions }) =>
    actions
      .map(lowerCase)
      .flatMap((action, index) =>
        action.startsWith('rds-db:') && !coversAction(action, CONNECT)
          ? [
              told(
                `${quoted(actions[index] ?? '')} is not an action, so it ${allows ? 'grants' : 'denies'} nothing`,
                'write rds-db:connect',
              ),
            ]
          : [],
      ),
};
