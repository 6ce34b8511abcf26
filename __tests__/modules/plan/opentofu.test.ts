import type { ResourceChange, TerraformPlan } from '../../../modules/plan/terraform-plan';
import { planWith } from '../../support/plan-json';
import { faults, told } from './reviewed';

// OpenTofu lists ephemeral resources among those that change; Terraform does not.

const opened = (type: string): ResourceChange => ({
  address: `ephemeral.${type}.admin`,
  mode: 'ephemeral',
  type,
  change: { actions: ['open'], before: null, after: null },
});
const plan = (type: string, ...changes: ResourceChange[]): TerraformPlan =>
  planWith(changes, {
    configuration: {
      root_module: {
        resources: [{ address: `ephemeral.${type}.admin`, mode: 'ephemeral', type, expressions: {} }],
      },
    },
  });
const nothing = { gains: '', loses: '', changes: '' };

test("the secret of the admin's password is read by every plan, and is no change", () => {
  const type = 'aws_secretsmanager_secret_version';
  expect(faults(plan(type, opened(type)))).toEqual([]);
  expect(told(plan(type, opened(type)))).toEqual(nothing);
});

test('whatever else is read so is refused, listed or not', () => {
  const type = 'aws_kms_secrets';
  expect(faults(plan(type, opened(type)))).toEqual(['foreign']);
  expect(faults(plan(type))).toEqual(['foreign']);
});

test('one that would do more than be read is refused', () => {
  const type = 'aws_secretsmanager_secret_version';
  const changed = { ...opened(type), change: { actions: ['update'], before: {}, after: { a: 1 } } } as const;
  expect(faults(plan(type, changed))).toContain('foreign');
});
