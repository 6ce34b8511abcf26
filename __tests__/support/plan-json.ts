import type { Change, ResourceChange, TerraformPlan } from '../../modules/plan/terraform-plan';

/** A resource of a plan; what it does follows from what is there before and after. */
export function change(
  address: string,
  before: object | null,
  after: object | null,
  more: Partial<Change> = {},
): ResourceChange {
  const same = JSON.stringify(before) === JSON.stringify(after);
  const action = before === null ? 'create' : after === null ? 'delete' : same ? 'no-op' : 'update';
  return {
    address,
    mode: 'managed',
    type: address.split('.')[0] ?? '',
    change: { actions: [action], before, after, ...more },
  };
}

export function planWith(
  changes: readonly ResourceChange[],
  more: Partial<TerraformPlan> = {},
): TerraformPlan {
  return { format_version: '1.2', resource_changes: changes, ...more };
}

export const CLUSTER_ID = 'cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ';

/** A policy that allows to connect as these logins, and whatever else. */
export function policyText(logins: readonly string[], ...more: object[]): string {
  return JSON.stringify({
    Version: '2012-10-17',
    Statement: [
      {
        Effect: 'Allow',
        Action: 'rds-db:connect',
        Resource: logins.map(
          (login) => `arn:aws:rds-db:eu-west-1:111111111111:dbuser:${CLUSTER_ID}/${login}`,
        ),
      },
      ...more.map((statement) => ({ Effect: 'Allow', ...statement })),
    ],
  });
}
