import type { RuleId } from '../../findings/catalogue';
import * as findings from '../../findings/finding';
import type { TerraformPlan } from '../terraform-plan';

/** What a rule finds in a plan. `where` is an address; names in the texts stand between backquotes. */
export interface RuleFinding<Id extends string = string> extends findings.Finding<Id> {
  /** What else an acceptance is bound to, besides the message. */
  readonly content?: unknown;
}

/** Whether somebody has said that a stack holds more than this project's own: by type or address. */
export type IsAllowed = (address: string, type?: string) => boolean;

/** A fault must not be applied unseen. Pure. */
export type Rule<Id extends RuleId = RuleId> = (
  plan: TerraformPlan,
  isAllowed: IsAllowed,
) => RuleFinding<Id>[];

/** A rule, and the ids of what it finds. */
export interface ListedRule {
  readonly ids: readonly RuleId[];
  readonly find: Rule;
}

/** The compiler refuses a rule that finds what it does not list, and an id that is not in the catalogue. */
export function rule<const Id extends RuleId>(ids: readonly Id[], find: Rule<NoInfer<Id>>): ListedRule {
  return { ids, find };
}

export function fault<const Id extends string>(
  rule: Id,
  address: string,
  message: string,
  wayOut: string,
  content?: unknown,
): RuleFinding<Id> {
  return { ...findings.fault(rule, address, message, wayOut), ...(content === undefined ? {} : { content }) };
}

export const note = findings.note;
