import { reviewPlan } from '../../../modules/plan/review';
import { planSummary } from '../../../modules/plan/summary';
import type { Change, TerraformPlan } from '../../../modules/plan/terraform-plan';
import { change, planWith } from '../../support/plan-json';
import { told } from './reviewed';

const BLUE = 'db-BLUEBLUEBLUEBLUEBLUEBLUEBL';
const GREEN = 'db-GREENGREENGREENGREENGREENG';
const ARN = 'arn:aws:rds:eu-west-1:111111111111:db:orders';
const NAMES = Array.from({ length: 20 }, (_, index) => `p${index}`);

const document = (id: string, logins: readonly string[], condition?: object) =>
  JSON.stringify({
    Version: '2012-10-17',
    Statement: {
      Effect: 'Allow',
      Action: 'rds-db:connect',
      Resource: logins.map((login) => `arn:aws:rds-db:eu-west-1:111111111111:dbuser:${id}/${login}`),
      ...(condition ? { Condition: condition } : {}),
    },
  });
const output = (before: unknown, after: unknown): Change => ({
  actions: [before === after ? 'no-op' : 'update'],
  before,
  after,
});

/** 20 roles, each with a login of its own, whose instance was switched over. */
function switchedOver(
  after: (name: string) => string = (name) => document(GREEN, [name]),
  arn: Change = output(ARN, ARN),
): TerraformPlan {
  return planWith(
    NAMES.flatMap((name) => {
      const policy = (text: string) => ({
        name: `orders.dev.${name}`,
        arn: `arn:aws:iam::111111111111:policy/${name}`,
        policy: text,
      });
      const attachment = { role: name, policy_arn: `arn:aws:iam::111111111111:policy/${name}` };
      return [
        change(`aws_iam_policy.policy-${name}`, policy(document(BLUE, [name])), policy(after(name))),
        change(`aws_iam_role_policy_attachment.attachment-${name}`, attachment, attachment),
      ];
    }),
    { output_changes: { instance_arn: arn, instance_resource_id: output(BLUE, GREEN) } },
  );
}
const notes = (plan: TerraformPlan) => reviewPlan(plan).filter(({ rule }) => rule === 'resource-id-changed');

test('an instance that was switched over: one note says why, and one line what follows', () => {
  const plan = switchedOver();
  expect(notes(plan)).toEqual([
    expect.objectContaining({
      severity: 'note',
      where: 'output.instance_resource_id',
      message: expect.stringContaining(
        `\`${GREEN}\` instead of \`${BLUE}\`, so every ARN in the policies changes`,
      ),
    }),
  ]);
  expect(reviewPlan(plan)).toHaveLength(1);
  const { gains, loses, changes } = planSummary(plan);
  expect({ gains, loses }).toEqual({ gains: [], loses: [] });
  expect(changes).toEqual([
    `\`${ARN}\` has the resource id \`${GREEN}\` instead of \`${BLUE}\`: 20 rights of 20 identities to connect to it follow, as the same logins`,
    expect.stringContaining('output `instance_resource_id`'),
  ]);
});

test.each<[string, (name: string) => string, string]>([
  [
    'another login',
    (name) => document(GREEN, name === 'p3' ? [name, 'admin'] : [name]),
    `role \`p3\` may connect as \`admin\` to \`${GREEN}\``,
  ],
  [
    'the login of somebody else',
    (name) => document(GREEN, [name === 'p3' ? 'p4' : name]),
    `role \`p3\` may connect as \`p4\` to \`${GREEN}\``,
  ],
  [
    'a third database',
    (name) => document(name === 'p3' ? 'db-OTHEROTHEROTHEROTHEROTHERO' : GREEN, [name]),
    'role `p3` may connect as `p3` to `db-OTHEROTHEROTHEROTHEROTHERO`',
  ],
])('a gain beside it is told: %s', (_what, after, gain) => {
  const { gains, changes } = told(switchedOver(after));
  expect(gains.split('\n')).toEqual([expect.stringContaining(gain)]);
  expect(changes).toContain('rights of ');
});

test('a condition that goes with the old id is a gain', () => {
  const plan = switchedOver();
  const strict = document(BLUE, ['p3'], { Bool: { 'aws:MultiFactorAuthPresent': 'true' } });
  const changes = (plan.resource_changes ?? []).map((resource) =>
    resource.address === 'aws_iam_policy.policy-p3'
      ? change(
          resource.address,
          { ...(resource.change.before as object), policy: strict },
          resource.change.after as object,
        )
      : resource,
  );
  const { gains, loses } = told({ ...plan, resource_changes: changes });
  expect(gains).toContain('role `p3` may connect as `p3`');
  expect(loses).toContain('role `p3` may no longer connect as `p3`');
});

test('whoever is left behind is told of', () => {
  const plan = switchedOver();
  const changes = (plan.resource_changes ?? []).map((resource) =>
    resource.address.endsWith('-p3')
      ? change(resource.address, resource.change.before as object, null)
      : resource,
  );
  const { gains, loses } = told({ ...plan, resource_changes: changes });
  expect(gains).toBe('');
  expect(loses).toContain('role `p3` may no longer connect as `p3`');
});

test.each<[string, Change]>([
  ['another name', output(ARN, `${ARN}-2`)],
  ['a name that is known after the apply only', output(ARN, undefined)],
  ['a name that no state had before', output(null, ARN)],
])('%s is another database: every gain is told', (_what, arn) => {
  const plan = switchedOver(undefined, arn);
  expect(notes(plan)).toEqual([]);
  expect(planSummary(plan).gains).toHaveLength(20);
  expect(planSummary(plan).loses).toHaveLength(20);
});
