import { listOf } from '../../names/text';
import { isEveryDatabaseUser } from './linted-resource';
import { type Rule, told } from './rule';

export const notResource: Rule = {
  id: 'not-resource',
  inStatement: ({ allows, connects, statement: { NotResource } }) =>
    allows && connects && NotResource && !listOf(NotResource).some(isEveryDatabaseUser)
      ? [
          told(
            'allows connections as every login that NotResource does not name',
            'list the ARNs in Resource',
          ),
        ]
      : [],
};
