import { UNSUPPORTED_AT_LOGIN } from '../evaluator/request-context';
import { lowerCase } from '../evaluator/wildcard';
import type { PolicyStatement } from '../policy-document';
import { type Rule, told } from './rule';

export const unsupportedCondition: Rule = {
  id: 'unsupported-condition',
  inStatement: ({ connects, statement }) =>
    connects
      ? conditionKeys(statement).flatMap((key) => {
          const unsupported = unsupportedKey(key);
          return unsupported === undefined
            ? []
            : [
                told(
                  `the condition key ${unsupported} is not supported for rds-db:connect`,
                  'leave it out for this action, and limit the network by security groups',
                ),
              ];
        })
      : [],
};

export function conditionKeys({ Condition }: PolicyStatement): readonly string[] {
  return Object.values(Condition ?? {}).flatMap((keys) => Object.keys(keys));
}

/** As AWS spells it. */
export function unsupportedKey(key: string): string | undefined {
  return UNSUPPORTED_AT_LOGIN.find((each) => lowerCase(each) === lowerCase(key));
}
