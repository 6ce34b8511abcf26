import { plain } from '../configuration';
import { plannedDocuments } from '../connect-access';
import { code } from '../markdown';
import { plannedPolicies } from '../planned-policies';
import { policyContents } from '../policy-contents';
import { acts, configured } from '../values';
import { fault, type Rule, type RuleFinding } from './rule';

/** A document that nobody can review. */
export const policyUnknown: Rule = (plan) => [
  ...plannedPolicies(plan).flatMap(({ address, attribute, name, resource, after }): RuleFinding[] => {
    if (!acts(resource) || after === undefined) return [];
    if (after === 'unknown')
      return [
        fault(
          'policy-unknown',
          address,
          `what ${code(name)} says is known after the apply only, so nobody can review it; create first what it names, in a stack of its own`,
          plain(configured(plan, address)?.expressions?.[attribute]),
        ),
      ];
    return after.kind === 'malformed'
      ? [
          fault(
            'policy-unknown',
            address,
            `${code(name)} is no document that IAM accepts; mend it`,
            resource.change.after,
          ),
        ]
      : [];
  }),
  ...plannedDocuments(plan).flatMap(({ address, name, before, after }): RuleFinding[] => {
    if (after === undefined || after === before) return [];
    const isUnknown = after === 'unknown';
    if (!isUnknown && policyContents(after) !== undefined) return [];
    return [
      fault(
        'policy-unknown',
        address,
        isUnknown
          ? `what ${code(name)} says is known after the apply only, so nobody can review it; create first what it names, in a stack of its own`
          : `${code(name)} is no document that IAM accepts; mend it`,
        after,
      ),
    ];
  }),
];
