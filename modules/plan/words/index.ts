import { attachment } from './aws-iam-attachment';
import { AWS_IAM_POLICY } from './aws-iam-policy';
import { AWS_IAM_INSTANCE_PROFILE, AWS_IAM_ROLE } from './aws-iam-role';
import {
  AWS_DB_SUBNET_GROUP,
  AWS_RDS_CLUSTER,
  AWS_RDS_CLUSTER_INSTANCE,
  AWS_RDS_CLUSTER_PARAMETER_GROUP,
} from './aws-rds-cluster';
import type { EmittedType } from './emitted-type';
import { POSTGRESQL_DEFAULT_PRIVILEGES, POSTGRESQL_GRANT } from './postgresql-grant';
import { POSTGRESQL_GRANT_ROLE } from './postgresql-grant-role';
import { POSTGRESQL_ROLE } from './postgresql-role';
import { TERRAFORM_DATA } from './terraform-data';

/** Every type of resource that the stacks make. Whatever is not here is foreign to them. */
export const EMITTED_TYPES: ReadonlyMap<string, EmittedType> = new Map([
  ['aws_db_subnet_group', AWS_DB_SUBNET_GROUP],
  ['aws_iam_group_policy_attachment', attachment('aws_iam_group_policy_attachment')],
  ['aws_iam_instance_profile', AWS_IAM_INSTANCE_PROFILE],
  ['aws_iam_policy', AWS_IAM_POLICY],
  ['aws_iam_role', AWS_IAM_ROLE],
  ['aws_iam_role_policy_attachment', attachment('aws_iam_role_policy_attachment')],
  ['aws_iam_user_policy_attachment', attachment('aws_iam_user_policy_attachment')],
  ['aws_rds_cluster', AWS_RDS_CLUSTER],
  ['aws_rds_cluster_instance', AWS_RDS_CLUSTER_INSTANCE],
  ['aws_rds_cluster_parameter_group', AWS_RDS_CLUSTER_PARAMETER_GROUP],
  ['postgresql_default_privileges', POSTGRESQL_DEFAULT_PRIVILEGES],
  ['postgresql_grant', POSTGRESQL_GRANT],
  ['postgresql_grant_role', POSTGRESQL_GRANT_ROLE],
  ['postgresql_role', POSTGRESQL_ROLE],
  ['terraform_data', TERRAFORM_DATA],
]);

/** Data sources and ephemeral resources that the stacks read. */
export const EMITTED_LOOK_UPS: readonly string[] = [
  'data.aws_db_instance',
  'data.aws_db_proxy',
  'data.aws_rds_cluster',
  'data.postgresql_schemas',
  'ephemeral.aws_secretsmanager_secret_version',
];
