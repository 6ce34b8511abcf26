import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import type { Way } from '../clients/aws/clusters';
import { tunnelAddress } from '../clients/dns';
import { UserError } from '../clients/error';
import type { ClientConnection } from '../modules/connect/client-connection';
import { authoritiesOf } from '../modules/environment/admin';
import { passwordCommand } from '../modules/names/commands';
import { type Target, type TargetOptions, tunnelOf } from './target';

/** The options about the way to the database, which a client needs besides its token. */
export interface WayOptions extends Way {
  readonly database?: string;
  /** `host:port` of a tunnel. */
  readonly through?: string;
  /** PEM file of the authorities to trust instead of those of RDS. */
  readonly ca?: string;
}

/** What leads to the target: the options first, then the environment. @throws UserError */
export async function wayTo(
  target: Target,
  options: WayOptions,
): Promise<{ hostaddr?: string; port?: number; database: string; certificateAuthorityFile?: string }> {
  const { environment } = target;
  const through = tunnelOf(environment, options);
  const certificateAuthorityFile = options.ca ?? (environment && authoritiesOf(environment));
  if (certificateAuthorityFile !== undefined && !existsSync(certificateAuthorityFile))
    throw new UserError(`The file of certificate authorities, ${certificateAuthorityFile}, is not there.`);
  return {
    ...(through && (await tunnelAddress(through))),
    database: options.database ?? environment?.cluster.databaseName ?? 'postgres',
    ...(certificateAuthorityFile === undefined ? {} : { certificateAuthorityFile }),
  };
}

/** All that a client is told, for a longer time than a command of this package runs. @throws UserError */
export async function clientConnection(target: Target, options: WayOptions): Promise<ClientConnection> {
  const { host, port, user } = target;
  const way = await wayTo(target, options);
  const ofRds = async () => {
    // Here, because the authorities are 200 kB that a bare token does without.
    const { certificateAuthoritiesFile } = await import('../clients/certificate-authorities-file');
    return certificateAuthoritiesFile();
  };
  // Whoever is told the name reads it from another folder.
  const certificateAuthorityFile = resolve(way.certificateAuthorityFile ?? (await ofRds()));
  return { host, port, user, ...way, certificateAuthorityFile };
}

/** The command that prints a token for the same target. */
export function passwordCommandFor(options: TargetOptions): string {
  const { env, user, host, port, region, target, reader, as, profile, role } = options;
  const named = { target, host, port, region, as, profile, role };
  return passwordCommand([
    ...(env === undefined ? [] : [env, ...(user === undefined ? [] : [user])]),
    ...(env === undefined && user !== undefined ? ['--user', user] : []),
    ...Object.entries(named).flatMap(([name, value]) =>
      value === undefined ? [] : [`--${name}`, String(value)],
    ),
    ...(reader ? ['--reader'] : []),
  ]);
}
