import { type ConnectGrant, type PolicyContents, policyContents } from './policy-contents';
import type { ResourceChange, TerraformPlan } from './terraform-plan';

/** A policy in a plan, at one moment. */
export interface PlannedPolicy {
  readonly address: string;
  /** Its name, or how the plan calls it. */
  readonly name: string;
  readonly before?: PolicyContents | 'malformed';
  /** `unknown` where only the apply will tell. */
  readonly after?: PolicyContents | 'malformed' | 'unknown';
}

/** Resources that hold a document of an identity, and where in them it stands. */
const POLICY_TYPES = [
  'aws_iam_policy',
  'aws_iam_role_policy',
  'aws_iam_user_policy',
  'aws_iam_group_policy',
] as const;

type IdentityKind = 'role' | 'user' | 'group';

/** What attaches a managed policy, and the attribute that names the identity. */
const ATTACHMENT_TYPES: Readonly<Record<string, IdentityKind>> = {
  aws_iam_role_policy_attachment: 'role',
  aws_iam_user_policy_attachment: 'user',
  aws_iam_group_policy_attachment: 'group',
};

/** Every policy of an identity that the plan creates, changes or removes; and those that stay, for whoever is attached to them. */
export function plannedPolicies(plan: TerraformPlan): PlannedPolicy[] {
  return managed(plan).flatMap((resource): PlannedPolicy[] => {
    const { address, type, change } = resource;
    if (type === 'aws_iam_role')
      return [...new Set([...inlineNames(change.before), ...inlineNames(change.after)])].map((name) => ({
        address,
        name: `inline policy ${name}`,
        ...moments(
          inlineText(change.before, name),
          inlineText(change.after, name),
          isUnknown(change.after_unknown, 'inline_policy'),
        ),
      }));
    if (!(POLICY_TYPES as readonly string[]).includes(type)) return [];
    return [
      {
        address,
        name: text(change.after, 'name') ?? text(change.before, 'name') ?? address,
        ...moments(
          text(change.before, 'policy'),
          text(change.after, 'policy'),
          change.after !== null && isUnknown(change.after_unknown, 'policy'),
        ),
      },
    ];
  });
}

function moments(
  before: string | undefined,
  after: string | undefined,
  unknown: boolean,
): Pick<PlannedPolicy, 'before' | 'after'> {
  return {
    ...(before === undefined ? {} : { before: policyContents(before) ?? 'malformed' }),
    ...(unknown
      ? { after: 'unknown' as const }
      : after === undefined
        ? {}
        : { after: policyContents(after) ?? 'malformed' }),
  };
}

/** An identity, or whoever will be given a policy or a document that the plan attaches to nobody. */
export interface Holder {
  readonly kind: 'role' | 'user' | 'group' | 'policy' | 'document';
  readonly name: string;
}

/** One thing that a policy allows. */
export type Right =
  | ({ readonly kind: 'connect' } & ConnectGrant)
  | { readonly kind: 'lookUp'; readonly arn: string }
  | { readonly kind: 'beyond'; readonly what: string };

export interface HeldRight {
  readonly holder: Holder;
  readonly right: Right;
}

export interface ConnectChanges {
  readonly gains: readonly HeldRight[];
  readonly loses: readonly HeldRight[];
  /** Whose documents only the apply will tell. */
  readonly unknown: readonly Holder[];
}

