import { reviewPlan } from '../../../modules/plan/review';
import { planSummary } from '../../../modules/plan/summary';
import type { ResourceChange, TerraformPlan } from '../../../modules/plan/terraform-plan';
import { planWith } from '../../support/plan-json';

/** Rules that refuse a plan, each once. @param allowed as `--allow-foreign` */
export const faults = (plan: TerraformPlan, allowed: string[] = []) => [
  ...new Set(
    reviewPlan(plan, [], allowed)
      .filter(({ severity }) => severity === 'fault')
      .map(({ rule }) => rule),
  ),
];

/** What a reader is told, as text. */
export const told = (plan: TerraformPlan) => {
  const { gains, loses, changes } = planSummary(plan);
  return { gains: gains.join('\n'), loses: loses.join('\n'), changes: changes.join('\n') };
};

export const of = (...changes: ResourceChange[]) => planWith(changes);

const OUR = 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-A/api';
export const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
/** Connecting as one login, as the stacks allow it. */
export const connect = { Effect: 'Allow', Action: 'rds-db:connect', Resource: OUR };
export const policy = (text: string) => ({ name: 'orders.dev.api', policy: text });
export const login = (more: object = {}) => ({ name: 'analyst', login: true, roles: ['rds_iam'], ...more });
