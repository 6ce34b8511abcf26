import { whoseId } from '../../connect/whose-id';
import type { NearMiss } from '../../iam/near-misses';
import { isResourceId } from '../../names/arn';
import { found } from '../cause';
import { type Facts, knownOf } from '../facts';
import { loginArn, targetOf } from '../permission';
import { permissionCause } from './permission-cause';

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html */
export const policyOtherCluster = permissionCause('policy-other-cluster', (refusal, facts) => {
  const near =
    refusal.layer === 'identity'
      ? refusal.near.find(({ differs }) => differs.length > 0 && !differs.includes('login'))
      : undefined;
  return near
    ? found(
        'policy-other-cluster',
        near.policy,
        `${differenceWords(near, facts)}, so statement ${near.statement} matches nothing of this cluster`,
        `write ${loginArn(facts)} instead of ${near.resource}`,
      )
    : undefined;
});

function differenceWords({ differs, written }: NearMiss, facts: Facts): string {
  const words = differs.map((part) =>
    part === 'resource id' ? idWords(written[part], facts) : `the ${part} ${written[part] || '(empty)'}`,
  );
  return `names ${words.join(' and ')}`;
}

function idWords(id: string, facts: Facts): string {
  const { kind = 'cluster', identifier = '', found: there } = knownOf(facts.cluster) ?? {};
  const target = targetOf(facts);
  const right = `that of this ${kind} is ${target?.resourceId}`;
  const whose =
    target &&
    whoseId(id, [{ key: kind, kind, identifier, target, instances: there?.instances ?? [] }])?.wrong;
  if (whose !== undefined) return `"${id}", which ${whose}; the resource id is ${target?.resourceId}`;
  if (kind === 'proxy' && id.startsWith('cluster-')) return `the cluster ${id} behind the proxy; ${right}`;
  return isResourceId(id)
    ? `the resource id ${id}, and ${right}`
    : `"${id}", which is no resource id; ${right}`;
}
