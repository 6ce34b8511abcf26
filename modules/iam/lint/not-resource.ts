import { isEveryDatabaseUser } from './linted-resource';
import { list } from './linted-statement';
import { type Rule, told } from './rule';

export const notResource: Rule = {
  id: 'not-resource',
  inStatement: ({ allows, connects, statement: { NotResource } }) =>
    allows && connects && NotResource && !list(NotResource).some(isEveryDatabaseUser)
      ? [told('allows to connect as every login that NotResource does not name', 'list the ARNs in Resource')]
      : [],
};
