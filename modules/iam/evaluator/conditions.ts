import type { PolicyStatement } from '../policy-document';
import { type ConditionOperator, conditionOperator } from './condition-operators';
import { expand } from './policy-variables';
import { type RequestContext, whyNotJudged } from './request-context';
import { every, NO, not, some, unknown, type Verdict, verdict, YES } from './verdict';
import type { Pattern } from './wildcard';

/**
 * Whether all conditions of a statement hold: operators and keys are joined by AND, the values of one key by OR
 * (of a negated operator by NOR).
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-logic-multiple-context-keys-or-values.html
 * @param variables whether the document's Version has policy variables
 */
export function judgeConditions(
  condition: PolicyStatement['Condition'],
  variables: boolean,
  context: RequestContext,
): Verdict {
  return every(
    Object.entries(condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) =>
        judgeCondition(operator, key, [values].flat(), variables, context),
      ),
    ),
  );
}

function judgeCondition(
  operatorName: string,
  keyName: string,
  wanted: readonly string[],
  variables: boolean,
  context: RequestContext,
): Verdict {
  const key = context.keyOf(keyName);
  if (!key) return unknown(whyNotJudged(keyName, context.action));
  const [, set, name = '', ifExists] =
    /^(?:(ForAllValues|ForAnyValue):)?(.*?)(IfExists)?$/.exec(operatorName) ?? [];
  const operator = conditionOperator(name);
  if (!operator && operatorName !== 'Null')
    return unknown(`the condition operator ${operatorName} is not known here`);
  if (operator && !key.worksWith.includes(operator.family))
    return unknown(`the condition key ${key.name} is not documented to work with ${operatorName}`);
  const given = context.valuesOf(key);
  if ('unknown' in given) return unknown(given.unknown);
  if (!operator) return isNull(given.values.length === 0, wanted);
  if (given.values.length === 0) return absent(operator, set, ifExists !== undefined);
  const hasVariables = variables && (operator.family === 'String' || operator.family === 'Arn');
  const options = { variables: hasVariables, wildcards: operator.wildcards };
  const expansions = wanted.map((value) => expand(value, options, context));
  // A variable without a value may make the whole statement invalid, so another value that matches is no help.
  const fault = expansions.map(({ unclear, missing }) => unclear ?? missing).find((found) => found);
  if (fault) return unknown(fault);
  const patterns = expansions.map(({ pattern }) => pattern);
  return compareSet(operator, set, given.values, patterns);
}

/** `Null`: "true" asks that the key is absent, "false" that it is there. */
function isNull(absent: boolean, wanted: readonly string[]): Verdict {
  return some(
    wanted.map((value) =>
      value === 'true' || value === 'false'
        ? verdict(absent === (value === 'true'))
        : unknown('Null takes true or false only'),
    ),
  );
}

/** What holds of a key that is not in the request context. */
function absent(operator: ConditionOperator, set: string | undefined, ifExists: boolean): Verdict {
  if (set === 'ForAllValues') return YES;
  if (set === 'ForAnyValue')
    return ifExists ? unknown('ForAnyValue with IfExists on an absent key is not documented') : NO;
  return verdict(ifExists || operator.negated);
}

/**
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-single-vs-multi-valued-context-keys.html
 */
function compareSet(
  operator: ConditionOperator,
  set: string | undefined,
  given: readonly string[],
  patterns: readonly Pattern[],
): Verdict {
  if (set === undefined && given.length > 1)
    return unknown('a key with several values needs ForAllValues or ForAnyValue');
  const each = (values: readonly string[]) =>
    values.map((value) => {
      const matched = some(patterns.map((pattern) => operator.compare(value, pattern)));
      return operator.negated ? not(matched) : matched;
    });
  if (set === undefined) return every(each(given));
  // The manual counts an empty string as an empty set here.
  const members = given.filter((value) => value !== '');
  return set === 'ForAnyValue' ? some(each(members)) : every(each(members));
}
