import { type TrustStatement, trustsEverybody } from '../../iam/trust-statements';
import { connectChanges, type Holder, holdersOf } from '../connect-access';
import { code } from '../markdown';
import { type Document, plannedPolicies } from '../planned-policies';
import type { Right } from '../policy-contents';
import type { ResourceChange, TerraformPlan } from '../terraform-plan';
import { acts, isGone, managed, text } from '../values';
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
            `leave the statement in`,
          ),
        ),
        ...freed.map((right) =>
          fault(
            'policy-restriction-removed',
            address,
            `policy ${code(name)} would change the conditions under which it allows something: ${right.conditions.map(code).join(' and ') || 'none'}`,
            `leave the conditions in`,
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
      const freed = after.statements.filter(
        (statement) =>
          statement.effect === 'Allow' &&
          // That has a rule of its own.
          !trustsEverybody(statement) &&
          before.statements.some(
            (each) =>
              isSameTrust(each, statement) &&
              each.conditions.some(({ operator, key }) => !asks(statement, operator, key)),
          ) &&
          !before.statements.some((each) => JSON.stringify(each) === JSON.stringify(statement)),
      );
      return [
        ...freed.map((statement) =>
          fault(
            'policy-restriction-removed',
            address,
            `${code(name)} would let in the same principals under fewer conditions`,
            `leave the conditions in`,
            statement,
          ),
        ),
        ...denials(before)
          .filter((statement) => !kept.includes(statement))
          .map((statement) =>
            fault(
              'policy-restriction-removed',
              address,
              `${code(name)} would lose a Deny statement`,
              `leave it in`,
              statement,
            ),
          ),
      ];
    },
  ),
  ...deniedNoMore(plan),
];

/** A Deny that stays written, or goes with its policy, and holds for somebody no longer. */
function deniedNoMore(plan: TerraformPlan): RuleFinding<'policy-restriction-removed'>[] {
  const lost = connectChanges(plan).loses.filter(
    ({ holder, right }) =>
      right.kind === 'denied' && ['role', 'user', 'group', 'policy'].includes(holder.kind),
  );
  return plannedPolicies(plan).flatMap((policy) => {
    const { address, name, before, resource } = policy;
    if (before?.kind !== 'identity') return [];
    const holders = holdersOf(plan, policy);
    // What the document itself no longer says is told above.
    const stays = holders.after.map((holder) => JSON.stringify(holder));
    return lost
      .filter(
        ({ holder, right }) =>
          has(before.rights, right) &&
          holders.before.some((each) => JSON.stringify(each) === JSON.stringify(holder)) &&
          !stays.includes(JSON.stringify(holder)) &&
          !isGoneWith(plan, holder, resource),
      )
      .map(({ holder, right }) =>
        fault(
          'policy-restriction-removed',
          address,
          holder.kind === 'policy'
            ? `the policy ${code(name)} would no longer deny anybody ${words(right)}`
            : `${holder.kind} ${code(holder.name)} would no longer be denied ${words(right)} by the policy ${code(name)}`,
          holder.kind === 'policy' ? 'leave it' : 'leave it attached',
        ),
      );
  });
}

/** Whoever is gone needs no restriction. */
function isGoneWith(plan: TerraformPlan, { kind, name }: Holder, { type }: ResourceChange): boolean {
  if (kind === 'policy') return false;
  return (
    type === `aws_iam_${kind}` ||
    managed(plan).some(
      ({ type: other, change }) =>
        other === `aws_iam_${kind}` && isGone(change) && text(change.before, 'name') === name,
    )
  );
}

/** Whether both are about the same principals doing the same. */
function isSameTrust(one: TrustStatement, other: TrustStatement): boolean {
  const bare = (statement: TrustStatement) => JSON.stringify({ ...statement, conditions: [] });
  return bare(one) === bare(other);
}

function asks({ conditions }: TrustStatement, operator: string, key: string): boolean {
  return conditions.some((each) => each.operator === operator && each.key === key);
}

function isSameBut(one: Right, other: Right): boolean {
  const bare = (right: Right) => JSON.stringify({ ...right, conditions: [] });
  return bare(one) === bare(other);
}

/** Whether everything that was asked for is asked for still. */
function implies(now: readonly string[], before: readonly string[]): boolean {
  return before.every((condition) => now.includes(condition));
}
