import type { DataAwsDbProxy } from '@cdktf/provider-aws/lib/data-aws-db-proxy';
import type { DbProxy } from '@cdktf/provider-aws/lib/db-proxy';
import type { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { Annotations, TerraformDataSource, TerraformStack } from 'cdktf';
import { Construct } from 'constructs';
import { is } from 'valibot';
import { lookUpAction } from '../../connect/documents';
import type { Access } from '../../environment/access';
import type { Environment } from '../../environment/environment';
import { MAIN_TARGET, type Principal } from '../../environment/principals';
import { STANDARD_PROXY } from '../../environment/targets';
import type { DatabaseTarget } from '../../names/arn';
import { type Claim, newRoleClaims } from '../../validation/across';
import { sharedIdentityNotes } from '../../validation/notes';
import { type PathFault, unknownValues } from '../../validation/plain-data';
import { environmentName } from '../../validation/shape/values';
import { databaseTarget } from '../look-up';
import { proxyConditions, proxyTarget } from '../look-up-targets';
import {
  addPostconditions,
  arnFaults,
  attributeOf,
  type ClusterDescription,
  describeCluster,
  isWritten,
  type OwnCluster,
  refuseAtPlan,
} from '../own-cluster';
import { type PrincipalPolicies, principalPolicies } from '../policy-resources';
import { validateConstruct } from './construct-faults';
import { defaultProvider } from './default-provider';
import { whereTwo } from './same-cluster';

export interface ConnectPoliciesProps<Login extends string = string> {
  /** The cluster (or instance) of your own stack, or of another stack of the same app. */
  readonly cluster: OwnCluster;
  /** Whose logins the principals connect as. Nothing of it is made here; see `DatabaseAccess`. */
  readonly access: Access<string, Login>;
  /** IAM identities, by keys of your own. The name of a role, user or group may be a reference: `iamRole(role.name, …)`. */
  readonly principals: Readonly<Record<string, Principal<NoInfer<Login>>>>;
  /** Further ways into the same databases: members of the global database, proxies in end-to-end IAM mode. @default none */
  readonly targets?: Readonly<Record<string, OwnCluster | DbProxy | DataAwsDbProxy>>;
  /** Stands in the names of the policies: `<cluster's identifier>.<name>.<principal>`. @default the construct's id */
  readonly name?: string;
  /** @default the AWS provider of the stack */
  readonly provider?: AwsProvider;
  /** Needed for new roles only, and only where the provider's region is not written out. @default the provider's */
  readonly region?: string;
}

/**
 * Who may connect as whom, in IAM: a policy for each principal that allows `rds-db:connect` as its logins on the
 * cluster's resource id and nothing else, attached; and the roles that are new.
 * @throws EnvironmentError with every fault at once
 */
export class ConnectPolicies<const Login extends string = string>
  extends Construct
  implements PrincipalPolicies
{
  readonly policyArns: Readonly<Record<string, string>>;
  readonly policyDocuments: Readonly<Record<string, string>>;
  readonly roleArns: Readonly<Record<string, string>>;

  constructor(scope: Construct, id: string, props: ConnectPoliciesProps<Login>) {
    super(scope, id);
    const cluster = describeCluster(this, props.cluster);
    const targets = Object.entries(props.targets ?? {}).map(([key, target]) =>
      describeTarget(this, key, target),
    );
    const provider = props.provider ?? (defaultProvider(this, 'aws') as AwsProvider | undefined);
    const region = props.region ?? writtenRegion(provider);
    const account = writtenAccount(provider, cluster);
    const environment = environmentOf(id, props, { cluster, targets, region, account });

    validateConstruct(
      this,
      environment,
      [
        ...cluster.faults.map((message) => ({ path: ['cluster'], message })),
        ...targets.flatMap((target) => target.faults),
        ...unknownValues(props.access, ['access']),
        ...unknownValues(props.principals, ['principals'], mayBeReference),
        ...referenceFaults(this, props.principals),
        ...(region === undefined && hasNewRole(environment) ? [REGION_UNKNOWN] : []),
        ...(props.name === undefined && !is(environmentName, id) ? [ID_IS_NO_NAME] : []),
      ],
      (checked) => [
        ...policyClaims(checked.name, cluster, account),
        ...newRoleClaims(checked, account ?? JSON.stringify(cluster.identity)),
      ],
    );

    for (const text of sharedIdentityNotes(environment)) Annotations.of(this).addWarning(text);
    refuseAtPlan(props.cluster, cluster.identifier);
    for (const target of targets) target.refuseAtPlan();
    const policies = principalPolicies(
      this,
      environment,
      {
        targets: {
          [MAIN_TARGET]: databaseTarget(cluster.arn, cluster.resourceId),
          ...Object.fromEntries(targets.map(({ key, place }) => [key, place()])),
        },
        lookUp: { action: lookUpAction(cluster.kind), arn: cluster.arn },
      },
      { identifier: cluster.identifier, ...(props.provider ? { provider: props.provider } : {}) },
    );
    this.policyArns = policies.policyArns;
    this.policyDocuments = policies.policyDocuments;
    this.roleArns = policies.roleArns;
  }
}

/** Names of policies hold the cluster's identifier, and an account has each name once, in whatever region the cluster is. */
function policyClaims(name: string, cluster: ClusterDescription, account: string | undefined): Claim[] {
  const signs = [cluster.identity, ...(account === undefined ? [] : [[account, cluster.identifier]])];
  return signs.map((sign) => ({
    what: ['policies', ...sign, name],
    path: ['name'],
    message: (by) =>
      `"${name}" is the name of ${by} on this cluster already; give another name${whereTwo(cluster)}`,
  }));
}

/** One of `targets`. */
interface TargetDescription {
  readonly key: string;
  readonly kind: 'memberCluster' | 'proxy';
  readonly place: () => DatabaseTarget;
  readonly faults: readonly PathFault[];
  readonly refuseAtPlan: () => void;
}

function describeTarget(
  scope: Construct,
  key: string,
  target: OwnCluster | DbProxy | DataAwsDbProxy,
): TargetDescription {
  const path = ['targets', key];
  if (!isProxy(target)) {
    const { arn, resourceId, identifier, faults, kind } = describeCluster(scope, target);
    const messages =
      kind === 'instance'
        ? [...faults, 'is an instance; a target is a cluster of the same global database, or a proxy']
        : faults;
    return {
      key,
      kind: 'memberCluster',
      place: () => databaseTarget(arn, resourceId),
      faults: messages.map((message) => ({ path, message })),
      refuseAtPlan: () => refuseAtPlan(target, identifier),
    };
  }
  return {
    key,
    kind: 'proxy',
    place: () => proxyTarget(target.arn),
    faults: [...arnFaults(target.arn, 'db-proxy'), ...(isStandardProxy(target) ? [STANDARD_PROXY] : [])].map(
      (message) => ({ path, message }),
    ),
    refuseAtPlan: () => {
      if (TerraformDataSource.isTerraformDataSource(target))
        addPostconditions(target, proxyConditions(target.nameInput ?? key));
    },
  };
}

function isProxy(target: OwnCluster | DbProxy | DataAwsDbProxy): target is DbProxy | DataAwsDbProxy {
  const { arn, clusterResourceId, resourceId } = Object(target) as Record<string, unknown>;
  return typeof arn === 'string' && clusterResourceId === undefined && resourceId === undefined;
}

/** Of a proxy that is looked up, the plan tells. */
function isStandardProxy(proxy: DbProxy | DataAwsDbProxy): boolean {
  const auth = 'authInput' in proxy ? proxy.authInput : undefined;
  return Array.isArray(auth) && auth.some(({ authScheme }) => authScheme === 'SECRETS');
}

/** In the place of what Terraform knows later. The region is the longest one, because policies are divided by size. */
const STAND_INS = { region: 'us-gov-west-1', account: '000000000000', databaseName: 'postgres' } as const;
/** Of names that can be no fault: one is as long as it may be, the other is refused for logins and groups anyway. */
const LONGEST_IDENTIFIER = 'a'.repeat(63);
const RESERVED_MASTER = 'rdsadmin';

/** The same as an environment, whose rules and documents are asked for. */
function environmentOf<Login extends string>(
  id: string,
  { name = id, access, principals }: ConnectPoliciesProps<Login>,
  found: {
    readonly cluster: ClusterDescription;
    readonly targets: readonly TargetDescription[];
    readonly region: string | undefined;
    readonly account: string | undefined;
  },
): Environment {
  const { cluster, targets } = found;
  const region = found.region ?? STAND_INS.region;
  return {
    name,
    // Where it is not known, the ARNs of the principals must at least agree.
    account: found.account ?? accountNamedBy(principals) ?? STAND_INS.account,
    region,
    cluster: {
      kind: cluster.kind,
      identifier: LONGEST_IDENTIFIER,
      databaseName: cluster.databaseName ?? STAND_INS.databaseName,
      masterUsername: cluster.masterUsername ?? RESERVED_MASTER,
    },
    access,
    principals,
    targets: Object.fromEntries(
      targets.map(({ key, kind }) => [
        key,
        kind === 'proxy'
          ? { kind, name: 'proxy' }
          : { kind, identifier: LONGEST_IDENTIFIER, region: STAND_INS.region },
      ]),
    ),
  };
}

function writtenRegion(provider: AwsProvider | undefined): string | undefined {
  const region = provider?.regionInput;
  return isWritten(region) ? region : undefined;
}

function writtenAccount(provider: AwsProvider | undefined, cluster: ClusterDescription): string | undefined {
  if (cluster.account !== undefined) return cluster.account;
  const [account, ...others] = provider?.allowedAccountIdsInput ?? [];
  return others.length === 0 && isWritten(account) ? account : undefined;
}

function accountNamedBy(principals: Environment['principals'] | undefined): string | undefined {
  const names = Object.values(principals ?? {}).flatMap((principal) => Object.values(principal ?? {}));
  const arns = names.flatMap((name) =>
    typeof name === 'string' ? (/:iam::(\d{12}):/.exec(name) ?? []) : [],
  );
  return arns[1];
}

function hasNewRole({ principals }: Environment): boolean {
  return Object.values(principals ?? {}).some((principal) => principal?.kind === 'newRole');
}

const REGION_UNKNOWN: PathFault = {
  path: ['region'],
  message:
    "is not written in the AWS provider, and who may assume a new role depends on it; write it here: 'eu-west-1'",
};

const ID_IS_NO_NAME: PathFault = {
  path: ['name'],
  message:
    "is the construct's id by default, which does not fit into names of policies here; give one of at most 24 lower-case " +
    'letters, digits and single hyphens',
};

/** Names and ARNs of resources beside the construct. */
function mayBeReference([, , field, ...deeper]: readonly PropertyKey[]): boolean {
  return deeper.length === 0 && ['role', 'user', 'group', 'permissionsBoundaryArn'].includes(String(field));
}

/** IAM attaches by name, and a reference cannot be taken apart as a written ARN is. */
function referenceFaults(scope: Construct, principals: Environment['principals'] | undefined): PathFault[] {
  return Object.entries(principals ?? {}).flatMap(([key, principal]) =>
    Object.entries(principal ?? {}).flatMap(([field, value]) =>
      ['role', 'user', 'group'].includes(field) &&
      typeof value === 'string' &&
      !isWritten(value) &&
      attributeOf(TerraformStack.of(scope), value) === 'arn'
        ? [
            {
              path: ['principals', key, field],
              message: `is a reference to an ARN; give the name: ${field}.name`,
            },
          ]
        : [],
    ),
  );
}
