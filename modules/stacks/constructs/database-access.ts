import type { PostgresqlProvider } from '@cdktf/provider-postgresql/lib/provider';
import { Annotations, type ITerraformDependable, TerraformResource, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { cutoverWarning } from '../../access/cutover';
import { accessModel } from '../../access/model';
import type { Access } from '../../environment/access';
import { masterUsernameOf } from '../../environment/cluster';
import type { Environment } from '../../environment/environment';
import { databaseRoleClaims } from '../../validation/across';
import { timeoutNotes } from '../../validation/notes';
import { type PathFault, unknownValues } from '../../validation/plain-data';
import { accessResources } from '../access-resources';
import { type ClusterDescription, describeCluster, type OwnCluster, refuseAtPlan } from '../own-cluster';
import { validateConstruct } from './construct-faults';
import { defaultProvider } from './default-provider';
import { whereTwo } from './same-cluster';

export interface DatabaseAccessProps {
  /** The cluster (or instance) that the groups and logins are of. The way to it is the provider's. */
  readonly cluster: OwnCluster;
  readonly access: Access;
  /** The database that groups mean when they name none. @default the cluster's databaseName, where that is written out */
  readonly databaseName?: string;
  /** @default the cluster's masterUsername, else 'postgres' */
  readonly masterUsername?: string;
  /**
   * Logs in as an admin that may manage roles: the master, or one as in docs/admin.md.
   * @default the postgresql provider of the stack
   */
  readonly provider?: PostgresqlProvider;
  /**
   * Database -> a provider that is connected to it. An owner group of another database than the main one needs its own.
   * @default none
   */
  readonly providers?: Readonly<Record<string, PostgresqlProvider>>;
  /**
   * What must be there before the database answers: the writer's `RdsClusterInstance`, where the same stack creates the
   * cluster. A stack of its own is better: Terraform wants the values in a provider's block to be known at plan.
   * @default nothing
   */
  readonly dependsOn?: readonly ITerraformDependable[];
  /**
   * A shell command that makes the missing schemas of owner groups, run at apply after the groups are there; for example a
   * psql that runs `CREATE SCHEMA IF NOT EXISTS audit AUTHORIZATION orders_owner`. Terraform never drops a schema here.
   * @default none: the schemas must be there
   */
  readonly createSchemasCommand?: string;
  /** As `databases` of an environment. @default none */
  readonly databases?: readonly string[];
  /** Takes from PUBLIC what nobody asked for, as `lockDown` of an environment. @default false */
  readonly lockDown?: boolean;
}

/**
 * The groups, logins and privileges inside PostgreSQL.
 * @throws EnvironmentError with every fault at once
 */
export class DatabaseAccess extends Construct {
  constructor(scope: Construct, id: string, props: DatabaseAccessProps) {
    super(scope, id);
    const { access, provider, providers = {}, createSchemasCommand, dependsOn = [] } = props;
    const cluster = describeCluster(this, props.cluster);
    const environment = environmentOf(props, cluster);

    validateConstruct(
      this,
      environment,
      [
        ...cluster.faults.map((message) => ({ path: ['cluster'], message })),
        ...unknownValues(access, ['access']),
        ...unknownValues(props.databaseName, ['databaseName']),
        ...unknownValues(props.masterUsername, ['masterUsername']),
        ...unknownValues(props.databases, ['databases']),
        ...unwrittenNames(props, cluster),
        ...providerFaults(this, environment, props),
        ...orderFaults(this, cluster, dependsOn),
      ],
      (checked) =>
        databaseRoleClaims(checked, cluster.identity).map((claim) => ({
          ...claim,
          message: (by) => `${claim.message(by)}${whereTwo(cluster)}`,
        })),
    );

    refuseAtPlan(props.cluster, cluster.identifier, masterUsernameOf(environment.cluster));
    const model = accessModel(environment);
    accessResources(this, model, {
      ...(provider ? { provider } : {}),
      providerOf: (database) => (Object.hasOwn(providers, database) ? providers[database] : undefined),
      ...(createSchemasCommand === undefined ? {} : { createSchemasCommand }),
      dependsOn: [...dependsOn, ...instanceOf(this, props.cluster)],
    });
    for (const text of timeoutNotes(access)) Annotations.of(this).addWarning(text);
    for (const { name } of model.logins.filter(({ cutover }) => cutover))
      Annotations.of(this).addWarning(cutoverWarning(`construct ${this.node.path}`, name));
  }
}

/** The same as an environment, whose rules are asked for. Everything of AWS in it is a stand-in. */
function environmentOf(
  { access, databaseName, masterUsername, databases, lockDown = false }: DatabaseAccessProps,
  cluster: ClusterDescription,
): Environment {
  const master = masterUsername ?? cluster.masterUsername;
  return {
    name: 'construct',
    account: '000000000000',
    region: 'eu-west-1',
    cluster: {
      kind: cluster.kind,
      identifier: 'cluster',
      databaseName: databaseName ?? cluster.databaseName ?? 'postgres',
      ...(master === undefined ? {} : { masterUsername: master }),
    },
    access,
    principals: {},
    lockDown,
    ...(databases ? { databases } : {}),
  };
}

function unwrittenNames(props: DatabaseAccessProps, cluster: ClusterDescription): PathFault[] {
  const faults: PathFault[] = [];
  if (props.databaseName === undefined && cluster.databaseName === undefined)
    faults.push({
      path: ['databaseName'],
      message: 'is not written in the cluster; write here which database groups mean when they name none',
    });
  if (props.masterUsername === undefined && cluster.hasUnknownMaster)
    faults.push({
      path: ['masterUsername'],
      message: 'is known to Terraform only; write it here, because no group or login may be called so',
    });
  return faults;
}

function providerFaults(
  scope: Construct,
  { access, cluster }: Environment,
  { provider, providers = {} }: DatabaseAccessProps,
): PathFault[] {
  const all: readonly (readonly [path: readonly string[], provider: PostgresqlProvider | undefined])[] = [
    [['provider'], provider ?? (defaultProvider(scope, 'postgresql') as PostgresqlProvider | undefined)],
    ...Object.entries(providers).map(([database, each]) => [['providers', database], each] as const),
  ];
  const superusers = all.flatMap(([path, each]) =>
    // By default the provider uses what no RDS master may.
    each && (each.superuserInput === undefined || each.superuserInput === true)
      ? [
          {
            path,
            message: 'takes its admin for a superuser, which RDS has none of; give it superuser: false',
          },
        ]
      : [],
  );
  const regions = all.flatMap(([path, each]) => {
    const way = each && tokenRegionFault(each);
    return way === undefined ? [] : [{ path, message: way }];
  });
  // Where an owner group is destroyed, what it owns in the database of its provider goes to the admin.
  const elsewhere = Object.entries(access?.groups ?? {}).flatMap(([name, group]) =>
    group?.preset === 'owner' &&
    group.database !== undefined &&
    group.database !== cluster.databaseName &&
    !Object.hasOwn(providers, group.database)
      ? [
          {
            path: ['access', 'groups', name, 'database'],
            message: `owns in ${group.database}, and no provider is connected to it; give one in providers: { ${group.database}: … }`,
          },
        ]
      : [],
  );
  return [...superusers, ...regions, ...elsewhere];
}

/** The provider signs its tokens for the region of the profile, and after a change of role for that of its own environment. */
function tokenRegionFault(provider: PostgresqlProvider): string | undefined {
  const { awsRdsIamRegionInput: region, awsRdsIamProfileInput: profile } = provider;
  if (region === undefined) return undefined;
  if (profile !== undefined && profile !== '')
    return 'has awsRdsIamProfile and awsRdsIamRegion, and ignores the region: it signs for that of the profile; leave awsRdsIamProfile out, and set AWS_PROFILE for Terraform';
  return provider.awsRdsIamProviderRoleArnInput === undefined
    ? undefined
    : 'has awsRdsIamProviderRoleArn and awsRdsIamRegion, and ignores the region as soon as it has the role; leave awsRdsIamRegion out, and set AWS_REGION for Terraform';
}

function orderFaults(
  scope: Construct,
  { createdBy, kind }: ClusterDescription,
  dependsOn: readonly ITerraformDependable[],
): PathFault[] {
  if (kind === 'instance' || createdBy !== TerraformStack.of(scope) || dependsOn.length > 0) return [];
  return [
    {
      path: ['dependsOn'],
      message:
        "is empty, and this stack creates the cluster, which answers nobody before its writer is there; name the writer's RdsClusterInstance",
    },
  ];
}

/** An instance that the same stack creates is what answers. */
function instanceOf(scope: Construct, cluster: OwnCluster): ITerraformDependable[] {
  return TerraformResource.isTerraformResource(cluster) &&
    !('clusterResourceId' in cluster) &&
    cluster.cdktfStack === TerraformStack.of(scope)
    ? [cluster]
    : [];
}
