import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MatcherResult } from './connect-matchers';
import type { Plan } from './plan-of';

/** What jest (and vitest) give a matcher as `this`, as far as it is used. */
interface MatcherContext {
  readonly isNot?: boolean;
  readonly testPath?: string;
  readonly utils?: { diff?(expected: string, received: string): string | null };
  readonly snapshotState?: SnapshotState;
}

/** Which of the three modes the runner is in: `-u`, neither, or `--ci`. Jest has no public name for it. */
interface SnapshotState {
  readonly _updateSnapshot?: 'all' | 'new' | 'none';
  added?: number;
  updated?: number;
  matched?: number;
  unmatched?: number;
}

/**
 * Compares a plan with `__snapshots__/<stack>.plan.json` beside the test, one file a stack. As with jest's own snapshots it is
 * written if it is missing (not with `--ci`) and with `-u`.
 * @param name in the place of the stack's, where a test has several plans of one stack
 */
export function toMatchPlanSnapshot(this: MatcherContext, received: Plan, name?: string): MatcherResult {
  if (this.isNot) throw new Error('toMatchPlanSnapshot cannot be used with .not: any change would do.');
  if (typeof received !== 'object' || received === null || !('resources' in received))
    throw new Error('This is no plan: expect(await planOf(stack)).toMatchPlanSnapshot().');
  if (!this.testPath) throw new Error('The runner does not say which file the test is in.');
  const file = join(dirname(this.testPath), '__snapshots__', `${name ?? received.stack}.plan.json`);
  const text = planText(received);
  const before = existsSync(file) ? readFileSync(file, 'utf8') : undefined;
  const state = this.snapshotState ?? {};
  const mode = state._updateSnapshot ?? 'none';
  if (before === text) {
    count(state, 'matched');
    return { pass: true, message: () => `The plan is that of ${file}.` };
  }
  if (mode === 'all' || (before === undefined && mode === 'new')) {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
    count(state, before === undefined ? 'added' : 'updated');
    return { pass: true, message: () => `Written to ${file}.` };
  }
  count(state, 'unmatched');
  const difference = before === undefined ? undefined : this.utils?.diff?.(before, text);
  return {
    pass: false,
    message: () =>
      [
        before === undefined
          ? `There is no ${file}, and with --ci none is written.`
          : `The plan differs from ${file}.`,
        ...(difference ? ['', difference, ''] : []),
        'If that is what you want, write it anew: npx jest -u, for this test file.',
      ].join('\n'),
  };
}

/** A plan as its snapshot has it. */
export function planText({ resources, outputs }: Plan): string {
  const text = JSON.stringify({ resources, outputs }, null, 2);
  // Short lists of single values on one line, for whoever reads it.
  return `${text.replace(/\[\n[^[\]{}]*\]/g, (list) => {
    const line = `[${list.slice(1, -1).trim().replace(/\n\s*/g, ' ')}]`;
    return line.length > 100 ? list : line;
  })}\n`;
}

function count(state: SnapshotState, what: 'added' | 'updated' | 'matched' | 'unmatched'): void {
  state[what] = (state[what] ?? 0) + 1;
}

/** For `expect.extend` of any runner. */
export const planMatchers = { toMatchPlanSnapshot };
