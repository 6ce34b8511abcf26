import { plain } from '../configuration';
import { code } from '../markdown';
import { acts, attributesOf, configured, isAbsent, isUnknown } from '../values';
import { EMITTED_TYPES } from '../words/index';
import { fault, type Rule, type RuleFinding } from './rule';

/** Attributes of a policy have a rule of their own. */
const POLICIES = ['policy', 'assume_role_policy', 'inline_policy', 'policy_arn'];

/** What only the apply will tell, where the stacks themselves know everything beforehand. */
export const unknownValue: Rule<'unknown-value'> = (plan) =>
  (plan.resource_changes ?? []).filter(acts).flatMap((resource): RuleFinding<'unknown-value'>[] => {
    const { address, type, change, mode } = resource;
    const known = mode === 'managed' ? EMITTED_TYPES.get(type) : undefined;
    if (known === undefined || isAbsent(change.after)) return [];
    return attributesOf(change)
      .filter(
        (name) =>
          isUnknown(change.after_unknown, name) && !known.computed.includes(name) && !POLICIES.includes(name),
      )
      .map((name) =>
        fault(
          'unknown-value',
          address,
          `${code(name)} is known only after the apply, so nobody can review it`,
          'write it, or apply first what it comes from',
          plain(configured(plan, address)?.expressions?.[name]),
        ),
      );
  });
