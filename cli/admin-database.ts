import { readFileSync } from 'node:fs';
import { checkServerIdentity, type PeerCertificate } from 'node:tls';
import { type LookedUp, lookUp, lookUpTarget, type Way } from '../clients/aws/clusters';
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
import { MAIN_TARGET } from '../modules/environment/principals';
import { readEndpoint } from '../modules/names/endpoint';
import { endpointGiven, tunnelOf } from './target';

export interface AdminOptions extends CredentialOptions, Way {
  /** The endpoint, instead of a look-up. */
  readonly host?: string;
  readonly port?: number;
  /** Of `host`, if its name does not contain it. */
  readonly region?: string;
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
 *  @param remark is called with what a person should know of the endpoint
 *  @throws UserError */
export async function adminDatabase(
  environment: Environment,
  given: AdminOptions,
  remark: (line: string) => void = () => {},
): Promise<AdminDatabase> {
  // Terraform works as this role, and runs `schemas` with the credentials of the process.
  const options: AdminOptions = { ...given, ...adminRole(environment, given) };
  const login = adminLogin(environment, {
    through: tunnelOf(environment, options),
    certificateAuthorityFile: options.ca,
  });
  const { password: source, through } = login;
  if (source.from !== 'token' && environment.targets?.[options.target ?? '']?.kind === 'proxy')
    throw new UserError(
      `Proxy ${options.target} lets in tokens only, and the admin of environment ${environment.name} logs in with a password: leave --target out.`,
    );
  const { endpoint, own } = await wayIn(environment, login, options, remark);
  if (own?.masterSecretArn && masterLogsInByIam(environment.cluster))
    throw new UserError(
      `RDS manages a password of the master of ${environment.cluster.identifier}, so the master does not log in by IAM. ` +
        'Take masterUserAuthenticationType out of cluster in the environment.',
    );
  const username = login.username ?? masterUsernameOf(environment.cluster);
  const settings: SessionSettings = {
    host: through?.host ?? endpoint?.host,
    port: through?.port ?? endpoint?.port,
    user: username,
    password: await passwordOf(source, { username, region: environment.region, endpoint, own }, options),
    ssl: tls(login, endpoint?.host),
    isTunnel: through !== undefined,
  };
  return {
    username,
    read: (database, use) => readIn(settings, database, use),
    write: (database, use) => writeIn(settings, database, use),
  };
}

interface WayIn {
  /** Undefined where nobody needs to know it: behind a tunnel, with a password that is at hand. */
  readonly endpoint: { readonly host: string; readonly port: number; readonly region: string } | undefined;
  /** The environment's own cluster or instance: only that has the master's secret. */
  readonly own: LookedUp | undefined;
}

/** The look-up names the secret, too, which no option does. */
const SECRET_NEEDED =
  "It also says where the master's password is. To do without it, name the secret in the environment (admin: secret('<arn>')), or write admin: environmentPassword() and set PGPASSWORD.";

/** Asks AWS for no more than is needed. */
async function wayIn(
  environment: Environment,
  { password: source, through }: AdminLogin,
  options: AdminOptions,
  remark: (line: string) => void,
): Promise<WayIn> {
  const { host, port = 5432, target = MAIN_TARGET, reader = false } = options;
  if (host === undefined && (options.port !== undefined || options.region !== undefined))
    throw new UserError(
      `${options.port !== undefined ? '--port' : '--region'} goes with --host: give both, or neither.`,
    );
  if (host !== undefined && (reader || target !== MAIN_TARGET))
    throw new UserError(`Give either --host, or ${reader ? '--reader' : '--target'}: not both.`);
  const given =
    host === undefined
      ? undefined
      : { port, ...(source.from === 'token' ? await endpointGiven(host, options, remark) : dialled(host)) };
  const isOwn = host === undefined && !reader && target === MAIN_TARGET;
  const own =
    source.from === 'managedSecret' || (isOwn && (source.from === 'token' || !through))
      ? await lookUp(environment, options, source.from === 'managedSecret' ? SECRET_NEEDED : undefined)
      : undefined;
  const { region } = environment;
  if (given) return { endpoint: { region, ...given }, own };
  if (isOwn) return { endpoint: own && { host: own.host, port: own.port, region }, own };
  return { endpoint: await lookUpTarget(environment, { target, reader }, options), own };
}

/** A host to log in to with a password, for which any name will do. @throws UserError if it is none */
function dialled(host: string): { readonly host: string } {
  const found = readEndpoint(host);
  if (found.kind === 'none' && !found.isHost)
    throw new UserError(`--host ${host} ${found.message}; ${found.wayOut}.`);
  return { host: found.kind === 'none' ? host : found.host };
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
    own,
  }: WayIn & {
    readonly username: string;
    /** Where the secrets are. */
    readonly region: string;
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
      return signToken({ ...endpoint, user: username }, options);
    case 'secret':
      return readSecretPassword(source.secretArn, region, options);
    case 'managedSecret':
      if (!own?.masterSecretArn)
        throw new UserError(
          "RDS keeps no password of the master. If the master has one, say where it is: admin: secret('<arn>') or admin: " +
            "environmentPassword(). If the master logs in by IAM, write masterUserAuthenticationType: 'iam-db-auth' in cluster.",
        );
      return readSecretPassword(own.masterSecretArn, region, options);
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
