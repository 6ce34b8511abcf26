import { type MembershipPath, membershipSql } from './rds-iam-membership';

/** `(text, values) => client.query(text, values)` of the admin. All that is read here is open to every role. */
export type CatalogQuery = (text: string, values?: unknown[]) => Promise<{ rows: unknown[] }>;

/** What the catalogs of one cluster say, as far as access depends on it. */
export interface LiveAccess {
  readonly serverMajor: number;
  /** Whose connection read this. */
  readonly admin: string;
  readonly roles: readonly LiveRole[];
  readonly memberships: readonly LiveMembership[];
  /** Login -> its ways to rds_iam. Those without any are absent. */
  readonly waysToRdsIam: Readonly<Record<string, readonly MembershipPath[]>>;
  /** Databases that exist, templates left out. */
  readonly databases: readonly LiveDatabase[];
  /** What the roles that were asked for own, and have privileges on, in every database of the cluster. */
  readonly dependencies: readonly LiveDependency[];
  /** By database: only those that were asked for and exist. */
  readonly inDatabases: Readonly<Record<string, LiveDatabaseAccess>>;
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
}

export interface LiveMembership {
  /** The role that was granted. */
  readonly role: string;
  readonly member: string;
  readonly grantor: string;
  readonly adminOption: boolean;
}

export interface LiveDatabase {
  readonly name: string;
  readonly owner: string;
  readonly privileges: readonly LivePrivilege[];
}

export interface LiveDependency {
  readonly role: string;
  readonly kind: 'owns' | 'has privileges on';
  /** Null for what belongs to no database: databases themselves. */
  readonly database: string | null;
  readonly count: number;
}

