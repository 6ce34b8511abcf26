import type { NamedPolicy } from '../modules/iam/policy-set';
import type { Block, SynthesizedStack } from '../planning/stand-ins';
import { referencesOf } from './references';
import { CannotJudgeError, renderTemplate } from './terraform-expressions';

export type IdentityKind = 'role' | 'user' | 'group';

/** What an identity of IAM has in a stack. */
export interface Holding {
  readonly kind: IdentityKind;
  readonly name: string;
  /** Of principals, as the ids of its attachments tell. */
  readonly keys: Set<string>;
  /** By id of the policy, or by address. */
  readonly policies: Map<string, NamedPolicy>;
  /** Not in the stack: ARNs, as the attachment writes them, or `group/<name>`. */
  readonly unknown: Set<string>;
  boundary?: NamedPolicy;
  unknownBoundary?: string;
}

/** Answers with the key of a principal. @param id of the policy or attachment @param policyId of the policy */
export type KeyReader = (id: string, policyId: string) => string | undefined;

/** Reads the texts of a stack. */
export interface StackReader {
  /** By name within the type. */
  readonly resources: (type: string) => [string, Block][];
  /** @throws CannotJudgeError where the value is no text, or has references that have no stand-in */
  readonly render: (value: unknown, where: string) => string;
  /** The policy of an id that is there. */
  readonly policyAt: (id: string) => NamedPolicy;
  /** What a `policy_arn` refers to: a policy of the stack, or something else, as it is written. */
  readonly policyOf: (reference: unknown) => { readonly id: string } | { readonly unknown: string };
}

export function stackReader(stack: SynthesizedStack): StackReader {
  const resolve = referencesOf(stack);
  const policies = stack.resource?.['aws_iam_policy'] ?? {};
  const render = (value: unknown, where: string): string => {
    if (typeof value !== 'string') throw new CannotJudgeError(`cannot judge ${where}: it is not a text`);
    try {
      return renderTemplate(value, resolve);
    } catch (error) {
      if (error instanceof CannotJudgeError) throw new CannotJudgeError(`${where}: ${error.message}`);
      throw error;
    }
  };
  return {
    resources: (type) => Object.entries(stack.resource?.[type] ?? {}),
    render,
    policyAt: (id) => ({
      name: `aws_iam_policy.${id}`,
      document: render(policies[id]?.['policy'], `aws_iam_policy.${id}`),
    }),
    policyOf: (reference) => {
      const id = /^\$\{aws_iam_policy\.([\w-]+)\.(?:arn|id)\}$/.exec(String(reference))?.[1];
      return id !== undefined && policies[id] ? { id } : { unknown: String(reference) };
    },
  };
}

export interface Holdings {
  /** By `<kind>/<name>`. */
  readonly identities: ReadonlyMap<string, Holding>;
  /** Ids of the policies that somebody has. */
  readonly attached: ReadonlySet<string>;
}

interface Collected {
  readonly reader: StackReader;
  readonly keyOfAttachment: KeyReader;
  readonly identities: Map<string, Holding>;
  readonly attached: Set<string>;
}

/** Managed policies and their attachments, inline policies, boundaries, and what users have by their groups.
 *  @throws CannotJudgeError where that cannot be told */
export function holdingsOf(reader: StackReader, keyOfAttachment: KeyReader): Holdings {
  const all: Collected = { reader, keyOfAttachment, identities: new Map(), attached: new Set() };
  for (const kind of ['role', 'user', 'group'] as const) {
    collectIdentities(all, kind);
    collectAttachments(all, kind);
    collectInline(all, kind);
    collectSharedAttachments(all, kind);
  }
  collectGroups(all);
  return all;
}

function holding({ identities }: Collected, kind: IdentityKind, name: string): Holding {
  const known = identities.get(`${kind}/${name}`);
  if (known) return known;
  const created = { kind, name, keys: new Set<string>(), policies: new Map(), unknown: new Set<string>() };
  identities.set(`${kind}/${name}`, created);
  return created;
}

