import type { RDSClient } from '@aws-sdk/client-rds';
import type { Environment } from '../../modules/environment/environment';
import { MAIN_TARGET } from '../../modules/environment/principals';
import { STANDARD_PROXY } from '../../modules/environment/targets';
import { splitArn } from '../../modules/names/arn';
import { UserError } from '../error';
import { askedWith, type CredentialOptions, credentialsOf } from './credentials';
import { awsReason } from './reason';

/** What a look-up finds. */
export interface LookedUp {
  readonly host: string;
  readonly port: number;
  /** Undefined where RDS does not manage the master's password. */
  readonly masterSecretArn: string | undefined;
}

/** Asks AWS for the environment's cluster or instance. It takes rds:DescribeDBClusters or rds:DescribeDBInstances.
 *  @param instead what to do if it fails
 *  @throws UserError */
export function lookUp(
  environment: Environment,
  options: CredentialOptions,
  instead?: string,
): Promise<LookedUp> {
  return lookUpTarget(environment, {}, options, instead);
}

/** How to do without a look-up. */
const INSTEAD =
  'Without a look-up, name the endpoint: --host, --port and --region, which are outputs of the stacks.';

/** Which of an environment's ways into its databases is meant. */
export interface Way {
  /** Key of a target. @default the environment's own cluster or instance */
  readonly target?: string;
  /** The endpoint of the readers. @default false */
  readonly reader?: boolean;
}

/**
 * As `lookUp`, for any target: a member of the global database in its own region, an RDS Proxy (rds:DescribeDBProxies).
 * @throws UserError
 */
export async function lookUpTarget(
  environment: Environment,
  { target: key = MAIN_TARGET, reader = false }: Way,
  options: CredentialOptions,
  instead = INSTEAD,
): Promise<LookedUp & { readonly region: string }> {
  const { region, cluster, targets = {} } = environment;
  const target = Object.hasOwn(targets, key) ? targets[key] : undefined;
  if (key !== MAIN_TARGET && !target)
    throw new UserError(
      `Environment ${environment.name} has no target "${key}"; it has ${[MAIN_TARGET, ...Object.keys(targets)].join(', ')}.`,
    );
  const what: Described =
    target?.kind === 'proxy'
      ? { kind: 'proxy', identifier: target.name, region }
      : target
        ? { kind: 'cluster', identifier: target.identifier, region: target.region }
        : {
            kind: cluster.kind === 'instance' ? 'instance' : 'cluster',
            identifier: cluster.identifier,
            region,
          };
  if (reader && what.kind !== 'cluster')
    throw new UserError(
      `Only a cluster has an endpoint for its readers, and ${what.identifier} is ${what.kind === 'proxy' ? 'a proxy' : 'an instance'}: leave --reader out.`,
    );
  return { ...(await described(what, reader, options, instead)), region: what.region };
}

/** Where the writer of a global database is today. It takes rds:DescribeGlobalClusters.
 *  @param region any region of the partition: AWS answers the same in each
 *  @throws UserError */
export async function primaryRegionOf(
  globalCluster: string,
  region: string,
  options: CredentialOptions,
): Promise<string> {
  const { DescribeGlobalClustersCommand } = await import('@aws-sdk/client-rds');
  const wayOut = 'Give the region of its writer with --region, or the endpoint of the cluster there.';
  const found = await withClient(region, options, async (client) => {
    try {
      const command = new DescribeGlobalClustersCommand({ GlobalClusterIdentifier: globalCluster });
      return (await client.send(command)).GlobalClusters?.[0];
    } catch (error) {
      throw new UserError(
        `The global database ${globalCluster} could not be looked up: ${awsReason(error, askedWith(options, region))}. ${wayOut}`,
      );
    }
  });
  const writer = found?.GlobalClusterMembers?.find(({ IsWriter }) => IsWriter)?.DBClusterArn;
  const writerRegion = writer === undefined ? undefined : splitArn(writer)?.region;
  if (writerRegion === undefined)
    throw new UserError(`AWS names no writer of the global database ${globalCluster}. ${wayOut}`);
  return writerRegion;
}

