import { MAIN_TARGET } from '../modules/environment/principals';
import type { NamedPolicy } from '../modules/iam/policy-set';
import { numbered, numberedParts, OUTPUTS, ordinal } from '../modules/names/outputs';
import type { Account } from '../modules/names/place';
import { address, LOOK_UPS } from '../modules/names/terraform';
import {
  type Block,
  home,
  type StandInTarget,
  type SynthesizedStack,
  targetsIn,
} from '../planning/stand-ins';
import { referencesOf } from './references';
import { CannotJudgeError, renderTemplate } from './terraform-expressions';
import { refuseUnknownGrants } from './unknown-grants';

/** Someone who holds policies, as a stack (or a lone document) has it. */
export interface PolicyHolder extends Account {
  /** `role`, `user` and `group` are IAM identities; `document` is whoever a document will be given to. */
  readonly kind: 'role' | 'user' | 'group' | 'document';
  /** The identity's name, or the document's. */
  readonly name: string;
  /** Everything that `principal` may be to mean this one. */
  readonly called: readonly string[];
  readonly policies: readonly NamedPolicy[];
  /** Not in the stack: ARNs, as the attachment writes them, or `group/<name>` for what a group has. */
  readonly unknownPolicies: readonly string[];
  readonly boundary?: NamedPolicy;
  /** A permissions boundary whose document is not in the stack. */
  readonly unknownBoundary?: string;
}

export interface SynthesizedPolicies {
  readonly holders: readonly PolicyHolder[];
  readonly targets: readonly StandInTarget[];
  /** Answers `undefined` if there is no such target. @param name a key, an address or the last part of one */
  readonly targetNamed: (name: string) => StandInTarget | undefined;
}

type IdentityKind = 'role' | 'user' | 'group';

/**
 * Who holds which policies, read from what Terraform would be given: managed policies and their attachments, inline
 * policies, groups of users, and the documents in the `policy_documents` output of an `aurora-iam` stack.
 * @throws CannotJudgeError where that cannot be told
 */
export function synthesizedPolicies(stack: SynthesizedStack): SynthesizedPolicies {
  const resolve = referencesOf(stack);
  const render = (value: unknown, where: string): string => {
    if (typeof value !== 'string') throw new CannotJudgeError(`cannot judge ${where}: it is not a text`);
    try {
      return renderTemplate(value, resolve);
    } catch (error) {
      if (error instanceof CannotJudgeError) throw new CannotJudgeError(`${where}: ${error.message}`);
      throw error;
    }
  };
  const resources = (type: string): [string, Block][] => Object.entries(stack.resource?.[type] ?? {});
  refuseUnknownGrants(stack);

  const identities = new Map<string, Holding>();
  const holding = (kind: IdentityKind, name: string): Holding => {
    const known = identities.get(`${kind}/${name}`);
    if (known) return known;
    const created = { kind, name, keys: new Set<string>(), policies: new Map(), unknown: new Set<string>() };
    identities.set(`${kind}/${name}`, created);
    return created;
  };
  const documents = outputDocuments(stack);
  // The attachment tells whose the key is: the policy alone may be attached to others as well.
  const keysOf = (kind: string) => {
    const keys = new Map(
      [...documents].flatMap(([key, texts]) =>
        texts.map((text, index): [string, { key: string; text: unknown }] => [
          address(`${kind}${ordinal(index)}`, key),
          { key, text },
        ]),
      ),
    );
    return (id: string, policyId: string): string | undefined => {
      const exact = keys.get(id);
      if (exact) return exact.key;
      // In a construct, CDKTF writes the path before the id and a hash after it; two constructs may have the same keys.
      const inConstruct = /^(.+)_[0-9A-F]{8}$/.exec(id)?.[1];
      const policy = stack.resource?.['aws_iam_policy']?.[policyId]?.['policy'];
      return [...keys].find(([own, { text }]) => text === policy && inConstruct?.endsWith(`_${own}`))?.[1]
        .key;
    };
  };
  const keyOfPolicy = keysOf('policy');
  const keyOfAttachment = keysOf('attachment');
  const attached = new Set<string>();
  const policyAt = (id: string): NamedPolicy => ({
    name: `aws_iam_policy.${id}`,
    document: render(stack.resource?.['aws_iam_policy']?.[id]?.['policy'], `aws_iam_policy.${id}`),
  });
  const policyOf = (reference: unknown): { id: string } | { unknown: string } => {
    const id = /^\$\{aws_iam_policy\.([\w-]+)\.(?:arn|id)\}$/.exec(String(reference))?.[1];
    return id !== undefined && stack.resource?.['aws_iam_policy']?.[id]
      ? { id }
      : { unknown: String(reference) };
  };
  const attach = (to: Holding, reference: unknown, attachment = '') => {
    const policy = policyOf(reference);
    const key = keyOfAttachment(attachment, 'id' in policy ? policy.id : '');
    if (key !== undefined) to.keys.add(key);
    if ('unknown' in policy) {
      to.unknown.add(policy.unknown);
      return;
    }
    attached.add(policy.id);
    to.policies.set(policy.id, policyAt(policy.id));
  };

  for (const kind of ['role', 'user', 'group'] as const) {
    for (const [id, block] of resources(`aws_iam_${kind}`)) {
      const where = `aws_iam_${kind}.${id}`;
      const identity = holding(kind, render(`\${${where}.name}`, where));
      for (const reference of list(block['managed_policy_arns'], where)) attach(identity, reference);
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
        attached.add(policy.id);
      } else identity.unknownBoundary = policy.unknown;
    }
    for (const [id, block] of resources(`aws_iam_${kind}_policy_attachment`)) {
      const where = `aws_iam_${kind}_policy_attachment.${id}`;
      attach(holding(kind, render(block[kind], where)), block['policy_arn'], id);
    }
    for (const [id, block] of resources(`aws_iam_${kind}_policy`)) {
      const where = `aws_iam_${kind}_policy.${id}`;
      const document = render(block['policy'], where);
      holding(kind, render(block[kind], where)).policies.set(where, { name: where, document });
    }
    for (const [id, block] of resources('aws_iam_policy_attachment')) {
      const where = `aws_iam_policy_attachment.${id}`;
      for (const name of list(block[`${kind}s`], where))
        attach(holding(kind, render(name, where)), block['policy_arn']);
    }
  }
  const ownGroups = new Set(
    resources('aws_iam_group').map(([id]) => render(`\${aws_iam_group.${id}.name}`, `aws_iam_group.${id}`)),
  );
  const joinGroup = (user: string, group: string) => {
    const [to, from] = [holding('user', user), holding('group', group)];
    // Of a group of somebody else nothing is known, and that is not nothing.
    if (from.policies.size + from.unknown.size === 0 && !ownGroups.has(group))
      to.unknown.add(`group/${group}`);
    for (const [id, policy] of from.policies) to.policies.set(id, policy);
    for (const reference of from.unknown) to.unknown.add(reference);
  };
  for (const [id, block] of resources('aws_iam_user_group_membership'))
    for (const group of list(block['groups'], id)) joinGroup(render(block['user'], id), render(group, id));
  for (const [id, block] of resources('aws_iam_group_membership'))
    for (const user of list(block['users'], id)) joinGroup(render(user, id), render(block['group'], id));

  const { account, partition } = home(stack);
  const holders: PolicyHolder[] = [...identities.values()]
    .filter(({ policies, unknown }) => policies.size > 0 || unknown.size > 0)
    .map(({ kind, name, keys, policies, unknown, boundary, unknownBoundary }) => ({
      kind,
      name,
      called: [...keys, name, `${kind}/${name}`],
      policies: [...policies.values()],
      unknownPolicies: [...unknown],
      ...(boundary ? { boundary } : {}),
      ...(unknownBoundary ? { unknownBoundary } : {}),
      account,
      partition,
    }));
  const lone = (name: string, called: string[], policies: NamedPolicy[]) =>
    holders.push({ kind: 'document', name, called, policies, unknownPolicies: [], account, partition });
  // Attached by another stack, perhaps: what it allows counts. No key: the principal of that key does not have it.
  for (const [id] of resources('aws_iam_policy'))
    if (!attached.has(id)) lone(`policy/${id}`, [`policy/${id}`], [policyAt(id)]);
  const keysWithPolicy = new Set(resources('aws_iam_policy').map(([id]) => keyOfPolicy(id, id)));
  for (const [key, texts] of documents)
    if (!keysWithPolicy.has(key))
      lone(
        key,
        [key],
        texts.map((text, index) => {
          const name = `output ${OUTPUTS.policyDocuments}, ${numbered(key, index)}`;
          return { name, document: render(text, name) };
        }),
      );

  const targets = targetsIn(stack);
  return { holders, targets, targetNamed: (name) => targetNamed(targets, name) };
}

