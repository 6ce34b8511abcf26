import type { DataAwsDbInstance } from '@cdktf/provider-aws/lib/data-aws-db-instance';
import type { DataAwsRdsCluster } from '@cdktf/provider-aws/lib/data-aws-rds-cluster';
import type { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import type { AwsProvider } from '@cdktf/provider-aws/lib/provider';
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
import { concreteRdsParts, isResourceId } from '../names/arn';
import { aroundReferences, isKnownLater, writtenAround } from '../names/later';
import { defaultProvider } from './constructs/default-provider';
import { type ClusterPlace, clusterKey } from './constructs/same-cluster';
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
  /** The account that is written for it. */
  readonly account?: string;
  /** The stack that creates it. Absent where it is looked up, or where that cannot be told. */
  readonly createdBy?: TerraformStack;
  /** What keeps a login by token from working, and the way out. */
  readonly faults: readonly string[];
}

/** Of what no compiler has looked at. */
const NO_CLUSTER: ClusterDescription = {
  kind: 'existing',
  arn: '',
  resourceId: '',
  identifier: '',
  identity: [],
  faults: ['is not a cluster; give an RdsCluster, a DataAwsRdsCluster, or { arn, clusterResourceId }'],
};

function hasAttributes(cluster: unknown): cluster is OwnCluster {
  if (typeof cluster !== 'object' || cluster === null) return false;
  const { arn, dbInstanceArn, clusterResourceId, resourceId } = cluster as Record<string, unknown>;
  return typeof (arn ?? dbInstanceArn) === 'string' && typeof (clusterResourceId ?? resourceId) === 'string';
}

/** @param scope where the cluster is used */
export function describeCluster(scope: Construct, cluster: OwnCluster): ClusterDescription {
  if (!hasAttributes(cluster)) return NO_CLUSTER;
  const kind = 'clusterResourceId' in cluster ? 'existing' : 'instance';
  const arn = 'arn' in cluster ? cluster.arn : cluster.dbInstanceArn;
  const resourceId = 'clusterResourceId' in cluster ? cluster.clusterResourceId : cluster.resourceId;
  const identifier = concreteRdsParts(arn)?.name ?? (isWritten(arn) ? '' : arnPart(arn, 6));
  const description = { kind, arn, resourceId, identifier } as const;
  const own = TerraformElement.isTerraformElement(cluster) ? cluster : undefined;
  const stack = TerraformStack.of(own ?? scope);
  const { provider: ownProvider } = cluster as { readonly provider?: AwsProvider };
  const providerPath = own ? (ownProvider?.node.path ?? '') : '';
  /** @param name as it is written, or a reference */
  const identify = (name: string | undefined, more: Partial<ClusterPlace>) => ({
    ...(more.account === undefined ? {} : { account: more.account }),
    identity: isWritten(name)
      ? clusterKey(stack.node.root, { kind, name, ...more })
      : [stack.node.path, providerPath, textOf(stack, name ?? arn)],
  });
  if (TerraformResource.isTerraformResource(own)) {
    const written = writtenIn(cluster as RdsCluster | DbInstance);
    return {
      ...description,
      ...written,
      ...identify(written.identifier, { ...providedPlace(own), createdBy: stack.node.path }),
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
      ...identify(given, providedPlace(own)),
      faults: [],
    };
  }
  const parts = isWritten(arn) ? concreteRdsParts(arn) : undefined;
  return {
    ...description,
    ...identify(parts?.name, { ...(parts ? { region: parts.region, account: parts.account } : {}) }),
    faults: [
      ...arnFaults(arn, kind === 'existing' ? 'cluster' : 'db'),
      ...resourceIdFaults(stack, resourceId),
    ],
  };
}

/** What the provider of a resource, and the resource itself, say of the place. */
function providedPlace(own: TerraformResource | TerraformDataSource): Partial<ClusterPlace> {
  const provider = (own.provider ?? defaultProvider(own, 'aws')) as AwsProvider | undefined;
  const { regionInput: ownRegion } = own as { readonly regionInput?: string };
  const region = ownRegion ?? provider?.regionInput;
  const [account, ...others] = provider?.allowedAccountIdsInput ?? [];
  return {
    ...(isWritten(region) ? { region } : {}),
    ...(others.length === 0 && isWritten(account) ? { account } : { provider: accountOf(provider) }),
  };
}

/** All that decides on the account of a provider: whatever it has, but for region, alias and tags. */
function accountOf(provider: AwsProvider | undefined): string {
  if (!provider) return '';
  const [{ region: _region, alias: _alias, default_tags: _tags, ignore_tags: _ignored, ...rest } = {}] =
    resolveIn(TerraformStack.of(provider), provider.toTerraform().provider[provider.terraformResourceType]);
  return JSON.stringify(rest);
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
  return String(resolveIn(stack, value));
}

// biome-ignore lint/suspicious/noExplicitAny: CDKTF's own type of what it resolves
function resolveIn(stack: TerraformStack, value: unknown): any {
  const resolver = new DefaultTokenResolver(new StringConcat());
  return Tokenization.resolve(value, { scope: stack, preparing: false, resolver });
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

/** A field of each kind, in the place of one that Terraform knows later. */
const FIELD_STAND_INS = ['arn', 'aws', 'rds', 'eu-west-1', '000000000000', 'type', 'name'];

/**
 * What is wrong with an ARN that somebody wrote. It goes into policies: IAM would read a wildcard in it, and complete one
 * with too few fields by wildcards.
 */
export function arnFaults(arn: string, type: 'cluster' | 'db' | 'db-proxy'): string[] {
  const references = writtenAround(arn);
  if (references.length > 1 && references.every((text) => text === '')) return [];
  const fields = aroundReferences(arn, (text) => text.replaceAll(':', '\n')).split('\n');
  const concrete = fields.map((field, index) => {
    const isPlain = writtenAround(field).every((text) => /^[A-Za-z0-9-]*$/.test(text));
    if (!isKnownLater(field) || !isPlain) return field;
    return index === 5 ? type : (FIELD_STAND_INS[index] ?? field);
  });
  if (concreteRdsParts(concrete.join(':'))?.type === type) return [];
  return [
    `has "${arn}" as its ARN, which is not the full ARN of one ${TYPE_WORDS[type]}; ` +
      `write arn:aws:rds:<region>:<account>:${type}:<${type === 'db-proxy' ? 'resource id' : 'identifier'}>, without wildcards`,
  ];
}

const TYPE_WORDS = { cluster: 'cluster', db: 'instance', 'db-proxy': 'proxy' } as const;

function resourceIdFaults(stack: TerraformStack, resourceId: string): string[] {
  if (isWritten(resourceId))
    return isResourceId(resourceId)
      ? []
      : [
          `has "${resourceId}" in the place of its resource id, which is cluster- (db- of an instance) and capitals and digits; ` +
            'take DbClusterResourceId of `aws rds describe-db-clusters`',
        ];
  if (writtenAround(resourceId).some((text) => !/^[A-Za-z0-9-]*$/.test(text)))
    return [
      `has "${resourceId}" in the place of its resource id, with something else beside a reference; give the attribute alone`,
    ];
  const attribute = attributeOf(stack, resourceId);
  return attribute === 'id' || attribute === 'identifier' || attribute === 'cluster_identifier'
    ? [
        `has its ${attribute} in the place of its resource id, which no policy ever matches; give the attribute cluster_resource_id`,
      ]
    : [];
}
