import { App, type TerraformStack } from 'cdktf';
import environments from '../../environments';
import { DatabaseStack, environmentStacks } from '../../modules';
import '../../testing';
import { twoAtATime } from '../../planning/two-at-a-time';
import { type Plan, planOf } from '../../testing';
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

  test.each(chosen.map((stack) => [stack.node.id, stack] as const))('%s', (_name, stack) => {
    expect(plans.get(stack)).toMatchPlanSnapshot();
  });
}

const isDatabase = (stack: TerraformStack) => stack instanceof DatabaseStack;
describeWith(['terraform', 'aws-provider'], 'the plan of', () => {
  plansOf(stacks.filter((stack) => !isDatabase(stack)));
});
describeWith(['terraform', 'postgresql-provider'], 'the plan of the database stack', () => {
  plansOf(stacks.filter(isDatabase));
});
