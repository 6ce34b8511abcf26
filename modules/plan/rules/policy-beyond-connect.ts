import { plannedDocuments } from '../connect-access';
import { code } from '../markdown';
import { type PlannedPolicy, plannedPolicies } from '../planned-policies';
import { policyContents, type Right } from '../policy-contents';
import type { TerraformPlan } from '../terraform-plan';
import { acts } from '../values';
import { fault, type Rule } from './rule';

/** The document of an identity, before and after, wherever in a plan it stands. */
export interface ChangedDocument {
  readonly address: string;
  readonly name: string;
  readonly before: readonly Right[];
  /** Undefined where it goes. */
  readonly after: readonly Right[] | undefined;
}

export function changedDocuments(plan: TerraformPlan): ChangedDocument[] {
  const rights = (document: PlannedPolicy['after']) =>
    document !== undefined && document !== 'unknown' && document.kind === 'identity'
      ? document.rights
      : undefined;
  return [
    ...plannedPolicies(plan)
      .filter(({ resource, after }) => acts(resource) && after !== 'unknown')
      .map(({ address, name, before, after }) => ({
        address,
        name,
        before: rights(before) ?? [],
        after: rights(after),
      })),
    ...plannedDocuments(plan)
      .filter(({ before, after }) => before !== after && after !== 'unknown')
      .map(({ address, name, before, after }) => ({
        address,
        name,
        before: before === undefined ? [] : (policyContents(before) ?? []),
        after: after === undefined ? undefined : policyContents(after),
      })),
  ];
}

/** A policy of these stacks is for connecting, and allows nothing else. */
export const policyBeyondConnect: Rule<'policy-beyond-connect'> = (plan) =>
  changedDocuments(plan).flatMap(({ address, name, before, after = [] }) =>
    after
      .filter((right) => right.kind === 'beyond' && !has(before, right))
      .map((right) =>
        fault(
          'policy-beyond-connect',
          address,
          `policy ${code(name)} would allow ${words(right)}, which connecting does not need`,
          'allow rds-db:connect on the ARN of each login, and no more',
        ),
      ),
  );

export function has(rights: readonly Right[], right: Right): boolean {
  return rights.some((each) => JSON.stringify(each) === JSON.stringify(right));
}

export function words(right: Right): string {
  const condition = right.conditions.length > 0 ? ` if ${right.conditions.map(code).join(' and ')}` : '';
  return `${code('what' in right ? right.what : right.kind)}${condition}`;
}
