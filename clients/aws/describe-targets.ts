import type { RDSClient } from '@aws-sdk/client-rds';
import type { DescribedTarget } from '../../modules/connect/whose-id';
import type { Environment } from '../../modules/environment/environment';
import { MAIN_TARGET } from '../../modules/environment/principals';
import { rdsParts } from '../../modules/names/arn';
import { UserError } from '../error';
import { withClient } from './clusters';
import type { CredentialOptions } from './credentials';

type Wanted = Pick<DescribedTarget, 'key' | 'kind' | 'identifier'> & { readonly region: string };

/**
 * What AWS says of every target of an environment. It takes rds:DescribeDBClusters, rds:DescribeDBInstances and
 * rds:DescribeDBProxies, as far as there are such targets; without rds:DescribeDBInstances, a cluster has no `instances`.
 * @param remark is called with each target that cannot be described, and why
 * @throws UserError if none can
 */
export async function describeTargets(
  environment: Environment,
  options: CredentialOptions,
  remark: (line: string) => void,
): Promise<DescribedTarget[]> {
  const { region, cluster, targets = {} } = environment;
  const wanted: Wanted[] = [
    {
      key: MAIN_TARGET,
      kind: cluster.kind === 'instance' ? 'instance' : 'cluster',
      identifier: cluster.identifier,
      region,
    },
    ...Object.entries(targets).map(
      ([key, target]): Wanted =>
        target.kind === 'proxy'
          ? { key, kind: 'proxy', identifier: target.name, region }
          : { key, kind: 'cluster', identifier: target.identifier, region: target.region },
    ),
  ];
  const failures: string[] = [];
  const described: DescribedTarget[] = [];
  for (const each of wanted) {
    try {
      described.push(
        await withClient(each.region, options, async (client) => ({
          ...each,
          ...(await DESCRIBE[each.kind](client, each.identifier)),
        })),
      );
    } catch (error) {
      const { name, message } = error as Error;
      failures.push(
        `The ${each.kind} ${each.identifier} in ${each.region} could not be looked up (${name}: ${message}).`,
      );
    }
  }
  if (described.length === 0)
    throw new UserError(`${failures.join(' ')} Without --env, lint needs nothing of AWS.`);
  for (const failure of failures) remark(`${failure} It is left out of the comparison.`);
  return described;
}

type Found = Pick<DescribedTarget, 'target' | 'instances'>;

const DESCRIBE: Readonly<
  Record<DescribedTarget['kind'], (client: RDSClient, identifier: string) => Promise<Found>>
> = {
  cluster: async (client, identifier) => {
    const { DescribeDBClustersCommand } = await import('@aws-sdk/client-rds');
    const { DBClusters } = await client.send(
      new DescribeDBClustersCommand({ DBClusterIdentifier: identifier }),
    );
    const [found] = DBClusters ?? [];
    return {
      target: placed(found?.DBClusterArn, found?.DbClusterResourceId),
      instances: await instancesOf(client, identifier),
    };
  },
  instance: async (client, identifier) => {
    const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
    const { DBInstances } = await client.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }),
    );
    const [found] = DBInstances ?? [];
    return { target: placed(found?.DBInstanceArn, found?.DbiResourceId), instances: [] };
  },
  proxy: async (client, name) => {
    const { DescribeDBProxiesCommand } = await import('@aws-sdk/client-rds');
    const { DBProxies } = await client.send(new DescribeDBProxiesCommand({ DBProxyName: name }));
    const arn = DBProxies?.[0]?.DBProxyArn;
    // The resource id is the last part of the ARN.
    return { target: placed(arn, arn === undefined ? undefined : rdsParts(arn)?.name), instances: [] };
  },
};

async function instancesOf(client: RDSClient, cluster: string): Promise<DescribedTarget['instances']> {
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
  try {
    const { DBInstances = [] } = await client.send(
      new DescribeDBInstancesCommand({ Filters: [{ Name: 'db-cluster-id', Values: [cluster] }] }),
    );
    return DBInstances.flatMap(({ DBInstanceIdentifier, DbiResourceId, DBClusterIdentifier }) =>
      DBInstanceIdentifier && DbiResourceId && DBClusterIdentifier === cluster
        ? [{ identifier: DBInstanceIdentifier, resourceId: DbiResourceId }]
        : [],
    );
  } catch {
    // Whoever may not ask for them still learns what is wrong, if not whose id it is.
    return [];
  }
}

function placed(arn: string | undefined, resourceId: string | undefined): DescribedTarget['target'] {
  const parts = arn === undefined ? undefined : rdsParts(arn);
  if (!parts || resourceId === undefined) throw new UserError('AWS does not say its ARN and its resource id');
  const { partition, region, account } = parts;
  return { partition, region, account, resourceId };
}
