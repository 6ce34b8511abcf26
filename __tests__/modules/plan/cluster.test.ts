import type { ResourceChange } from '../../../modules/plan/terraform-plan';
import { change } from '../../support/plan-json';
import { faults, of, told } from './reviewed';

// Plans that give something away, as somebody would write them who hopes that a review sees nothing.

describe('the cluster', () => {
  const on = {
    iam_database_authentication_enabled: true,
    storage_encrypted: true,
    deletion_protection: true,
    backup_retention_period: 7,
    manage_master_user_password: true,
    enabled_cloudwatch_logs_exports: ['postgresql', 'iam-db-auth-error'],
  };
  const parameters = (...names: string[]) => ({
    name: 'p',
    parameter: names.map((name) => ({ name, value: '1' })),
  });
  test.each<[what: string, change: ResourceChange, rule: string]>([
    [
      'an address on the internet',
      change('aws_rds_cluster_instance.i', { publicly_accessible: false }, { publicly_accessible: true }),
      'public-access',
    ],
    [
      'TLS is no longer forced',
      change('aws_rds_cluster_parameter_group.p', parameters('rds.force_ssl', 'x'), parameters('x')),
      'tls-off',
    ],
    [
      'TLS is never forced',
      change('aws_rds_cluster_parameter_group.p', null, parameters('log_connections')),
      'tls-off',
    ],
    [
      'parameters of another group',
      change(
        'aws_rds_cluster.c',
        { ...on, db_cluster_parameter_group_name: 'p' },
        { ...on, db_cluster_parameter_group_name: 'default.aurora-postgresql17' },
      ),
      'tls-off',
    ],
    [
      'storage that is not encrypted',
      change('aws_rds_cluster.c', on, { ...on, storage_encrypted: false }),
      'encryption-off',
    ],
    [
      'no protection',
      change('aws_rds_cluster.c', on, { ...on, deletion_protection: false }),
      'deletion-protection-off',
    ],
    [
      'no log of refusals',
      change('aws_rds_cluster.c', on, { ...on, enabled_cloudwatch_logs_exports: ['postgresql'] }),
      'logging-off',
    ],
    [
      'shorter backups',
      change('aws_rds_cluster.c', on, { ...on, backup_retention_period: 1 }),
      'backups-shortened',
    ],
    [
      'a password of the master',
      change('aws_rds_cluster.c', on, { ...on, master_password_wo_version: 2 }),
      'master-password',
    ],
    [
      'a password that RDS does not keep',
      change('aws_rds_cluster.c', on, { ...on, manage_master_user_password: null }),
      'master-password',
    ],
  ])('%s', (_what, resource, rule) => {
    expect(faults(of(resource))).toEqual([rule]);
  });

  test('another security group is told', () => {
    const plan = of(
      change(
        'aws_rds_cluster.c',
        { ...on, vpc_security_group_ids: ['sg-1'] },
        { ...on, vpc_security_group_ids: ['sg-2'] },
      ),
    );
    expect(told(plan).changes).toContain('`vpc_security_group_ids` loses `sg-1` and gains `sg-2`');
  });
});
