import { DbSubnetGroup } from '@cdktf/provider-aws/lib/db-subnet-group';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { RdsClusterParameterGroup } from '@cdktf/provider-aws/lib/rds-cluster-parameter-group';
import { TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import {
  type ClusterParameter,
  type CreatedCluster,
  clusterNames,
  ENGINE,
  masterUsernameOf,
} from '../environment/cluster';

/** What the module sets in the cluster parameter group: no login without TLS, and every login in the log. */
const PARAMETERS: Readonly<Record<string, ClusterParameter>> = {
  'rds.force_ssl': { value: '1' },
  log_connections: { value: '1' },
  log_disconnections: { value: '1' },
};

/** An Aurora PostgreSQL cluster with IAM authentication on, as resources of `scope`. */
export function createdCluster(scope: Construct, cluster: CreatedCluster): RdsCluster {
  const { identifier, instances, overrides } = cluster;
  const names = clusterNames(cluster);
  const subnetGroupName = cluster.subnetIds
    ? new DbSubnetGroup(scope, 'subnet-group', {
        ...overrides?.subnetGroup,
        name: names.subnetGroup as string,
        subnetIds: [...cluster.subnetIds],
      }).name
    : cluster.subnetGroupName;
  const major = cluster.engineVersion.split('.')[0];
  const parameterGroup = new RdsClusterParameterGroup(scope, 'parameter-group', {
    ...overrides?.parameterGroup,
    name: names.parameterGroup,
    family: `${ENGINE}${major}`,
    parameter: Object.entries({ ...cluster.parameters, ...PARAMETERS }).map(([name, parameter]) => ({
      name,
      value: parameter.value,
      applyMethod: parameter.applyMethod ?? 'immediate',
    })),
    // A new major version needs a new group before the cluster lets go of the old one.
    lifecycle: { createBeforeDestroy: true },
  });
  const resource = new RdsCluster(scope, 'cluster', {
    enabledCloudwatchLogsExports: ['postgresql', 'iam-db-auth-error'],
    copyTagsToSnapshot: true,
    ...overrides?.cluster,
    // scaling_configuration is of Serverless v1, which this engine no longer has; some endpoints answer it all the same.
    lifecycle: { ...overrides?.cluster?.lifecycle, ignoreChanges: ignoredChanges(cluster) },
    clusterIdentifier: identifier,
    engine: ENGINE,
    engineVersion: cluster.engineVersion,
    databaseName: cluster.databaseName,
    masterUsername: masterUsernameOf(cluster),
    manageMasterUserPassword: true,
    iamDatabaseAuthenticationEnabled: true,
    // Otherwise switching IAM authentication on waits for the maintenance window.
    applyImmediately: true,
    storageEncrypted: true,
    kmsKeyId: cluster.kmsKeyArn,
    port: cluster.port ?? 5432,
    dbSubnetGroupName: subnetGroupName,
    vpcSecurityGroupIds: cluster.securityGroupIds ? [...cluster.securityGroupIds] : undefined,
    dbClusterParameterGroupName: parameterGroup.name,
    deletionProtection: cluster.deletionProtection ?? true,
    skipFinalSnapshot: names.finalSnapshot === undefined,
    finalSnapshotIdentifier: names.finalSnapshot,
    serverlessv2ScalingConfiguration:
      instances.kind === 'serverlessV2'
        ? { minCapacity: instances.minimumCapacity, maxCapacity: instances.maximumCapacity }
        : undefined,
  });
  for (const [index, name] of names.instances.entries())
    new RdsClusterInstance(scope, `instance-${index + 1}`, {
      ...overrides?.instance,
      identifier: name,
      clusterIdentifier: resource.clusterIdentifier,
      engine: ENGINE,
      engineVersion: resource.engineVersion,
      instanceClass: instances.kind === 'serverlessV2' ? 'db.serverless' : instances.instanceClass,
    });
  new TerraformOutput(scope, 'cluster_identifier', { value: resource.clusterIdentifier });
  return resource;
}

function ignoredChanges(cluster: CreatedCluster): string[] | 'all' {
  const asked = cluster.overrides?.cluster?.lifecycle?.ignoreChanges ?? [];
  return asked === 'all' ? asked : [...asked, 'scaling_configuration'];
}
