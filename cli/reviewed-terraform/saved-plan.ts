/** Whether a plan says all that would be done, and when it was made: `terraform show -json`, beside its changes.
 *  https://developer.hashicorp.com/terraform/internals/json-format#plan-representation */
export interface PlanStanding {
  /** RFC 3339, UTC. */
  readonly timestamp?: string;
  readonly errored?: boolean;
  /** false: after this plan there is more to do, as with -target or deferred changes. */
  readonly complete?: boolean;
  readonly deferred_changes?: readonly unknown[];
  readonly deferred_action_invocations?: readonly unknown[];
}

export const MAXIMUM_AGE_MINUTES = 60;

/** Clocks of two machines may differ by so much. */
const CLOCK_MINUTES = 5;

/**
 * Why a plan is not fit to be applied, whatever it would change; undefined: it is. Begins in lower case.
 * @param maximumAge minutes; Terraform itself sees only that the state has changed since, not that AWS or PostgreSQL have
 * @param tellsComplete whether whoever made the plan says that it is complete: OpenTofu does not
 */
export function unfitPlan(
  plan: PlanStanding,
  now: Date,
  maximumAge: number,
  tellsComplete = true,
): string | undefined {
  if (plan.errored) return 'is of a run that failed: it does not say all that would be done';
  if (tellsComplete && plan.complete !== true)
    return 'is not complete: there would be more to do after it (-target, or deferred changes)';
  if ((plan.deferred_changes ?? []).length + (plan.deferred_action_invocations ?? []).length > 0)
    return 'puts changes off, so it does not say all that would be done';
  const made = Date.parse(plan.timestamp ?? '');
  if (Number.isNaN(made)) return 'does not say when it was made';
  const age = (now.getTime() - made) / 60_000;
  if (age < -CLOCK_MINUTES) return `was made at ${plan.timestamp}, which is in the future: a clock is wrong`;
  if (age > maximumAge)
    return (
      `was made ${Math.floor(age)} minutes ago, and at most ${maximumAge} are allowed: Terraform does not see ` +
      'what has changed in AWS and PostgreSQL since'
    );
  return undefined;
}

/** Minutes, from a variable; undefined: it is not a number of minutes. */
export function maximumAgeOf(text: string | undefined): number | undefined {
  if (text === undefined || text === '') return MAXIMUM_AGE_MINUTES;
  return /^[1-9]\d{0,4}$/.test(text) ? Number(text) : undefined;
}
