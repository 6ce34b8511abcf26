import { conditionKey } from '../evaluator/request-context';
import { lowerCase } from '../evaluator/wildcard';
import { lintedResource } from './linted-resource';
import { quoted, type Rule, told } from './rule';
import { conditionKeys, unsupportedKey } from './unsupported-condition';

export const unknownCondition: Rule = {
  id: 'unknown-condition',
  inStatement: ({ connects, actions, resources, statement }) => {
    // A statement about everything has its keys for other actions.
    const aboutLogins =
      actions.some((action) => lowerCase(action).startsWith('rds-db:')) ||
      resources.some((resource) => lintedResource(resource).isDatabaseUser);
    if (!connects || !aboutLogins) return [];
    return conditionKeys(statement)
      .filter((key) => unsupportedKey(key) === undefined && !conditionKey(key))
      .map((key) =>
        told(
          `what the condition key ${quoted(key)} does for rds-db:connect is not known`,
          'do not rely on it',
        ),
      );
  },
};
