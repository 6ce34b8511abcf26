import type { DatabaseTarget } from '../names/arn';

/** One way into an environment's databases, as AWS describes it. */
export interface DescribedTarget {
  /** Its key in the environment. */
  readonly key: string;
  readonly kind: 'cluster' | 'instance' | 'proxy';
  /** The name in the console: of a cluster or an instance its identifier. */
  readonly identifier: string;
  /** Where it is, from its own ARN, and its resource id. */
  readonly target: DatabaseTarget;
  /** Of a cluster: its instances, as far as AWS may be asked for them. */
  readonly instances: readonly { readonly identifier: string; readonly resourceId: string }[];
}

/** What stands in the place of a resource id, and whose it is. */
export interface WhoseId {
  /** That the policy means. */
  readonly target: DescribedTarget;
  /** Undefined: it is the resource id. In words otherwise: `is the resource id of the instance orders-1 of cluster orders`. */
  readonly wrong?: string;
}

/**
 * Whose id, or name, a text is that stands in the place of a resource id.
 * @returns undefined where it is none of the targets', nor of anything that belongs to them
 */
export function whoseId(written: string, described: readonly DescribedTarget[]): WhoseId | undefined {
  const exact = described.find(({ target }) => target.resourceId === written);
  if (exact) return { target: exact };
  for (const target of described) {
    const wrong = wrongIdOf(written, target);
    if (wrong !== undefined) return { target, wrong };
  }
  return undefined;
}

function wrongIdOf(
  written: string,
  { kind, identifier, target, instances }: DescribedTarget,
): string | undefined {
  const same = written.toLowerCase();
  if (same === target.resourceId.toLowerCase())
    return `is the resource id of ${kind} ${identifier} in another case`;
  const member = instances.find((instance) => instance.resourceId.toLowerCase() === same);
  if (member)
    return `is the resource id of the instance ${member.identifier} of cluster ${identifier}, and a policy for Aurora needs that of the cluster`;
  // RDS does not distinguish upper and lower case in names.
  if (same === identifier.toLowerCase())
    return `is the ${kind === 'proxy' ? 'name' : 'identifier'} of ${kind} ${identifier}`;
  const named = instances.find((instance) => instance.identifier.toLowerCase() === same);
  return named && `is the identifier of the instance ${named.identifier} of cluster ${identifier}`;
}
