import type { DbSubnetGroupConfig } from '@cdktf/provider-aws/lib/db-subnet-group';
import type { RdsClusterConfig } from '@cdktf/provider-aws/lib/rds-cluster';
import type { RdsClusterInstanceConfig } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import type { RdsClusterParameterGroupConfig } from '@cdktf/provider-aws/lib/rds-cluster-parameter-group';

export type Cluster = CreatedCluster | ExistingCluster | ExistingInstance;

interface ClusterIdentity {
  /** DBClusterIdentifier (of an instance: DBInstanceIdentifier): the name in the console. Never what a policy needs; see `cluster_resource_id`. */
  readonly identifier: string;
  /** The database that groups mean when they name none. */
  readonly databaseName: string;
  /** @default 'postgres' */
  readonly masterUsername?: string;
}

/** RDS returns it from no look-up, so whoever names a cluster says it. */
interface MasterAuthentication {
  /**
   * How the master logs in. `iam-db-auth`: by a token only, as on every cluster made with `--with-express-configuration`. Such a
   * master has no password, so it must never leave rds_iam; any other master must never come into it.
   * @default 'password'
   */
  readonly masterUserAuthenticationType?: 'password' | 'iam-db-auth';
}

/** A cluster that somebody else owns: it is looked up by its identifier and never changed. */
export interface ExistingCluster extends ClusterIdentity, MasterAuthentication {
  readonly kind: 'existing';
}

/** An RDS for PostgreSQL instance (not Aurora) that somebody else owns, in the place of a cluster. */
export interface ExistingInstance extends ClusterIdentity, MasterAuthentication {
  readonly kind: 'instance';
}

/** A cluster that the environment creates, with IAM authentication on. */
export interface CreatedCluster extends ClusterIdentity {
  readonly kind: 'created';
  /** Aurora PostgreSQL version, such as `17.5`; its major version chooses the parameter group's family. */
  readonly engineVersion: string;
  readonly instances: ServerlessInstances | ProvisionedInstances;
  /** Subnets of a subnet group that is made for the cluster. Give these or `subnetGroupName`, or neither for the default VPC. */
  readonly subnetIds?: readonly string[];
  readonly subnetGroupName?: string;
  /** @default the VPC's default security group */
  readonly securityGroupIds?: readonly string[];
  /** @default 5432 */
  readonly port?: number;
  /** ARN of the key for the storage. @default the account's aws/rds key */
  readonly kmsKeyArn?: string;
  /** @default true */
  readonly deletionProtection?: boolean;
  /** A snapshot `<identifier>-final` when the cluster is destroyed. @default true */
  readonly finalSnapshot?: boolean;
  /** Parameters of the cluster parameter group besides those the module sets. */
  readonly parameters?: Readonly<Record<string, ClusterParameter>>;
  /**
   * Any further argument of the provider's resources, as CDKTF takes it: raw Terraform, in which `${…}` and `%{…}` are
   * expressions, and references may stand. What the module decides cannot be overridden.
   */
  readonly overrides?: ClusterOverrides;
}

export interface ClusterParameter {
  readonly value: string;
  /** @default 'immediate' */
  readonly applyMethod?: 'immediate' | 'pending-reboot';
}

export interface ServerlessInstances {
  readonly kind: 'serverlessV2';
  /** Aurora capacity units. */
  readonly minimumCapacity: number;
  readonly maximumCapacity: number;
  /** Instances besides the writer. @default 0 */
  readonly readers?: number;
}

export interface ProvisionedInstances {
  readonly kind: 'provisioned';
  /** Such as `db.r7g.large`. */
  readonly instanceClass: string;
  /** Instances besides the writer. @default 0 */
  readonly readers?: number;
}

