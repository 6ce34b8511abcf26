import { adminOf } from '../environment/admin';
import { type CreatedCluster, clusterNames, parameterGroupName } from '../environment/cluster';
import { type Environment, stackName, stateKey } from '../environment/environment';
import { identityNameOf, type NewRolePrincipal } from '../environment/principals';
import type { PolicyDocument, PolicyStatement } from '../iam/policy-document';
import { MAXIMUM_POLICY_SIZE } from '../iam/policy-document';
import { dbuserArn, dbuserPattern, iamArn, partitionOf, rdsArn } from '../names/arn';
import { lookUpAction, policyName } from './documents';

// What the provider calls is in its source, one file a resource: internal/service/rds/{cluster,cluster_instance,
// cluster_parameter_group,subnet_group,cluster_data_source,instance_data_source,proxy_data_source}.go and
// internal/service/iam/{policy,role,instance_profile,role_policy_attachment,user_policy_attachment,
// group_policy_attachment}.go of https://github.com/hashicorp/terraform-provider-aws. Which resources an action takes:
// https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html, …/list_awsidentityandaccessmanagementiam.html

export interface DeploymentOptions {
  /** Of the environment's own cluster or instance, for an admin that logs in by IAM. @default any of its kind */
  readonly resourceId?: string;
}

/**
 * What the role needs that runs `cdktf diff`, `deploy` and `destroy` of the environment's stacks, on resources wherever
 * an action takes one. `sts:GetCallerIdentity`, which the provider calls too, needs no permission
 * (https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html).
 * What a deploy takes away (a principal, an instance) stands in the documents of the environment as it was before.
 * @returns by stack; one that is too long for a managed policy goes on in `<stack>.2`, `<stack>.3`, …
 */
export function deploymentPermissions(
  environment: Environment,
  options: DeploymentOptions = {},
): Record<string, PolicyDocument> {
  const { cluster } = environment;
  const home = homeOf(environment);
  const documents: Record<string, PolicyDocument> = {};
  const add = (stack: string, statements: readonly PolicyStatement[]) => {
    divided([...stateStatements(environment, home, stack), ...statements]).forEach((document, index) => {
      documents[index === 0 ? stack : `${stack}.${index + 1}`] = document;
    });
  };
  if (cluster.kind === 'created')
    add(stackName(environment, 'cluster'), clusterStatements(environment, cluster, home));
  const lookUp = lookUpOwn(environment, home);
  add(stackName(environment, 'database'), [lookUp, ...adminStatements(environment, home, options)]);
  add(stackName(environment, 'policies'), [
    lookUp,
    ...lookUpTargetsOf(environment, home),
    ...policyStatements(environment, home),
  ]);
  return documents;
}

/** Partition, region and account of everything but targets in other regions. */
interface Home {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
}

function homeOf({ account, region }: Environment): Home {
  return { partition: partitionOf(region), region, account };
}

/**
 * State and lock are objects of the bucket; Terraform never deletes a state.
 * https://developer.hashicorp.com/terraform/language/backend/s3#permissions-required
 * Encryption with a key: https://docs.aws.amazon.com/AmazonS3/latest/userguide/UsingKMSEncryption.html
 */
function stateStatements({ backend }: Environment, { partition }: Home, stack: string): PolicyStatement[] {
  if (!backend) return [];
  const bucket = `arn:${partition}:s3:::${backend.bucket}`;
  const state = `${bucket}/${literal(stateKey(backend, stack))}`;
  return [
    allow('ListStates', ['s3:ListBucket'], [bucket]),
    allow('State', ['s3:GetObject', 's3:PutObject'], [state, `${state}.tflock`]),
    allow('Unlock', ['s3:DeleteObject'], [`${state}.tflock`]),
    ...(backend.kmsKeyArn
      ? [allow('StateKey', ['kms:Decrypt', 'kms:GenerateDataKey'], [literal(backend.kmsKeyArn)])]
      : []),
  ];
}

function lookUpOwn({ cluster }: Environment, home: Home): PolicyStatement {
  const type = cluster.kind === 'instance' ? 'db' : 'cluster';
  return allow('LookUp', [lookUpAction(cluster.kind)], [rdsArn(home, type, cluster.identifier)]);
}

