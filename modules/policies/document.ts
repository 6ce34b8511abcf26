import type { ClusterLookup } from '../cluster/cluster-lookup';
import type { Principal } from '../environment/principals';
import { dbuserArn } from './arn';
import type { PolicyDocument } from './policy-document';

/**
 * What one principal needs, and nothing more: `rds-db:connect` alone is enough to connect, and making a token
 * needs no permission at all. Reading the cluster's endpoint from AWS is another matter and asked for on its own.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
 */
export function connectDocument(
  cluster: Pick<ClusterLookup, 'arn' | 'partition' | 'region' | 'account' | 'resourceId'>,
  principal: Pick<Principal, 'connectsAs' | 'mayLookUpCluster'>,
): PolicyDocument {
  const connect = {
    Sid: 'Connect',
    Effect: 'Allow' as const,
    Action: 'rds-db:connect',
    // Sorted, so that the order in the environment file makes no difference to a plan.
    Resource: [...principal.connectsAs].sort().map((login) => dbuserArn(cluster, login)),
  };
  const lookUp = {
    Sid: 'LookUpCluster',
    Effect: 'Allow' as const,
    Action: 'rds:DescribeDBClusters',
    Resource: cluster.arn,
  };
  return {
    Version: '2012-10-17',
    Statement: principal.mayLookUpCluster ? [connect, lookUp] : [connect],
  };
}
