import type { NearMiss } from '../../iam/near-misses';
import { isResourceId } from '../../names/arn';
import { found } from '../cause';
import { type Facts, knownOf } from '../facts';
import { loginArn } from '../permission';
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
  const there = knownOf(facts.cluster);
  const id = written['resource id'];
  const wanted = there?.found?.resourceId ?? '';
  const others = differs
    .filter((part) => part !== 'resource id')
    .map((part) => `the ${part} ${written[part] || '(empty)'}`);
  const words = differs.includes('resource id') ? [idWords(id), ...others] : others;
  return `names ${words.join(' and ')}`;

  function idWords(name: string): string {
    if (name === there?.identifier) return `the identifier ${name} in the place of the resource id ${wanted}`;
    if (there?.found?.instanceIds.includes(name))
      return `the id of an instance, ${name}, in the place of the resource id ${wanted} of the cluster`;
    if (there?.kind === 'proxy' && name.startsWith('cluster-'))
      return `the cluster ${name} behind the proxy, whose own id is ${wanted}`;
    return isResourceId(name)
      ? `the resource id ${name}, and that of this ${there?.kind ?? 'cluster'} is ${wanted}`
      : `${name || 'nothing'} in the place of the resource id ${wanted}`;
  }
}