/** Only the policies stack looks the targets up. */
function lookUpTargetsOf({ targets = {} }: Environment, home: Home): PolicyStatement[] {
  const all = Object.values(targets);
  const members = all.flatMap((target) =>
    target.kind === 'memberCluster'
      ? [
          rdsArn(
            { ...home, region: target.region, partition: partitionOf(target.region) },
            'cluster',
            target.identifier,
          ),
        ]
      : [],
  );
  return [
    ...(members.length > 0 ? [allow('LookUpMembers', ['rds:DescribeDBClusters'], members)] : []),
    // The ARN of a proxy has its resource id, which nobody knows before.
    ...(all.some(({ kind }) => kind === 'proxy')
      ? [allow('LookUpProxies', ['rds:DescribeDBProxies'], [rdsArn(home, 'db-proxy', '*')])]
      : []),
  ];
}

/** How the database stack's admin logs in. In the database itself the login decides, not IAM. */
function adminStatements(
  environment: Environment,
  home: Home,
  { resourceId }: DeploymentOptions,
): PolicyStatement[] {
  const admin = adminOf(environment);
  const [kind, type] =
    environment.cluster.kind === 'instance'
      ? (['instance', 'db'] as const)
      : (['cluster', 'cluster'] as const);
  switch (admin.kind) {
    case 'rdsManagedSecret': {
      const key = secretKeyOf(environment);
      return [
        allow('AdminSecret', ['secretsmanager:GetSecretValue'], [managedSecret(home, kind)], {
          StringEquals: { [managedSecretKey(kind)]: rdsArn(home, type, environment.cluster.identifier) },
        }),
        ...(key ? [allow('AdminSecretKey', ['kms:Decrypt'], [key])] : []),
      ];
    }
    case 'secret':
      return [allow('AdminSecret', ['secretsmanager:GetSecretValue'], [literal(admin.secretArn)])];
    case 'iam':
      return [
        allow(
          'AdminLogin',
          ['rds-db:connect'],
          [
            resourceId === undefined
              ? dbuserPattern(home, kind, admin.username)
              : dbuserArn({ ...home, resourceId }, admin.username),
          ],
        ),
      ];
    case 'environmentPassword':
      return [];
  }
}

/**
 * The secret that RDS keeps for the master: its name has an id that nobody knows before.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html
 */
function managedSecret({ partition, region, account }: Home, kind: 'cluster' | 'instance'): string {
  const name = kind === 'instance' ? 'rds!db-*' : 'rds!cluster-*';
  return `arn:${partition}:secretsmanager:${region}:${account}:secret:${name}`;
}

/**
 * RDS tags the secret with the ARN of what it is the master's of. Without that, `rds!cluster-*` would be the secrets of all
 * clusters. The tags' names are in RDS's own policy:
 * https://docs.aws.amazon.com/aws-managed-policy/latest/reference/AmazonRDSServiceRolePolicy.html
 */
export function managedSecretKey(kind: 'cluster' | 'instance'): string {
  const tag = kind === 'instance' ? 'aws:rds:primaryDBInstanceArn' : 'aws:rds:primaryDBClusterArn';
  return `secretsmanager:ResourceTag/${tag}`;
}

/** The key that a created cluster's secret is to be encrypted with, if it is named as an ARN. */
function secretKeyOf({ cluster }: Environment): string | undefined {
  const key = cluster.kind === 'created' ? cluster.overrides?.cluster?.masterUserSecretKmsKeyId : undefined;
  return key?.startsWith('arn:') ? literal(key) : undefined;
}

