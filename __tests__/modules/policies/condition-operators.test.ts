import { conditionOperator } from '../../../modules/policies/condition-operators';
import { wildcardPattern } from '../../../modules/policies/wildcard';

/** No key that can be judged at a login works with these families, so they are asked directly. */
function compare(operator: string, given: string, wanted: string): string | undefined {
  return conditionOperator(operator)?.compare(given, wildcardPattern(wanted)).is;
}

describe('IpAddress', () => {
  test.each([
    ['10.1.2.3', '10.0.0.0/8', 'yes'],
    ['11.1.2.3', '10.0.0.0/8', 'no'],
    ['203.0.113.7', '203.0.113.7', 'yes'],
    ['203.0.113.8', '203.0.113.7', 'no'],
    ['203.0.113.8', '0.0.0.0/0', 'yes'],
    ['2001:db8:1234:5678::1', '2001:DB8:1234:5678::/64', 'yes'],
    ['2001:db8:1234:5679::1', '2001:DB8:1234:5678::/64', 'no'],
    ['10.1.2.3', '::/0', 'no'],
    ['10.1.2.3', '10.0.0.0/33', 'unknown'],
    ['10.1.2.3', '10.0.0.0/8/8', 'unknown'],
    ['10.1.2.3', 'everywhere', 'unknown'],
    ['2001:db8::1', '2001:db8::1', 'unknown'],
    ['nowhere', '10.0.0.0/8', 'unknown'],
  ])('of %s in %s: %s', (given, range, answer) => expect(compare('IpAddress', given, range)).toBe(answer));
  test('is negated by NotIpAddress', () => expect(conditionOperator('NotIpAddress')?.negated).toBe(true));
});

describe('Bool', () => {
  test.each([
    ['true', 'true', 'yes'],
    ['false', 'false', 'yes'],
    ['true', 'false', 'no'],
    ['true', 'yes', 'unknown'],
    ['1', 'true', 'unknown'],
  ])('of %s and %s: %s', (given, wanted, answer) => expect(compare('Bool', given, wanted)).toBe(answer));
});

describe('an operator', () => {
  test.each(['stringEquals', 'BinaryEquals', 'Null', 'StringEqualsIfExists', 'ForAnyValue:StringEquals', ''])(
    'called %j is not one',
    (name) => expect(conditionOperator(name)).toBeUndefined(),
  );
});