function attach(all: Collected, to: Holding, reference: unknown, attachment = ''): void {
  const policy = all.reader.policyOf(reference);
  const key = all.keyOfAttachment(attachment, 'id' in policy ? policy.id : '');
  if (key !== undefined) to.keys.add(key);
  if ('unknown' in policy) {
    to.unknown.add(policy.unknown);
    return;
  }
  all.attached.add(policy.id);
  to.policies.set(policy.id, all.reader.policyAt(policy.id));
}

/** Roles, users and groups that the stack makes, with what stands in their own blocks. */
function collectIdentities(all: Collected, kind: IdentityKind): void {
  const { resources, render, policyOf, policyAt } = all.reader;
  for (const [id, block] of resources(`aws_iam_${kind}`)) {
    const where = `aws_iam_${kind}.${id}`;
    const identity = holding(all, kind, render(`\${${where}.name}`, where));
    for (const reference of list(block['managed_policy_arns'], where)) attach(all, identity, reference);
    for (const [index, inline] of list(block['inline_policy'], where).entries())
      identity.policies.set(`${where} ${index}`, {
        name: `inline policy ${index + 1} of ${where}`,
        document: render((inline as Block)['policy'], where),
      });
    const boundary = block['permissions_boundary'];
    if (boundary === undefined) continue;
    const policy = policyOf(boundary);
    if ('id' in policy) {
      identity.boundary = policyAt(policy.id);
      all.attached.add(policy.id);
    } else identity.unknownBoundary = policy.unknown;
  }
}

function collectAttachments(all: Collected, kind: IdentityKind): void {
  const { resources, render } = all.reader;
  for (const [id, block] of resources(`aws_iam_${kind}_policy_attachment`)) {
    const where = `aws_iam_${kind}_policy_attachment.${id}`;
    attach(all, holding(all, kind, render(block[kind], where)), block['policy_arn'], id);
  }
}

function collectInline(all: Collected, kind: IdentityKind): void {
  const { resources, render } = all.reader;
  for (const [id, block] of resources(`aws_iam_${kind}_policy`)) {
    const where = `aws_iam_${kind}_policy.${id}`;
    const document = render(block['policy'], where);
    holding(all, kind, render(block[kind], where)).policies.set(where, { name: where, document });
  }
}

/** One attachment to many. */
function collectSharedAttachments(all: Collected, kind: IdentityKind): void {
  const { resources, render } = all.reader;
  for (const [id, block] of resources('aws_iam_policy_attachment')) {
    const where = `aws_iam_policy_attachment.${id}`;
    for (const name of list(block[`${kind}s`], where))
      attach(all, holding(all, kind, render(name, where)), block['policy_arn']);
  }
}

/** A user has what its groups have. */
function collectGroups(all: Collected): void {
  const { resources, render } = all.reader;
  const ownGroups = new Set(
    resources('aws_iam_group').map(([id]) => render(`\${aws_iam_group.${id}.name}`, `aws_iam_group.${id}`)),
  );
  const join = (user: string, group: string) => {
    const [to, from] = [holding(all, 'user', user), holding(all, 'group', group)];
    // Of a group of somebody else nothing is known, and that is not nothing.
    if (from.policies.size + from.unknown.size === 0 && !ownGroups.has(group))
      to.unknown.add(`group/${group}`);
    for (const [id, policy] of from.policies) to.policies.set(id, policy);
    for (const reference of from.unknown) to.unknown.add(reference);
  };
  for (const [id, block] of resources('aws_iam_user_group_membership'))
    for (const group of list(block['groups'], id)) join(render(block['user'], id), render(group, id));
  for (const [id, block] of resources('aws_iam_group_membership'))
    for (const user of list(block['users'], id)) join(render(user, id), render(block['group'], id));
}

function list(value: unknown, where: string): unknown[] {
  if (value === undefined) return [];
  if (typeof value === 'string')
    throw new CannotJudgeError(`cannot judge ${where}: a list in it is an expression, not written out`);
  return [value].flat();
}
