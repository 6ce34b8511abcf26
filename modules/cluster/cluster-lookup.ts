import { DataAwsRdsCluster } from '@cdktf/provider-aws/lib/data-aws-rds-cluster';
import { Fn, TerraformOutput } from 'cdktf';
import type { Construct } from 'constructs';
import { type Cluster, masterUsernameOf } from '../environment/cluster';
import { terraformText } from '../environment/names';
import { type DatabaseTarget, RESOURCE_ID_PATTERN } from '../policies/arn';

/** The cluster as AWS describes it, asked for again in every plan. Values are Terraform references. */
export interface ClusterLookup extends DatabaseTarget {
  readonly arn: string;
  readonly endpoint: string;
  readonly port: number;
  readonly masterUsername: string;
  /** ARN of the secret that RDS keeps the master's password in. */
  readonly masterSecretArn: string;
}

export interface LookUpOptions {
  /** Refuse a cluster whose master has no secret managed by RDS. @default false */
  readonly masterSecretNeeded?: boolean;
}

/**
 * Looks the cluster up by its identifier, whoever created it, and refuses to go on where a login with IAM
 * could not work. Adds the outputs that everybody who wants to connect needs.
 */
export function lookUpCluster(
  scope: Construct,
  cluster: Cluster,
  options: LookUpOptions = {},
): ClusterLookup {
  const { identifier } = cluster;
  const master = terraformText(masterUsernameOf(cluster));
  const postcondition = [
    {
      condition: '${self.iam_database_authentication_enabled}',
      errorMessage:
        `IAM authentication is off on cluster ${identifier}, so no login with a token can succeed. Turn it on: ` +
        `aws rds modify-db-cluster --db-cluster-identifier ${identifier} --enable-iam-database-authentication --apply-immediately`,
    },
    {
      condition: `\${can(regex("${RESOURCE_ID_PATTERN}", self.cluster_resource_id))}`,
      errorMessage: `The resource id of cluster ${identifier} does not have the form cluster-…, so no policy can name it. Is it an Aurora cluster?`,
    },
    {
      condition: `\${self.master_username == "${master}"}`,
      errorMessage: `The master of cluster ${identifier} is not ${master}. Set cluster.masterUsername of the environment to its true name: it must never become a member of rds_iam.`,
    },
  ];
  if (options.masterSecretNeeded)
    postcondition.push({
      condition: '${length(self.master_user_secret) == 1}',
      errorMessage:
        `RDS does not manage the master's password of cluster ${identifier}. Say where it is: admin: secret('<arn>') ` +
        'or admin: environmentPassword() in the environment, or let RDS manage it: aws rds modify-db-cluster ' +
        `--db-cluster-identifier ${identifier} --manage-master-user-password`,
    });
  const data = new DataAwsRdsCluster(scope, 'cluster', {
    clusterIdentifier: identifier,
    lifecycle: { postcondition },
  });
  const arnPart = (index: number) => Fn.element(Fn.split(':', data.arn), index) as string;
  const output = (name: string, value: unknown) => new TerraformOutput(scope, name, { value });
  output('cluster_arn', data.arn);
  output('cluster_resource_id', data.clusterResourceId);
  output('endpoint', data.endpoint);
  output('reader_endpoint', data.readerEndpoint);
  output('port', data.port);
  return {
    arn: data.arn,
    partition: arnPart(1),
    region: arnPart(3),
    account: arnPart(4),
    resourceId: data.clusterResourceId,
    endpoint: data.endpoint,
    port: data.port,
    masterUsername: data.masterUsername,
    masterSecretArn: data.masterUserSecret.get(0).secretArn,
  };
}
