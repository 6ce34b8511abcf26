import type { DataAwsDbInstance } from '@cdktf/provider-aws/lib/data-aws-db-instance';
import type { DataAwsRdsCluster } from '@cdktf/provider-aws/lib/data-aws-rds-cluster';
import type { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import type { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import {
  DefaultTokenResolver,
  type Postcondition,
  StringConcat,
  TerraformDataSource,
  TerraformElement,
  TerraformResource,
  TerraformStack,
  Token,
  Tokenization,
} from 'cdktf';
import type { Construct } from 'constructs';
import type { Cluster } from '../environment/cluster';
import { isResourceId } from '../names/arn';
import { arnPart, clusterConditions, instanceConditions, masterCondition } from './look-up';

/**
 * The cluster of somebody's own stack: an `RdsCluster`, a `DataAwsRdsCluster`, or anything with these two attributes.
 * An RDS for PostgreSQL instance, `DbInstance` or `DataAwsDbInstance`, may stand in its place.
 */
export type OwnCluster = ClusterAttributes | InstanceAttributes | DataInstanceAttributes;

export interface ClusterAttributes {
  readonly arn: string;
  /** `cluster-` and capitals and digits. Not the identifier, which no policy ever matches. */
  readonly clusterResourceId: string;
}

export interface InstanceAttributes {
  readonly arn: string;
  /** `db-` and capitals and digits. */
  readonly resourceId: string;
}

export interface DataInstanceAttributes {
  readonly dbInstanceArn: string;
  /** `db-` and capitals and digits. */
  readonly resourceId: string;
}

/** What can be told of a cluster when the program runs, and references to the rest. */
export interface ClusterDescription {
  readonly kind: Exclude<Cluster['kind'], 'created'>;
  readonly arn: string;
  readonly resourceId: string;
  /** As written; else the name that stands in the ARN. */
  readonly identifier: string;
  /** As written; absent where Terraform knows it later. */
  readonly databaseName?: string;
  readonly masterUsername?: string;
  /** The master's name is given, and Terraform knows it later. */
  readonly hasUnknownMaster?: boolean;
  /** Equal for what can be told to be the same cluster. */
  readonly identity: readonly string[];
  /** The stack that creates it. Absent where it is looked up, or where that cannot be told. */
  readonly createdBy?: TerraformStack;
  /** What keeps a login by token from working, and the way out. */
  readonly faults: readonly string[];
}

/** @param scope where the cluster is used */
export function describeCluster(scope: Construct, cluster: OwnCluster): ClusterDescription {
  const kind = 'clusterResourceId' in cluster ? 'existing' : 'instance';
  const arn = 'arn' in cluster ? cluster.arn : cluster.dbInstanceArn;
  const resourceId = 'clusterResourceId' in cluster ? cluster.clusterResourceId : cluster.resourceId;
  const identifier = (isWritten(arn) && arn.split(':')[6]) || arnPart(arn, 6);
  const description = { kind, arn, resourceId, identifier } as const;
  const own = TerraformElement.isTerraformElement(cluster) ? cluster : undefined;
  const stack = TerraformStack.of(own ?? scope);
  if (TerraformResource.isTerraformResource(own)) {
    const written = writtenIn(cluster as RdsCluster | DbInstance);
    return {
      ...description,
      ...written,
      identity: [stack.node.path, textOf(stack, arn)],
      createdBy: stack,
      faults: settingFaults(own),
    };
  }
  if (TerraformDataSource.isTerraformDataSource(own)) {
    const data = cluster as DataAwsRdsCluster | DataAwsDbInstance;
    const given =
      'clusterIdentifierInput' in data ? data.clusterIdentifierInput : data.dbInstanceIdentifierInput;
    return {
      ...description,
      ...(isWritten(given) ? { identifier: given } : {}),
      // Two look-ups of one name in one place find the same.
      identity: [stack.node.path, own.provider?.node.path ?? '', kind, textOf(stack, given ?? arn)],
      faults: [],
    };
  }
  return {
    ...description,
    identity: isWritten(arn) ? [arn] : [stack.node.path, textOf(stack, arn)],
    faults: resourceIdFaults(stack, resourceId),
  };
}

/**
 * Lets a plan refuse a cluster that is looked up by somebody's own data source as it refuses those of environments.
 * What is there already stays, and nothing is added twice.
 */
export function refuseAtPlan(cluster: OwnCluster, identifier: string, masterUsername?: string): void {
  if (!TerraformDataSource.isTerraformDataSource(cluster)) return;
  const isCluster = 'clusterResourceId' in cluster;
  const conditions = isCluster ? clusterConditions(identifier) : instanceConditions(identifier);
  if (masterUsername !== undefined)
    conditions.push(
      masterCondition(identifier, masterUsername, isCluster ? 'cluster' : 'instance', 'masterUsername'),
    );
  addPostconditions(cluster, conditions);
}

export function addPostconditions(data: TerraformDataSource, conditions: readonly Postcondition[]): void {
  const before = data.lifecycle?.postcondition ?? [];
  const added = conditions.filter(
    ({ condition }) => !before.some((existing) => existing.condition === condition),
  );
  data.lifecycle = { ...data.lifecycle, postcondition: [...before, ...added] };
}

/** Whether the value stands in the program, and not in what Terraform learns later. */
export function isWritten(value: string | undefined): value is string {
  return value !== undefined && !Token.isUnresolved(value);
}

/** The attribute that a reference is to: `cluster_identifier` of `${aws_rds_cluster.x.cluster_identifier}`. */
export function attributeOf(stack: TerraformStack, reference: string): string | undefined {
  return /\.([a-z_]+)\}$/.exec(textOf(stack, reference))?.[1];
}

function textOf(stack: TerraformStack, value: string): string {
  const resolver = new DefaultTokenResolver(new StringConcat());
  return String(Tokenization.resolve(value, { scope: stack, preparing: false, resolver }));
}

function writtenIn(resource: RdsCluster | DbInstance): Partial<ClusterDescription> {
  const [identifier, databaseName, masterUsername] =
    'clusterResourceId' in resource
      ? [resource.clusterIdentifierInput, resource.databaseNameInput, resource.masterUsernameInput]
      : [resource.identifierInput, resource.dbNameInput, resource.usernameInput];
  return {
    ...(isWritten(identifier) ? { identifier } : {}),
    ...(isWritten(databaseName) ? { databaseName } : {}),
    ...(isWritten(masterUsername) ? { masterUsername } : {}),
    hasUnknownMaster: masterUsername !== undefined && !isWritten(masterUsername),
  };
}

/** What is wrong with the arguments of a cluster that this program creates, escape hatches included. */
function settingFaults(resource: TerraformResource): string[] {
  const blocks: Record<string, Record<string, Record<string, unknown>>> = resource.toTerraform().resource;
  const block = blocks[resource.terraformResourceType]?.[resource.friendlyUniqueId] ?? {};
  const faults: string[] = [];
  const isOn = block['iam_database_authentication_enabled'];
  // What is not written out, Terraform knows later.
  if (isOn === undefined || isOn === false)
    faults.push(
      'has IAM authentication switched off, so no login with a token can succeed; give it iamDatabaseAuthenticationEnabled: true',
    );
  const engine = block['engine'];
  if (typeof engine === 'string' && isWritten(engine) && !engine.includes('postgres'))
    faults.push(`is of the engine ${engine}; IAM logins of this package are for PostgreSQL`);
  return faults;
}

function resourceIdFaults(stack: TerraformStack, resourceId: string): string[] {
  if (isWritten(resourceId))
    return isResourceId(resourceId)
      ? []
      : [
          `has "${resourceId}" in the place of its resource id, which is cluster- (db- of an instance) and capitals and digits; ` +
            'take DbClusterResourceId of `aws rds describe-db-clusters`',
        ];
  const attribute = attributeOf(stack, resourceId);
  return attribute === 'id' || attribute === 'identifier' || attribute === 'cluster_identifier'
    ? [
        `has its ${attribute} in the place of its resource id, which no policy ever matches; give the attribute cluster_resource_id`,
      ]
    : [];
}
