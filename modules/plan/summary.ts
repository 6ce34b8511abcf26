import { OUTPUTS } from '../names/outputs';
import { configurationChanges, originChanges } from './configuration';
import { isOfPolicy } from './connect-access';
import { attributeDifferences, valueDifferences } from './differences';
import { code } from './markdown';
import type { PlanFinding } from './review';
import { redaction } from './secrets';
import type { Change, TerraformPlan } from './terraform-plan';
import { acts, isAbsent, isChanged, isObject, isSame, isUnknown, keysOf, managed, text } from './values';
import type { PlanSummary } from './words/emitted-type';
import { type PolicyWords, policyWords } from './words/policies';
import { resourceWords } from './words/resource-words';

export { code } from './markdown';
export type { PlanSummary } from './words/emitted-type';

/** What a plan does, in words. Pure. Whatever is done is in it: it is empty only where nothing is. */
export function planSummary(plan: TerraformPlan): PlanSummary {
  const policies = policyWords(plan);
  const gains = [...policies.gains];
  const loses = [...policies.loses];
  const changes = [...policies.changes];
  for (const resource of plan.resource_changes ?? []) {
    const words = resourceWords(resource, plan, policies.told.get(resource.address) ?? []);
    gains.push(...words.gains);
    loses.push(...words.loses);
    changes.push(...words.changes);
  }
  for (const [name, output] of Object.entries(plan.output_changes ?? {}))
    changes.push(...outputWords(name, output, policies, plan));
  for (const { address, change } of plan.resource_drift ?? [])
    changes.push(`${code(address)} was changed outside of Terraform: ${driftWords(change)}`);
  for (const { part, before, after } of configurationChanges(plan))
    changes.push(...partWords(part.address, before, after));
  for (const { address, attribute, before, after } of originChanges(plan))
    changes.push(...valueDifferences([`configuration of ${address}`, attribute], before, after));
  const redact = redaction(plan);
  return { gains: gains.map(redact.line), loses: loses.map(redact.line), changes: changes.map(redact.line) };
}

export function isEmpty({ gains, loses, changes }: PlanSummary): boolean {
  return [gains, loses, changes].every((lines) => lines.length === 0);
}

function partWords(address: string, before: unknown, after: unknown): string[] {
  if (before === undefined)
    return [`${code(address)} is new: ${valueDifferences([address], undefined, after).join('; ')}`];
  return after === undefined
    ? [`${code(address)} is gone`]
    : [`${code(address)} changes: ${valueDifferences([address], before, after).join('; ')}`];
}

function driftWords(change: Change): string {
  if (!isObject(change.after)) return 'it is gone';
  const names = new Set([...keysOf(change.before), ...keysOf(change.after)]);
  const words = [...names].flatMap((name) => attributeDifferences(change, name));
  return words.length > 0 ? words.join('; ') : 'it is there again';
}

/** Of documents, what they allow is told elsewhere. */
function outputWords(
  name: string,
  change: Change,
  { toldDocuments }: PolicyWords,
  plan: TerraformPlan,
): string[] {
  const {
    before,
    after,
    after_unknown: unknown,
    before_sensitive: wasSecret,
    after_sensitive: secret,
  } = change;
  if (change.actions.join() === 'no-op') return [];
  const told = (document: string) =>
    name === OUTPUTS.policyDocuments && (toldDocuments.has(document) || isToldByPolicy(plan, document));
  const without = (value: unknown) =>
    isObject(value) ? Object.fromEntries(Object.entries(value).filter(([key]) => !told(key))) : value;
  // Nothing is left that other words do not tell.
  const isTold = [before, after].some((value) => keysOf(value).some(told));
  if (isTold && keysOf(without(before)).length + keysOf(without(after)).length === 0) return [];
  const whole: Change = {
    actions: change.actions,
    before: { [name]: without(before) },
    after: change.actions.includes('delete') ? null : { [name]: without(after) },
    after_unknown: { [name]: unknown },
    before_sensitive: { [name]: wasSecret },
    after_sensitive: { [name]: secret },
  };
  if (isSame(before ?? null, after ?? null) && !isUnknown(whole.after_unknown, name))
    return [`output ${code(name)}: ${change.actions.map(code).join(', ')}, with the same value`];
  return attributeDifferences(whole, name).map((words) => `output ${words}`);
}

/** Whether the policy of the same document changes as it does. */
function isToldByPolicy(plan: TerraformPlan, document: string): boolean {
  return (
    isOfPolicy(plan, document) &&
    managed(plan).some(
      (resource) =>
        resource.type === 'aws_iam_policy' &&
        acts(resource) &&
        (isAbsent(resource.change.before) ||
          isAbsent(resource.change.after) ||
          isChanged(resource.change, 'policy')) &&
        [text(resource.change.before, 'name'), text(resource.change.after, 'name')].some((name) =>
          name?.endsWith(`.${document}`),
        ),
    )
  );
}

/** A part of what a pull request shows. @param title names the stack @param remark what else is to be said of it */
export function summaryMarkdown(
  title: string,
  summary: PlanSummary,
  findings: readonly PlanFinding[],
  remark?: string,
): string {
  const section = (heading: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [`**${heading}**`, '', ...[...new Set(lines)].map((line) => `- ${line}`), ''];
  const of = (severity: PlanFinding['severity']) =>
    findings
      .filter((finding) => finding.severity === severity)
      .map(({ rule, where, message, wayOut, acceptance }) =>
        [
          `${rule} at ${code(where)}: ${[message, wayOut].filter(Boolean).join('; ')}`,
          ...(severity === 'fault' ? [`. Accept it: ${code(acceptance)}`] : []),
        ].join(''),
      );
  return [
    `### ${code(title)}`,
    '',
    ...section('Must not be applied', of('fault')),
    ...section('To know', of('note')),
    ...section('Gains', summary.gains),
    ...section('Loses', summary.loses),
    ...section('Also changes', summary.changes),
    ...(remark === undefined ? [] : [remark, '']),
    ...(isEmpty(summary) && remark === undefined && findings.length === 0 ? ['No changes.', ''] : []),
  ].join('\n');
}
