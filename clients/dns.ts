import { lookup, resolveCname } from 'node:dns/promises';
import { type Endpoint, readEndpoint } from '../modules/names/endpoint';
import { UserError } from './error';

/** More than anybody has; a loop ends here. */
const LONGEST_CHAIN = 8;

/**
 * Follows a name of somebody's own to the first name of RDS, and no further: a public endpoint resolves on to `ec2-…`.
 * @param resolve answers with the CNAME of a name, or fails where it has none
 * @returns undefined where it leads to none
 */
export async function followAlias(
  name: string,
  resolve: (name: string) => Promise<readonly string[]> = resolveCname,
): Promise<Endpoint | undefined> {
  let current = name;
  for (let step = 0; step < LONGEST_CHAIN; step++) {
    const [next] = await resolve(current).catch(() => []);
    if (next === undefined) return undefined;
    const endpoint = readEndpoint(next);
    if (endpoint.kind !== 'none') return endpoint;
    current = next;
  }
  return undefined;
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