interface Described {
  readonly kind: 'cluster' | 'instance' | 'proxy';
  readonly identifier: string;
  readonly region: string;
}

async function described(
  { kind, identifier, region }: Described,
  reader: boolean,
  options: CredentialOptions,
  instead: string,
): Promise<LookedUp> {
  return withClient(region, options, async (client) => {
    try {
      const found = await DESCRIBE[kind](client, identifier);
      const host = reader ? found?.reader : found?.host;
      if (!host || !found?.port) throw new UserError(`The ${kind} ${identifier} has no endpoint yet.`);
      if (!found.iamAuthenticationEnabled && kind === 'proxy')
        throw new UserError(`Proxy ${identifier} ${STANDARD_PROXY}.`);
      if (!found.iamAuthenticationEnabled)
        throw new UserError(
          `IAM authentication is off on ${kind} ${identifier}, so no token is admitted. Turn it on: aws rds modify-db-${kind} ` +
            `--db-${kind}-identifier ${identifier} --enable-iam-database-authentication --apply-immediately`,
        );
      return { host, port: found.port, masterSecretArn: found.masterSecretArn };
    } catch (error) {
      if (error instanceof UserError) throw error;
      const { name: problem, message } = error as Error;
      if (/^DB(Cluster|Instance|Proxy)NotFoundFault$/.test(problem))
        throw new UserError(
          `There is no ${kind} ${identifier} in ${region}. Deploy it, or look at the account: ${message}`,
        );
      throw new UserError(
        `The ${kind} ${identifier} could not be looked up: ${awsReason(error, askedWith(options, region))}. ${instead}`,
      );
    }
  });
}

export async function withClient<T>(
  region: string,
  options: CredentialOptions,
  use: (client: RDSClient) => Promise<T>,
): Promise<T> {
  const { RDSClient } = await import('@aws-sdk/client-rds');
  const client = new RDSClient({ region, credentials: await credentialsOf(options, region) });
  try {
    return await use(client);
  } finally {
    client.destroy();
  }
}

/** What AWS says of a cluster, an instance or a proxy. */
interface Description {
  readonly host: string | undefined;
  /** Of a cluster alone. */
  readonly reader?: string | undefined;
  readonly port: number | undefined;
  readonly iamAuthenticationEnabled: boolean | undefined;
  readonly masterSecretArn: string | undefined;
}

const DESCRIBE: Readonly<
  Record<Described['kind'], (client: RDSClient, identifier: string) => Promise<Description | undefined>>
> = {
  cluster: async (client, identifier) => {
    const { DescribeDBClustersCommand } = await import('@aws-sdk/client-rds');
    const answer = await client.send(new DescribeDBClustersCommand({ DBClusterIdentifier: identifier }));
    const [found] = answer.DBClusters ?? [];
    return (
      found && {
        host: found.Endpoint,
        reader: found.ReaderEndpoint,
        port: found.Port,
        iamAuthenticationEnabled: found.IAMDatabaseAuthenticationEnabled,
        masterSecretArn: found.MasterUserSecret?.SecretArn,
      }
    );
  },
  instance: async (client, identifier) => {
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
  },
  proxy: async (client, name) => {
    const { DescribeDBProxiesCommand } = await import('@aws-sdk/client-rds');
    const answer = await client.send(new DescribeDBProxiesCommand({ DBProxyName: name }));
    const [found] = answer.DBProxies ?? [];
    return (
      found && {
        host: found.Endpoint,
        // A proxy listens on the port of its engine, and says no other.
        port: 5432,
        iamAuthenticationEnabled: (found.Auth ?? []).every(({ AuthScheme }) => AuthScheme !== 'SECRETS'),
        masterSecretArn: undefined,
      }
    );
  },
};
