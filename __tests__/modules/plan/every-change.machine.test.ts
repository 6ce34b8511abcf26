import fc from 'fast-check';
import { comparedPlans } from '../../../modules/plan/compare';
import { isEmpty, planSummary } from '../../../modules/plan/summary';
import type { TerraformPlan } from '../../../modules/plan/terraform-plan';
import { EMITTED_TYPES } from '../../../modules/plan/words';
import { change, planWith } from '../../support/plan-json';
import { randomChange, silenceOf, wordsOf } from './random-changes';

// Told, or refused, or accepted: never in silence. The same over the providers' own schemas is in provider-schemas.test.ts.

const SEED = 20261127;
const RUNS = 2000;

const attributesOf = (type: string): string[] => {
  const known = EMITTED_TYPES.get(type);
  return [
    ...(known?.emitted ?? []),
    ...(known?.judged ?? []),
    ...(known?.computed ?? []),
    ...Object.keys(known?.defaults ?? {}),
    'objects',
    'columns',
    'inline_policy',
    'something_new',
  ];
};

const types = [...EMITTED_TYPES.keys(), 'aws_s3_bucket', 'postgresql_database', 'random_id'];

test(`${RUNS} changes of any shape, in any attribute (seed ${SEED})`, () => {
  const arbitrary = fc.constantFrom(...types).chain((type) =>
    fc
      .tuple(fc.constantFrom(...attributesOf(type)), fc.constantFrom(...attributesOf(type)))
      .filter(([one, other]) => one !== other)
      .chain(([attribute, other]) =>
        randomChange({
          type,
          attribute,
          values: fc.jsonValue({ maxDepth: 2 }),
          other: { attribute: other, values: fc.jsonValue({ maxDepth: 2 }) },
        }),
      ),
  );
  const silent = fc
    .sample(arbitrary, { numRuns: RUNS, seed: SEED })
    .flatMap((each) => silenceOf(each)?.concat(JSON.stringify(each)) ?? []);
  expect(silent).toEqual([]);
});

describe('whatever is done is told, beside attributes', () => {
  const role = { name: 'analyst', login: true, roles: ['rds_iam'] };
  const same = change('postgresql_role.l', role, role);
  test.each<[what: string, plan: TerraformPlan]>([
    ['an import', planWith([{ ...same, change: { ...same.change, importing: { id: 'analyst' } } }])],
    ['a move', planWith([{ ...same, previous_address: 'postgresql_role.old' }])],
    ['an update that says nothing', planWith([{ ...same, change: { ...same.change, actions: ['update'] } }])],
    [
      'an action that nobody knows',
      planWith([{ ...same, change: { ...same.change, actions: ['x' as never] } }]),
    ],
    ['what was left over', planWith([{ ...change('aws_rds_cluster_instance.i', {}, null), deposed: 'a1' }])],
    [
      'drift',
      planWith([], { resource_drift: [change('postgresql_role.l', role, { ...role, login: false })] }),
    ],
    ['what is gone', planWith([], { resource_drift: [change('postgresql_role.l', role, null)] })],
    ['an output', planWith([], { output_changes: { o: { actions: ['update'], before: 'a', after: 'b' } } })],
    [
      'an output of the same value',
      planWith([], { output_changes: { o: { actions: ['create'], before: null, after: null } } }),
    ],
    [
      'a look-up during the apply',
      planWith([{ ...change('data.aws_rds_cluster.c', null, {}), mode: 'data', type: 'aws_rds_cluster' }]),
    ],
  ])('%s', (_what, plan) => {
    expect(isEmpty(planSummary(plan))).toBe(false);
  });

  test('nothing is told of nothing', () => {
    expect(wordsOf(planWith([same]))).toBe('');
    expect(isEmpty(planSummary(comparedPlans(planWith([same]), planWith([same]))))).toBe(true);
  });
});
