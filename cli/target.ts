import type { Way } from '../clients/aws/clusters';
import type { CredentialOptions } from '../clients/aws/credentials';
import { UserError } from '../clients/error';
import { roleNamed, roleOfPrincipal } from '../modules/connect/model';
import { adminOf } from '../modules/environment/admin';
import { masterLogsInByIam, masterUsernameOf } from '../modules/environment/cluster';
import type { Environment } from '../modules/environment/environment';
import { MAIN_TARGET } from '../modules/environment/principals';
import { iamParts, splitArn } from '../modules/names/arn';
import { type Endpoint, readEndpoint } from '../modules/names/endpoint';
import { isRegion } from '../modules/names/regions';

/** The options that say which database is meant, as whom, and with whose credentials. */
export interface TargetOptions extends CredentialOptions, Way {
  readonly env?: string;
  readonly host?: string;
  readonly port?: number;
  readonly region?: string;
  /** May be left out where `as` names a principal with one login. */
  readonly user?: string;
  /** Key of a principal of the environment: its role is assumed to sign, and not to look anything up. */
  readonly as?: string;
}

/** Where to log in, and what the token must be signed for. */
export interface Target {
  /** The real endpoint: a token is valid for this name only, whatever way leads there. */
  readonly host: string;
  readonly port: number;
  readonly region: string;
  readonly user: string;
  /** Whose credentials sign. */
  readonly credentials: CredentialOptions;
  /** Known where an environment was named. */
  readonly environment?: Environment;
}

/**
 * Decides what is meant before anything is signed.
 * @param remark is called with what a person should know of it
 * @throws UserError
 */
export async function resolveTarget(
  options: TargetOptions,
  remark: (line: string) => void = () => {},
): Promise<Target> {
  const { env, host, port, region, target, reader, as } = options;
  if (env !== undefined && (host !== undefined || port !== undefined || region !== undefined))
    throw new UserError(
      `Give either an environment (${env}), or --host, --port and --region: not both. Beside --host, the login is --user.`,
    );
  if (env !== undefined) return environmentTarget(env, options);
  const alone =
    as !== undefined ? '--as' : reader ? '--reader' : target !== undefined ? '--target' : undefined;
  if (alone !== undefined)
    throw new UserError(
      `${alone} belongs to an environment. With --host, give the ${as !== undefined ? 'role itself: --role' : 'endpoint itself'}.`,
    );
  if (host === undefined)
    throw new UserError(
      'Say which database is meant: an environment of this project (`aurora-iam list` shows them), or --host, --port and --region.',
    );
  return hostTarget(host, options, remark);
}

async function environmentTarget(name: string, options: TargetOptions): Promise<Target> {
  // Here, because the validation of environments is most of what a token by --host would load.
  const { loadEnvironment } = await import('./project');
  const environment = loadEnvironment(name);
  const { access } = environment;
  const { user, credentials } = signer(environment, options);
  const admin = adminOf(environment);
  const isAdmin = admin.kind === 'iam' && admin.username === user;
  const isMaster = masterLogsInByIam(environment.cluster) && user === masterUsernameOf(environment.cluster);
  if (!Object.hasOwn(access.logins, user) && !isAdmin && !isMaster)
    throw new UserError(
      `Environment ${name} has no login "${user}"; it has ${Object.keys(access.logins).join(', ')}. Upper and lower case count.`,
    );
  const { lookUpTarget } = await import('../clients/aws/clusters');
  // With --role, that role looks up, too; with --as, whoever runs the command does.
  const looking = options.role === undefined ? options : credentials;
  const { host, port, region } = await lookUpTarget(environment, options, looking);
  return { host, port, region, user, credentials, environment };
}

/** As whom, and who signs: as the options say, or the principal whose role it is. @throws UserError */
function signer(
  environment: Environment,
  options: TargetOptions,
): { readonly user: string; readonly credentials: CredentialOptions } {
  const { as, role, user } = options;
  if (as !== undefined && role !== undefined) throw new UserError('Give either --as or --role: not both.');
  if (as === undefined && role === undefined) return { user: named(user), credentials: options };
  const found = as === undefined ? roleNamed(environment, role as string) : roleOfPrincipal(environment, as);
  if (typeof found === 'string')
    throw new UserError(`${as === undefined ? '--role' : `--as ${as}`}: ${found}.`);
  const [only, ...others] = found.logins;
  const login = user ?? (others.length === 0 ? only : undefined);
  // A role that no principal names may have its policy from elsewhere.
  if (only === undefined) return { user: named(user), credentials: { ...options, role: found.roleArn } };
  if (login === undefined || (as !== undefined && !found.logins.includes(login)))
    throw new UserError(
      `${as === undefined ? `Role ${role}` : `Principal ${as}`} connects as ${found.logins.join(', ')}${login === undefined ? ': name one of them' : `, and not as ${login}`}.`,
    );
  return { user: login, credentials: { ...options, role: found.roleArn } };
}

