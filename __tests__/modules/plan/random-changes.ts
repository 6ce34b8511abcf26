import fc from 'fast-check';
import { reviewPlan } from '../../../modules/plan/review';
import { planSummary } from '../../../modules/plan/summary';
import type { Change, ResourceChange, TerraformPlan } from '../../../modules/plan/terraform-plan';
import { told } from '../../support/told';

/** An attribute of a type of resource, and values that it can have. */
export interface RandomAttribute {
  readonly type: string;
  readonly attribute: string;
  readonly values: fc.Arbitrary<unknown>;
  /** Another attribute of the same type, which changes at the same time. */
  readonly other: { readonly attribute: string; readonly values: fc.Arbitrary<unknown> };
}

/** One attribute changes from one value to one of two others; another attribute changes or stays. */
export interface RandomChange {
  readonly type: string;
  readonly attribute: string;
  readonly values: readonly [before: unknown, after: unknown, instead: unknown];
  readonly other: { readonly attribute: string; readonly values: readonly [before: unknown, after: unknown] };
  readonly kind: 'update' | 'create' | 'replace' | 'import' | 'unknown' | 'sensitive';
}

export function randomChange({
  type,
  attribute,
  values,
  other,
}: RandomAttribute): fc.Arbitrary<RandomChange> {
  return fc
    .record({
      type: fc.constant(type),
      attribute: fc.constant(attribute),
      values: fc
        .tuple(values, values, values)
        .filter((each) => new Set(each.map(meaning)).size === each.length),
      other: fc.record({
        attribute: fc.constant(other.attribute),
        values: fc.tuple(other.values, other.values).filter(([one, two]) => meaning(one) !== meaning(two)),
      }),
      kind: fc.constantFrom<RandomChange['kind'][]>(
        'update',
        'create',
        'replace',
        'import',
        'unknown',
        'sensitive',
      ),
    })
    .filter(
      // What is made without an attribute and what is made with its default are the same.
      ({ kind, values: each }) => kind !== 'create' || !each.some((value) => meaning(value) === 'null'),
    );
}

/** Where nothing is written, it is nothing, whichever way Terraform writes that. */
function meaning(value: unknown): string {
  const text = JSON.stringify(value) ?? 'null';
  return ['[]', '{}'].includes(text) ? 'null' : text;
}

const ACTIONS: Partial<Record<RandomChange['kind'], Change['actions']>> = {
  create: ['create'],
  replace: ['delete', 'create'],
};

/** What a reader is told of a plan: nothing, if it is silent. The hashes of acceptances are no words. */
export function wordsOf(plan: TerraformPlan): string {
  const { gains, loses, changes } = planSummary(plan);
  const findings = reviewPlan(plan).map((finding) => `${finding.rule} ${told(finding)}`);
  return [...gains, ...loses, ...changes, ...findings].join('\n');
}

/** @returns what is wrong with the words of the change: undefined, if each change of the attribute is in them */
export function silenceOf({ type, attribute, values, other, kind }: RandomChange): string | undefined {
  const [before, after, instead] = values;
  const plan = (value: unknown, otherValue: unknown, more: Partial<Change> = {}): TerraformPlan => {
    const side = (own: unknown, others: unknown) => ({ [attribute]: own, [other.attribute]: others });
    const change: Change = {
      actions: ACTIONS[kind] ?? ['update'],
      before: kind === 'create' ? null : side(before, other.values[0]),
      after: side(value, otherValue),
      ...(kind === 'import' ? { importing: { id: 'x' } } : {}),
      ...more,
    };
    const resource: ResourceChange = { address: `${type}.x`, mode: 'managed', type, change };
    return { format_version: '1.2', resource_changes: [resource] };
  };
  if (kind === 'unknown') {
    const words = wordsOf(plan(undefined, other.values[0], { after_unknown: { [attribute]: true } }));
    return words.includes(attribute) ? undefined : `unknown is not told: ${words}`;
  }
  if (kind === 'sensitive') {
    const marks = { before_sensitive: { [attribute]: true }, after_sensitive: { [attribute]: true } };
    const alone = wordsOf(plan(after, other.values[0], marks));
    return alone.includes(attribute) || alone !== wordsOf(plan(before, other.values[0], marks))
      ? undefined
      : `a sensitive change is not told: ${alone}`;
  }
  const alone = wordsOf(plan(after, other.values[0]));
  if (alone === '') return 'nothing is told';
  if (isHidden(alone)) return alone.includes(attribute) ? undefined : `a secret is not told: ${alone}`;
  if (alone === wordsOf(plan(instead, other.values[0]))) return `another value is told alike: ${alone}`;
  const both = wordsOf(plan(after, other.values[1]));
  if (both === wordsOf(plan(before, other.values[1]))) return `beside another change it is not told: ${both}`;
  return undefined;
}

/** A secret is told by its name, and never by its value. */
function isHidden(words: string): boolean {
  return words.includes('(sensitive)');
}
