import { App, type TerraformStack } from 'cdktf';
import environments from '../../environments';
import { DatabaseStack, environmentStacks } from '../../modules';
import { reviewPlan } from '../../modules/plan/review';
import '../../testing';
import { twoAtATime } from '../../planning/two-at-a-time';
import { type Plan, planOf } from '../../testing';
import { planText } from '../../testing/plan-snapshot';
import { describeWith } from '../support/machine';

// What `terraform apply` would make of each example environment, stack by stack, in files that a reviewer reads.

/** The lowest that are tested: the same on every machine, whatever else it has. */
const providerVersions = { aws: '5.100.0', postgresql: '1.26.0' };

const stacks = environmentStacks(new App({ skipValidation: true }), environments).flatMap(
  ({ cluster, database, policies }) => [cluster, database, policies].filter((stack) => stack !== undefined),
);

function plansOf(chosen: readonly TerraformStack[]): void {
  const plans = new Map<TerraformStack, Plan>();
  beforeAll(
    () =>
      twoAtATime(chosen, async (stack) => {
        plans.set(stack, await planOf(stack, { providerVersions }));
      }),
    300_000,
  );

  const [alike, own] = [true, false].map((isAlike) =>
    chosen.filter((stack) => LIKE_DEV.includes(stack.node.id) === isAlike).map((stack) => stack.node.id),
  );
  const plan = (id: string) => {
    const stack = chosen.find((each) => each.node.id === id) as TerraformStack;
    return plans.get(stack) as Plan;
  };
  test('the review finds nothing in any of them, and nothing has to be accepted', () => {
    const findings = chosen.map((stack) => [
      stack.node.id,
      reviewPlan(plan(stack.node.id).json).filter(({ severity }) => severity === 'fault'),
    ]);
    expect(Object.fromEntries(findings)).toEqual(
      Object.fromEntries(chosen.map((stack) => [stack.node.id, []])),
    );
  });
  test.each(own ?? [])('%s', (id) => {
    expect(plan(id)).toMatchPlanSnapshot();
  });
  test.each(alike ?? [])('%s, which is as that of dev but for the names', (id) => {
    const [environment = '', part = ''] = id.split('-');
    const neutral = (which: string, name: string) =>
      planText(plan(which))
        .replaceAll(name, '(environment)')
        .replace(/cluster-OFFLINE[A-Z0-9]+/g, 'cluster-…');
    expect(neutral(id, environment)).toBe(neutral(`dev-${part}`, 'dev'));
  });
}

/** Stacks whose plan is that of dev's, but for the names of environment and cluster, and the resource id that follows from it. */
const LIKE_DEV = ['staging-database', 'local-database', 'staging-policies'];

const isDatabase = (stack: TerraformStack) => stack instanceof DatabaseStack;
describeWith(['terraform', 'aws-provider'], 'the plan of', () => {
  plansOf(stacks.filter((stack) => !isDatabase(stack)));
});
describeWith(['terraform', 'postgresql-provider'], 'the plan of the database stack', () => {
  plansOf(stacks.filter(isDatabase));
});
