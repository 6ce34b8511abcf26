import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { PostgresqlProvider } from '@cdktf/provider-postgresql/lib/provider';
import {
  ConnectPolicies,
  certificateAuthorityFile,
  DatabaseAccess,
  defineAccess,
  iamRole,
  readOnly,
  secretPassword,
} from 'aurora-iam';
import { TerraformOutput, TerraformStack } from 'cdktf';
import type { Construct } from 'constructs';

const access = defineAccess({
  groups: { reader: readOnly() },
  logins: { analyst: { memberOf: ['reader'] } },
});

export class Shop extends TerraformStack {
  constructor(scope: Construct, id: string) {
    super(scope, id);
    new AwsProvider(this, 'aws', { region: 'eu-west-1' });
    const cluster = new RdsCluster(this, 'cluster', {
      clusterIdentifier: 'shop',
      engine: 'aurora-postgresql',
      databaseName: 'shop',
      masterUsername: 'postgres',
      manageMasterUserPassword: true,
      iamDatabaseAuthenticationEnabled: true,
    });
    const writer = new RdsClusterInstance(this, 'writer', {
      clusterIdentifier: cluster.clusterIdentifier,
      engine: 'aurora-postgresql',
      instanceClass: 'db.t4g.medium',
    });
    new PostgresqlProvider(this, 'postgresql', {
      host: cluster.endpoint,
      database: 'shop',
      username: cluster.masterUsername,
      password: secretPassword(this, cluster.masterUserSecret.get(0).secretArn),
      superuser: false,
      sslmode: 'verify-full',
      sslrootcert: certificateAuthorityFile(this),
    });

    new DatabaseAccess(this, 'access', { cluster, access, dependsOn: [writer] });
    const connect = new ConnectPolicies(this, 'connect', {
      cluster,
      access,
      principals: { analysts: iamRole('analysts', { connectsAs: ['analyst'] }) },
    });
    new TerraformOutput(this, 'policy_documents', { value: connect.policyDocuments });
  }
}
