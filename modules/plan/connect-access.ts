import { OUTPUTS } from '../names/outputs';
import { isPolicyText, type PlannedPolicy, plannedPolicies } from './planned-policies';
import { policyContents, type Right } from './policy-contents';
import type { ResourceChange, TerraformPlan } from './terraform-plan';
import { configured, isAbsent, isForgotten, isUnknown, keysOf, managed, text } from './values';

type IdentityKind = 'role' | 'user' | 'group';

/** What attaches a managed policy, and the attribute that names the identity. */
export const ATTACHMENT_TYPES: Readonly<Record<string, IdentityKind>> = {
  aws_iam_role_policy_attachment: 'role',
  aws_iam_user_policy_attachment: 'user',
  aws_iam_group_policy_attachment: 'group',
};

/** An identity, or every identity that is given a policy or a document which the plan attaches to nobody. */
export interface Holder {
  readonly kind: IdentityKind | 'policy' | 'document' | 'resource';
  readonly name: string;
}

export interface HeldRight {
  readonly holder: Holder;
  readonly right: Right;
}

export interface ConnectChanges {
  readonly gains: readonly HeldRight[];
  readonly loses: readonly HeldRight[];
  /** Whose documents only the apply will tell, or IAM would refuse. */
  readonly unknown: readonly Holder[];
}

/** What the policies of a plan give and take, identity by identity. */
export function connectChanges(plan: TerraformPlan): ConnectChanges {
  const before = new Map<string, HeldRight>();
  const after = new Map<string, HeldRight>();
  const unknown = new Map<string, Holder>();
  const add = (into: Map<string, HeldRight>, holder: Holder, document: PlannedPolicy['after']) => {
    if (document === 'unknown' || document?.kind === 'malformed') unknown.set(JSON.stringify(holder), holder);
    else if (document?.kind === 'identity')
      for (const right of document.rights) into.set(JSON.stringify([holder, right]), { holder, right });
  };
  for (const policy of plannedPolicies(plan)) {
    const holders = holdersOf(plan, policy);
    for (const holder of holders.before) add(before, holder, policy.before);
    for (const holder of holders.after) add(after, holder, policy.after);
  }
  for (const { name, before: was, after: is } of plannedDocuments(plan)) {
    const holder: Holder = { kind: 'document', name };
    const document = (text: string | undefined): PlannedPolicy['before'] => {
      if (text === undefined) return undefined;
      const rights = policyContents(text);
      return rights === undefined ? { kind: 'malformed' } : { kind: 'identity', rights };
    };
    add(before, holder, document(was));
    add(after, holder, is === 'unknown' ? is : document(is));
  }
  const without = (these: ReadonlyMap<string, HeldRight>, those: ReadonlyMap<string, HeldRight>) =>
    [...these].filter(([key]) => !those.has(key)).map(([, held]) => held);
  return {
    gains: without(after, before),
    // What is not known after is not known to be lost.
    loses: without(before, after).filter(({ holder }) => !unknown.has(JSON.stringify(holder))),
    unknown: [...unknown.values()],
  };
}

/** Every identity that a policy belongs to: by its attachments, or by itself if it is an inline one. */
export function holdersOf(
  plan: TerraformPlan,
  { address, name, resource }: PlannedPolicy,
): { readonly before: readonly Holder[]; readonly after: readonly Holder[] } {
  const { type, change } = resource;
  // A policy that is forgotten stays where it is.
  const after = isForgotten(change) ? change.before : change.after;
  const inline = /^aws_iam_(role|user|group)(?:_policy)?$/.exec(type)?.[1] as IdentityKind | undefined;
  const one = (value: unknown, holder: Holder): Holder[] => (isAbsent(value) ? [] : [holder]);
  if (inline) {
    const holder = (value: unknown): Holder => ({
      kind: inline,
      name: text(value, type === 'aws_iam_role' ? 'name' : inline) ?? address,
    });
    return { before: one(change.before, holder(change.before)), after: one(after, holder(after)) };
  }
  if (type !== 'aws_iam_policy') {
    const holder: Holder = { kind: 'resource', name: address };
    return { before: one(change.before, holder), after: one(after, holder) };
  }
  const attachments = attachmentsOf(plan).get(address) ?? [];
  const holders = (when: 'before' | 'after', value: unknown): Holder[] => {
    if (isAbsent(value)) return [];
    if (attachments.length === 0) return [{ kind: 'policy', name }];
    return attachments.flatMap((each) => {
      const kind = ATTACHMENT_TYPES[each.type] as IdentityKind;
      const at = when === 'after' && isForgotten(each.change) ? 'before' : when;
      const side = each.change[at];
      return isAbsent(side) || attachedPolicy(plan, each, at) !== address
        ? []
        : [{ kind, name: text(side, kind) ?? each.address }];
    });
  };
  return { before: holders('before', change.before), after: holders('after', after) };
}

const ATTACHMENTS = new WeakMap<TerraformPlan, ReadonlyMap<string, readonly ResourceChange[]>>();

/** By address of the policy: what attaches it, before or after. A plan has many of both, and is asked often. */
function attachmentsOf(plan: TerraformPlan): ReadonlyMap<string, readonly ResourceChange[]> {
  const known = ATTACHMENTS.get(plan);
  if (known) return known;
  const attachments = new Map<string, ResourceChange[]>();
  for (const each of managed(plan))
    if (ATTACHMENT_TYPES[each.type] !== undefined)
      for (const address of new Set([
        attachedPolicy(plan, each, 'before'),
        attachedPolicy(plan, each, 'after'),
      ]))
        if (address !== undefined) attachments.set(address, [...(attachments.get(address) ?? []), each]);
  ATTACHMENTS.set(plan, attachments);
  return attachments;
}

