import type { DBCluster, DBInstance, DBProxy, RDSClient } from '@aws-sdk/client-rds';
import { type ClusterLook, type Fact, type FoundCluster, known } from '../../../modules/diagnosis/facts';
import { rdsParts } from '../../../modules/names/arn';
import { type CredentialOptions, credentialsOf } from '../credentials';
import { missing } from './missing';

/** What to look up. An instance may turn out to belong to a cluster. */
export type Wanted = Pick<ClusterLook, 'kind' | 'identifier' | 'region'>;

export interface ClusterFacts {
  readonly cluster: Fact<ClusterLook>;
  /** Of the writer (or of the readers), where it was found. */
  readonly host?: string | undefined;
  readonly reader?: string | undefined;
  readonly masterSecretArn?: string | undefined;
}

/** It takes rds:DescribeDBClusters, rds:DescribeDBInstances or rds:DescribeDBProxies on what is looked up. */
export async function lookAtCluster(wanted: Wanted, options: CredentialOptions): Promise<ClusterFacts> {
  const { RDSClient } = await import('@aws-sdk/client-rds');
  const { region } = wanted;
  let client: RDSClient | undefined;
  try {
    client = new RDSClient({ region, credentials: await credentialsOf(options, region), maxAttempts: 2 });
    return await LOOK[wanted.kind](client, wanted);
  } catch (error) {
    if (/NotFoundFault$|NotFound$/.test((error as Error).name))
      return { cluster: known({ ...wanted, found: undefined }) };
    return {
      cluster: missing(
        error,
        'whether IAM authentication is on, and the resource id that policies must name',
      ),
    };
  } finally {
    client?.destroy();
  }
}

const LOOK: Readonly<Record<Wanted['kind'], (client: RDSClient, wanted: Wanted) => Promise<ClusterFacts>>> = {
  cluster: async (client, wanted) => {
    const { DescribeDBClustersCommand } = await import('@aws-sdk/client-rds');
    const beside = instancesOf(client, wanted.identifier);
    const answer = await client.send(
      new DescribeDBClustersCommand({ DBClusterIdentifier: wanted.identifier }),
    );
    const [found] = answer.DBClusters ?? [];
    if (!found) return { cluster: known({ ...wanted, found: undefined }) };
    const { endpoints, instances } = await beside;
    const cluster = fromCluster(found);
    return {
      cluster: known({
        ...wanted,
        found: { ...cluster, endpoints: [...cluster.endpoints, ...endpoints], instances },
      }),
      host: found.Endpoint,
      reader: found.ReaderEndpoint,
      masterSecretArn: found.MasterUserSecret?.SecretArn,
    };
  },
  instance: async (client, wanted) => {
    const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
    const answer = await client.send(
      new DescribeDBInstancesCommand({ DBInstanceIdentifier: wanted.identifier }),
    );
    const [found] = answer.DBInstances ?? [];
    if (!found) return { cluster: known({ ...wanted, found: undefined }) };
    if (found.DBClusterIdentifier) {
      const of = await LOOK.cluster(client, {
        ...wanted,
        kind: 'cluster',
        identifier: found.DBClusterIdentifier,
      });
      return { ...of, host: found.Endpoint?.Address };
    }
    return {
      cluster: known({ ...wanted, found: fromInstance(found) }),
      host: found.Endpoint?.Address,
      masterSecretArn: found.MasterUserSecret?.SecretArn,
    };
  },
  proxy: async (client, wanted) => {
    const { DescribeDBProxiesCommand } = await import('@aws-sdk/client-rds');
    const answer = await client.send(new DescribeDBProxiesCommand({ DBProxyName: wanted.identifier }));
    const [found] = answer.DBProxies ?? [];
    return {
      cluster: known({ ...wanted, found: found && fromProxy(found) }),
      host: found?.Endpoint,
    };
  },
};

/** Only for better words: none where AWS may not be asked. */
async function instancesOf(
  client: RDSClient,
  cluster: string,
): Promise<Pick<FoundCluster, 'endpoints' | 'instances'>> {
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
  try {
    const Filters = [{ Name: 'db-cluster-id', Values: [cluster] }];
    const { DBInstances = [] } = await client.send(new DescribeDBInstancesCommand({ Filters }));
    return {
      endpoints: DBInstances.flatMap(({ Endpoint }) => Endpoint?.Address ?? []),
      instances: DBInstances.map(({ DBInstanceIdentifier = '', DbiResourceId = '' }) => ({
        identifier: DBInstanceIdentifier,
        resourceId: DbiResourceId,
      })),
    };
  } catch {
    return { endpoints: [], instances: [] };
  }
}

function fromCluster(found: DBCluster): FoundCluster {
  return {
    arn: found.DBClusterArn ?? '',
    resourceId: found.DbClusterResourceId ?? '',
    status: found.Status ?? 'unknown',
    engine: found.Engine ?? '',
    endpoints: [found.Endpoint, found.ReaderEndpoint].flatMap((each) => each ?? []),
    port: found.Port,
    iamAuthentication: found.IAMDatabaseAuthenticationEnabled === true,
    iamAuthenticationPending: found.PendingModifiedValues?.IAMDatabaseAuthenticationEnabled,
    masterUsername: found.MasterUsername,
    masterHasPassword: found.MasterUserSecret !== undefined,
    logExports: found.EnabledCloudwatchLogsExports ?? [],
    internetAccessGateway: found.InternetAccessGatewayEnabled,
    vpcNetworking: found.VPCNetworkingEnabled,
    proxyWithSecrets: false,
    instances: [],
  };
}

/** Only a cluster can have the express configuration. */
const NOT_EXPRESS = { internetAccessGateway: undefined, vpcNetworking: undefined };

function fromInstance(found: DBInstance): FoundCluster {
  return {
    arn: found.DBInstanceArn ?? '',
    resourceId: found.DbiResourceId ?? '',
    status: found.DBInstanceStatus ?? 'unknown',
    engine: found.Engine ?? '',
    endpoints: found.Endpoint?.Address ? [found.Endpoint.Address] : [],
    port: found.Endpoint?.Port,
    iamAuthentication: found.IAMDatabaseAuthenticationEnabled === true,
    iamAuthenticationPending: found.PendingModifiedValues?.IAMDatabaseAuthenticationEnabled,
    masterUsername: found.MasterUsername,
    masterHasPassword: found.MasterUserSecret !== undefined,
    logExports: found.EnabledCloudwatchLogsExports ?? [],
    ...NOT_EXPRESS,
    proxyWithSecrets: false,
    instances: [],
  };
}

/** The resource id of a proxy is the last part of its ARN. */
function fromProxy(found: DBProxy): FoundCluster {
  const arn = found.DBProxyArn ?? '';
  return {
    arn,
    resourceId: rdsParts(arn)?.name ?? '',
    status: found.Status ?? 'unknown',
    engine: found.EngineFamily === 'POSTGRESQL' ? 'postgres' : (found.EngineFamily ?? ''),
    endpoints: found.Endpoint ? [found.Endpoint] : [],
    // A proxy listens on the port of its engine, and says no other.
    port: 5432,
    iamAuthentication: true,
    iamAuthenticationPending: undefined,
    masterUsername: undefined,
    masterHasPassword: false,
    logExports: [],
    ...NOT_EXPRESS,
    proxyWithSecrets: (found.Auth ?? []).some(({ AuthScheme }) => AuthScheme === 'SECRETS'),
    instances: [],
  };
}
