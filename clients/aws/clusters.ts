import type { RDSClient } from '@aws-sdk/client-rds';
import type { Environment } from '../../modules/environment/environment';
import { UserError } from '../error';
import { type CredentialOptions, credentialsOf } from './credentials';

/** What a look-up finds. */
export interface LookedUp {
  readonly host: string;
  readonly port: number;
  /** Undefined where RDS does not manage the master's password. */
  readonly masterSecretArn: string | undefined;
}

/** Asks AWS for the environment's cluster or instance. It takes rds:DescribeDBClusters or rds:DescribeDBInstances.
 *  @throws UserError */
export async function lookUp(environment: Environment, options: CredentialOptions): Promise<LookedUp> {
  const { region, cluster } = environment;
  const { RDSClient } = await import('@aws-sdk/client-rds');
  const client = new RDSClient({ region, credentials: await credentialsOf(options, region) });
  const kind = cluster.kind === 'instance' ? 'instance' : 'cluster';
  const { identifier } = cluster;
  try {
    const found = await (kind === 'instance'
      ? describeInstance(client, identifier)
      : describeCluster(client, identifier));
    if (!found?.host || !found.port) throw new UserError(`The ${kind} ${identifier} has no endpoint yet.`);
    if (!found.iamAuthenticationEnabled)
      throw new UserError(
        `IAM authentication is off on ${kind} ${identifier}, so no token is admitted. Turn it on: aws rds modify-db-${kind} ` +
          `--db-${kind}-identifier ${identifier} --enable-iam-database-authentication --apply-immediately`,
      );
    return { host: found.host, port: found.port, masterSecretArn: found.masterSecretArn };
  } catch (error) {
    if (error instanceof UserError) throw error;
    const { name: problem, message } = error as Error;
    if (problem === 'DBClusterNotFoundFault' || problem === 'DBInstanceNotFoundFault')
      throw new UserError(
        `There is no ${kind} ${identifier} in ${region}. Deploy it, or look at the account: ${message}`,
      );
    throw new UserError(
      `The ${kind} ${identifier} could not be looked up (${problem}: ${message}). Connecting does not need it: give ` +
        '--host, --port and --region, which are outputs of the stacks.',
    );
  } finally {
    client.destroy();
  }
}

/** What AWS says of a cluster or an instance. */
interface Endpoint {
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly iamAuthenticationEnabled: boolean | undefined;
  readonly masterSecretArn: string | undefined;
}

async function describeCluster(client: RDSClient, identifier: string): Promise<Endpoint | undefined> {
  const { DescribeDBClustersCommand } = await import('@aws-sdk/client-rds');
  const answer = await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: identifier }));
  const [found] = answer.DBClusters ?? [];
  return (
    found && {
      host: found.Endpoint,
      port: found.Port,
      iamAuthenticationEnabled: found.IAMDatabaseAuthenticationEnabled,
      masterSecretArn: found.MasterUserSecret?.SecretArn,
    }
  );
}

async function describeInstance(client: RDSClient, identifier: string): Promise<Endpoint | undefined> {
  const { DescribeDBInstancesCommand } = await import('@aws-sdk/client-rds');
  const answer = await client.send(new DescribeDBInstancesCommand({ DBInstanceIdentifier: identifier }));
  const [found] = answer.DBInstances ?? [];
  return (
    found && {
      host: found.Endpoint?.Address,
      port: found.Endpoint?.Port,
      iamAuthenticationEnabled: found.IAMDatabaseAuthenticationEnabled,
      masterSecretArn: found.MasterUserSecret?.SecretArn,
    }
  );
}