function named(user: string | undefined): string {
  // Empty: a variable of the shell that is not set.
  if (!user)
    throw new UserError(
      'Say as whom: write the login after the environment, or --user <login>, or --as <principal> of an environment.',
    );
  return user;
}

async function hostTarget(
  given: string,
  options: TargetOptions,
  remark: (line: string) => void,
): Promise<Target> {
  const user = named(options.user);
  const { role } = options;
  if (role !== undefined && iamParts(role)?.type !== 'role')
    throw new UserError(
      splitArn(role) === undefined
        ? `--role ${role}: only an environment says which account the role is in. Beside --host, give its ARN.`
        : `--role: ${role} is not the ARN of a role.`,
    );
  const { host, region } = await endpointGiven(given, options, remark);
  return { host, port: options.port ?? 5432, region, user, credentials: options };
}

/**
 * What a token must be signed for, if somebody gives the endpoint.
 * @throws UserError for anything but an endpoint that RDS takes tokens for, and for another region than its own
 */
export async function endpointGiven(
  given: string,
  options: CredentialOptions & { readonly region?: string },
  remark: (line: string) => void,
): Promise<{ readonly host: string; readonly region: string }> {
  const { region } = options;
  const endpoint = await endpointOf(given, remark);
  if (endpoint.kind === 'custom')
    throw new UserError(
      `--host ${given} is a custom endpoint, and RDS takes no token for those: give the endpoint of the cluster, its readers or an instance.`,
    );
  if (region !== undefined && endpoint.region !== undefined && region !== endpoint.region)
    throw new UserError(
      `--host ${endpoint.host} is in ${endpoint.region}, and --region says ${region}: leave --region out.`,
    );
  if (region !== undefined && !isRegion(region)) throw new UserError(`--region ${region} is not a region.`);
  return {
    host: endpoint.host,
    region: region ?? endpoint.region ?? (await regionOfGlobal(endpoint, options)),
  };
}

/** The endpoint that was given, or the one that a name of somebody's own leads to. */
async function endpointOf(given: string, remark: (line: string) => void): Promise<Endpoint> {
  const found = readEndpoint(given);
  if (found.kind !== 'none') return found;
  if (found.mayBeAlias) {
    const { followAlias } = await import('../clients/dns');
    const endpoint = await followAlias(given);
    if (endpoint) {
      remark(`${given} leads to ${endpoint.host}, which the token is signed for.`);
      return endpoint;
    }
  }
  throw new UserError(`--host ${given} ${found.message}; ${found.wayOut}.`);
}

async function regionOfGlobal({ host, name }: Endpoint, options: CredentialOptions): Promise<string> {
  const { primaryRegionOf } = await import('../clients/aws/clusters');
  const asked = host.endsWith('.cn') ? 'cn-north-1' : host.endsWith('.eu') ? 'eusc-de-east-1' : 'us-east-1';
  return primaryRegionOf(name, process.env['AWS_REGION'] ?? asked, options);
}

/** `host:port` of a tunnel, as `--through` takes it. @throws UserError */
export function parseThrough(text: string): { host: string; port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d{1,5})$/.exec(text);
  if (!match) throw new UserError(`--through ${text} is not host:port; write localhost:15432.`);
  const port = Number(match[3]);
  if (port < 1 || port > 65535)
    throw new UserError(`--through ${text}: expected a port number from 1 to 65535 after the colon.`);
  return { host: (match[1] ?? match[2]) as string, port };
}

/**
 * The tunnel that is given, or the environment's own, which leads to the environment's own endpoint and nowhere else.
 * @throws UserError
 */
export function tunnelOf(
  environment: Environment | undefined,
  { through, target, reader }: Way & { readonly through?: string },
): { readonly host: string; readonly port: number } | undefined {
  if (through !== undefined) return parseThrough(through);
  const own = environment?.through;
  const targets = environment?.targets ?? {};
  if (environment && target !== undefined && target !== MAIN_TARGET && !Object.hasOwn(targets, target))
    throw new UserError(
      `Environment ${environment.name} has no target "${target}"; it has ${[MAIN_TARGET, ...Object.keys(targets)].join(', ')}.`,
    );
  if (own && (reader || (target !== undefined && target !== MAIN_TARGET)))
    throw new UserError(
      `The environment's tunnel, ${own.host}:${own.port}, leads to its own endpoint, and ${reader ? '--reader' : `--target ${target}`} means another: name a tunnel to that with --through <host:port>.`,
    );
  return own;
}
