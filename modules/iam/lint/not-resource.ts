import { isEveryDatabaseUser } from './linted-resource';
import { list } from './linted-statement';
import type { Rule } from './rule';

export const notResource: Rule = {
  id: 'not-resource',
  finds: '`NotResource` that allows to connect',
  inStatement: ({ allows, connects, statement: { NotResource } }) =>
    allows && connects && NotResource && !list(NotResource).some(isEveryDatabaseUser)
      ? ['allows to connect as every login that NotResource does not name; list the ARNs in Resource']
      : [],
};
