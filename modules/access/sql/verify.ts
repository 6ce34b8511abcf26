import { block, quoteLiteral, textArray } from '../../names/sql';
import type { PublicGrant } from '../model';
import { objectsSql, type Wanted, wantedSql, withSql } from './objects';

// GRANT and REVOKE that do nothing are warnings to PostgreSQL. These blocks look at what is so, and fail.

/** Fails if a group cannot do what it was granted. */
export function granted(wanted: readonly Wanted[]): string {
  return block(
    [
      '-- What the groups can do is what they were granted, or nothing of this transaction stays.',
      "SELECT string_agg(format(E'\\n  %I has no %s on %s, which belongs to %I', grantee, privilege, name, rolname), '') INTO missing FROM (",
      ...withSql(wantedSql(wanted), objectsSql()).map((line) => `  ${line}`),
      '  SELECT w.grantee, privilege, o.name, r.rolname',
      '  FROM wanted w JOIN objects o ON o.kind = w.kind AND o.place = ANY (places) JOIN pg_roles r ON r.oid = o.owner, unnest(privileges) AS privilege',
      '  WHERE NOT CASE o.kind',
      "      WHEN 'database' THEN has_database_privilege(w.grantee, o.id, privilege)",
      "      WHEN 'schema' THEN has_schema_privilege(w.grantee, o.id, privilege)",
      "      WHEN 'table' THEN has_table_privilege(w.grantee, o.id, privilege)",
      "      WHEN 'sequence' THEN has_sequence_privilege(w.grantee, o.id, privilege)",
      '      ELSE has_function_privilege(w.grantee, o.id, privilege) END',
      '    -- Nobody but a superuser could grant these, and they are part of an extension.',
      "    AND NOT (r.rolsuper AND EXISTS (SELECT FROM pg_depend d WHERE d.objid = o.id AND d.deptype = 'e'))",
      "  UNION ALL SELECT w.grantee, privilege, format('future %ss in schema %I', substr(w.kind, 8), place), w.creator",
      '  FROM wanted w, unnest(places) AS place, unnest(privileges) AS privilege',
      "  WHERE w.kind LIKE 'future %' AND NOT EXISTS (SELECT FROM pg_default_acl d, aclexplode(defaclacl) AS a",
      '    WHERE defaclrole = (SELECT oid FROM pg_roles WHERE rolname = w.creator) AND a.grantee = (SELECT oid FROM pg_roles WHERE rolname = w.grantee)',
      '      AND defaclnamespace = (SELECT oid FROM pg_namespace WHERE nspname = place) AND privilege_type = privilege',
      "      AND defaclobjtype = CASE w.kind WHEN 'future table' THEN 'r' WHEN 'future sequence' THEN 'S' ELSE 'f' END)",
      '  ORDER BY 1, 3, 2 LIMIT 20) AS found;',
      'IF missing IS NOT NULL THEN',
      "  RAISE EXCEPTION E'PostgreSQL did not grant everything:%\\nLet the owner or a superuser grant it, hand the object over (ALTER … OWNER TO), or leave it out of the environment', missing;",
      'END IF;',
    ],
    'missing text;',
  );
}

/** Fails if PUBLIC has kept, or lost, more than it should, or the admin could not come back. */
export function lockedDown(grants: readonly PublicGrant[]): string {
  const rows = grants.map(
    ({ objectType, schema, database, privileges }) =>
      `(${quoteLiteral(objectType)}, ${quoteLiteral(schema ?? database)}, ${textArray(privileges)})`,
  );
  return block(
    [
      '-- PUBLIC has what lockDown leaves it, and no more.',
      "SELECT string_agg(format(E'\\n  PUBLIC has %s on %s, which belongs to %I', has, name, rolname), '') INTO wrong FROM (",
      ...withSql([`wanted (kind, place, privileges) AS (VALUES ${rows.join(', ')})`], objectsSql()).map(
        (line) => `  ${line}`,
      ),
      "  SELECT name, rolname, coalesce(string_agg(DISTINCT privilege_type, ', '), 'nothing') AS has, privileges",
      '  FROM wanted w JOIN objects o USING (kind, place) JOIN pg_roles r ON r.oid = owner',
      '    LEFT JOIN LATERAL aclexplode(acl) AS a ON a.grantee = 0',
      '  GROUP BY name, rolname, privileges',
      "  HAVING NOT (coalesce(array_agg(privilege_type) FILTER (WHERE privilege_type IS NOT NULL), '{}') <@ privileges",
      "    AND privileges <@ coalesce(array_agg(privilege_type) FILTER (WHERE privilege_type IS NOT NULL), '{}'))",
      ') AS found;',
      'IF wrong IS NOT NULL THEN',
      "  RAISE EXCEPTION E'lockDown did not reach everything:%\\nLet the owner or a superuser run REVOKE ALL … FROM PUBLIC, or hand it over (ALTER … OWNER TO)', wrong;",
      'END IF;',
      "IF NOT has_database_privilege(current_database(), 'CONNECT') THEN",
      "  RAISE EXCEPTION 'lockDown would shut % out of database %, where it can connect as PUBLIC only: let its owner run GRANT CONNECT ON DATABASE % TO % first',",
      '    quote_ident(current_user), quote_ident(current_database()), quote_ident(current_database()), quote_ident(current_user);',
      'END IF;',
    ],
    'wrong text;',
  );
}