interface Holding {
  readonly kind: IdentityKind;
  readonly name: string;
  readonly keys: Set<string>;
  readonly policies: Map<string, NamedPolicy>;
  readonly unknown: Set<string>;
  boundary?: NamedPolicy;
  unknownBoundary?: string;
}

/** By key of the principal; a key has no dot, the number of a further document follows one. */
function outputDocuments(stack: SynthesizedStack): Map<string, unknown[]> {
  const byKey = new Map<string, unknown[]>();
  const value = stack.output?.[OUTPUTS.policyDocuments]?.['value'];
  if (typeof value !== 'object' || value === null) return byKey;
  const ordered = Object.entries(value)
    .map(([name, text]) => ({ ...numberedParts(name), text: text as unknown }))
    .sort((one, other) => one.index - other.index);
  for (const { key, text } of ordered) byKey.set(key, [...(byKey.get(key) ?? []), text]);
  return byKey;
}

function targetNamed(targets: readonly StandInTarget[], name: string): StandInTarget | undefined {
  const own =
    name === MAIN_TARGET
      ? [`data.aws_rds_cluster.${LOOK_UPS.cluster}`, `data.aws_db_instance.${LOOK_UPS.instance}`]
      : [`data.aws_rds_cluster.${LOOK_UPS.member(name)}`, `data.aws_db_proxy.${LOOK_UPS.proxy(name)}`];
  const byAddress = targets.find((target) => own.includes(target.address) || target.address === name);
  if (byAddress) return byAddress;
  const ofStack = new Set(targets.map(({ resourceId }) => resourceId));
  if (name === MAIN_TARGET && ofStack.size === 1) return targets[0];
  const byId = targets.filter((target) => target.address.endsWith(`.${name}`));
  const ids = new Set(byId.map(({ resourceId }) => resourceId));
  return ids.size === 1 ? byId[0] : undefined;
}

function list(value: unknown, where: string): unknown[] {
  if (value === undefined) return [];
  if (typeof value === 'string')
    throw new CannotJudgeError(`cannot judge ${where}: a list in it is an expression, not written out`);
  return [value].flat();
}
