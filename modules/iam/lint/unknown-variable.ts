import { OWN_NAME } from '../../names/arn';
import { conditionKey } from '../evaluator/request-context';
import { namesDatabaseUsers, variablesIn } from './linted-resource';
import type { Rule } from './rule';

export const unknownVariable: Rule = {
  id: 'unknown-variable',
  finds: 'a policy variable whose value at a login is not known',
  inStatement: ({ linted, variables }) =>
    linted
      .filter((resource) => variables && namesDatabaseUsers(resource))
      .flatMap(({ text }) => variablesIn(text))
      .filter((variable) => {
        // Without a default: `${key, 'default'}`.
        const key = variable.slice(2, -1).split(',')[0] ?? '';
        return !['*', '?', '$'].includes(key) && !conditionKey(key);
      })
      .map(
        (variable) =>
          `what ${variable} holds at a login is not known; name the logins, or for IAM users write ${OWN_NAME}`,
      ),
};