interface OwnPolicies {
  readonly byArn: ReadonlyMap<string, string>;
  readonly addresses: ReadonlySet<string>;
}

const POLICIES = new WeakMap<TerraformPlan, OwnPolicies>();

function ownPolicies(plan: TerraformPlan): OwnPolicies {
  const known = POLICIES.get(plan);
  if (known) return known;
  const policies = managed(plan).filter(({ type }) => type === 'aws_iam_policy');
  const own: OwnPolicies = {
    byArn: new Map(
      policies.flatMap(({ address, change }) =>
        [text(change.before, 'arn'), text(change.after, 'arn')].flatMap((arn) =>
          arn === undefined ? [] : [[arn, address] as const],
        ),
      ),
    ),
    addresses: new Set(policies.map(({ address }) => address)),
  };
  POLICIES.set(plan, own);
  return own;
}

/**
 * The policy of this plan that an attachment attaches: by its ARN, or by a reference to nothing but that ARN.
 * @returns its address; undefined for every other policy
 */
export function attachedPolicy(
  plan: TerraformPlan,
  attachment: ResourceChange,
  when: 'before' | 'after',
): string | undefined {
  const { address, change } = attachment;
  const { byArn, addresses } = ownPolicies(plan);
  const arn = text(change[when], 'policy_arn');
  if (arn !== undefined) return byArn.get(arn);
  if (isAbsent(change[when])) return undefined;
  // In two compared plans, both sides are made without a state, and neither knows an ARN.
  const isKnown = when === 'before' ? plan.base !== undefined : isUnknown(change.after_unknown, 'policy_arn');
  if (!isKnown) return undefined;
  const configuration = when === 'before' && plan.base !== undefined ? plan.base : plan;
  const expression = configured(configuration, address)?.expressions?.['policy_arn'];
  const reference = /^\$\{([\w.-]+)\.arn\}$/.exec(String(expression?.constant_value ?? ''))?.[1];
  return reference !== undefined && addresses.has(reference) ? reference : undefined;
}

/** A document that is an output only. */
export interface PlannedDocument {
  /** `output.policy_documents` */
  readonly address: string;
  readonly name: string;
  readonly before?: string;
  readonly after?: string | 'unknown';
}

/** Documents that are outputs only: those of which there is no policy. */
export function plannedDocuments(plan: TerraformPlan): PlannedDocument[] {
  return Object.entries(plan.output_changes ?? {}).flatMap(([output, change]) => {
    const { before, after, after_unknown: unknown } = change;
    const address = `output.${output}`;
    if (output === OUTPUTS.policyDocuments && unknown === true)
      return [{ address, name: output, after: 'unknown' as const }];
    const [was, is] = [documentsIn(output, before), documentsIn(output, after)];
    const later =
      output === OUTPUTS.policyDocuments ? keysOf(unknown).filter((key) => isUnknown(unknown, key)) : [];
    return [...new Set([...was.keys(), ...is.keys(), ...later])]
      .filter((key) => output !== OUTPUTS.policyDocuments || !isOfPolicy(plan, key))
      .map((key) => {
        const [first, second] = [was.get(key), later.includes(key) ? 'unknown' : is.get(key)];
        return {
          address,
          name: output === OUTPUTS.policyDocuments ? key : [output, key].filter(Boolean).join('.'),
          ...(first === undefined ? {} : { before: first }),
          ...(second === undefined ? {} : { after: second }),
        };
      });
  });
}

/** By path: every text that is a policy; among the documents of the stacks, every text. */
function documentsIn(output: string, value: unknown, path: readonly string[] = []): Map<string, string> {
  if (typeof value === 'string')
    return output === OUTPUTS.policyDocuments || isPolicyText(value)
      ? new Map([[path.join('.'), value]])
      : new Map();
  if (typeof value !== 'object' || value === null) return new Map();
  return new Map(
    Object.entries(value).flatMap(([key, each]) => [...documentsIn(output, each, [...path, key])]),
  );
}

/** Whether a policy of the plan says the same, before and after, and is told and reviewed in its place. */
export function isOfPolicy(plan: TerraformPlan, key: string): boolean {
  const output = plan.output_changes?.[OUTPUTS.policyDocuments];
  const same = (when: 'before' | 'after', { change }: ResourceChange) => {
    const document = text(output?.[when], key);
    return document === undefined || isSameDocument(document, text(change[when], 'policy'));
  };
  return managed(plan).some(
    (resource) =>
      resource.type === 'aws_iam_policy' &&
      !isUnknown(output?.after_unknown, key) &&
      [text(resource.change.before, 'name'), text(resource.change.after, 'name')].some((name) =>
        name?.endsWith(`.${key}`),
      ) &&
      same('before', resource) &&
      same('after', resource),
  );
}

/** The provider sorts the keys of a policy; an output has it as it was written. */
function isSameDocument(one: string, other: string | undefined): boolean {
  if (other === undefined) return false;
  const [first, second] = [policyContents(one), policyContents(other)];
  if (first === undefined || second === undefined) return one === other;
  const sorted = (rights: readonly Right[]) => rights.map((right) => JSON.stringify(right)).sort();
  return sorted(first).join() === sorted(second).join();
}
