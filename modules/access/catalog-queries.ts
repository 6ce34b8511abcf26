import { DEPENDENCY_KIND_SQL, IS_DEPENDENCY_SQL } from './dependency';

// What the catalogs are asked. Names in here mean what they should only where the search path is pg_catalog.

/** Whether the admin could `GRANT <role> TO <admin>`, for a column that holds the role's oid. */
function reachable(serverMajor: number, oid: string): string {
  // Up to 15 CREATEROLE is enough for every role but superusers; later, ADMIN on the role is needed.
  const byRight =
    serverMajor >= 16
      ? `pg_has_role(current_user, ${oid}, 'MEMBER WITH ADMIN OPTION')`
      : '(SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user)';
  return `(pg_has_role(current_user, ${oid}, 'USAGE') OR (${byRight} AND NOT (SELECT rolsuper FROM pg_roles s WHERE s.oid = ${oid})))`;
}

export function rolesSql(serverMajor: number): string {
  return `SELECT rolname::text AS name, rolcanlogin AS login, rolsuper AS superuser, rolcreaterole AS "createRole",
       rolcreatedb AS "createDatabase", rolreplication AS replication, rolbypassrls AS "bypassRowSecurity",
       rolinherit AS inherit, pg_has_role(current_user, r.oid, 'USAGE') AS inherited, rolconnlimit AS "connectionLimit", coalesce(rolconfig, '{}') AS settings,
       ARRAY(SELECT format('%s: %s', datname, setting) FROM pg_db_role_setting s JOIN pg_database d ON d.oid = setdatabase,
             unnest(setconfig) AS setting WHERE setrole = r.oid ORDER BY 1) AS "databaseSettings",
       ${serverMajor >= 16 ? "pg_has_role(current_user, r.oid, 'MEMBER WITH ADMIN OPTION')" : reachable(serverMajor, 'r.oid')} AS alterable
FROM pg_roles r ORDER BY 1`;
}

export function membershipsOfRolesSql(serverMajor: number): string {
  const options =
    serverMajor >= 16 ? 'inherit_option AS "inheritOption", set_option' : 'true AS "inheritOption", true';
  return `SELECT pg_get_userbyid(roleid)::text AS role, pg_get_userbyid(member)::text AS member, pg_get_userbyid(grantor)::text AS grantor,
       admin_option AS "adminOption", ${options} AS "setOption"
FROM pg_auth_members ORDER BY 1, 2, 3`;
}

/** A column with an ACL, as `LivePrivilege[]`. */
function privileges(acl: string, more = ''): string {
  const grantee = "CASE WHEN grantee <> 0 THEN pg_get_userbyid(grantee)::text ELSE '' END";
  return `coalesce((SELECT json_agg(json_build_object('grantee', ${grantee}, 'privilege', privilege_type, 'grantable', is_grantable,
    'grantor', pg_get_userbyid(grantor)${more}) ORDER BY ${grantee}, privilege_type) FROM aclexplode(${acl})), '[]'::json)`;
}

export const DATABASES_SQL = `SELECT datname::text AS name, pg_get_userbyid(datdba)::text AS owner, ${privileges("coalesce(datacl, acldefault('d', datdba))")} AS privileges
FROM pg_database WHERE NOT datistemplate ORDER BY 1`;

export const DEPENDENCIES_SQL = `SELECT r.rolname::text AS role, ${DEPENDENCY_KIND_SQL} AS kind,
       d.datname::text AS database, count(*)::int AS count
FROM pg_shdepend s JOIN pg_roles r ON r.oid = refobjid LEFT JOIN pg_database d ON d.oid = dbid
WHERE refclassid = 'pg_authid'::regclass AND ${IS_DEPENDENCY_SQL} AND r.rolname = ANY ($1) GROUP BY 1, 2, 3 ORDER BY 1, 2, 3`;

/** Every schema but PostgreSQL's own. */
const OF_USERS = "nspname !~ '^pg_' AND nspname <> 'information_schema'";

/** What `objectsSql` and `DATABASES_SQL` do not show: privileges on other kinds of objects, and in PostgreSQL's own schemas. */
export const OTHER_PRIVILEGES_SQL = `SELECT r.rolname::text AS role, pg_describe_object(classid, objid, 0) AS object
FROM pg_shdepend s JOIN pg_roles r ON r.oid = refobjid
WHERE refclassid = 'pg_authid'::regclass AND deptype = 'a' AND r.rolname = ANY ($1)
  AND dbid IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
  AND NOT classid IN ('pg_database'::regclass, 'pg_namespace'::regclass, 'pg_default_acl'::regclass)
  AND NOT EXISTS (SELECT FROM pg_namespace n WHERE ${OF_USERS} AND n.oid IN (
    (SELECT relnamespace FROM pg_class WHERE classid = 'pg_class'::regclass AND oid = objid),
    (SELECT pronamespace FROM pg_proc WHERE classid = 'pg_proc'::regclass AND oid = objid)))
ORDER BY 1, 2`;

