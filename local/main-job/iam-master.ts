import { type IAMClient, PutUserPolicyCommand } from '@aws-sdk/client-iam';
import { CreateDBClusterCommand, RDSClient } from '@aws-sdk/client-rds';
import type { Environment } from '../../modules';
import { masterUsernameOf } from '../../modules/environment/cluster';
import type { PolicyDocument } from '../../modules/iam/policy-document';
import { type LocalAurora, OWNER_CREDENTIALS } from '../local-aurora';

// `--master iam`: a cluster whose master has no password. Terraform cannot create one, so it is there before the deploy.

/** What `environments/local.ts` looks for. */
export const MASTER_VARIABLE = 'LOCAL_AURORA_MASTER';

export async function createIamCluster(
  aurora: Pick<LocalAurora, 'awsEndpoint' | 'port'>,
  { cluster, region }: Pick<Environment, 'cluster' | 'region'>,
): Promise<void> {
  const rds = new RDSClient({ endpoint: aurora.awsEndpoint, region, credentials: OWNER_CREDENTIALS });
  try {
    await rds.send(
      new CreateDBClusterCommand({
        DBClusterIdentifier: cluster.identifier,
        Engine: 'aurora-postgresql',
        DatabaseName: cluster.databaseName,
        MasterUsername: masterUsernameOf(cluster),
        MasterUserAuthenticationType: 'iam-db-auth',
        EnableIAMDatabaseAuthentication: true,
        Port: aurora.port,
      }),
    );
  } finally {
    rds.destroy();
  }
}

/** Lets a user of IAM do this, and nothing else. The gate takes no token that the owner of the account signed. */
export async function allow(
  iam: IAMClient,
  UserName: string,
  policy: PolicyDocument | undefined,
): Promise<void> {
  await iam.send(
    new PutUserPolicyCommand({ UserName, PolicyName: 'allowed', PolicyDocument: JSON.stringify(policy) }),
  );
}
