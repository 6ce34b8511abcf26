import fc from 'fast-check';
import { loginNameFault, nameFault, roleNameFault } from '../../../modules/names/postgresql';
import { address, terraformText } from '../../../modules/names/terraform';

describe('names of logins', () => {
  test.each(['orders_api', 'jane.doe@example.com', '_x', 'a-b', 'x'.repeat(63)])('%s is taken', (name) => {
    expect(loginNameFault(name, 'postgres', false)).toBeUndefined();
  });

  test.each([
    ['', 'is empty'],
    ['1st', 'is not a login name'],
    ['a b', 'is not a login name'],
    ['*', 'is not a login name'],
    ['ap?', 'is not a login name'],
    ['${aws:username}', 'is not a login name'],
    ['%{x}', 'is not a login name'],
    ["o'brien", 'is not a login name'],
    ['zoë', 'is not a login name'],
    ['x'.repeat(64), '64 bytes'],
    ['pg_reader', 'reserves'],
    ['rds_reader', 'reserved by RDS'],
    ['rdsadmin', 'reserved by RDS'],
    ['public', 'keyword'],
    ['none', 'keyword'],
    ['postgres', "cluster's master"],
    ['a\0b', 'NUL'],
  ])('%j is refused: %s', (name, reason) => {
    expect(loginNameFault(name, 'postgres', false)).toContain(reason);
  });

  test('a capital letter is taken only on purpose', () => {
    expect(loginNameFault('Jane.Doe', 'postgres', false)).toContain(
      'write jane.doe, or say caseSensitive: true',
    );
    expect(loginNameFault('Jane.Doe', 'postgres', true)).toBeUndefined();
  });
});

describe('names of groups, schemas and databases', () => {
  test.each(['a b', "o'brien", '${x}', '%{x}', 'Größe', 'a"b', '日本'])('%s is taken', (name) => {
    expect(roleNameFault(name, 'postgres')).toBeUndefined();
  });

  test('bytes are counted, not characters', () => {
    expect(nameFault('ö'.repeat(31))).toBeUndefined();
    expect(nameFault('ö'.repeat(32))).toContain('64 bytes');
  });

  test('a lone surrogate is refused, because no server could be sent it', () => {
    expect(nameFault('a\ud800')).toContain('surrogate');
  });
});

describe('addresses', () => {
  test('plain names stay readable', () => {
    expect(address('table-grant', 'orders_read', 'orders', 'public')).toBe(
      'table-grant-orders_read-orders-public',
    );
  });

  test.each([
    [['a b'], ['ab']],
    [['Jane.Doe'], ['JaneDoe']],
    [["o'brien"], ['obrien']],
    [['a.b'], ['a-b']],
    [
      ['a_b', 'c'],
      ['a', 'b_c'],
    ],
    [['é'], ['è']],
  ])('%j and %j differ', (one, other) => {
    expect(address('grant', ...one)).not.toBe(address('grant', ...other));
  });

  test('are different for different names, and Terraform takes each of them', () => {
    const names = fc.array(
      fc.oneof(fc.string({ unit: 'binary', maxLength: 12 }), fc.stringMatching(/^[a-c_.-]{1,4}$/)),
      { minLength: 2, maxLength: 2 },
    );
    fc.assert(
      fc.property(names, names, (one, other) => {
        const first = address('grant', ...one);
        expect(first).toMatch(/^[a-z][A-Za-z0-9_-]*$/);
        expect(first === address('grant', ...other)).toBe(JSON.stringify(one) === JSON.stringify(other));
      }),
    );
  });
});

test.each([
  ['${aws:username}', '$${aws:username}'],
  ['%{ if true }', '%%{ if true }'],
  ['$${x}', '$$${x}'],
  ['100% $5', '100% $5'],
])('%s reaches Terraform as the text %s', (text, escaped) => {
  expect(terraformText(text)).toBe(escaped);
});