/** One object, or what is to come of a creator. */
export interface LiveObject {
  readonly type: 'schema' | 'table' | 'sequence' | 'routine';
  readonly schema: string;
  /** As SQL writes it, with its schema; the schema itself for a schema. */
  readonly name: string;
  readonly owner: string;
  readonly ownerSuperuser: boolean;
  /** Whether the admin is, or may make itself, a member of the owner. */
  readonly ownerReachable: boolean;
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
  /** The first of what each role owns there, as PostgreSQL describes it. */
  readonly examples: Readonly<Record<string, string>>;
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
 * Reads the catalogs, and changes nothing.
 * @param connect runs `use` with a connection to a database
 */
export async function readLiveAccess(
  connect: <T>(database: string, use: (query: CatalogQuery) => Promise<T>) => Promise<T>,
  { master, databases, roles: asked }: LiveQuestion,
): Promise<LiveAccess> {
  const cluster = await connect(databases[0] ?? 'postgres', async (query) => {
    const { rows: versions } = await query(
      "SELECT current_setting('server_version_num')::int / 10000 AS major, current_user AS admin",
    );
    const { major, admin } = versions[0] as { major: number; admin: string };
    const roles = (await query(rolesSql(major))).rows as LiveRole[];
    const memberships = (await query(MEMBERSHIPS_SQL)).rows as LiveMembership[];
    const waysToRdsIam: Record<string, MembershipPath[]> = {};
    for (const { name } of roles.filter(({ login }) => login)) {
      const { text, values } = membershipSql({ user: name, master, serverMajor: major });
      const { rows } = await query(text, values);
      if (rows.length > 0) waysToRdsIam[name] = rows as MembershipPath[];
    }
    return {
      serverMajor: major,
      admin,
      roles,
      memberships,
      waysToRdsIam,
      databases: (await query(DATABASES_SQL)).rows as LiveDatabase[],
      dependencies: (await query(DEPENDENCIES_SQL, [asked])).rows as LiveDependency[],
    };
  });
  const inDatabases: Record<string, LiveDatabaseAccess> = {};
  for (const database of databases) {
    if (!cluster.databases.some(({ name }) => name === database)) continue;
    inDatabases[database] = await connect(database, async (query) => ({
      objects: (await query(objectsSql(cluster.serverMajor))).rows as LiveObject[],
      defaults: (await query(DEFAULTS_SQL)).rows as LiveDefault[],
      examples: Object.fromEntries(
        ((await query(EXAMPLES_SQL, [asked])).rows as { role: string; object: string }[]).map(
          ({ role, object }) => [role, object],
        ),
      ),
    }));
  }
  return { ...cluster, inDatabases };
}

/** Whether the admin could `GRANT <role> TO <admin>`, for a column that holds the role's oid. */
function reachable(serverMajor: number, oid: string): string {
  // Up to 15 CREATEROLE is enough for every role but superusers; later, ADMIN on the role is needed.
  const byRight =
    serverMajor >= 16
      ? `pg_has_role(current_user, ${oid}, 'MEMBER WITH ADMIN OPTION')`
      : '(SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user)';
  return `(pg_has_role(current_user, ${oid}, 'USAGE') OR (${byRight} AND NOT (SELECT rolsuper FROM pg_roles s WHERE s.oid = ${oid})))`;
}

function rolesSql(serverMajor: number): string {
  return `SELECT rolname::text AS name, rolcanlogin AS login, rolsuper AS superuser, rolcreaterole AS "createRole",
       rolcreatedb AS "createDatabase", rolreplication AS replication, rolbypassrls AS "bypassRowSecurity",
       rolinherit AS inherit, rolconnlimit AS "connectionLimit", coalesce(rolconfig, '{}') AS settings,
       ARRAY(SELECT format('%s: %s', datname, setting) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase,
             unnest(setconfig) AS setting WHERE setrole = r.oid ORDER BY 1) AS "databaseSettings",
       ${serverMajor >= 16 ? "pg_has_role(current_user, r.oid, 'MEMBER WITH ADMIN OPTION')" : reachable(serverMajor, 'r.oid')} AS alterable
FROM pg_roles r ORDER BY 1`;
}

const MEMBERSHIPS_SQL = `SELECT r.rolname::text AS role, m.rolname::text AS member, g.rolname::text AS grantor, admin_option AS "adminOption"
FROM pg_auth_members JOIN pg_roles r ON r.oid = roleid JOIN pg_roles m ON m.oid = member LEFT JOIN pg_roles g ON g.oid = grantor ORDER BY 1, 2, 3`;

/** A column with an ACL, as `LivePrivilege[]`. */
function privileges(acl: string, more = ''): string {
  return `coalesce((SELECT json_agg(json_build_object('grantee', coalesce(e.rolname, ''), 'privilege', privilege_type, 'grantable', is_grantable,
    'grantor', o.rolname${more}) ORDER BY e.rolname, privilege_type)
    FROM aclexplode(${acl}) LEFT JOIN pg_roles e ON e.oid = grantee LEFT JOIN pg_roles o ON o.oid = grantor), '[]'::json)`;
}

const DATABASES_SQL = `SELECT datname::text AS name, pg_get_userbyid(datdba)::text AS owner, ${privileges("coalesce(datacl, acldefault('d', datdba))")} AS privileges
FROM pg_database WHERE NOT datistemplate ORDER BY 1`;

const DEPENDENCIES_SQL = `SELECT r.rolname::text AS role, CASE deptype WHEN 'o' THEN 'owns' ELSE 'has privileges on' END AS kind,
       d.datname::text AS database, count(*)::int AS count
FROM pg_shdepend s JOIN pg_roles r ON r.oid = refobjid LEFT JOIN pg_database d ON d.oid = dbid
WHERE refclassid = 'pg_authid'::regclass AND deptype IN ('o', 'a') AND r.rolname = ANY ($1) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

const EXAMPLES_SQL = `SELECT r.rolname::text AS role, min(pg_describe_object(classid, objid, objsubid)) AS object
FROM pg_shdepend s JOIN pg_roles r ON r.oid = refobjid
WHERE refclassid = 'pg_authid'::regclass AND deptype = 'o' AND r.rolname = ANY ($1)
  AND (dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) OR dbid = 0) GROUP BY 1`;

/** Every schema but PostgreSQL's own. */
const OF_USERS = "nspname !~ '^pg_' AND nspname <> 'information_schema'";

function objectsSql(serverMajor: number): string {
  const owner = (oid: string) =>
    `(SELECT rolname FROM pg_roles WHERE oid = ${oid})::text AS owner, (SELECT rolsuper FROM pg_roles WHERE oid = ${oid}) AS "ownerSuperuser",
     (CASE WHEN pg_get_userbyid(${oid}) = 'pg_database_owner'
       THEN (SELECT ${reachable(serverMajor, 'datdba')} FROM pg_database WHERE datname = current_database())
       ELSE ${reachable(serverMajor, oid)} END) AS "ownerReachable"`;
  return `SELECT 'schema' AS type, nspname::text AS schema, quote_ident(nspname) AS name, ${owner('nspowner')},
       ${privileges("coalesce(nspacl, acldefault('n', nspowner))")} AS privileges
FROM pg_namespace WHERE ${OF_USERS}
UNION ALL
SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, nspname::text, format('%I.%I', nspname, relname), ${owner('relowner')},
       (SELECT json_agg(item) FROM (
          SELECT json_array_elements(${privileges("coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r'::\"char\" END, relowner))")}) AS item
          UNION ALL SELECT json_array_elements(${privileges('attacl', ", 'column', attname")}) FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL
        ) AS items)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${OF_USERS}
UNION ALL
SELECT 'routine', nspname::text, format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid)), ${owner('proowner')},
       ${privileges("coalesce(proacl, acldefault('f', proowner))")}
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE ${OF_USERS}
ORDER BY 1, 2, 3`;
}

const DEFAULTS_SQL = `SELECT pg_get_userbyid(defaclrole)::text AS creator, n.nspname::text AS schema,
       CASE defaclobjtype WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'routine' WHEN 'T' THEN 'type' WHEN 'n' THEN 'schema' ELSE 'other' END AS type,
       ${privileges('defaclacl')} AS privileges
FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace ORDER BY 1, 2, 3`;
