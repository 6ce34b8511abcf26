/** Who exists in PostgreSQL: groups say *what may be done*, logins say *as whom*. Shared between environments. */
export interface Access<Group extends string = string, Login extends string = string> {
  /** NOLOGIN roles outside rds_iam. They hold every privilege. */
  readonly groups: Readonly<Record<Group, GroupDefinition>>;
  /** LOGIN roles in rds_iam, without password. They own nothing and have privileges only through groups. */
  readonly logins: Readonly<Record<Login, LoginDefinition<Group>>>;
}

export interface GroupDefinition extends GroupOptions {
  readonly preset: Preset | 'custom';
  /** Of a `custom` group: what it may do. */
  readonly privileges?: CustomPrivileges;
}

export const PRESETS = ['owner', 'readOnly', 'readWrite'] as const;
export type Preset = (typeof PRESETS)[number];

/** What can be granted to a `custom` group. MAINTAIN needs PostgreSQL 17 and the postgresql provider 1.27; `predefined('pg_maintain')`
 *  needs neither. https://www.postgresql.org/docs/current/ddl-priv.html */
export const GRANTABLE = {
  tables: ['SELECT', 'INSERT', 'UPDATE', 'DELETE', 'TRUNCATE', 'REFERENCES', 'TRIGGER', 'MAINTAIN'],
  sequences: ['USAGE', 'SELECT', 'UPDATE'],
  functions: ['EXECUTE'],
  schema: ['USAGE', 'CREATE'],
  database: ['CONNECT', 'TEMPORARY', 'CREATE'],
} as const;

export interface CustomPrivileges {
  /** On tables, views, materialized views and foreign tables. */
  readonly tables?: readonly (typeof GRANTABLE.tables)[number][];
  readonly sequences?: readonly (typeof GRANTABLE.sequences)[number][];
  /** On functions, procedures and aggregates. `PUBLIC` may execute them unless somebody revokes that. */
  readonly functions?: readonly (typeof GRANTABLE.functions)[number][];
  /** On each schema, besides USAGE. */
  readonly schema?: readonly (typeof GRANTABLE.schema)[number][];
  /** On each database, besides CONNECT. */
  readonly database?: readonly (typeof GRANTABLE.database)[number][];
}

export interface GroupOptions {
  /** @default the cluster's databaseName */
  readonly database?: string;
  /** @default ['public'] */
  readonly schemas?: readonly string[];
  /** In the place of `database` and `schemas`: database -> schemas. Not for owner groups, which own in one database. */
  readonly databases?: Readonly<Record<string, readonly string[]>>;
  /**
   * Roles, besides the owner groups of the same schemas, whose future tables and sequences the group shall
   * reach: the master, for example, where it creates the tables of an existing cluster. PostgreSQL has default
   * privileges per creator: https://www.postgresql.org/docs/current/sql-alterdefaultprivileges.html
   * @default []
   */
  readonly creators?: readonly string[];
  /** The group exists already: it comes under management as it is, and a destroy leaves it. @default false */
  readonly adopt?: boolean | AdoptedGroup;
}

export interface AdoptedGroup {
  /** Privileges that the group has now, and that may be taken away from it: `['TRUNCATE']`. Any other is refused. */
  readonly revokes: readonly string[];
}

export interface LoginDefinition<Group extends string = string> {
  readonly memberOf?: readonly (Group | PredefinedRole)[];
  /** Member of this owner group, and `SET ROLE` to it at login: what the login creates belongs to the group. */
  readonly actsAs?: Group;
  /** Says that capital letters in the name are meant: `Jane` and `jane` are two roles. @default false */
  readonly caseSensitive?: boolean;
  /** Concurrent connections. @default no limit */
  readonly connectionLimit?: number;
  /** Milliseconds after which a statement is aborted. @default the server's */
  readonly statementTimeout?: number;
  /** Schemas in which names without one are looked for. @default the server's */
  readonly searchPath?: readonly string[];
  /** The login exists already and is in rds_iam: it comes under management as it is, and a destroy leaves it. @default false */
  readonly adopt?: boolean;
  /**
   * The login exists already and logs in by password: it is adopted and put into rds_iam, and from then on no password of
   * it is accepted. A second login beside it, in the same groups, is the safer way. @default false
   */
  readonly cutover?: boolean;
}

/** Whether a group or login existed before, so that a destroy must leave it. */
export function isAdopted(role: {
  readonly adopt?: boolean | AdoptedGroup;
  readonly cutover?: boolean;
}): boolean {
  return Boolean(role.adopt) || role.cutover === true;
}

/** Database -> schemas: where a group has its privileges. */
export function placesOf(
  group: GroupDefinition,
  databaseName: string,
): readonly (readonly [database: string, schemas: readonly string[]])[] {
  if (group.databases) return Object.entries(group.databases);
  return [[group.database ?? databaseName, group.schemas ?? ['public']]];
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

/** May create in the schemas; owns what the logins that act as it create, and the schemas that were missing. For migrations. */
export function owner(options: Omit<GroupOptions, 'creators' | 'databases'> = {}): GroupDefinition {
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

/** Exactly these privileges, and CONNECT and USAGE, without which none of them is of use. `custom()` may connect and no more. */
export function custom(privileges: CustomPrivileges = {}, options: GroupOptions = {}): GroupDefinition {
  return { preset: 'custom', privileges, ...options };
}

/** A membership in a role that PostgreSQL brings along: `predefined('pg_monitor')`. */
export function predefined(role: PredefinedRoleName): PredefinedRole {
  return { predefined: role };
}
