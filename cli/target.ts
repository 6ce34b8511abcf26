import { lookup } from 'node:dns/promises';
import type { CredentialOptions } from '../clients/aws/credentials';
import { UserError } from '../clients/error';
import type { Environment } from '../modules/environment/environment';

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
  // Here, because the validation of environments is most of what a token by --host would load.
  const { loadEnvironment } = await import('./project');
  const environment = loadEnvironment(name);
  const { region, access } = environment;
  const { user } = options;
  if (!Object.hasOwn(access.logins, user))
    throw new UserError(
      `Environment ${name} has no login "${user}"; it has ${Object.keys(access.logins).join(', ')}. Upper and lower case count.`,
    );
  const { lookUp } = await import('../clients/aws/clusters');
  const { host, port } = await lookUp(environment, options);
  return { host, port, region, user, environment };
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
