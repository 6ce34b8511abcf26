import { code } from '../markdown';
import { fault, type Rule } from './rule';

/** https://developer.hashicorp.com/terraform/internals/json-format#plan-representation */
const KNOWN_PARTS: readonly string[] = [
  'format_version',
  'terraform_version',
  'variables',
  'planned_values',
  'resource_drift',
  'resource_changes',
  'output_changes',
  'prior_state',
  'configuration',
  'relevant_attributes',
  'checks',
  'timestamp',
  'applyable',
  'complete',
  'errored',
  // Of this project: what a plan without credentials replaced, and the plan that it is compared with.
  'aurora_iam',
  'base',
];

/** A plan that does not say all that would be done, or says it in a way that this review does not know. */
export const planIncomplete: Rule<'plan-incomplete'> = (plan) => {
  const messages: [message: string, wayOut: string, content: unknown][] = [];
  if (plan.errored) messages.push(['is of a plan that failed', 'plan again', true]);
  if (plan.complete === false)
    messages.push(['does not plan everything (complete is false)', 'plan again without -target', false]);
  if (!/^[01]\./.test(plan.format_version))
    messages.push([
      `is of the format ${code(plan.format_version)}`,
      'use a Terraform that this version knows',
      true,
    ]);
  for (const [key, value] of Object.entries(plan)) {
    const isEmpty = value === null || (typeof value === 'object' && Object.keys(value).length === 0);
    if (!KNOWN_PARTS.includes(key) && !isEmpty)
      messages.push([
        `has a part that this review does not know (${code(key)})`,
        'use a Terraform that this version knows',
        value,
      ]);
  }
  return messages.map(([message, wayOut, content]) =>
    fault('plan-incomplete', 'plan', `${message}, so it may do more than is reported here`, wayOut, content),
  );
};
