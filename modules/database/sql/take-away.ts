import { block, textArray } from '../sql-text';
import {
  ADMIN_DECLARATIONS,
  becomeMember,
  isMemberSql,
  RESTORE_DECLARATIONS,
  RESTORE_MEMBERSHIPS,
} from './admin';
import { OTHERS_SQL, objectsSql, type Wanted, wantedSql, withSql } from './objects';

/** Whose privileges are looked at, and what of them is right. */
export interface Beyond {
  /** Roles whose every other privilege goes. */
  readonly roles: readonly string[];
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
      'FOR extra IN',
      ...extraSql(beyond).map((line) => `  ${line}`),
      'LOOP',
      '  BEGIN',
      '    -- Only the grantor can take it back, or a role that is a member of it.',
      `    IF NOT (${isMemberSql('extra.grantor')}) THEN`,
      ...becomeMember(
        'extra.grantor',
        "RAISE EXCEPTION '% is in rds_iam: as a member of it % could no longer log in by password', quote_ident(extra.grantor), quote_ident(me);",
      ).map((line) => `      ${line}`),
      '    END IF;',
      "    PERFORM set_config('role', extra.grantor, true);",
      '    EXECUTE extra.command;',
      "    PERFORM set_config('role', me, true);",
      '  EXCEPTION WHEN OTHERS THEN',
      "    RAISE WARNING 'not done: %: %', extra.command, SQLERRM;",
      '  END;',
      'END LOOP;',
      ...RESTORE_MEMBERSHIPS,
    ],
    ...ADMIN_DECLARATIONS,
    ...RESTORE_DECLARATIONS,
    'extra record;',
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

/** A query: (command, grantor), each command taking something that is not wanted. */
function extraSql({ roles, wanted, otherDatabases }: Beyond): string[] {
  const databases =
    otherDatabases === undefined ? undefined : `datname <> ALL (${textArray(otherDatabases)})`;
  return [
    ...withSql(wantedSql(wanted), objectsSql(databases), OTHERS_SQL, HELD_SQL),
    "SELECT format('%sREVOKE %s%s ON %s FROM %I', prefix, CASE WHEN is_wanted THEN 'GRANT OPTION FOR ' END,",
    "    string_agg(privilege_type || on_columns, ', ' ORDER BY privilege_type), name, grantee) AS command, grantor",
    'FROM (',
    '  SELECT prefix, on_columns, name, privilege_type, is_grantable, grantee.rolname AS grantee, grantor.rolname AS grantor,',
    '    EXISTS (SELECT FROM wanted w WHERE w.grantee = grantee.rolname AND w.kind = held.kind AND place = ANY (places)',
    '      AND w.creator IS NOT DISTINCT FROM held.creator AND privilege_type = ANY (privileges)) AS is_wanted',
    '  FROM held, aclexplode(acl) AS a JOIN pg_roles grantee ON grantee.oid = a.grantee JOIN pg_roles grantor ON grantor.oid = a.grantor',
    `  WHERE grantee.rolname = ANY (${textArray(roles)}) AND a.grantee <> owner`,
    ') AS entries WHERE NOT is_wanted OR is_grantable GROUP BY prefix, on_columns, name, is_wanted, grantee, grantor ORDER BY 1',
  ];
}

/** `held`, for a WITH clause: every list of privileges, with the words around: prefix REVOKE privilege on_columns ON name. */
const HELD_SQL = [
  '-- prefix REVOKE privilege on_columns ON name FROM grantee',
  'held (kind, place, creator, prefix, on_columns, name, owner, acl) AS (',
  "  SELECT kind, place, NULL::name, '', '', name, owner, acl FROM objects",
  "  UNION ALL SELECT 'other', NULL, NULL, '', '', name, owner, acl FROM others",
  "  UNION ALL SELECT 'column', NULL, NULL, '', format(' (%I)', attname), name, owner, attacl FROM objects",
  "    JOIN pg_attribute ON attrelid = id WHERE kind = 'table' AND attacl IS NOT NULL AND NOT attisdropped",
  "  UNION ALL SELECT 'future ' || k.kind, nspname, rolname,",
  "      format('ALTER DEFAULT PRIVILEGES FOR ROLE %I ', rolname) || CASE WHEN nspname IS NULL THEN '' ELSE format('IN SCHEMA %I ', nspname) END,",
  "      '', k.name, defaclrole, defaclacl",
  '    FROM pg_default_acl JOIN pg_roles r ON r.oid = defaclrole LEFT JOIN pg_namespace n ON n.oid = defaclnamespace',
  "    JOIN (VALUES ('r', 'table', 'TABLES'), ('S', 'sequence', 'SEQUENCES'), ('f', 'routine', 'ROUTINES'), ('T', 'type', 'TYPES'),",
  "      ('n', 'schema', 'SCHEMAS'), ('L', 'large object', 'LARGE OBJECTS')) AS k (type, kind, name) ON k.type = defaclobjtype)",
];
