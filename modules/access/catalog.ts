import {
  DATABASES_SQL,
  DEFAULTS_SQL,
  DEPENDENCIES_SQL,
  DEPENDENCY_NAMES_SQL,
  membershipsOfRolesSql,
  OTHER_PRIVILEGES_SQL,
  objectsSql,
  rolesSql,
  SEARCH_PATH_SQL,
  SELF_GRANT_SQL,
} from './catalog-queries';
import {
  databaseFrom,
  defaultFrom,
  dependencyFrom,
  dependencyNamesFrom,
  membershipFrom,
  objectFrom,
  pathFrom,
  record,
  roleFrom,
  textFrom,
} from './catalog-rows';
import type { DependencyKind } from './dependency';
import { type MembershipPath, membershipsSql } from './rds-iam-membership';

/** `(text, values) => client.query(text, values)` of the admin, in a session whose search path is pg_catalog. All that is read
 *  here is open to every role. */
export type CatalogQuery = (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>;

/** What the catalogs of one cluster say, as far as access depends on it. */
export interface LiveAccess {
  readonly serverMajor: number;
  /** Whose connection read this. */
  readonly admin: string;
  /** createrole_self_grant in the admin's sessions with the main database: `set, inherit`. Empty: none, as always before 16. */
  readonly selfGrant: string;
  readonly roles: readonly LiveRole[];
  readonly memberships: readonly LiveMembership[];
  /** Login -> its ways to rds_iam. Those without any are absent. */
  readonly waysToRdsIam: ReadonlyMap<string, readonly MembershipPath[]>;
  /** Databases that exist, templates left out. */
  readonly databases: readonly LiveDatabase[];
  /** What the roles that were asked for, and all IAM logins, own and have privileges on, in every database of the cluster. */
  readonly dependencies: readonly LiveDependency[];
  /** By database: only those that were asked for and exist. */
  readonly inDatabases: ReadonlyMap<string, LiveDatabaseAccess>;
}

export interface LiveRole {
  readonly name: string;
  readonly login: boolean;
  readonly superuser: boolean;
  readonly createRole: boolean;
  readonly createDatabase: boolean;
  readonly replication: boolean;
  readonly bypassRowSecurity: boolean;
  readonly inherit: boolean;
  /** -1: none */
  readonly connectionLimit: number;
  /** `setting=value`, for all databases. */
  readonly settings: readonly string[];
  /** Settings for single databases: `<database>: setting=value`. */
  readonly databaseSettings: readonly string[];
  /** Whether the admin may change it: from 16 on that needs ADMIN on the role. */
  readonly alterable: boolean;
  /** Whether the admin has its privileges at once. */
  readonly inherited: boolean;
}

export interface LiveMembership {
  /** The role that was granted. */
  readonly role: string;
  readonly member: string;
  readonly grantor: string;
  readonly adminOption: boolean;
  /** Both true before 16, where a membership has no such options. */
  readonly inheritOption: boolean;
  readonly setOption: boolean;
}

/** What a role that made another has of it, from 16 on: it may hand it on, and can do nothing that it can. */
export function isAdminOnly({ adminOption, inheritOption, setOption }: LiveMembership): boolean {
  return adminOption && !inheritOption && !setOption;
}

export interface LiveDatabase {
  readonly name: string;
  readonly owner: string;
  readonly privileges: readonly LivePrivilege[];
}

export interface LiveDependency {
  readonly role: string;
  readonly kind: DependencyKind;
  /** Null for what belongs to no database: databases themselves. */
  readonly database: string | null;
  readonly count: number;
  /** A few of them, as PostgreSQL describes them: `table public.things`. None where the admin cannot connect. */
  readonly objects: readonly string[];
}

/** One object, or what is to come of a creator. */
export interface LiveObject {
  readonly type: 'schema' | 'table' | 'sequence' | 'routine' | 'other';
  readonly schema: string;
  /** As SQL writes it, with its schema; the schema itself for a schema. */
  readonly name: string;
  readonly owner: string;
  readonly ownerSuperuser: boolean;
  /** Whether the admin is, or may make itself, a member of the owner. */
  readonly ownerReachable: boolean;
  /** Of a routine: it runs with the rights of its owner. */
  readonly securityDefiner: boolean;
  readonly privileges: readonly LivePrivilege[];
}

export interface LivePrivilege {
  /** Empty for PUBLIC. */
  readonly grantee: string;
  readonly privilege: string;
  readonly grantable: boolean;
  readonly grantor: string;
  /** For a privilege on one column of a table. */
  readonly column?: string;
}

export interface LiveDefault {
  readonly creator: string;
  /** Null: in every schema. */
  readonly schema: string | null;
  readonly type: 'table' | 'sequence' | 'routine' | 'type' | 'schema' | 'other';
  readonly privileges: readonly LivePrivilege[];
}

export interface LiveDatabaseAccess {
  readonly objects: readonly LiveObject[];
  readonly defaults: readonly LiveDefault[];
  /** What the roles that were asked for have privileges on besides, as PostgreSQL describes it: `large object 16402`. Of the
   *  cluster, too, such as tablespaces and parameters. */
  readonly others: readonly { readonly role: string; readonly object: string }[];
  /** The search path of the admin's sessions there, as far as roles and databases set it: `"$user", public`. That of the
   *  whole cluster is not to be seen from a session that has one of its own. */
  readonly adminSearchPath: string;
}

export interface LiveQuestion {
  /** The cluster's master. */
  readonly master: string;
  /** Databases to look into, the main one first. */
  readonly databases: readonly string[];
  /** Roles whose possessions and privileges are counted. */
  readonly roles: readonly string[];
}

/**
 * Reads the catalogs, and changes nothing. Whatever stands in them: a null, a name, a kind that nobody expected does not stop it.
 * @param connect runs `use` with a connection to a database
 */
export async function readLiveAccess(
  connect: <T>(database: string, use: (query: CatalogQuery) => Promise<T>) => Promise<T>,
  { master, databases, roles: named }: LiveQuestion,
): Promise<LiveAccess> {
  const cluster = await connect(databases[0] ?? 'postgres', async (query) => {
    const { rows: versions } = await query(
      "SELECT current_setting('server_version_num')::int / 10000 AS major, current_user::text AS admin",
    );
    const version = record(versions[0]);
    const serverMajor = Number(version['major']) || 0;
    const ways = membershipsSql({ master, serverMajor });
    const waysToRdsIam = byLogin((await query(ways.text, ways.values)).rows);
    const asked = [...new Set([...named, ...waysToRdsIam.keys()])];
    return {
      serverMajor,
      asked,
      admin: textFrom(version['admin']),
      selfGrant: (await query(SELF_GRANT_SQL)).rows.map((row) => textFrom(record(row)['selfGrant'])).join(),
      roles: (await query(rolesSql(serverMajor))).rows.map(roleFrom),
      memberships: (await query(membershipsOfRolesSql(serverMajor))).rows.map(membershipFrom),
      waysToRdsIam,
      databases: (await query(DATABASES_SQL)).rows.map(databaseFrom),
      dependencies: (await query(DEPENDENCIES_SQL, [asked])).rows.map(dependencyFrom),
    };
  });
  const { asked, ...known } = cluster;
  const names: Omit<LiveDependency, 'count'>[] = [];
  const readNames = async (database: string, query: CatalogQuery) => {
    const { rows } = await query(DEPENDENCY_NAMES_SQL, [asked]);
    names.push(...rows.map((row) => dependencyNamesFrom(row, database)));
  };
  const inDatabases = new Map<string, LiveDatabaseAccess>();
  for (const database of databases) {
    if (!cluster.databases.some(({ name }) => name === database)) continue;
    const access = await connect(database, async (query) => {
      await readNames(database, query);
      return {
        objects: (await query(objectsSql(cluster.serverMajor))).rows.map(objectFrom),
        defaults: (await query(DEFAULTS_SQL)).rows.map(defaultFrom),
        others: (await query(OTHER_PRIVILEGES_SQL, [asked])).rows
          .map(record)
          .map(({ role, object }) => ({ role: textFrom(role), object: textFrom(object) })),
        adminSearchPath: textFrom(record((await query(SEARCH_PATH_SQL)).rows[0])['path']),
      };
    });
    inDatabases.set(database, access);
  }
  const others = cluster.dependencies.flatMap(({ database }) =>
    database === null || inDatabases.has(database) ? [] : [database],
  );
  // Somebody else's database may be closed to the admin. What is in it is counted all the same.
  for (const database of new Set(others))
    await connect(database, (query) => readNames(database, query)).catch(() => undefined);
  const dependencies = cluster.dependencies.map((dependency) => ({
    ...dependency,
    objects: names.find((each) => isSameDependency(each, dependency))?.objects ?? [],
  }));
  return { ...known, dependencies, inDatabases };
}

function isSameDependency(
  one: Omit<LiveDependency, 'count'>,
  { role, kind, database }: LiveDependency,
): boolean {
  return one.role === role && one.kind === kind && one.database === database;
}

function byLogin(rows: readonly unknown[]): Map<string, MembershipPath[]> {
  const ways = new Map<string, MembershipPath[]>();
  for (const row of rows) {
    const login = textFrom(record(row)['login']);
    ways.set(login, [...(ways.get(login) ?? []), pathFrom(row)]);
  }
  return ways;
}