function clusterStatements(environment: Environment, cluster: CreatedCluster, home: Home): PolicyStatement[] {
  const { identifier, subnetIds, overrides } = cluster;
  const names = clusterNames(cluster);
  const arn = (type: Parameters<typeof rdsArn>[1], name: string) => rdsArn(home, type, name);
  const itself = arn('cluster', identifier);
  const instances = names.instances.map((name) => arn('db', name));
  // A new major version has a new group beside the old one for a while.
  const parameterGroups = arn('cluster-pg', parameterGroupName(identifier, '*'));
  const subnetGroup = arn('subgrp', names.subnetGroup ?? 'default');
  const ownSubnetGroup = subnetIds ? [subnetGroup] : [];
  const snapshot = arn('cluster-snapshot', names.finalSnapshot ?? `${identifier}-final`);
  // A create or modify is decided on each resource that it names, and on these where it names none.
  const defaults = [
    arn('og', 'default:*'),
    arn('pg', overrides?.instance?.dbParameterGroupName ?? 'default.*'),
  ];
  const ours = [itself, ...instances, parameterGroups, ...ownSubnetGroup];
  return [
    allow(
      'Cluster',
      ['rds:CreateDBCluster', 'rds:ModifyDBCluster', 'rds:CreateDBInstance', 'rds:ModifyDBInstance'],
      [itself, ...instances, parameterGroups, subnetGroup, ...defaults],
    ),
    allow('RemoveCluster', ['rds:DeleteDBCluster', 'rds:DeleteDBInstance'], [itself, ...instances, snapshot]),
    ...(names.finalSnapshot === undefined
      ? []
      : [allow('FinalSnapshot', ['rds:CreateDBClusterSnapshot'], [itself, snapshot])]),
    allow(
      'ReadCluster',
      ['rds:DescribeDBClusters', 'rds:DescribeDBInstances', 'rds:ListTagsForResource'],
      ours,
    ),
    // Asks for all, to see whether the cluster is a member of one.
    allow(
      'ReadGlobalClusters',
      ['rds:DescribeGlobalClusters'],
      [`arn:${home.partition}:rds::${home.account}:global-cluster:*`],
    ),
    allow(
      'ParameterGroup',
      [
        'rds:CreateDBClusterParameterGroup',
        'rds:ModifyDBClusterParameterGroup',
        'rds:ResetDBClusterParameterGroup',
        'rds:DeleteDBClusterParameterGroup',
        'rds:DescribeDBClusterParameterGroups',
        'rds:DescribeDBClusterParameters',
      ],
      [parameterGroups],
    ),
    ...ownSubnetGroup.map((group) =>
      allow(
        'SubnetGroup',
        [
          'rds:CreateDBSubnetGroup',
          'rds:ModifyDBSubnetGroup',
          'rds:DeleteDBSubnetGroup',
          'rds:DescribeDBSubnetGroups',
        ],
        [group],
      ),
    ),
    ...(isTagged(environment, cluster)
      ? [
          allow(
            'Tags',
            ['rds:AddTagsToResource', 'rds:RemoveTagsFromResource'],
            // Tags of the cluster go to its snapshots.
            [...ours, ...(names.finalSnapshot === undefined ? [] : [snapshot])],
          ),
        ]
      : []),
    ...masterSecretStatements(environment, home),
    ...storageKeyStatements(cluster),
    ...monitoringStatements(cluster),
    // The first cluster of an account.
    // https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAM.ServiceLinkedRoles.html
    allow(
      'ServiceLinkedRole',
      ['iam:CreateServiceLinkedRole'],
      [iamArn(home, 'role', 'aws-service-role/rds.amazonaws.com/AWSServiceRoleForRDS')],
      { StringEquals: { 'iam:AWSServiceName': 'rds.amazonaws.com' } },
    ),
  ];
}

/**
 * RDS makes the secret as whoever creates the cluster.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/rds-secrets-manager.html#rds-secrets-manager-permissions
 */
function masterSecretStatements(environment: Environment, home: Home): PolicyStatement[] {
  const key = secretKeyOf(environment);
  return [
    allow(
      'MasterSecret',
      ['secretsmanager:CreateSecret', 'secretsmanager:TagResource'],
      [managedSecret(home, 'cluster')],
    ),
    // Without a key of one's own that is the key behind the alias aws/secretsmanager, whose id nobody knows before.
    allow(
      'MasterSecretKey',
      ['kms:DescribeKey'],
      [key ?? `arn:${home.partition}:kms:${home.region}:${home.account}:key/*`],
    ),
    ...(key
      ? [
          allow('UseMasterSecretKey', ['kms:Decrypt', 'kms:GenerateDataKey'], [key]),
          allow('GrantMasterSecretKey', ['kms:CreateGrant'], [key], FOR_A_SERVICE),
        ]
      : []),
  ];
}

