import { maximumAgeOf, type PlanStanding, unfitPlan } from '../../../cli/reviewed-terraform/saved-plan';

const now = new Date('2026-11-27T12:00:00Z');
const plan = (changes: Partial<Record<keyof PlanStanding, unknown>> = {}) =>
  ({ complete: true, errored: false, timestamp: '2026-11-27T11:30:00Z', ...changes }) as PlanStanding;

test('a whole plan of half an hour ago is fit', () => {
  expect(unfitPlan(plan(), now, 60)).toBeUndefined();
  expect(unfitPlan(plan({ deferred_changes: [] }), now, 60)).toBeUndefined();
});

test.each<[string, Partial<Record<keyof PlanStanding, unknown>>, string]>([
  ['of a run that failed', { errored: true }, 'is of a run that failed'],
  ['that is not complete', { complete: false }, 'is not complete'],
  ['that does not say whether it is complete', { complete: undefined }, 'is not complete'],
  [
    'with deferred changes',
    { deferred_changes: [{ reason: 'provider_config_unknown' }] },
    'puts changes off',
  ],
  ['with deferred actions', { deferred_action_invocations: [{}] }, 'puts changes off'],
  ['of an hour and a minute ago', { timestamp: '2026-11-27T10:59:00Z' }, 'was made 61 minutes ago'],
  ['of tomorrow', { timestamp: '2026-11-28T12:00:00Z' }, 'which is in the future'],
  ['without a time', { timestamp: undefined }, 'does not say when it was made'],
  ['with a time that is none', { timestamp: 'yesterday' }, 'does not say when it was made'],
])('a plan %s is not', (_what, changes, fault) => {
  expect(unfitPlan(plan(changes), now, 60)).toContain(fault);
});

test('clocks may differ a little', () => {
  expect(unfitPlan(plan({ timestamp: '2026-11-27T12:04:00Z' }), now, 60)).toBeUndefined();
});

test('the age allowed is a number of minutes', () => {
  expect(maximumAgeOf(undefined)).toBe(60);
  expect(maximumAgeOf('')).toBe(60);
  expect(maximumAgeOf('1440')).toBe(1440);
  for (const text of ['0', '-1', '1h', '1e9', 'Infinity', '1.5', ' 5', '999999'])
    expect(maximumAgeOf(text)).toBeUndefined();
});
