import type { RuleId } from '../findings/catalogue';
import { type Finding, note } from '../findings/finding';
import { acceptanceOf, isForPlace } from './acceptance';
import { code } from './markdown';
import { REVIEW_RULES } from './rules/index';
import type { RuleFinding } from './rules/rule';
import { redaction } from './secrets';
import type { TerraformPlan } from './terraform-plan';

/** Something about a plan that a person should know before it is applied. `where` is an address of the plan; names in the
 *  texts stand between backquotes, for Markdown as for a terminal. */
export interface PlanFinding extends Finding {
  /** What accepts exactly this: `<rule>:<address>:<hash of its content>`. */
  readonly acceptance: string;
  /** By which acceptance a fault became a note. */
  readonly acceptedBy?: string;
}

/** The ids of all that a review finds. */
export const REVIEW_IDS: readonly RuleId[] = [...REVIEW_RULES.flatMap(({ ids }) => ids), 'acceptance'];

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
  const found = REVIEW_RULES.flatMap(({ find }) => find(plan, isAllowed));
  return distinct(found).map((finding): PlanFinding => {
    const { severity, rule, where, message, wayOut } = finding;
    const acceptance = acceptanceOf(finding);
    const shown = {
      severity,
      rule,
      where: redact.text(where),
      message: redact.line(message),
      ...(wayOut === undefined ? {} : { wayOut: redact.line(wayOut) }),
      acceptance: redact.text(acceptance),
    };
    if (severity === 'note') return shown;
    if (accepted.includes(acceptance)) {
      const { wayOut: _, ...kept } = shown;
      return { ...kept, severity: 'note', message: `${shown.message} (accepted)`, acceptedBy: acceptance };
    }
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
export function unusedAcceptances(
  accepted: readonly string[],
  findings: readonly PlanFinding[],
): Finding<'acceptance'>[] {
  const used = new Set(findings.map(({ acceptedBy }) => acceptedBy));
  return [...new Set(accepted)]
    .filter((each) => !used.has(each))
    .map((each) =>
      note(
        'acceptance',
        code(each),
        'accepts nothing in these plans',
        'take it out once it is no longer needed',
      ),
    );
}

function distinct(findings: readonly RuleFinding[]): RuleFinding[] {
  return [
    ...new Map(findings.map((finding) => [`${finding.severity} ${acceptanceOf(finding)}`, finding])).values(),
  ];
}
