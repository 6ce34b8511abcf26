import { code } from '../markdown';
import { type Document, plannedPolicies } from '../planned-policies';
import type { Right } from '../policy-contents';
import { acts } from '../values';
import { changedDocuments, has, words } from './policy-beyond-connect';
import { fault, type Rule, type RuleFinding } from './rule';

/** A Deny that goes, or a condition that does: the document allows more, with no word added to it. */
export const policyRestrictionRemoved: Rule<'policy-restriction-removed'> = (plan) => [
  ...changedDocuments(plan).flatMap(
    ({ address, name, before, after }): RuleFinding<'policy-restriction-removed'>[] => {
      if (after === undefined) return [];
      const denials = before.filter((right) => right.kind === 'denied' && !has(after, right));
      const freed = after.filter(
        (right) =>
          right.kind !== 'denied' &&
          !has(before, right) &&
          before.some((each) => isSameBut(each, right) && !implies(right.conditions, each.conditions)),
      );
      return [
        ...denials.map((right) =>
          fault(
            'policy-restriction-removed',
            address,
            `policy ${code(name)} would no longer deny ${words(right)}`,
            'leave the statement in',
          ),
        ),
        ...freed.map((right) =>
          fault(
            'policy-restriction-removed',
            address,
            `policy ${code(name)} would change the conditions under which it allows something: ${right.conditions.map(code).join(' and ') || 'none'}`,
            'leave the conditions in',
            right,
          ),
        ),
      ];
    },
  ),
  ...plannedPolicies(plan).flatMap(
    ({ address, name, resource, before, after }): RuleFinding<'policy-restriction-removed'>[] => {
      if (!acts(resource) || after === 'unknown' || before?.kind !== 'trust' || after?.kind !== 'trust')
        return [];
      const denials = (document: Extract<Document, { kind: 'trust' }>) =>
        document.statements
          .filter(({ effect }) => effect === 'Deny')
          .map((statement) => JSON.stringify(statement));
      const kept = denials(after);
      return denials(before)
        .filter((statement) => !kept.includes(statement))
        .map((statement) =>
          fault(
            'policy-restriction-removed',
            address,
            `${code(name)} would lose a Deny statement`,
            'leave it in',
            statement,
          ),
        );
    },
  ),
];

function isSameBut(one: Right, other: Right): boolean {
  const bare = (right: Right) => JSON.stringify({ ...right, conditions: [] });
  return bare(one) === bare(other);
}

/** Whether everything that was asked for is asked for still. */
function implies(now: readonly string[], before: readonly string[]): boolean {
  return before.every((condition) => now.includes(condition));
}
