import { acceptanceOf, isForPlace } from './acceptance';
import { code } from './markdown';
import { RULES } from './rules/index';
import type { PlanRule, RuleFinding } from './rules/rule';
import { redaction } from './secrets';
import type { TerraformPlan } from './terraform-plan';

export type { PlanRule } from './rules/rule';

/** Something about a plan that a person should know before it is applied. */
export interface PlanFinding {
  /** A `fault` must not be applied unseen; a `note` is for information. */
  readonly severity: 'fault' | 'note';
  readonly rule: PlanRule;
  readonly address: string;
  /** What is so, and the way out, in one line. Names stand between backquotes, for Markdown as for a terminal. */
  readonly message: string;
  /** What accepts exactly this: `<rule>:<address>:<hash of its content>`. */
  readonly acceptance: string;
  /** By which acceptance a fault became a note. */
  readonly acceptedBy?: string;
}

/**
 * What a pipeline must not apply without a person's word: whatever the stacks of this project never do, access that grows
 * beyond connecting, logins that would be shut out, data that would go, secrets. Pure.
 * @param accepted faults that somebody has looked at and wants, which become notes: `<rule>:<address>:<hash>`
 * @param allowed types or addresses of what a stack of one's own holds besides: `aws_s3_bucket`, `data.external`, `module.x`
 */
export function reviewPlan(
  plan: TerraformPlan,
  accepted: readonly string[] = [],
  allowed: readonly string[] = [],
): PlanFinding[] {
  const redact = redaction(plan);
  const isAllowed = (address: string, type?: string) =>
    allowed.includes(address) ||
    (type !== undefined && allowed.includes(type)) ||
    // What a module holds, whoever allowed the module has allowed.
    allowed.some((each) => /^module\.[\w-]+$/.test(each) && address.startsWith(`${each}.`));
  const found = RULES.flatMap((rule) => rule(plan, isAllowed));
  return distinct(found).map((finding): PlanFinding => {
    const { severity, rule, address, message } = finding;
    const acceptance = acceptanceOf(finding);
    const shown = {
      severity,
      rule,
      address: redact.text(address),
      message: redact.line(message),
      acceptance: redact.text(acceptance),
    };
    if (severity === 'note') return shown;
    if (accepted.includes(acceptance))
      return { ...shown, severity: 'note', message: `${shown.message} (accepted)`, acceptedBy: acceptance };
    const other = accepted.find((each) => isForPlace(each, finding));
    return other === undefined
      ? shown
      : {
          ...shown,
          message: `${shown.message} (${code(redact.text(other))} is for something else there, or for whatever is done there, and does not accept this)`,
        };
  });
}

/** Acceptances of which nothing in any plan had need. */
export function unusedAcceptances(accepted: readonly string[], findings: readonly PlanFinding[]): string[] {
  const used = new Set(findings.map(({ acceptedBy }) => acceptedBy));
  return [...new Set(accepted)].filter((each) => !used.has(each));
}

function distinct(findings: readonly RuleFinding[]): RuleFinding[] {
  return [
    ...new Map(findings.map((finding) => [`${finding.severity} ${acceptanceOf(finding)}`, finding])).values(),
  ];
}
