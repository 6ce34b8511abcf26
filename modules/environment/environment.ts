import type { Access } from './access';
import type { Cluster } from './cluster';
import type { Principal } from './principals';
import type { Target } from './targets';

/** One environment, as written in `environments/<name>.ts`: who may enter which database as whom. */
export interface Environment<Login extends string = string> {
  /** Begins the names of the stacks: `<name>-cluster`, `<name>-database`, `<name>-policies`. */
  readonly name: string;
  /** 12 digits. Every provider refuses to work in another account. */
  readonly account: string;
  readonly region: string;
  readonly cluster: Cluster;
  readonly access: Access<string, Login>;
  readonly principals: Readonly<Record<string, Principal<Login>>>;
  /** Further ways into the same databases. Principals name them by these keys. @default none */
  readonly targets?: Readonly<Record<string, Target>>;
  /** Databases besides those that groups name. One whose last owner group goes stays here for that run: Terraform needs a
   *  provider for it. @default none */
  readonly databases?: readonly string[];
  /**
   * Takes from PUBLIC what nobody asked for: CREATE in the schema `public`, CONNECT and TEMPORARY on the databases that the
   * environment names. Who had only that can no longer connect; a destroy does not give it back.
   * @default true for a cluster that the environment creates, else false
   */
  readonly lockDown?: boolean;
  /** Members of rds_iam that somebody else manages on this cluster; `aurora-iam check` leaves them alone. @default none */
  readonly otherIamLogins?: readonly string[];
  /** How the database stack logs in to manage groups and logins. @default the master: rdsManagedSecret(), or a token where it
   *  logs in by IAM */
  readonly admin?: Admin;
  /** The role of this environment's account that Terraform and the admin's tools work as. @default the process's own identity */
  readonly assumeRole?: AssumeRole;
  /** The way to the database, where the endpoint itself cannot be reached. @default directly */
  readonly through?: Tunnel;
  /** PEM file of the authorities to trust at the endpoint itself; a tunnel has its own. @default those of RDS */
  readonly certificateAuthorityFile?: string;
  /** Where Terraform keeps its state. @default a file beside cdktf.out */
  readonly backend?: S3Backend;
  /** Terraform version constraints. @default the versions that the bindings were made for, exactly */
  readonly providerVersions?: ProviderVersions;
  /** Tags of every AWS resource. */
  readonly tags?: Readonly<Record<string, string>>;
}

export type Admin = RdsManagedSecret | OtherSecret | EnvironmentPassword | IamAdmin;

/** The master, with the password that RDS keeps in Secrets Manager. Read at each run, never stored. */
export interface RdsManagedSecret {
  readonly kind: 'rdsManagedSecret';
}

/** A secret of your own: JSON with `password`, as RDS writes it. Read at each run, never stored. */
export interface OtherSecret {
  readonly kind: 'secret';
  readonly secretArn: string;
  /** @default the cluster's master */
  readonly username?: string;
}

/** The variable PGPASSWORD of the process that runs Terraform. */
export interface EnvironmentPassword {
  readonly kind: 'environmentPassword';
  /** @default the cluster's master */
  readonly username?: string;
}

/** A login in rds_iam that may manage roles, by a token. Not through a tunnel: the provider would sign for the tunnel's host. */
export interface IamAdmin {
  readonly kind: 'iam';
  readonly username: string;
}

/** A role that the process's credentials may assume. */
export interface AssumeRole {
  readonly roleArn: string;
  readonly externalId?: string;
}

export interface Tunnel {
  readonly host: string;
  readonly port: number;
  /**
   * The provider's driver checks the certificate against the host it dials, and a tunnel's host is not in it:
   * so the chain is checked and the name is not. Say `verify-full` where the certificate carries the name.
   * @default 'verify-ca'
   */
  readonly sslmode?: 'verify-ca' | 'verify-full';
  /** PEM file of the authorities to trust. @default those of RDS */
  readonly certificateAuthorityFile?: string;
}

export interface S3Backend {
  readonly kind: 's3';
  readonly bucket: string;
  /** @default the environment's region */
  readonly region?: string;
  /** @default 'aurora-iam' */
  readonly keyPrefix?: string;
  readonly kmsKeyArn?: string;
  /** Where the bucket is another account's: the role that reads and writes it. @default the process's own identity */
  readonly assumeRoleArn?: string;
}

export interface ProviderVersions {
  readonly aws?: string;
  readonly postgresql?: string;
}

export const STACKS = ['cluster', 'database', 'policies'] as const;

export function stackName({ name }: Pick<Environment, 'name'>, stack: (typeof STACKS)[number]): string {
  return `${name}-${stack}`;
}

/** The key of a stack's state in the bucket. Its lock is an object beside it.
 *  https://developer.hashicorp.com/terraform/language/backend/s3#state-locking */
export function stateKey({ keyPrefix = 'aurora-iam' }: S3Backend, stack: string): string {
  return `${keyPrefix}/${stack}.tfstate`;
}

/** Whether PUBLIC loses what it has by default. */
export function isLockedDown({ lockDown, cluster }: Pick<Environment, 'lockDown' | 'cluster'>): boolean {
  return lockDown ?? cluster.kind === 'created';
}

/** Plain data; nothing is checked here. All environments are checked together when their stacks are made. */
export function defineEnvironment<Login extends string>(
  environment: Omit<Environment, 'access' | 'principals'> & {
    readonly access: Access<string, Login>;
    readonly principals: Readonly<Record<string, Principal<NoInfer<Login>>>>;
  },
): Environment {
  return environment;
}

export function rdsManagedSecret(): RdsManagedSecret {
  return { kind: 'rdsManagedSecret' };
}

export function secret(secretArn: string, options: { readonly username?: string } = {}): OtherSecret {
  return { kind: 'secret', secretArn, ...options };
}

export function environmentPassword(options: { readonly username?: string } = {}): EnvironmentPassword {
  return { kind: 'environmentPassword', ...options };
}

export function iamAdmin(username: string): IamAdmin {
  return { kind: 'iam', username };
}

export function tunnel(options: Tunnel): Tunnel {
  return options;
}

export function s3Backend(options: Omit<S3Backend, 'kind'>): S3Backend {
  return { kind: 's3', ...options };
}
