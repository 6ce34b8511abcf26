import { quoteLiteral, textArray } from '../../names/sql';
import type { AccessModel } from '../model';

// What holds privileges in a database, and what the model wants there, as two tables that every question joins.

/** A privilege that the model gives. `kind`: as in `OBJECTS_SQL`. */
export interface Wanted {
  readonly grantee: string;
  readonly kind: string;
  /** Databases or schemas. */
  readonly places: readonly string[];
  /** Of default privileges. */
  readonly creator?: string;
  readonly privileges: readonly string[];
}

/** What the groups have in a database: grants and default privileges, schemas with the same privileges in one row. */
export function wantedIn(model: AccessModel, database: string): Wanted[] {
  const rows = new Map<string, Wanted>();
  const add = (row: Omit<Wanted, 'places'>, place: string) => {
    const key = JSON.stringify([row.grantee, row.kind, row.creator, row.privileges]);
    rows.set(key, { ...row, places: [...(rows.get(key)?.places ?? []), place] });
  };
  for (const { group, objectType, schema, privileges, ...grant } of model.grants)
    if (grant.database === database)
      add({ grantee: group, kind: objectType, privileges }, schema ?? database);
  for (const { group, creator, objectType, schema, privileges, ...defaults } of model.defaultPrivileges)
    if (defaults.database === database)
      add({ grantee: group, kind: `future ${objectType}`, creator, privileges }, schema);
  return [...rows.values()];
}

/** `wanted (grantee, kind, places, creator, privileges)`, for a WITH clause. */
export function wantedSql(wanted: readonly Wanted[]): string[] {
  const columns = 'wanted (grantee, kind, places, creator, privileges) AS (';
  if (wanted.length === 0)
    return [`${columns}SELECT NULL::text, NULL::text, NULL::text[], NULL::text, NULL::text[] WHERE false)`];
  const rows = wanted.map(
    ({ grantee, kind, places, creator, privileges }) =>
      `(${quoteLiteral(grantee)}, ${quoteLiteral(kind)}, ${textArray(places)}, ${creator === undefined ? 'NULL::text' : quoteLiteral(creator)}, ${textArray(privileges)})`,
  );
  return [`${columns}VALUES`, ...`  ${rows.join(',\n  ')})`.split('\n')];
}

/**
 * `objects (kind, id, place, name, owner, acl)`, for a WITH clause: the kinds that groups are granted.
 * @param databases a condition on pg_database
 */
export function objectsSql(databases = 'datname = current_database()'): string[] {
  return [
    'objects (kind, id, place, name, owner, acl) AS (',
    `  SELECT 'database', oid, datname, format('DATABASE %I', datname), datdba, coalesce(datacl, acldefault('d', datdba)) FROM pg_database WHERE ${databases}`,
    "  UNION ALL SELECT 'schema', oid, nspname, format('SCHEMA %I', nspname), nspowner, coalesce(nspacl, acldefault('n', nspowner)) FROM pg_namespace",
    "  UNION ALL SELECT CASE relkind WHEN 'S' THEN 'sequence' ELSE 'table' END, c.oid, nspname,",
    "      format('%s %I.%I', CASE relkind WHEN 'S' THEN 'SEQUENCE' ELSE 'TABLE' END, nspname, relname), relowner, relacl",
    '    FROM pg_class c JOIN pg_namespace n ON n.oid = relnamespace',
    "    WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND relpersistence <> 't'",
    "  UNION ALL SELECT 'routine', p.oid, nspname, format('ROUTINE %I.%I(%s)', nspname, proname, oidvectortypes(proargtypes)), proowner, proacl",
    '    FROM pg_proc p JOIN pg_namespace n ON n.oid = pronamespace)',
  ];
}

/** `others (name, owner, acl)`, for a WITH clause: what else can have privileges, of which the environment gives none. */
export const OTHERS_SQL = [
  'others (name, owner, acl) AS (',
  "  SELECT format('TYPE %s', oid::regtype), typowner, typacl FROM pg_type",
  "  UNION ALL SELECT format('LANGUAGE %I', lanname), lanowner, lanacl FROM pg_language",
  "  UNION ALL SELECT format('FOREIGN DATA WRAPPER %I', fdwname), fdwowner, fdwacl FROM pg_foreign_data_wrapper",
  "  UNION ALL SELECT format('FOREIGN SERVER %I', srvname), srvowner, srvacl FROM pg_foreign_server",
  "  UNION ALL SELECT format('LARGE OBJECT %s', oid), lomowner, lomacl FROM pg_largeobject_metadata",
  "  UNION ALL SELECT format('TABLESPACE %I', spcname), spcowner, spcacl FROM pg_tablespace",
  // Only a superuser can grant a parameter, whose name is of plain words and dots.
  "  UNION ALL SELECT format('PARAMETER %s', parname), 10, paracl FROM pg_parameter_acl)",
];

/** `WITH` these tables. */
export function withSql(...tables: readonly (readonly string[])[]): string[] {
  const lines = tables.map((table) => table.map((line) => `  ${line}`).join('\n'));
  return `WITH\n${lines.join(',\n')}`.split('\n');
}
