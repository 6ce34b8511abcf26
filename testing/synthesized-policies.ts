import { MAIN_TARGET } from '../modules/environment/principals';
import type { NamedPolicy } from '../modules/iam/policy-set';
import { numbered, numberedParts, OUTPUTS, ordinal } from '../modules/names/outputs';
import type { Account } from '../modules/names/place';
import { address, LOOK_UPS } from '../modules/names/terraform';
import { home, type StandInTarget, type SynthesizedStack, targetsIn } from '../planning/stand-ins';
import { holdingsOf, type KeyReader, stackReader } from './holdings';
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

/**
 * Who holds which policies, read from what Terraform would be given: managed policies and their attachments, inline
 * policies, groups of users, and the documents in the `policy_documents` output of an `aurora-iam` stack.
 * @throws CannotJudgeError where that cannot be told
 */
export function synthesizedPolicies(stack: SynthesizedStack): SynthesizedPolicies {
  refuseUnknownGrants(stack);
  const reader = stackReader(stack);
  const documents = outputDocuments(stack);
  const { identities, attached } = holdingsOf(reader, keyReader(stack, documents, 'attachment'));
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
  const all = reader.resources('aws_iam_policy').map(([id]) => id);
  for (const id of all) if (!attached.has(id)) lone(`policy/${id}`, [`policy/${id}`], [reader.policyAt(id)]);
  const keyOfPolicy = keyReader(stack, documents, 'policy');
  const keysWithPolicy = new Set(all.map((id) => keyOfPolicy(id, id)));
  for (const [key, texts] of documents)
    if (!keysWithPolicy.has(key))
      lone(
        key,
        [key],
        texts.map((text, index) => {
          const name = `output ${OUTPUTS.policyDocuments}, ${numbered(key, index)}`;
          return { name, document: reader.render(text, name) };
        }),
      );

  const targets = targetsIn(stack);
  return { holders, targets, targetNamed: (name) => targetNamed(targets, name) };
}

/**
 * Whose key a policy or an attachment has in its id. The attachment tells whose the key is: the policy alone may be
 * attached to others as well.
 */
function keyReader(
  stack: SynthesizedStack,
  documents: ReadonlyMap<string, readonly unknown[]>,
  kind: 'policy' | 'attachment',
): KeyReader {
  const keys = new Map(
    [...documents].flatMap(([key, texts]) =>
      texts.map((text, index): [string, { key: string; text: unknown }] => [
        address(`${kind}${ordinal(index)}`, key),
        { key, text },
      ]),
    ),
  );
  return (id, policyId) => {
    const exact = keys.get(id);
    if (exact) return exact.key;
    // In a construct, CDKTF writes the path before the id and a hash after it; two constructs may have the same keys.
    const inConstruct = /^(.+)_[0-9A-F]{8}$/.exec(id)?.[1];
    const policy = stack.resource?.['aws_iam_policy']?.[policyId]?.['policy'];
    return [...keys].find(([own, { text }]) => text === policy && inConstruct?.endsWith(`_${own}`))?.[1].key;
  };
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
