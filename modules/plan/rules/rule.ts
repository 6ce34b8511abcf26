import type { TerraformPlan } from '../terraform-plan';

/** Something about a plan that a person should know before it is applied. */
export interface RuleFinding {
  /** A `fault` must not be applied unseen; a `note` is for information. */
  readonly severity: 'fault' | 'note';
  readonly rule: PlanRule;
  readonly address: string;
  /** What is so, and the way out, in one line. Names stand between backquotes. */
  readonly message: string;
  /** What else an acceptance is bound to, besides the message. */
  readonly content?: unknown;
}

/** Whether somebody has said that a stack holds more than this project's own: by type or address. */
export type IsAllowed = (address: string, type?: string) => boolean;

export type Rule = (plan: TerraformPlan, isAllowed: IsAllowed) => RuleFinding[];

/** Stable: for scripts, and for `--accept`. */
export const PLAN_RULES = [
  'admin-option',
  'backend',
  'backups-shortened',
  'cluster-destroyed',
  'database-destroyed',
  'database-owner',
  'deletion-protection-off',
  'encryption-off',
  'foreign',
  'foreign-grantee',
  'foreign-membership',
  'foreign-policy',
  'foreign-trust',
  'grant-option',
  'iam-authentication-off',
  'into-rds-iam',
  'logging-off',
  'login-by-password',
  'login-leaves-rds-iam',
  'login-switched-off',
  'login-with-powers',
  'login-without-group',
  'master-password',
  'permissions-boundary',
  'plan-incomplete',
  'policy-beyond-connect',
  'policy-restriction-removed',
  'policy-unknown',
  'provider',
  'provisioner',
  'public-access',
  'public-gains',
  'secret',
  'security-definer',
  'tls-off',
  'trusts-everybody',
  'unknown-value',
] as const;
export type PlanRule = (typeof PLAN_RULES)[number];

export const fault = (rule: PlanRule, address: string, message: string, content?: unknown): RuleFinding => ({
  severity: 'fault',
  rule,
  address,
  message,
  ...(content === undefined ? {} : { content }),
});

export const note = (rule: PlanRule, address: string, message: string): RuleFinding => ({
  severity: 'note',
  rule,
  address,
  message,
});
