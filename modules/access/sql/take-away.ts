import { block, textArray } from '../../names/sql';
import {
  ADMIN_DECLARATIONS,
  becomeMember,
  enterSchema,
  isMemberSql,
  RESTORE,
  RESTORE_DECLARATIONS,
} from './admin';
import { OTHERS_SQL, objectsSql, type Wanted, wantedSql, withSql } from './objects';

/** Whose privileges are looked at, and what of them is right. */
export interface Beyond {
  /** Roles whose every other privilege goes. */
  readonly roles: readonly string[];
  /** Those of them that have no more than that in schemas and databases of their own, either, as the provider leaves it. */
  readonly groups?: readonly string[];
  readonly wanted: readonly Wanted[];
  /** Databases whose own privileges other parts of the script look at. */
  readonly otherDatabases?: readonly string[];
}

/**
 * Takes every privilege of these roles in a database that is not wanted, whoever granted it: on objects of all kinds, on
 * columns, on what is to come, and grant options. What cannot be taken is a warning here, so that nobody keeps the rest by it;
 * `leftovers` fails at it.
 */
export function takeAway(beyond: Beyond): string {
  return block(
    [
      '-- Again, if something is left: a grant option goes only after what was granted by it.',
      'FOR turn IN 1..3 LOOP',
      'failed := false;',
      'FOR extra IN',
      ...extraSql(beyond).map((line) => `  ${line}`),
      'LOOP',
      '  BEGIN',
      '    -- Only the grantor can take it back, or a role that is a member of it. One must be able to look into the schema, too.',
      '    FOREACH needed IN ARRAY ARRAY[extra.grantor, extra.schema_owner] LOOP',
      `      CONTINUE WHEN needed IS NULL OR ${isMemberSql('needed')}`,
      "        OR (needed <> extra.grantor AND has_schema_privilege(extra.schema, 'USAGE'));",
      ...becomeMember(
        'needed',
        "RAISE EXCEPTION '% is in rds_iam: as a member of it % could no longer log in by password', quote_ident(needed), quote_ident(me);",
      ).map((line) => `      ${line}`),
      '    END LOOP;',
      '    IF extra.schema IS NOT NULL THEN',
      ...enterSchema('extra.schema', 'extra.schema_owner').map((line) => `      ${line}`),
      '    END IF;',
      '    -- As a member of the owner one revokes as the owner, and as anybody else only when one is that role.',
      "    IF extra.grantor <> extra.owner THEN PERFORM set_config('role', extra.grantor, true); END IF;",
      '    EXECUTE extra.command;',
      "    PERFORM set_config('role', me, true);",
      '  EXCEPTION WHEN OTHERS THEN',
      '    failed := true;',
      "    IF turn = 3 THEN RAISE WARNING 'not done: %: %', extra.command, SQLERRM; END IF;",
      '  END;',
      'END LOOP;',
      'EXIT WHEN NOT failed;',
      'END LOOP;',
      ...RESTORE,
    ],
    ...ADMIN_DECLARATIONS,
    ...RESTORE_DECLARATIONS,
    'extra record;',
    'needed name;',
    'failed boolean;',
  );
}

/** Fails if one of these roles still has what is not wanted, with the statements that are left to run. Changes nothing. */
export function leftovers(beyond: Beyond): string {
  return block(
    [
      "SELECT string_agg(format(E'\\n  %s; -- as %I, or a superuser', command, grantor), '') INTO left_there FROM (",
      ...extraSql(beyond).map((line) => `  ${line}`),
      '  LIMIT 20) AS extra;',
      'IF left_there IS NOT NULL THEN',
      "  RAISE EXCEPTION 'in database % this is not in the environment, and could not be taken away:%', quote_ident(current_database()), left_there;",
      'END IF;',
    ],
    'left_there text;',
  );
}

/** A query: (command, grantor, owner, schema, schema_owner), each command taking something that is not wanted. */
function extraSql({ roles, groups = [], wanted, otherDatabases }: Beyond): string[] {
  const databases =
    otherDatabases === undefined ? undefined : `datname <> ALL (${textArray(otherDatabases)})`;
  return [
    ...withSql(wantedSql(wanted), objectsSql(databases), OTHERS_SQL, HELD_SQL),
    "SELECT format('%sREVOKE %s%s ON %s FROM %I', prefix, CASE WHEN is_wanted THEN 'GRANT OPTION FOR ' END,",
    "    string_agg(privilege_type || on_columns, ', ' ORDER BY privilege_type), name, grantee) AS command, grantor, owner, schema, schema_owner",
    'FROM (',
    '  SELECT prefix, on_columns, name, privilege_type, is_grantable, grantee.rolname AS grantee, grantor.rolname AS grantor,',
    '    pg_get_userbyid(owner) AS owner, n.nspname AS schema, pg_get_userbyid(n.nspowner) AS schema_owner,',
    '    EXISTS (SELECT FROM wanted w WHERE w.grantee = grantee.rolname AND w.kind = held.kind AND place = ANY (places)',
    '      AND w.creator IS NOT DISTINCT FROM held.creator AND privilege_type = ANY (privileges)) AS is_wanted',
    '  FROM held CROSS JOIN aclexplode(acl) AS a JOIN pg_roles grantee ON grantee.oid = a.grantee JOIN pg_roles grantor ON grantor.oid = a.grantor',
    "    LEFT JOIN pg_namespace n ON n.nspname = place AND kind IN ('table', 'column', 'sequence', 'routine')",
    `  WHERE grantee.rolname = ANY (${textArray(roles)})`,
    `    AND (a.grantee <> owner OR kind IN ('schema', 'database') AND grantee.rolname = ANY (${textArray(groups)}))`,
    ') AS entries WHERE NOT is_wanted OR is_grantable GROUP BY prefix, on_columns, name, is_wanted, grantee, grantor, owner, schema, schema_owner',
    '-- Its own first, while it is a member of no more than it was.',
    'ORDER BY grantor <> current_user, command',
  ];
}

/** `held`, for a WITH clause: every list of privileges, with the words around: prefix REVOKE privilege on_columns ON name. */
const HELD_SQL = [
  '-- prefix REVOKE privilege on_columns ON name FROM grantee',
  'held (kind, place, creator, prefix, on_columns, name, owner, acl) AS (',
  "  SELECT kind, place, NULL::name, '', '', name, owner, acl FROM objects",
  "  UNION ALL SELECT 'other', NULL, NULL, '', '', name, owner, acl FROM others",
  "  UNION ALL SELECT 'column', place, NULL, '', format(' (%I)', attname), name, owner, attacl FROM objects",
  "    JOIN pg_attribute ON attrelid = id WHERE kind = 'table' AND attacl IS NOT NULL AND NOT attisdropped",
  "  UNION ALL SELECT 'future ' || k.kind, nspname, rolname,",
  "      format('ALTER DEFAULT PRIVILEGES FOR ROLE %I ', rolname) || CASE WHEN nspname IS NULL THEN '' ELSE format('IN SCHEMA %I ', nspname) END,",
  "      '', k.name, defaclrole, defaclacl",
  '    FROM pg_default_acl JOIN pg_roles r ON r.oid = defaclrole LEFT JOIN pg_namespace n ON n.oid = defaclnamespace',
  "    JOIN (VALUES ('r', 'table', 'TABLES'), ('S', 'sequence', 'SEQUENCES'), ('f', 'routine', 'ROUTINES'), ('T', 'type', 'TYPES'),",
  "      ('n', 'schema', 'SCHEMAS'), ('L', 'large object', 'LARGE OBJECTS')) AS k (type, kind, name) ON k.type = defaclobjtype)",
];
