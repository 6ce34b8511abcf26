import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import {
  defineEnvironment,
  type Environment,
  EnvironmentError,
  validateEnvironments,
} from '../../../modules';
import { fullEnvironments } from '../../support/full-environments';
import { HOSTILE_VALUES } from '../../support/hostile-values';

const anything = fc.oneof(
  fc
    .anything({
      withBigInt: true,
      withBoxedValues: true,
      withDate: true,
      withMap: true,
      withNullPrototype: true,
      withObjectString: true,
      withSet: true,
      withSparseArray: true,
      withTypedArray: true,
      key: fc.oneof(
        fc.string(),
        fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'kind'),
      ),
    })
    .map((value) => () => value),
  // Made within the property: fast-check itself looks into the values that it hands over.
  fc.constantFrom(...HOSTILE_VALUES),
);
const environments = fullEnvironments(join(tmpdir(), 'authorities.pem'));

/** Where anything may be put: every step of the way to every value. */
function paths(value: unknown, path: readonly string[] = []): (readonly string[])[] {
  if (typeof value !== 'object' || value === null) return [path];
  return [path, ...Object.entries(value).flatMap(([key, child]) => paths(child, [...path, key]))];
}

function withValue(value: unknown, [step, ...rest]: readonly string[], replacement: unknown): unknown {
  if (step === undefined) return replacement;
  if (Array.isArray(value))
    return value.map((item, index) => (String(index) === step ? withValue(item, rest, replacement) : item));
  const entries = Object.entries(value as object);
  return Object.fromEntries(
    entries.map(([key, child]) => [key, key === step ? withValue(child, rest, replacement) : child]),
  );
}

/** The faults, or none; throws what is no EnvironmentError. */
function faultsIn(list: unknown): EnvironmentError['faults'] {
  try {
    validateEnvironments(list as Environment[]);
    return [];
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
    return error.faults;
  }
}

/** Milliseconds of the processor, whatever else it is busy with. */
function duration(list: unknown): number {
  const start = process.cpuUsage();
  faultsIn(list);
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

const RUNS = process.env['AURORA_IAM_SLOW_TESTS'] ? 100_000 : 10_000;

test('whatever JavaScript value is given, the only answer but success is an EnvironmentError, and soon', () => {
  const given = fc.oneof(
    anything,
    fc.array(anything, { maxLength: 4 }).map((values) => () => values.map((make) => make())),
    ...environments.flatMap((environment) => {
      const everywhere = paths(environment);
      return fc.tuple(fc.constantFrom(...everywhere), anything).map(([path, make]) => () => [
        defineEnvironment(withValue(environment, path, make()) as Environment),
      ]);
    }),
  );
  const slow: number[] = [];
  fc.assert(
    fc.property(given, (make) => {
      const took = duration(make());
      // It may have met the compiler or the garbage collector: a slow value is slow again.
      if (took >= 50) slow.push(Math.min(...Array.from({ length: 5 }, () => duration(make()))));
    }),
    { numRuns: RUNS },
  );
  expect(slow.filter((took) => took >= 50)).toEqual([]);
}, 600_000);

test('each fault says what is wrong, where, and what to write instead', () => {
  const given = fc
    .constantFrom(...environments)
    .chain((environment) =>
      fc.tuple(fc.constant(environment), fc.constantFrom(...paths(environment)), anything),
    )
    .map(([environment, path, make]) => () => [withValue(environment, path, make())]);
  fc.assert(
    fc.property(given, (make) => {
      for (const { where, message, wayOut } of faultsIn(make())) {
        expect(where).not.toBe('');
        expect(message.length).toBeGreaterThan(0);
        expect(message).not.toMatch(/Invalid|expected|valibot|\[object/i);
        expect({ where: where.slice(0, 100), message: message.slice(0, 200), wayOut }).toMatchObject({
          wayOut: expect.stringMatching(/./),
        });
      }
    }),
    { numRuns: 1_000 },
  );
});

test.each<[string, () => unknown, string]>([
  [
    'a getter that throws',
    () =>
      Object.defineProperty({}, 'kind', {
        enumerable: true,
        get: () => {
          throw 1;
        },
      }),
    'cannot be read',
  ],
  ['a Proxy', () => new Proxy({}, {}), 'is a Proxy'],
  ['a function', () => () => 'x', 'is a function'],
  ['a text of a megabyte', () => 'x'.repeat(1_000_000), 'has 1000000 characters'],
  ['a hole in a list', () => Object.assign(new Array(2), { 1: 'x' }), 'has a hole'],
  [
    'what is nested without end',
    () => {
      let value: unknown = 1;
      for (let level = 0; level < 1e5; level++) value = [value];
      return value;
    },
    'is nested more than',
  ],
])('%s is refused with its reason, beside every other fault', (_what, make, reason) => {
  const environment = { ...environments[2], account: '1', principals: { api: make() } };
  const faults = faultsIn([environment]);
  expect(faults.map(({ where }) => where)).toContain('account');
  expect(faults.find(({ where }) => where.startsWith('principals.api'))?.message).toContain(reason);
});

test('a value is read once: a getter that changes its mind is checked by its first answer', () => {
  let asked = 0;
  const environment = Object.defineProperty({ ...environments[2] }, 'region', {
    enumerable: true,
    get: () => (asked++ === 0 ? environments[2]?.region : 'Ireland'),
  });
  expect(faultsIn([environment])).toEqual([]);
});

test('what contains itself is refused', () => {
  const principals: Record<string, unknown> = { ...environments[0]?.principals };
  principals['again'] = principals;
  const environment = { ...environments[0], principals } as Environment;
  expect(() => validateEnvironments([environment])).toThrow('principals.again: contains itself');
});

test('many names are checked in time, and a message stays readable', () => {
  const logins = Object.fromEntries(
    Array.from({ length: 2000 }, (_, index) => [`login_${index}`, { memberOf: ['nobody'] }]),
  );
  const environment = { ...environments[2], access: { groups: {}, logins }, principals: {} };
  expect(duration([environment])).toBeLessThan(1000);
});
