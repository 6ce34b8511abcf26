/** Who exists in PostgreSQL: groups say *what may be done*, logins say *as whom*. Shared between environments. */
export interface Access<Group extends string = string, Login extends string = string> {
  /** NOLOGIN roles outside rds_iam. They hold every privilege. */
  readonly groups: Readonly<Record<Group, GroupDefinition>>;
  /** LOGIN roles in rds_iam, without password. They own nothing and have privileges only through groups. */
  readonly logins: Readonly<Record<Login, LoginDefinition<Group>>>;
}

export interface GroupDefinition extends GroupOptions {
  readonly preset: Preset;
}

export const PRESETS = ['owner', 'readOnly', 'readWrite'] as const;
export type Preset = (typeof PRESETS)[number];

export interface GroupOptions {
  /** @default the cluster's databaseName */
  readonly database?: string;
  /** @default ['public'] */
  readonly schemas?: readonly string[];
  /**
   * Roles, besides the owner groups of the same schemas, whose future tables and sequences the group shall
   * reach: the master, for example, where it creates the tables of an existing cluster. PostgreSQL has default
   * privileges per creator: https://www.postgresql.org/docs/current/sql-alterdefaultprivileges.html
   * @default []
   */
  readonly creators?: readonly string[];
}

export interface LoginDefinition<Group extends string = string> {
  readonly memberOf?: readonly (Group | PredefinedRole)[];
  /** Member of this owner group, and `SET ROLE` to it at login: what the login creates belongs to the group. */
  readonly actsAs?: Group;
  /** Says that capital letters in the name are meant: `Jane` and `jane` are two roles. @default false */
  readonly caseSensitive?: boolean;
}

/** Predefined roles that an RDS master can grant and that give no way to the server's files or programs.
 *  https://www.postgresql.org/docs/current/predefined-roles.html */
export const PREDEFINED_ROLES = [
  'pg_read_all_data',
  'pg_write_all_data',
  'pg_read_all_settings',
  'pg_read_all_stats',
  'pg_stat_scan_tables',
  'pg_monitor',
  'pg_signal_backend',
  'pg_checkpoint',
  'pg_use_reserved_connections',
  'pg_create_subscription',
  'pg_maintain',
  'pg_signal_autovacuum_worker',
] as const;
export type PredefinedRoleName = (typeof PREDEFINED_ROLES)[number];

export interface PredefinedRole {
  readonly predefined: PredefinedRoleName;
}

/** The groups and logins of a cluster. Names of groups are checked by the compiler where they are used. */
export function defineAccess<Group extends string, Login extends string>(access: {
  readonly groups: Readonly<Record<Group, GroupDefinition>>;
  readonly logins: Readonly<Record<Login, LoginDefinition<NoInfer<Group>>>>;
}): Access<Group, Login> {
  return access;
}

/** May create in the schemas; owns what the logins that act as it create. For migrations. */
export function owner(options: Omit<GroupOptions, 'creators'> = {}): GroupDefinition {
  return { preset: 'owner', ...options };
}

/** May read tables, views and sequences. */
export function readOnly(options: GroupOptions = {}): GroupDefinition {
  return { preset: 'readOnly', ...options };
}

/** May read and change rows, and draw numbers from sequences. */
export function readWrite(options: GroupOptions = {}): GroupDefinition {
  return { preset: 'readWrite', ...options };
}

/** A membership in a role that PostgreSQL brings along: `predefined('pg_monitor')`. */
export function predefined(role: PredefinedRoleName): PredefinedRole {
  return { predefined: role };
}
