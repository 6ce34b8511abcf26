/**
 * For tests of one's own stacks: plans without AWS, and matchers. `import 'aurora-iam/testing'` registers the matchers where
 * `expect` is a global (jest; vitest with globals); any other runner takes `expect.extend({ ...connectMatchers, ...planMatchers })`.
 */
import { connectMatchers, type NothingButOptions } from './connect-matchers';
import type { AllowedConnect } from './nothing-but';
import { planMatchers } from './plan-snapshot';
import type { ConnectQuestion } from './questions';

export { OWN_NAME, OWN_SAML_NAME } from '../modules/names/arn';
export type { OfflineOptions } from '../planning/offline-configuration';
export { OfflineError } from '../planning/offline-look-ups';
export {
  connectMatchers,
  type MatcherResult,
  type NothingButOptions,
  type PoliciesUnderTest,
  toAllowConnect,
  toAllowNothingBut,
} from './connect-matchers';
export type { AllowedConnect } from './nothing-but';
export { changedAddresses, KNOWN_AFTER_APPLY, type Plan, type PlannedResource, planOf } from './plan-of';
export { planMatchers, planText, toMatchPlanSnapshot } from './plan-snapshot';
export type { ConnectQuestion } from './questions';
export { CannotJudgeError } from './terraform-expressions';

declare global {
  namespace jest {
    // The type parameters must be those of @types/jest.
    // biome-ignore lint/complexity/noBannedTypes: as declared there
    interface Matchers<R, T = {}> {
      /** Whether a stack's policies, or one policy document, let somebody connect as a PostgreSQL login. */
      toAllowConnect(question: ConnectQuestion): R;
      /** Whether a stack's policies, or one policy document, allow exactly this list, and nothing else at all. */
      toAllowNothingBut(list: readonly AllowedConnect[], options?: NothingButOptions): R;
      /** Whether a plan is that of `__snapshots__/<stack>.plan.json` beside the test. */
      toMatchPlanSnapshot(name?: string): R;
    }
  }
}

if (typeof expect === 'function') expect.extend({ ...connectMatchers, ...planMatchers });