/** The names of a few of what `DEPENDENCIES_SQL` counts, in this database and of the cluster: only there they can be told. */
export const DEPENDENCY_NAMES_SQL = `SELECT role, kind, shared, array_agg(object ORDER BY object) AS objects
FROM (
  SELECT r.rolname::text AS role, ${DEPENDENCY_KIND_SQL} AS kind, dbid = 0 AS shared, object,
    row_number() OVER (PARTITION BY r.oid, deptype, dbid ORDER BY object) AS place
  FROM pg_shdepend s JOIN pg_roles r ON r.oid = refobjid, pg_describe_object(classid, objid, objsubid) AS object
  WHERE refclassid = 'pg_authid'::regclass AND ${IS_DEPENDENCY_SQL} AND r.rolname = ANY ($1) AND object IS NOT NULL
    AND (dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) OR dbid = 0)
) AS described WHERE place <= 3 GROUP BY 1, 2, 3`;

export function objectsSql(serverMajor: number): string {
  const owner = (oid: string) =>
    `pg_get_userbyid(${oid})::text AS owner, coalesce((SELECT rolsuper FROM pg_roles WHERE oid = ${oid}), false) AS "ownerSuperuser",
     (CASE WHEN pg_get_userbyid(${oid}) = 'pg_database_owner'
       THEN (SELECT ${reachable(serverMajor, 'datdba')} FROM pg_database WHERE datname = current_database())
       ELSE ${reachable(serverMajor, oid)} END) AS "ownerReachable"`;
  return `SELECT 'schema' AS type, nspname::text AS schema, quote_ident(nspname) AS name, ${owner('nspowner')}, false AS "securityDefiner",
       ${privileges("coalesce(nspacl, acldefault('n', nspowner))")} AS privileges
FROM pg_namespace WHERE ${OF_USERS}
UNION ALL
SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, nspname::text, format('%I.%I', nspname, relname), ${owner('relowner')}, false,
       coalesce((SELECT json_agg(item) FROM (
          SELECT json_array_elements(${privileges("coalesce(relacl, acldefault(CASE relkind WHEN 'S' THEN 's'::\"char\" ELSE 'r'::\"char\" END, relowner))")}) AS item
          UNION ALL SELECT json_array_elements(${privileges('attacl', ", 'column', attname")}) FROM pg_attribute WHERE attrelid = c.oid AND attacl IS NOT NULL
        ) AS items), '[]'::json)
FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace
WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND ${OF_USERS}
UNION ALL
SELECT 'routine', nspname::text, format('%I.%I(%s)', nspname, proname, pg_get_function_identity_arguments(p.oid)), ${owner('proowner')}, prosecdef,
       ${privileges("coalesce(proacl, acldefault('f', proowner))")}
FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace WHERE ${OF_USERS}
ORDER BY 1, 2, 3`;
}

export const DEFAULTS_SQL = `SELECT pg_get_userbyid(defaclrole)::text AS creator, n.nspname::text AS schema,
       CASE defaclobjtype WHEN 'r' THEN 'table' WHEN 'S' THEN 'sequence' WHEN 'f' THEN 'routine' WHEN 'T' THEN 'type' WHEN 'n' THEN 'schema' ELSE 'other' END AS type,
       ${privileges('defaclacl')} AS privileges
FROM pg_default_acl LEFT JOIN pg_namespace n ON n.oid = defaclnamespace ORDER BY 1, 2, 3`;

/** The more particular setting wins: of the role in this database, of the role, of the database, of all roles.
 *  https://www.postgresql.org/docs/current/catalog-pg-db-role-setting.html */
export const SEARCH_PATH_SQL = `SELECT coalesce(
  (SELECT substr(setting, 13) FROM pg_db_role_setting, unnest(setconfig) AS setting
   WHERE starts_with(setting, 'search_path=')
     AND setrole IN (0, (SELECT oid FROM pg_roles WHERE rolname = current_user))
     AND setdatabase IN (0, (SELECT oid FROM pg_database WHERE datname = current_database()))
   ORDER BY setrole <> 0 DESC, setdatabase <> 0 DESC LIMIT 1),
  (SELECT boot_val FROM pg_settings WHERE name = 'search_path')) AS path`;

/** What a role that the admin makes gives to the admin at once, whoever set it: `set, inherit`. From 16 on. */
export const SELF_GRANT_SQL =
  'SELECT setting AS "selfGrant" FROM pg_settings WHERE name = \'createrole_self_grant\'';
