import { PolicyDocumentError } from '../iam/evaluator/parse-policy-document';
import { type TrustStatement, trustStatements } from '../iam/trust-statements';
import { policyContents, type Right } from './policy-contents';
import type { ResourceChange, TerraformPlan } from './terraform-plan';
import { attributeOf, configured, hasTrue, isAbsent, isForgotten, isObject, managed, text } from './values';

/** A policy document in a plan, at one moment. */
export type Document =
  /** Of an identity: what it allows. */
  | { readonly kind: 'identity'; readonly rights: readonly Right[] }
  /** Of a role or a resource: who may. */
  | { readonly kind: 'trust'; readonly statements: readonly TrustStatement[] }
  | { readonly kind: 'malformed' };

/** A policy in a plan, whatever holds it. */
export interface PlannedPolicy {
  readonly address: string;
  readonly resource: ResourceChange;
  /** The attribute that holds it. */
  readonly attribute: string;
  /** Its name, or how the plan calls it. */
  readonly name: string;
  readonly before?: Document;
  /** `unknown` where only the apply will tell. */
  readonly after?: Document | 'unknown';
}

/** Attributes that hold nothing but documents, wherever they stand. */
const POLICY_ATTRIBUTE =
  /^(policy|inline_policy|assume_role_policy|policy_document|access_policy|policy_json)$/;

/** Every policy in any attribute of any resource; those that stay as they are, too, for every identity they are attached to. */
export function plannedPolicies(plan: TerraformPlan): PlannedPolicy[] {
  return managed(plan).flatMap((resource) => {
    const { address, change } = resource;
    // What is only forgotten goes on to allow what it allowed.
    const stayed = isForgotten(change);
    const before = textsOf(change.before, []);
    const after = textsOf(stayed ? change.before : change.after, []);
    const unknown =
      stayed || isAbsent(change.after) ? new Map() : unknownOf(change.after_unknown, change.after, []);
    // The provider fills in the inline policies of a role for which none is written.
    const block = configured(plan, address);
    const filledIn = JSON.stringify(['inline_policy']);
    if (block !== undefined && block.expressions?.['inline_policy'] === undefined) unknown.delete(filledIn);
    const places = new Map([...before, ...after, ...unknown].map(([key, { path }]) => [key, path]));
    return [...places].flatMap(([key, path]): PlannedPolicy[] => {
      const [was, is] = [
        documentOf(before.get(key)?.value, path),
        unknown.has(key) ? 'unknown' : documentOf(after.get(key)?.value, path),
      ];
      if (was === undefined && is === undefined) return [];
      return [
        {
          address,
          resource,
          attribute: path[0] ?? '',
          name: nameOf(resource, path),
          ...(was === undefined ? {} : { before: was }),
          ...(is === undefined ? {} : { after: is as Document | 'unknown' }),
        },
      ];
    });
  });
}

/** @param path of the attribute: what must be a document is malformed where it is none */
function documentOf(value: string | undefined, path: readonly string[]): Document | undefined {
  if (value === undefined) return undefined;
  const isNamed = path.some((step) => POLICY_ATTRIBUTE.test(step)) && path.at(-1) !== 'name';
  const statements = statementsOf(value);
  if (statements === undefined) return isNamed && value !== '' ? { kind: 'malformed' } : undefined;
  const hasPrincipals =
    path.at(-1) === 'assume_role_policy' ||
    statements.some((each) => isObject(each) && ('Principal' in each || 'NotPrincipal' in each));
  if (!hasPrincipals) {
    const rights = policyContents(value);
    return rights === undefined ? { kind: 'malformed' } : { kind: 'identity', rights };
  }
  try {
    return { kind: 'trust', statements: trustStatements(value) };
  } catch (error) {
    if (error instanceof PolicyDocumentError) return { kind: 'malformed' };
    throw error;
  }
}

export function isPolicyText(value: string): boolean {
  return statementsOf(value) !== undefined;
}

/** @returns undefined for a text that is no policy at all */
function statementsOf(value: string): unknown[] | undefined {
  if (!value.trimStart().startsWith('{')) return undefined;
  try {
    const statements = attributeOf(JSON.parse(value), 'Statement');
    return statements === undefined ? undefined : [statements].flat();
  } catch {
    return undefined;
  }
}

interface Place<T> {
  readonly path: readonly string[];
  readonly value: T;
}

/** Every text in a value, by its place: an element of a list by its name, where it has one. */
function textsOf(value: unknown, path: readonly string[]): Map<string, Place<string>> {
  if (typeof value === 'string') return new Map([[JSON.stringify(path), { path, value }]]);
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value).flatMap(([key, each]) => [...textsOf(each, [...path, stepOf(value, key)])]),
  );
}

/** Places that hold documents and are known after the apply only. */
function unknownOf(unknown: unknown, value: unknown, path: readonly string[]): Map<string, Place<true>> {
  const isPolicy = path.some((step) => POLICY_ATTRIBUTE.test(step));
  if (unknown === true)
    return isPolicy && path.at(-1) !== 'name'
      ? new Map([[JSON.stringify(path), { path, value: true }]])
      : new Map();
  if (typeof unknown !== 'object' || unknown === null || !hasTrue(unknown)) return new Map();
  return new Map(
    Object.entries(unknown).flatMap(([key, each]) => [
      ...unknownOf(each, partOf(value, key), [...path, stepOf(value, key)]),
    ]),
  );
}

function stepOf(holder: unknown, key: string): string {
  if (!Array.isArray(holder)) return key;
  const name = text(holder[Number(key)], 'name');
  // Two of the same name are two policies.
  return name !== undefined && holder.filter((each) => text(each, 'name') === name).length === 1 ? name : key;
}

function partOf(value: unknown, key: string): unknown {
  return Array.isArray(value) ? value[Number(key)] : attributeOf(value, key);
}

function nameOf({ address, type, change }: ResourceChange, path: readonly string[]): string {
  const own = text(change.after, 'name') ?? text(change.before, 'name') ?? address;
  if (path[0] === 'assume_role_policy') return `trust policy of ${own}`;
  if (path[0] === 'policy' && path.length === 1) return own;
  return type === 'aws_iam_role' && path[0] === 'inline_policy'
    ? `inline policy ${path[1] ?? ''}`
    : `${path.join('.')} of ${own}`;
}
