import { readFileSync } from 'node:fs';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { type LookedUp, lookUp } from '../clients/aws/clusters';
import type { CredentialOptions } from '../clients/aws/credentials';
import { readSecretPassword } from '../clients/aws/secret';
import { signToken } from '../clients/aws/token';
import { UserError } from '../clients/error';
import { readIn, type SessionSettings, writeIn } from '../clients/postgresql/session';
import type { CatalogQuery } from '../modules/access/catalog';
import { rdsCertificateAuthorities } from '../modules/connect/certificate-authorities';
import { roleNamed } from '../modules/connect/model';
import { type AdminLogin, adminLogin, type PasswordSource } from '../modules/environment/admin';
import { masterLogsInByIam, masterUsernameOf } from '../modules/environment/cluster';
import type { Environment } from '../modules/environment/environment';
import { parseThrough } from './target';

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
  const options: AdminOptions = { ...given, ...adminRole(environment, given) };
  if (options.port !== undefined && options.host === undefined)
    throw new UserError('--port goes with --host: give both, or neither.');
  const login = adminLogin(environment, {
    through: options.through === undefined ? undefined : parseThrough(options.through),
    certificateAuthorityFile: options.ca,
  });
  const { password: source, through } = login;
  const known: LookedUp | undefined = options.host
    ? { host: options.host, port: options.port ?? 5432, masterSecretArn: undefined }
    : undefined;
  // Through a tunnel, with a password that is at hand, nothing of AWS is needed.
  const needed = source.from === 'managedSecret' || (!known && (source.from === 'token' || !through));
  const found = needed ? await lookUp(environment, options) : undefined;
  if (found?.masterSecretArn && masterLogsInByIam(environment.cluster))
    throw new UserError(
      `RDS manages a password of the master of ${environment.cluster.identifier}, so the master does not log in by IAM. ` +
        'Take masterUserAuthenticationType out of cluster in the environment.',
    );
  const endpoint = known ?? found;
  const username = login.username ?? masterUsernameOf(environment.cluster);
  const settings: SessionSettings = {
    host: through?.host ?? endpoint?.host,
    port: through?.port ?? endpoint?.port,
    user: username,
    password: await passwordOf(source, { username, region: environment.region, endpoint, found }, options),
    ssl: tls(login, endpoint?.host),
  };
  return {
    username,
    read: (database, use) => readIn(settings, database, use),
    write: (database, use) => writeIn(settings, database, use),
  };
}

/** @throws UserError if nobody knows which role is meant */
function adminRole(environment: Environment, { role, externalId }: CredentialOptions): CredentialOptions {
  const { assumeRole } = environment;
  if (role === undefined)
    return assumeRole
      ? {
          role: assumeRole.roleArn,
          ...(assumeRole.externalId ? { externalId: assumeRole.externalId } : {}),
        }
      : {};
  const found = roleNamed(environment, role);
  if (typeof found === 'string') throw new UserError(`--role: ${found}.`);
  return { role: found.roleArn, ...(externalId ? { externalId } : {}) };
}

async function passwordOf(
  source: PasswordSource,
  {
    username,
    region,
    endpoint,
    found,
  }: {
    readonly username: string;
    readonly region: string;
    readonly endpoint: LookedUp | undefined;
    readonly found: LookedUp | undefined;
  },
  options: CredentialOptions,
): Promise<string> {
  switch (source.from) {
    case 'environment': {
      const password = process.env.PGPASSWORD;
      if (!password) throw new UserError(`The password of ${username} is not in PGPASSWORD.`);
      return password;
    }
    case 'token':
      if (!endpoint) throw new UserError('A token needs the endpoint: give --host.');
      return signToken({ host: endpoint.host, port: endpoint.port, region, user: username }, options);
    case 'secret':
      return readSecretPassword(source.secretArn, region, options);
    case 'managedSecret':
      if (!found?.masterSecretArn)
        throw new UserError(
          "RDS keeps no password of the master. If the master has one, say where it is: admin: secret('<arn>') or admin: " +
            "environmentPassword(). If the master logs in by IAM, write masterUserAuthenticationType: 'iam-db-auth' in cluster.",
        );
      return readSecretPassword(found.masterSecretArn, region, options);
  }
}

function tls({ tls: { sslmode, certificateAuthorityFile: file }, through }: AdminLogin, endpoint?: string) {
  const ca = file === undefined ? rdsCertificateAuthorities() : readAuthorities(file);
  if (!through) return { ca };
  // Where the endpoint is known, its name is checked, whatever the tunnel is called.
  if (endpoint !== undefined)
    return {
      ca,
      servername: endpoint,
      checkServerIdentity: (_dialled: string, certificate: PeerCertificate) =>
        checkServerIdentity(endpoint, certificate),
    };
  return sslmode === 'verify-full' ? { ca } : { ca, checkServerIdentity: () => undefined };
}

function readAuthorities(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    throw new UserError(`The file of certificate authorities, ${file}, is not there.`);
  }
}
