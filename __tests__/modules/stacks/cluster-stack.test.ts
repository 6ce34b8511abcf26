import { type CreatedCluster, createCluster, provisioned, serverlessV2 } from '../../../modules';
import { exampleEnvironment } from '../../support/example';
import { resources, synthesize } from '../../support/synthesized';

function clusterStack(changes: Partial<CreatedCluster> = {}) {
  const cluster = createCluster({
    identifier: 'orders',
    databaseName: 'orders',
    engineVersion: '17.5',
    instances: provisioned({ instanceClass: 'db.r7g.large', readers: 1 }),
    ...changes,
  });
  return synthesize(exampleEnvironment({ cluster })).stacks['test-cluster'];
}
const cluster = (changes: Partial<CreatedCluster> = {}) =>
  resources(clusterStack(changes), 'aws_rds_cluster')['cluster'] as Record<string, unknown>;

describe('a created cluster', () => {
  test('lets nobody in with a password in a file, without TLS or without a trace', () => {
    expect(cluster()).toMatchObject({
      iam_database_authentication_enabled: true,
      apply_immediately: true,
      storage_encrypted: true,
      manage_master_user_password: true,
      enabled_cloudwatch_logs_exports: ['postgresql', 'iam-db-auth-error'],
    });
    expect(cluster()).not.toHaveProperty('master_password');
    const group = resources(clusterStack(), 'aws_rds_cluster_parameter_group')['parameter-group'];
    expect(group).toMatchObject({ family: 'aurora-postgresql17' });
    expect(group?.['parameter']).toEqual(
      ['rds.force_ssl', 'log_connections', 'log_disconnections'].map((name) => ({
        name,
        value: '1',
        apply_method: 'immediate',
      })),
    );
  });

  test('is protected unless that is switched off', () => {
    expect(cluster()).toMatchObject({
      deletion_protection: true,
      skip_final_snapshot: false,
      final_snapshot_identifier: 'orders-final',
    });
    const open = cluster({ deletionProtection: false, finalSnapshot: false });
    expect(open).toMatchObject({ deletion_protection: false, skip_final_snapshot: true });
    expect(open).not.toHaveProperty('final_snapshot_identifier');
  });

  test('has a writer and readers', () => {
    const instances = resources(clusterStack(), 'aws_rds_cluster_instance');
    expect(
      Object.values(instances).map((instance) => [instance['identifier'], instance['instance_class']]),
    ).toEqual([
      ['orders-1', 'db.r7g.large'],
      ['orders-2', 'db.r7g.large'],
    ]);
  });

  test('scales as Serverless v2', () => {
    const instances = serverlessV2({ minimumCapacity: 0.5, maximumCapacity: 4 });
    expect(cluster({ instances })).toMatchObject({
      serverlessv2_scaling_configuration: { min_capacity: 0.5, max_capacity: 4 },
    });
    expect(resources(clusterStack({ instances }), 'aws_rds_cluster_instance')['instance-1']).toMatchObject({
      instance_class: 'db.serverless',
    });
  });

  test('stands in the subnets, security groups and under the key that were named', () => {
    const stack = clusterStack({
      subnetIds: ['subnet-1', 'subnet-2'],
      securityGroupIds: ['sg-1'],
      kmsKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/1',
      port: 6000,
    });
    expect(resources(stack, 'aws_db_subnet_group')['subnet-group']).toMatchObject({
      subnet_ids: ['subnet-1', 'subnet-2'],
    });
    expect(resources(stack, 'aws_rds_cluster')['cluster']).toMatchObject({
      db_subnet_group_name: '${aws_db_subnet_group.subnet-group.name}',
      vpc_security_group_ids: ['sg-1'],
      kms_key_id: 'arn:aws:kms:eu-west-1:111111111111:key/1',
      port: 6000,
    });
  });

  test('takes any further argument of the provider, and its own parameters beside the others', () => {
    const stack = clusterStack({
      parameters: { 'pgaudit.log': { value: 'ddl' }, 'rds.force_ssl': { value: '0' } },
      overrides: { cluster: { backupRetentionPeriod: 14 }, instance: { performanceInsightsEnabled: true } },
    });
    expect(resources(stack, 'aws_rds_cluster')['cluster']).toMatchObject({ backup_retention_period: 14 });
    expect(resources(stack, 'aws_rds_cluster_instance')['instance-1']).toMatchObject({
      performance_insights_enabled: true,
    });
    const parameters = resources(stack, 'aws_rds_cluster_parameter_group')['parameter-group']?.['parameter'];
    expect(parameters).toContainEqual({ name: 'pgaudit.log', value: 'ddl', apply_method: 'immediate' });
    expect(parameters).toContainEqual({ name: 'rds.force_ssl', value: '1', apply_method: 'immediate' });
  });
});
