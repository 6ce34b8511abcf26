import type { RuleId } from '../../modules/findings/catalogue';
import type { Built, Fault } from './fault';
import type { Stage } from './fault-stage';

/** Faults that stand in each other's way, by number. The first is the answer: it ends in what is seen. */
export const PAIRS: readonly (readonly [RuleId, number, number])[] = [
  ['authentication-off', 1, 5],
  ['authentication-off', 1, 6],
  ['authentication-off', 1, 3],
  ['authentication-off', 1, 9],
  ['not-in-rds-iam', 2, 5],
  ['not-in-rds-iam', 2, 6],
  ['not-in-rds-iam', 2, 9],
  ['not-in-rds-iam', 2, 14],
  ['other-case', 4, 6],
  ['policy-other-cluster', 5, 3],
  ['policy-other-cluster', 5, 22],
  ['policy-missing', 6, 3],
  ['policy-missing', 6, 22],
  ['region-mismatch', 7, 5],
  ['region-mismatch', 7, 6],
  ['token-other-host', 8, 9],
  ['token-other-host', 8, 3],
  ['token-expired', 9, 6],
  ['token-expired', 9, 22],
  ['token-encoded', 12, 14],
  ['token-damaged', 13, 6],
  ['token-other-user', 14, 9],
  ['clock-skew', 11, 5],
  ['in-rds-ad', 20, 6],
];

/** Two faults at once. */
export async function buildBoth(stage: Stage, first: Fault, second: Fault): Promise<Built> {
  const one = await first.build(stage);
  const other = await second.build(stage);
  const token = bothTokens(one, other, first, second, stage);
  return {
    ...other,
    ...one,
    ...(await token),
    options: { ...other.options, ...one.options },
    undo: async () => {
      await other.undo?.();
      await one.undo?.();
    },
  };
}

/** A token with both faults. */
async function bothTokens(
  one: Built,
  other: Built,
  first: Fault,
  second: Fault,
  stage: Stage,
): Promise<{ token?: string }> {
  if (one.token === undefined || other.token === undefined) return {};
  const numbers = [first.number, second.number];
  const token = await stage.token({
    ...(numbers.includes(8) ? { host: 'localhost' } : {}),
    ...(numbers.includes(9) ? { at: new Date(Date.now() - 1_200_000) } : {}),
    ...(numbers.includes(14) ? { user: 'somebody_else' } : {}),
  });
  return { token: numbers.includes(12) ? encodeURIComponent(token) : token };
}
