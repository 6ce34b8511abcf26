import { masterLogsInByIam, masterUsernameOf } from './cluster';
import type { Admin, Environment, Tunnel } from './environment';

/** The admin as written, else the master, as it logs in. */
export function adminOf({ admin, cluster }: Pick<Environment, 'admin' | 'cluster'>): Admin {
  if (admin) return admin;
  return masterLogsInByIam(cluster)
    ? { kind: 'iam', username: masterUsernameOf(cluster) }
    : { kind: 'rdsManagedSecret' };
}

/** The name of the admin's role. */
export function adminUsernameOf(environment: Pick<Environment, 'admin' | 'cluster'>): string {
  const admin = adminOf(environment);
  return ('username' in admin && admin.username) || masterUsernameOf(environment.cluster);
}

/** How the environment's admin logs in: decided here, carried out by the provider's block and by the tools alike. */
export interface AdminLogin {
  /** Undefined: the cluster's master. */
  readonly username: string | undefined;
  readonly password: PasswordSource;
  /** Host and port of a tunnel. Undefined: the endpoint itself. */
  readonly through: Pick<Tunnel, 'host' | 'port'> | undefined;
  readonly tls: AdminTls;
}

export type PasswordSource =
  /** The secret that RDS keeps for the master, which a look-up names. */
  | { readonly from: 'managedSecret' }
  /** JSON with `password`. */
  | { readonly from: 'secret'; readonly secretArn: string }
  /** Signed for the endpoint in this region. */
  | { readonly from: 'token'; readonly region: string }
  /** PGPASSWORD of the process. */
  | { readonly from: 'environment' };

/** The chain of the certificate is always checked. */
export interface AdminTls {
  /** `verify-full`: the name in the certificate is checked, too, against the host that is dialled. */
  readonly sslmode: 'verify-full' | 'verify-ca';
  /** PEM file of the authorities. Undefined: those of RDS. */
  readonly certificateAuthorityFile: string | undefined;
}

/** @param given what somebody says on the command line, which wins over the environment */
export function adminLogin(
  environment: Pick<Environment, 'admin' | 'certificateAuthorityFile' | 'cluster' | 'region' | 'through'>,
  given: Pick<Partial<AdminLogin>, 'through'> & Partial<Pick<AdminTls, 'certificateAuthorityFile'>> = {},
): AdminLogin {
  const admin = adminOf(environment);
  const tunnel = environment.through;
  const through = given.through ?? tunnel;
  return {
    username: ('username' in admin && admin.username) || undefined,
    password: passwordSource(admin, environment.region),
    through: through && { host: through.host, port: through.port },
    tls: {
      // Behind a tunnel the certificate is the endpoint's, whose name the tunnel has not.
      sslmode: through ? (tunnel?.sslmode ?? 'verify-ca') : 'verify-full',
      certificateAuthorityFile: given.certificateAuthorityFile ?? authoritiesOf(environment),
    },
  };
}

function passwordSource(admin: Admin, region: string): PasswordSource {
  switch (admin.kind) {
    case 'rdsManagedSecret':
      return { from: 'managedSecret' };
    case 'secret':
      return { from: 'secret', secretArn: admin.secretArn };
    case 'iam':
      return { from: 'token', region };
    case 'environmentPassword':
      return { from: 'environment' };
  }
}

/** PEM file of the authorities to trust. Undefined: those of RDS. */
export function authoritiesOf({
  certificateAuthorityFile,
  through,
}: Pick<Environment, 'certificateAuthorityFile' | 'through'>): string | undefined {
  return through?.certificateAuthorityFile ?? certificateAuthorityFile;
}
