import type { CatalogQuery } from '../access/catalog';
import { pathFrom, record, textFrom } from '../access/catalog-rows';
import { membershipSql } from '../access/rds-iam-membership';
import type { InsideDatabase, InsideLook, InsideRole } from './facts';

// What the catalogs say of one login. Names in here mean what they should only where the search path is pg_catalog.

const LOOK_SQL = `SELECT current_user::text AS by, current_setting('server_version_num')::int / 10000 AS major,
  (SELECT json_build_object('login', rolcanlogin, 'replication', rolreplication, 'connectionLimit', rolconnlimit,
      'connections', (SELECT count(*) FROM pg_stat_activity WHERE usesysid = r.oid AND backend_type = 'client backend'))
    FROM pg_roles r WHERE rolname = $1::text) AS role,
  ARRAY(SELECT rolname::text FROM pg_roles WHERE lower(rolname::text) = lower($1::text) AND rolname <> $1::text ORDER BY 1) AS alike,
  EXISTS (SELECT FROM pg_roles r, pg_roles ad WHERE r.rolname = $1::text AND ad.rolname = 'rds_ad'
    AND NOT r.rolsuper AND r.oid <> ad.oid AND pg_has_role(r.oid, ad.oid, 'USAGE')) AS "inRdsAd",
  (SELECT json_build_object('name', datname, 'allowsConnections', datallowconn, 'connectionLimit', datconnlimit,
      'connections', (SELECT count(*) FROM pg_stat_activity WHERE datid = d.oid AND backend_type = 'client backend'),
      'mayConnect', (SELECT has_database_privilege(oid, d.oid, 'CONNECT') FROM pg_roles WHERE rolname = $1::text))
    FROM pg_database d WHERE datname = $2::text) AS database,
  ARRAY(SELECT datname::text FROM pg_database WHERE NOT datistemplate AND datallowconn AND datname <> 'rdsadmin' ORDER BY 1) AS databases,
  current_setting('rds.iam_auth_for_replication', true) AS "iamForReplication"`;

/** Reads only. @param query in a session whose search path is pg_catalog */
export async function lookInside(
  query: CatalogQuery,
  { user, database, master }: { readonly user: string; readonly database: string; readonly master: string },
): Promise<InsideLook> {
  const row = record((await query(LOOK_SQL, [user, database])).rows[0]);
  const { text, values } = membershipSql({ user, master, serverMajor: Number(row['major']) || 0 });
  const paths = (await query(text, values)).rows.map(pathFrom);
  return {
    by: textFrom(row['by']),
    role: roleFrom(row['role']),
    alike: texts(row['alike']),
    paths,
    inRdsAd: row['inRdsAd'] === true,
    database: databaseFrom(row['database']),
    databases: texts(row['databases']),
    iamForReplication: typeof row['iamForReplication'] === 'string' ? row['iamForReplication'] : undefined,
  };
}

function roleFrom(value: unknown): InsideRole | undefined {
  if (value === null || value === undefined) return undefined;
  const { login, replication, connectionLimit, connections } = record(value);
  return {
    login: login === true,
    replication: replication === true,
    connectionLimit: Number(connectionLimit),
    connections: Number(connections),
  };
}

function databaseFrom(value: unknown): InsideDatabase | undefined {
  if (value === null || value === undefined) return undefined;
  const { name, mayConnect, allowsConnections, connectionLimit, connections } = record(value);
  return {
    name: textFrom(name),
    // Null where the role does not exist: another cause says that.
    mayConnect: mayConnect !== false,
    allowsConnections: allowsConnections === true,
    connectionLimit: Number(connectionLimit),
    connections: Number(connections),
  };
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.map(textFrom) : [];
}
