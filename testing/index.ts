/**
 * Matchers for tests of one's own stacks. `import 'aurora-iam/testing'` registers them where `expect` is a global
 * (jest; vitest with globals); any other runner takes `expect.extend(connectMatchers)`.
 */
import { connectMatchers, type NothingButOptions } from './connect-matchers';
import type { AllowedConnect } from './nothing-but';
import type { ConnectQuestion } from './questions';

export { OWN_NAME } from '../modules/policies/arn';
export {
  connectMatchers,
  type MatcherResult,
  type NothingButOptions,
  type PoliciesUnderTest,
  toAllowConnect,
  toAllowNothingBut,
} from './connect-matchers';
export type { AllowedConnect } from './nothing-but';
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
    }
  }
}

if (typeof expect === 'function') expect.extend(connectMatchers);
