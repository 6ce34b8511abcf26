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

const anything = fc.anything({
  withBigInt: true,
  withBoxedValues: true,
  withDate: true,
  withMap: true,
  withNullPrototype: true,
  withObjectString: true,
  withSet: true,
  withSparseArray: true,
  withTypedArray: true,
  key: fc.oneof(fc.string(), fc.constantFrom('__proto__', 'constructor', 'prototype', 'toString', 'kind')),
});
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

/** Milliseconds of the processor, whatever else it is busy with; throws what is no EnvironmentError. */
function duration(list: unknown): number {
  const start = process.cpuUsage();
  try {
    validateEnvironments(list as Environment[]);
  } catch (error) {
    if (!(error instanceof EnvironmentError)) throw error;
  }
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1000;
}

test('whatever JavaScript value is given, the only answer but success is an EnvironmentError, and soon', () => {
  const durations: number[] = [];
  const given = fc.oneof(
    anything,
    fc.array(anything),
    fc
      .constantFrom(...environments)
      .chain((environment) =>
        fc.tuple(fc.constant(environment), fc.constantFrom(...paths(environment)), anything),
      )
      .map(([environment, path, value]) => [
        defineEnvironment(withValue(environment, path, value) as Environment),
      ]),
  );
  fc.assert(
    fc.property(given, (list) => {
      durations.push(duration(list));
    }),
    { numRuns: 2000 },
  );
  // The slowest of all may have met the compiler, or the garbage collector.
  expect(durations.sort((one, other) => one - other)[Math.floor(durations.length * 0.99)]).toBeLessThan(50);
}, 60_000);

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
