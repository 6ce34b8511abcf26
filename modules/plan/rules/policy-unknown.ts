import { plain } from '../configuration';
import { plannedDocuments } from '../connect-access';
import { code } from '../markdown';
import { plannedPolicies } from '../planned-policies';
import { policyContents } from '../policy-contents';
import { acts, configured } from '../values';
import { fault, type Rule, type RuleFinding } from './rule';

const CREATE_FIRST = 'create first what it names, in a stack of its own';
const CORRECT = 'correct it';
const unknownWords = (name: string) =>
  `what ${code(name)} says is known only after the apply, so nobody can review it`;
const malformedWords = (name: string) => `${code(name)} is not a document that IAM accepts`;

/** A document that nobody can review. */
export const policyUnknown: Rule<'policy-unknown'> = (plan) => [
  ...plannedPolicies(plan).flatMap(
    ({ address, attribute, name, resource, after }): RuleFinding<'policy-unknown'>[] => {
      if (!acts(resource) || after === undefined) return [];
      if (after === 'unknown')
        return [
          fault(
            'policy-unknown',
            address,
            unknownWords(name),
            CREATE_FIRST,
            plain(configured(plan, address)?.expressions?.[attribute]),
          ),
        ];
      return after.kind === 'malformed'
        ? [fault('policy-unknown', address, malformedWords(name), CORRECT, resource.change.after)]
        : [];
    },
  ),
  ...plannedDocuments(plan).flatMap(({ address, name, before, after }): RuleFinding<'policy-unknown'>[] => {
    if (after === undefined || after === before) return [];
    const isUnknown = after === 'unknown';
    if (!isUnknown && policyContents(after) !== undefined) return [];
    return [
      fault(
        'policy-unknown',
        address,
        isUnknown ? unknownWords(name) : malformedWords(name),
        isUnknown ? CREATE_FIRST : CORRECT,
        after,
      ),
    ];
  }),
];
