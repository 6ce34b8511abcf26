import type { Environment } from '../../environment/environment';
import { DESCRIBE } from '../../iam/actions';
import type { PolicyStatement } from '../../iam/policy-document';
import { placeIn, rdsArn } from '../../names/arn';
import type { Place } from '../../names/place';
import { lookUpAction } from '../documents';
import { allow } from './statement';

export function lookUpOwn({ cluster }: Environment, home: Place): PolicyStatement {
  const type = cluster.kind === 'instance' ? 'db' : 'cluster';
  return allow('LookUp', [lookUpAction(cluster.kind)], [rdsArn(home, type, cluster.identifier)]);
}

/** Only the policies stack looks the targets up. */
export function lookUpTargetsOf({ targets = {} }: Environment, home: Place): PolicyStatement[] {
  const all = Object.values(targets);
  const members = all.flatMap((target) =>
    target.kind === 'memberCluster'
      ? [rdsArn(placeIn(target.region, home.account), 'cluster', target.identifier)]
      : [],
  );
  return [
    ...(members.length > 0 ? [allow('LookUpMembers', [DESCRIBE.cluster], members)] : []),
    // The ARN of a proxy has its resource id, which nobody knows before.
    ...(all.some(({ kind }) => kind === 'proxy')
      ? [allow('LookUpProxies', [DESCRIBE.proxy], [rdsArn(home, 'db-proxy', '*')])]
      : []),
  ];
}
