import type { OperatorFamily } from './request-context';
import { unknown, type Verdict, verdict } from './verdict';
import { lowerCase, matches, matchesArnComponents, type Pattern } from './wildcard';

/**
 * A condition operator, without its ForAnyValue:/ForAllValues: prefix and its IfExists suffix.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_condition_operators.html
 */
export interface ConditionOperator {
  readonly family: OperatorFamily;
  /** `compare` answers the positive question; a negated operator holds where no value of the policy answers it. */
  readonly negated: boolean;
  /** Whether `*` and `?` in the policy's value are wildcards. */
  readonly wildcards: boolean;
  /** @param wanted the policy's value; its variables are replaced in the String and Arn families, which alone have them */
  readonly compare: (given: string, wanted: Pattern) => Verdict;
}

type Order = (given: number, wanted: number) => boolean;

const ORDERS: Readonly<Record<string, Order>> = {
  Equals: (given, wanted) => given === wanted,
  LessThan: (given, wanted) => given < wanted,
  LessThanEquals: (given, wanted) => given <= wanted,
  GreaterThan: (given, wanted) => given > wanted,
  GreaterThanEquals: (given, wanted) => given >= wanted,
};

const OPERATORS = new Map<string, ConditionOperator>([
  ...pair(
    'StringEquals',
    'StringNotEquals',
    string((given, wanted) => matches(wanted, given)),
  ),
  ...pair(
    'StringEqualsIgnoreCase',
    'StringNotEqualsIgnoreCase',
    string((given, wanted) => lowerCase(given) === lowerCase(wanted.join(''))),
  ),
  ...pair('StringLike', 'StringNotLike', {
    ...string((given, wanted) => matches(wanted, given)),
    wildcards: true,
  }),
  // The manual: ArnEquals and ArnLike behave identically.
  ...['Equals', 'Like'].flatMap((name) =>
    pair(`Arn${name}`, `ArnNot${name}`, {
      family: 'Arn' as const,
      wildcards: true,
      compare: (given, wanted) => matchesArnComponents(wanted, given),
    }),
  ),
  ...ordered('Numeric', (text) => (/^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined)),
  ...ordered('Date', secondsSinceEpoch),
]);

/** Names as documented, case included. `undefined`: not an operator that can be judged. Bool, IpAddress and
 *  BinaryEquals are not: no key that can be judged works with them. */
export function conditionOperator(name: string): ConditionOperator | undefined {
  return OPERATORS.get(name);
}

type Positive = Omit<ConditionOperator, 'negated'>;

function pair(positive: string, negative: string, operator: Positive): [string, ConditionOperator][] {
  return [
    [positive, { ...operator, negated: false }],
    [negative, { ...operator, negated: true }],
  ];
}

function string(holds: (given: string, wanted: Pattern) => boolean): Positive {
  return {
    family: 'String',
    wildcards: false,
    compare: (given, wanted) => verdict(holds(given, wanted)),
  };
}

function ordered(
  family: 'Numeric' | 'Date',
  read: (text: string) => number | undefined,
): [string, ConditionOperator][] {
  const operator = (order: Order, negated: boolean): ConditionOperator => ({
    family,
    negated,
    wildcards: false,
    compare: (given, wanted) => {
      const [left, right] = [read(given), read(wanted.join(''))];
      if (left === undefined || right === undefined)
        return unknown(`${left === undefined ? given : wanted.join('')} is not a ${family} value`);
      return verdict(order(left, right));
    },
  });
  return [
    ...Object.entries(ORDERS).map(([name, order]): [string, ConditionOperator] => [
      family + name,
      operator(order, false),
    ]),
    [`${family}NotEquals`, operator((given, wanted) => given === wanted, true)],
  ];
}

const DATE = /^(\d{4})-(\d\d)(?:-(\d\d)(?:T(\d\d):(\d\d)(?::(\d\d)(\.\d+)?)?(?:Z|([+-])(\d\d):(\d\d)))?)?$/;

/**
 * A date of https://www.w3.org/TR/NOTE-datetime (without a time: its beginning in UTC), or seconds since 1970.
 * Four digits alone could be either, so they are neither.
 */
function secondsSinceEpoch(text: string): number | undefined {
  if (/^(\d{1,3}|\d{5,10})$/.test(text)) return Number(text);
  const parts = DATE.exec(text);
  if (!parts) return undefined;
  const part = (index: number, otherwise = 0) => Number(parts[index] ?? otherwise);
  const [month, day] = [part(2), part(3, 1)];
  const date = new Date(Date.UTC(part(1), month - 1, day));
  // Date.UTC makes 2 March of 30 February.
  if (date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return undefined;
  if (part(4) > 23 || part(5) > 59 || part(6) > 59 || part(9) > 23 || part(10) > 59) return undefined;
  const offset = (parts[8] === '-' ? -1 : 1) * (part(9) * 3600 + part(10) * 60);
  return date.getTime() / 1000 + part(4) * 3600 + part(5) * 60 + part(6) + part(7) - offset;
}