/** https://docs.aws.amazon.com/kms/latest/developerguide/conditions-kms.html#conditions-kms-grant-is-for-aws-resource */
const FOR_A_SERVICE = { Bool: { 'kms:GrantIsForAWSResource': 'true' } };

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Overview.Encryption.Keys.html#Overview.Encryption.Keys.Authorizing */
function storageKeyStatements({ kmsKeyArn }: CreatedCluster): PolicyStatement[] {
  if (kmsKeyArn === undefined) return [];
  const key = [literal(kmsKeyArn)];
  return [
    allow('StorageKey', ['kms:DescribeKey'], key),
    allow('GrantStorageKey', ['kms:CreateGrant'], key, FOR_A_SERVICE),
  ];
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/USER_Monitoring.OS.Enabling.html */
function monitoringStatements({ overrides }: CreatedCluster): PolicyStatement[] {
  const given = [overrides?.cluster?.monitoringRoleArn, overrides?.instance?.monitoringRoleArn];
  const roles = [...new Set(given.filter((role) => role !== undefined))].map(literal);
  if (roles.length === 0) return [];
  const condition = { StringEquals: { 'iam:PassedToService': 'monitoring.rds.amazonaws.com' } };
  return [allow('MonitoringRole', ['iam:PassRole'], roles, condition)];
}

function isTagged({ tags }: Environment, { overrides }: CreatedCluster): boolean {
  const all = [tags, ...Object.values(overrides ?? {}).map((each) => each?.tags)];
  return all.some((each) => Object.keys(each ?? {}).length > 0);
}

/**
 * Whoever writes policies and attaches them gives what he likes to the principals named, and to a new role what its
 * permissions boundary lets through: that is the limit of this document, not what the policies say today.
 */
function policyStatements(environment: Environment, home: Home): PolicyStatement[] {
  const principals = Object.values(environment.principals);
  if (principals.every(({ kind }) => kind === 'document')) return [];
  // All of this environment and of no other: there is no further dot in identifier and name.
  const policies = iamArn(home, 'policy', policyName(environment, '*'));
  const roles = principals.filter((principal) => principal.kind === 'newRole');
  const named = {
    Role: [
      ...principals.flatMap((each) => (each.kind === 'role' ? [identityArn(home, 'role', each.role)] : [])),
      ...roles.map((role) => roleArn(home, role)),
    ],
    User: principals.flatMap((each) => (each.kind === 'user' ? [identityArn(home, 'user', each.user)] : [])),
    Group: principals.flatMap((each) =>
      each.kind === 'group' ? [identityArn(home, 'group', each.group)] : [],
    ),
  };
  const tagged = Object.keys(environment.tags ?? {}).length > 0;
  return [
    allow(
      'Policies',
      [
        'iam:CreatePolicy',
        'iam:GetPolicy',
        'iam:GetPolicyVersion',
        'iam:ListPolicyVersions',
        'iam:CreatePolicyVersion',
        'iam:DeletePolicyVersion',
        'iam:DeletePolicy',
        ...(tagged ? ['iam:TagPolicy', 'iam:UntagPolicy'] : []),
      ],
      [policies],
    ),
    ...Object.entries(named).flatMap(([kind, arns]) => {
      // Several principals may be one identity.
      const resources = [...new Set(arns)].sort();
      if (resources.length === 0) return [];
      return [
        allow(`Attach${kind}`, [`iam:Attach${kind}Policy`, `iam:Detach${kind}Policy`], resources, {
          ArnLike: { 'iam:PolicyARN': policies },
        }),
        allow(`ReadAttached${kind}`, [`iam:ListAttached${kind}Policies`], resources),
      ];
    }),
    ...newRoleStatements(roles, home, tagged),
  ];
}

function newRoleStatements(
  roles: readonly NewRolePrincipal[],
  home: Home,
  tagged: boolean,
): PolicyStatement[] {
  if (roles.length === 0) return [];
  const arns = (some: readonly NewRolePrincipal[]) => some.map((role) => roleArn(home, role)).sort();
  const unbounded = roles.filter((role) => role.permissionsBoundaryArn === undefined);
  const boundaries = [...new Set(roles.flatMap((role) => role.permissionsBoundaryArn ?? []))].sort();
  const taggedRoles = roles.filter((role) => tagged || Object.keys(role.tags ?? {}).length > 0);
  const profiles = roles.filter(({ trust }) => trust.kind === 'service' && trust.service === 'ec2');
  const profileArns = profiles.map(({ name }) => iamArn(home, 'instance-profile', name)).sort();
  return [
    ...(unbounded.length > 0 ? [allow('CreateRoles', ['iam:CreateRole'], arns(unbounded))] : []),
    // Nothing here takes a boundary away again.
    ...boundaries.map((boundary, index) =>
      allow(
        `CreateRolesWithin${index + 1}`,
        ['iam:CreateRole', 'iam:PutRolePermissionsBoundary'],
        arns(roles.filter((role) => role.permissionsBoundaryArn === boundary)),
        { ArnEquals: { 'iam:PermissionsBoundary': literal(boundary) } },
      ),
    ),
    allow(
      'Roles',
      [
        'iam:GetRole',
        'iam:ListRolePolicies',
        'iam:ListInstanceProfilesForRole',
        'iam:UpdateRole',
        'iam:UpdateRoleDescription',
        'iam:UpdateAssumeRolePolicy',
        'iam:DeleteRole',
      ],
      arns(roles),
    ),
    ...(taggedRoles.length > 0
      ? [allow('TagRoles', ['iam:TagRole', 'iam:UntagRole'], arns(taggedRoles))]
      : []),
    ...(profiles.length > 0
      ? [
          allow(
            'InstanceProfiles',
            [
              'iam:CreateInstanceProfile',
              'iam:GetInstanceProfile',
              'iam:AddRoleToInstanceProfile',
              'iam:RemoveRoleFromInstanceProfile',
              'iam:DeleteInstanceProfile',
              ...(tagged ? ['iam:TagInstanceProfile', 'iam:UntagInstanceProfile'] : []),
            ],
            profileArns,
          ),
          // https://docs.aws.amazon.com/IAM/latest/APIReference/API_AddRoleToInstanceProfile.html
          allow('PassRoles', ['iam:PassRole'], arns(profiles)),
        ]
      : []),
  ];
}

function roleArn(home: Home, { path = '/', name }: NewRolePrincipal): string {
  return iamArn(home, 'role', literal(path.slice(1)) + name);
}

/** IAM decides on the ARN with the path, which only an environment that names the ARN tells. */
function identityArn(home: Home, type: 'role' | 'user' | 'group', nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? literal(nameOrArn) : iamArn(home, type, identityNameOf(nameOrArn));
}

/** What an environment says stands for itself: `*`, `?` and `$` would be more in a policy.
 *  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html#policy-vars-specialchars */
function literal(text: string): string {
  return text.replace(/[*?$]/g, (character) => `\${${character}}`);
}

function allow(
  Sid: string,
  Action: readonly string[],
  Resource: readonly string[],
  Condition?: PolicyStatement['Condition'],
): PolicyStatement {
  return { Sid, Effect: 'Allow', Action, Resource, ...(Condition ? { Condition } : {}) };
}

/** As few documents as the size of a managed policy allows, in the order of the statements. */
function divided(statements: readonly PolicyStatement[]): PolicyDocument[] {
  const document = (Statement: readonly PolicyStatement[]) => ({ Version: '2012-10-17', Statement });
  const fits = (some: readonly PolicyStatement[]) =>
    JSON.stringify(document(some)).length <= MAXIMUM_POLICY_SIZE;
  const parts: PolicyStatement[][] = [[]];
  for (const statement of statements.flatMap((each) => pieces(each, fits))) {
    const last = parts.at(-1) as PolicyStatement[];
    if (fits([...last, statement])) last.push(statement);
    else parts.push([statement]);
  }
  return parts.map(document);
}

/** The statement, or several of the same that have its resources among them. */
function pieces(
  statement: PolicyStatement,
  fits: (statements: readonly PolicyStatement[]) => boolean,
): PolicyStatement[] {
  const all: PolicyStatement[] = [];
  for (const resource of [statement.Resource ?? []].flat()) {
    const last = all.at(-1);
    const longer = { ...statement, ...last, Resource: [...[last?.Resource ?? []].flat(), resource] };
    if (last === undefined || fits([longer])) all[Math.max(0, all.length - 1)] = longer;
    else all.push({ ...statement, Sid: `${statement.Sid}${all.length + 1}`, Resource: [resource] });
  }
  return all;
}
