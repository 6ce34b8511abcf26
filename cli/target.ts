import { lookup } from 'node:dns/promises';
import type { RDSClient } from '@aws-sdk/client-rds';
import type { AwsCredentialIdentityProvider } from '@aws-sdk/types';
import { UserError } from '../clients/error';
import type { Environment } from '../modules/environment/environment';
import { loadEnvironment } from './project';

/** With whose credentials. */
export interface CredentialOptions {
  readonly profile?: string;
  /** ARN of a role to assume first. */
  readonly role?: string;
  /** What that role's trust policy may ask for. */
  readonly externalId?: string;
}

/** The options that say which database is meant, as whom, and with whose credentials. */
export interface TargetOptions extends CredentialOptions {
  readonly env?: string;
  readonly host?: string;
  readonly port?: number;
  readonly region?: string;
  readonly user: string;
}

/** Where to log in, and what the token must be signed for. */
export interface Target {
  /** The real endpoint: a token is valid for this name only, whatever way leads there. */
  readonly host: string;
  readonly port: number;
  readonly region: string;
  readonly user: string;
  /** Known where an environment was named. */
  readonly environment?: Environment;
}

/** @throws UserError */
export async function resolveTarget(options: TargetOptions): Promise<Target> {
  const { env, host, port, region, user } = options;
  if (env !== undefined && (host !== undefined || port !== undefined || region !== undefined))
    throw new UserError('Give either --env, or --host, --port and --region: not both.');
  if (env !== undefined) return environmentTarget(env, options);
  if (host === undefined)
    throw new UserError('Say which database is meant: --env <name>, or --host, --port and --region.');
  const signingRegion = region ?? regionOf(host);
  if (signingRegion === undefined)
    throw new UserError(`"${host}" does not say its region, and a token is signed for one: add --region.`);
  return { host, port: port ?? 5432, region: signingRegion, user };
}

async function environmentTarget(name: string, options: TargetOptions): Promise<Target> {
  const environment = loadEnvironment(name);
  const { region, access } = environment;
  const { user } = options;
  if (!Object.hasOwn(access.logins, user))
    throw new UserError(
      `Environment ${name} has no login "${user}"; it has ${Object.keys(access.logins).join(', ')}. Upper and lower case count.`,
    );
  const { host, port } = await lookUp(environment, options);
  return { host, port, region, user, environment };
}

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

/** A token, valid for 15 minutes and for this host, port, region and user only. It is signed here; AWS is not asked.
 *  @throws UserError if there are no credentials to sign with */
export async function signToken(
  target: Pick<Target, 'host' | 'port' | 'region' | 'user'>,
  options: CredentialOptions,
): Promise<string> {
  const { Signer } = await import('@aws-sdk/rds-signer');
  const { host, port, region, user } = target;
  const credentials = await credentialsOf(options, region);
  const signer = new Signer({ hostname: host, port, region, username: user, credentials });
  try {
    return await signer.getAuthToken();
  } catch (error) {
    throw new UserError(
      `No token, because there are no credentials to sign it with: ${(error as Error).message}`,
    );
  }
}

/** The AWS default chain, for the profile named; with `role`, that role assumed with them. */
export async function credentialsOf(
  options: CredentialOptions,
  region: string,
): Promise<AwsCredentialIdentityProvider> {
  const { fromNodeProviderChain, fromTemporaryCredentials } = await import('@aws-sdk/credential-providers');
  const { profile, role, externalId } = options;
  const own = fromNodeProviderChain({ clientConfig: { region }, ...(profile ? { profile } : {}) });
  if (role === undefined) return own;
  return fromTemporaryCredentials({
    masterCredentials: own,
    params: {
      RoleArn: role,
      RoleSessionName: 'aurora-iam',
      ...(externalId ? { ExternalId: externalId } : {}),
    },
    clientConfig: { region },
  });
}

/** `….<region>.rds.amazonaws.com`, or of China. */
function regionOf(host: string): string | undefined {
  return /\.([a-z]{2}(?:-[a-z]+)+-\d+)\.rds\.amazonaws\.com(?:\.cn)?$/.exec(host)?.[1];
}

/** `host:port` of a tunnel, as an address: libpq dials `hostaddr` and still checks the certificate against `host`.
 *  @throws UserError */
export async function tunnelAddress(through: {
  readonly host: string;
  readonly port: number;
}): Promise<{ hostaddr: string; port: number }> {
  try {
    // PostgreSQL listens on IPv4 behind most tunnels, and localhost may mean ::1 first.
    const { address } = await lookup(through.host, { order: 'ipv4first' });
    return { hostaddr: address, port: through.port };
  } catch {
    throw new UserError(`The host of the tunnel, ${through.host}, has no address.`);
  }
}