/** The arguments of each resource that the module decides from the fields above, or must not leave open. */
export const DECIDED_ARGUMENTS = {
  cluster: [
    'clusterIdentifier',
    'databaseName',
    'masterUsername',
    'masterPassword',
    'masterPasswordWo',
    'masterPasswordWoVersion',
    'manageMasterUserPassword',
    'masterUserAuthenticationType',
    'engine',
    'engineVersion',
    'iamDatabaseAuthenticationEnabled',
    'applyImmediately',
    'storageEncrypted',
    'kmsKeyId',
    'port',
    'dbSubnetGroupName',
    'vpcSecurityGroupIds',
    'dbClusterParameterGroupName',
    'deletionProtection',
    'skipFinalSnapshot',
    'finalSnapshotIdentifier',
    'serverlessv2ScalingConfiguration',
  ],
  instance: ['clusterIdentifier', 'identifier', 'engine', 'engineVersion', 'instanceClass'],
  parameterGroup: ['name', 'family', 'parameter'],
  subnetGroup: ['name', 'subnetIds'],
} as const;

type Undecided<Config, Resource extends keyof typeof DECIDED_ARGUMENTS> = Partial<
  Omit<Config, (typeof DECIDED_ARGUMENTS)[Resource][number]>
>;

export interface ClusterOverrides {
  readonly cluster?: Undecided<RdsClusterConfig, 'cluster'>;
  readonly instance?: Undecided<RdsClusterInstanceConfig, 'instance'>;
  readonly parameterGroup?: Undecided<RdsClusterParameterGroupConfig, 'parameterGroup'>;
  readonly subnetGroup?: Undecided<DbSubnetGroupConfig, 'subnetGroup'>;
}

export function createCluster(cluster: Omit<CreatedCluster, 'kind'>): CreatedCluster {
  return { kind: 'created', ...cluster };
}

export function existingCluster(cluster: Omit<ExistingCluster, 'kind'>): ExistingCluster {
  return { kind: 'existing', ...cluster };
}

export function existingInstance(instance: Omit<ExistingInstance, 'kind'>): ExistingInstance {
  return { kind: 'instance', ...instance };
}

export function serverlessV2(instances: Omit<ServerlessInstances, 'kind'>): ServerlessInstances {
  return { kind: 'serverlessV2', ...instances };
}

export function provisioned(instances: Omit<ProvisionedInstances, 'kind'>): ProvisionedInstances {
  return { kind: 'provisioned', ...instances };
}

export const ENGINE = 'aurora-postgresql';

/** What a created cluster's resources are called in AWS. */
export interface ClusterNames {
  /** One a major version, so the version stands at the end. */
  readonly parameterGroup: string;
  /** Absent: the subnet group of the VPC's default. */
  readonly subnetGroup?: string;
  readonly instances: readonly string[];
  /** Absent: none is made. */
  readonly finalSnapshot?: string;
}

export function clusterNames(cluster: CreatedCluster): ClusterNames {
  const { identifier, instances, engineVersion, subnetIds, subnetGroupName, finalSnapshot } = cluster;
  const subnetGroup = subnetIds ? identifier : subnetGroupName;
  return {
    parameterGroup: parameterGroupName(identifier, engineVersion.split('.')[0] as string),
    ...(subnetGroup === undefined ? {} : { subnetGroup }),
    instances: Array.from(
      { length: 1 + (instances.readers ?? 0) },
      (_, index) => `${identifier}-${index + 1}`,
    ),
    ...(finalSnapshot === false ? {} : { finalSnapshot: `${identifier}-final` }),
  };
}

export function parameterGroupName(identifier: string, major: string): string {
  return `${identifier}-${ENGINE}${major}`;
}

/** The master's name: RDS has no default of its own, PostgreSQL's custom is `postgres`. */
export function masterUsernameOf(cluster: Cluster): string {
  return cluster.masterUsername ?? 'postgres';
}

/**
 * Whether the master logs in by a token and has no password. Everything that depends on how the master logs in asks here: one
 * that does is locked out without rds_iam, and any other is locked out in it.
 */
export function masterLogsInByIam(cluster: Cluster): boolean {
  return cluster.kind !== 'created' && cluster.masterUserAuthenticationType === 'iam-db-auth';
}