/** What the policies of a plan give and take, identity by identity. */
export function connectChanges(plan: TerraformPlan): ConnectChanges {
  const before = new Map<string, HeldRight>();
  const after = new Map<string, HeldRight>();
  const unknown = new Map<string, Holder>();
  const add = (into: Map<string, HeldRight>, holder: Holder, contents: PlannedPolicy['after']) => {
    if (contents === 'unknown') unknown.set(JSON.stringify(holder), holder);
    else if (contents !== undefined && contents !== 'malformed')
      for (const right of rightsOf(contents)) into.set(JSON.stringify([holder, right]), { holder, right });
  };
  for (const policy of plannedPolicies(plan)) {
    const holders = holdersOf(plan, policy);
    for (const holder of holders.before) add(before, holder, policy.before);
    for (const holder of holders.after) add(after, holder, policy.after);
  }
  for (const [name, documents] of documentsOf(plan)) {
    const holder: Holder = { kind: 'document', name };
    if (documents.before !== undefined) add(before, holder, policyContents(documents.before));
    if (documents.after !== undefined) add(after, holder, policyContents(documents.after));
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

function rightsOf({ connects, lookUps, beyond }: PolicyContents): Right[] {
  return [
    ...connects.map((grant): Right => ({ kind: 'connect', ...grant })),
    ...lookUps.map((arn): Right => ({ kind: 'lookUp', arn })),
    ...beyond.map((what): Right => ({ kind: 'beyond', what })),
  ];
}

/** Whom a policy belongs to: by its attachments, or by itself if it is an inline one. */
function holdersOf(
  plan: TerraformPlan,
  { address, name }: PlannedPolicy,
): { readonly before: readonly Holder[]; readonly after: readonly Holder[] } {
  const own = managed(plan).find((resource) => resource.address === address) as ResourceChange;
  const inline = /^aws_iam_(role|user|group)(?:_policy)?$/.exec(own.type)?.[1] as IdentityKind | undefined;
  if (inline) {
    const holder = (value: unknown): Holder[] =>
      isAbsent(value)
        ? []
        : [{ kind: inline, name: text(value, own.type === 'aws_iam_role' ? 'name' : inline) ?? address }];
    return { before: holder(own.change.before), after: holder(own.change.after) };
  }
  const arn = text(own.change.before, 'arn') ?? text(own.change.after, 'arn');
  const attachments = managed(plan).flatMap((resource) => {
    const kind = ATTACHMENT_TYPES[resource.type];
    const attached =
      referencesOf(plan, resource.address, 'policy_arn').includes(address) ||
      (arn !== undefined &&
        [text(resource.change.before, 'policy_arn'), text(resource.change.after, 'policy_arn')].includes(
          arn,
        ));
    return kind && attached ? [{ kind, ...resource }] : [];
  });
  const holders = (when: 'before' | 'after'): Holder[] =>
    attachments.length === 0
      ? [{ kind: 'policy', name }]
      : attachments.flatMap(({ kind, address: at, change }) =>
          isAbsent(change[when]) ? [] : [{ kind, name: text(change[when], kind) ?? at }],
        );
  return { before: holders('before'), after: holders('after') };
}

/** Documents that are outputs only: those of which there is no policy. */
function documentsOf(plan: TerraformPlan): [string, { before?: string; after?: string }][] {
  const { before, after } = plan.output_changes?.['policy_documents'] ?? {};
  const keys = new Set([...keysOf(before), ...keysOf(after)]);
  const policies = managed(plan).filter(({ type }) => type === 'aws_iam_policy');
  const isPolicy = (key: string) =>
    policies.some(({ change }) =>
      [text(change.before, 'name'), text(change.after, 'name')].some((name) => name?.endsWith(`.${key}`)),
    );
  return [...keys]
    .filter((key) => !isPolicy(key))
    .map((key) => {
      const [was, is] = [text(before, key), text(after, key)];
      return [
        key,
        { ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) },
      ];
    });
}

/** Addresses that an argument of a resource refers to, as the configuration has it. */
function referencesOf(plan: TerraformPlan, address: string, argument: string): string[] {
  const { resources = [] } = plan.configuration?.root_module ?? {};
  return resources
    .filter((resource) => resource.address === address)
    .flatMap(({ expressions }) => expressions?.[argument]?.references ?? []);
}

/** Resources, with look-ups left out. */
export function managed(plan: TerraformPlan): readonly ResourceChange[] {
  return (plan.resource_changes ?? []).filter(({ mode }) => mode === 'managed');
}

/** An attribute that is a known text. */
export function text(value: unknown, attribute: string): string | undefined {
  const found = attributeOf(value, attribute);
  return typeof found === 'string' ? found : undefined;
}

/** An attribute that is a list: the known texts in it. */
export function texts(value: unknown, attribute: string): string[] {
  const found = attributeOf(value, attribute);
  return Array.isArray(found) ? found.filter((each) => typeof each === 'string') : [];
}

export function attributeOf(value: unknown, attribute: string): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)[attribute]
    : undefined;
}

export function isUnknown(unknown: unknown, attribute: string): boolean {
  return unknown === true || attributeOf(unknown, attribute) === true;
}

function isAbsent(value: unknown): boolean {
  return value === null || value === undefined;
}

function keysOf(value: unknown): string[] {
  return typeof value === 'object' && value !== null ? Object.keys(value) : [];
}

function inlinePolicies(value: unknown): readonly unknown[] {
  const found = attributeOf(value, 'inline_policy');
  return Array.isArray(found) ? found : [];
}

function inlineNames(value: unknown): string[] {
  return inlinePolicies(value).flatMap((policy) => text(policy, 'name') ?? []);
}

function inlineText(value: unknown, name: string): string | undefined {
  const found = inlinePolicies(value).find((policy) => text(policy, 'name') === name);
  return found === undefined ? undefined : text(found, 'policy');
}
