import { readFileSync } from 'node:fs';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { type LookedUp, lookUp } from '../clients/aws/clusters';
import { type CredentialOptions, credentialsOf } from '../clients/aws/credentials';
import { signToken } from '../clients/aws/token';
import { UserError } from '../clients/error';
import type { CatalogQuery } from '../modules/access/catalog';
import { rdsCertificateAuthorities } from '../modules/connect/certificate-authorities';
import { adminOf } from '../modules/environment/admin';
import { masterUsernameOf } from '../modules/environment/cluster';
import type { Environment } from '../modules/environment/environment';
import { parseThrough } from './connect';
import { readIn, type SessionSettings, writeIn } from './session';

export interface AdminOptions extends CredentialOptions {
  /** The endpoint, instead of a look-up. */
  readonly host?: string;
  readonly port?: number;
  /** `host:port` of a tunnel, instead of the environment's. */
  readonly through?: string;
  /** PEM file of the authorities to trust instead of those of RDS. */
  readonly ca?: string;
}

/** The databases of an environment, as its admin. */
export interface AdminDatabase {
  readonly username: string;
  /** One read-only transaction for the length of `use`. @throws UserError */
  read<T>(database: string, use: (query: CatalogQuery) => Promise<T>): Promise<T>;
  /** Each call of what `use` is given is a transaction of its own. @throws UserError */
  write<T>(database: string, use: (transaction: CatalogQuery) => Promise<T>): Promise<T>;
}

/** Finds the way in that the database stack takes, too: the same admin, tunnel and authorities.
 *  @throws UserError */
export async function adminDatabase(environment: Environment, given: AdminOptions): Promise<AdminDatabase> {
  // Terraform works as this role, and runs `schemas` with the credentials of the process.
  const { assumeRole } = environment;
  const options: AdminOptions =
    given.role === undefined && assumeRole
      ? {
          ...given,
          role: assumeRole.roleArn,
          ...(assumeRole.externalId ? { externalId: assumeRole.externalId } : {}),
        }
      : given;
  if (options.port !== undefined && options.host === undefined)
    throw new UserError('--port goes with --host: give both, or neither.');
  const admin = adminOf(environment);
  const way = options.through ? parseThrough(options.through) : environment.through;
  const known: LookedUp | undefined = options.host
    ? { host: options.host, port: options.port ?? 5432, masterSecretArn: undefined }
    : undefined;
  // Through a tunnel, with a password that is at hand, nothing of AWS is needed.
  const needed = admin.kind === 'rdsManagedSecret' || (!known && (admin.kind === 'iam' || !way));
  const found = needed ? await lookUp(environment, options) : undefined;
  const endpoint = known ?? found;
  const host = way?.host ?? endpoint?.host;
  const port = way?.port ?? endpoint?.port;
  const username =
    'username' in admin && admin.username ? admin.username : masterUsernameOf(environment.cluster);
  const password = await passwordOf(environment, username, endpoint, found, options);
  const ssl = tls(environment, options, endpoint?.host);
  const settings: SessionSettings = { host, port, user: username, password, ssl };
  return {
    username,
    read: (database, use) => readIn(settings, database, use),
    write: (database, use) => writeIn(settings, database, use),
  };
}

async function passwordOf(
  environment: Environment,
  username: string,
  endpoint: LookedUp | undefined,
  found: LookedUp | undefined,
  options: CredentialOptions,
): Promise<string> {
  const admin = adminOf(environment);
  const { region } = environment;
  switch (admin.kind) {
    case 'environmentPassword': {
      const password = process.env.PGPASSWORD;
      if (!password) throw new UserError(`The password of ${username} is not in PGPASSWORD.`);
      return password;
    }
    case 'iam':
      if (!endpoint) throw new UserError('A token needs the endpoint: give --host.');
      return signToken({ host: endpoint.host, port: endpoint.port, region, user: username }, options);
    case 'secret':
      return secretPassword(admin.secretArn, region, options);
    case 'rdsManagedSecret':
      if (!found?.masterSecretArn)
        throw new UserError(
          "RDS does not manage the master's password. Say where it is: admin: secret('<arn>') or admin: environmentPassword().",
        );
      return secretPassword(found.masterSecretArn, region, options);
  }
}

async function secretPassword(arn: string, region: string, options: CredentialOptions): Promise<string> {
  const { GetSecretValueCommand, SecretsManagerClient } = await import('@aws-sdk/client-secrets-manager');
  const client = new SecretsManagerClient({ region, credentials: await credentialsOf(options, region) });
  let text: string | undefined;
  try {
    text = (await client.send(new GetSecretValueCommand({ SecretId: arn }))).SecretString;
  } catch (error) {
    throw new UserError(`The secret ${arn} cannot be read: ${(error as Error).message}`);
  } finally {
    client.destroy();
  }
  try {
    const { password } = JSON.parse(text ?? '') as { password?: unknown };
    if (typeof password === 'string' && password !== '') return password;
  } catch {
    // Reported below without the text, which is secret.
  }
  throw new UserError(`The secret ${arn} is not JSON with a password, as RDS writes it.`);
}

function tls(environment: Environment, options: AdminOptions, endpoint: string | undefined) {
  const file = options.ca ?? environment.through?.certificateAuthorityFile;
  const ca = file === undefined ? rdsCertificateAuthorities() : readAuthorities(file);
  const tunnelled = options.through !== undefined || environment.through !== undefined;
  if (!tunnelled) return { ca };
  // Behind a tunnel the certificate is the endpoint's, where that is known. Else as the environment says.
  if (endpoint !== undefined)
    return {
      ca,
      servername: endpoint,
      checkServerIdentity: (_dialled: string, certificate: PeerCertificate) =>
        checkServerIdentity(endpoint, certificate),
    };
  if (environment.through?.sslmode === 'verify-full') return { ca };
  return { ca, checkServerIdentity: () => undefined };
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UserError(`The file of certificate authorities, ${file}, is not there.`);
  }
}
