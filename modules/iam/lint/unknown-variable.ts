import { OWN_NAME, OWN_SAML_NAME } from '../../names/arn';
import { conditionKey } from '../evaluator/request-context';
import { namesDatabaseUsers, variablesIn } from './linted-resource';
import { type Rule, told } from './rule';

export const unknownVariable: Rule = {
  id: 'unknown-variable',
  inStatement: ({ linted, variables }) =>
    linted
      .filter((resource) => variables && namesDatabaseUsers(resource))
      .flatMap(({ text }) => variablesIn(text))
      .filter((variable) => {
        // Without a default: `${key, 'default'}`.
        const key = variable.slice(2, -1).split(',')[0] ?? '';
        return !['*', '?', '$'].includes(key) && !conditionKey(key);
      })
      .map((variable) =>
        told(
          `what ${variable} holds at a login is not known`,
          `name the logins, or write ${OWN_NAME} for IAM users, ${OWN_SAML_NAME} for people who come by SAML`,
        ),
      ),
};
