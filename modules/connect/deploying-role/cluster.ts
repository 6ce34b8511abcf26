import { type CreatedCluster, clusterNames, parameterGroupName } from '../../environment/cluster';
import type { Environment } from '../../environment/environment';
import { DESCRIBE } from '../../iam/actions';
import type { PolicyStatement } from '../../iam/policy-document';
import { globalClusterArn, iamArn, kmsKeyArn, rdsArn } from '../../names/arn';
import type { Place } from '../../names/place';
import { managedSecret, secretKeyOf } from './master-secret';
import { allow, literal } from './statement';

export function clusterStatements(
  environment: Environment,
  cluster: CreatedCluster,
  home: Place,
): PolicyStatement[] {
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
    allow('ReadCluster', [DESCRIBE.cluster, DESCRIBE.instance, 'rds:ListTagsForResource'], ours),
    // Asks for all, to see whether the cluster is a member of one.
    allow('ReadGlobalClusters', ['rds:DescribeGlobalClusters'], [globalClusterArn(home, '*')]),
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
function masterSecretStatements(environment: Environment, home: Place): PolicyStatement[] {
  const key = secretKeyOf(environment);
  return [
    allow(
      'MasterSecret',
      ['secretsmanager:CreateSecret', 'secretsmanager:TagResource'],
      [managedSecret(home, 'cluster')],
    ),
    // Without a key of one's own that is the key behind the alias aws/secretsmanager, whose id nobody knows before.
    allow('MasterSecretKey', ['kms:DescribeKey'], [key ?? kmsKeyArn(home, '*')]),
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
function storageKeyStatements({ kmsKeyArn: written }: CreatedCluster): PolicyStatement[] {
  if (written === undefined) return [];
  const key = [literal(written)];
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
