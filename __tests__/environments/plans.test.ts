import { App, type TerraformStack } from 'cdktf';
import environments from '../../environments';
import { environmentStacks } from '../../modules';
import '../../testing';
import { planOf } from '../../testing';
import { describeWith } from '../machine';

// What `terraform apply` would make of each example environment, stack by stack, in files that a reviewer reads.

/** The lowest that are tested: the same on every machine, whatever else it has. */
export const providerVersions = { aws: '5.100.0', postgresql: '1.26.0' };

const stacks = environmentStacks(new App({ skipValidation: true }), environments).flatMap(
  ({ cluster, database, policies }) => [cluster, database, policies].filter((stack) => stack !== undefined),
);
const names = stacks.map((stack: TerraformStack) => stack.node.id);

function plans(titles: readonly string[]): void {
  test.each(titles)(
    '%s',
    async (name) => {
      const stack = stacks[names.indexOf(name)] as TerraformStack;
      expect(await planOf(stack, { providerVersions })).toMatchPlanSnapshot();
    },
    120_000,
  );
}

describeWith(['terraform', 'aws-provider'], 'the plan of', () =>
  plans(names.filter((name) => !name.endsWith('-database'))),
);
describeWith(['terraform', 'postgresql-provider'], 'the plan of the database stack', () =>
  plans(names.filter((name) => name.endsWith('-database'))),
);
