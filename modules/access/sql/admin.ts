import { block, textArray } from '../../names/sql';
import { isIamLoginSql, isInRdsIamSql } from '../rds-iam-membership';

// What the admin must be a member of to grant and revoke, for the length of one transaction: nobody else ever sees it.
// All of it is PL/pgSQL of a transaction that has set its search path.

/** The rows that make `me` a member of something. */
const MY_MEMBERSHIPS =
  "(SELECT coalesce(jsonb_agg(to_jsonb(m) ORDER BY m.roleid, m.grantor), '[]') FROM pg_auth_members m" +
  ' WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = me))';

/** Declarations that the lines below need. From 16 on a membership has the options INHERIT and SET, and a grantor. */
export const ADMIN_DECLARATIONS = [
  'me CONSTANT name := current_user;',
  "has_options CONSTANT boolean := current_setting('server_version_num')::int >= 160000;",
  `mine jsonb := ${MY_MEMBERSHIPS};`,
];

/** What `enterSchema` and `RESTORE` need besides. */
export const RESTORE_DECLARATIONS = ["entered text[] := '{}';", 'entered_schema text;', 'lent record;'];

/** Lets `me` name what is in a schema whose owner may not, either: it can always grant that. @param schema, owner expressions */
export function enterSchema(schema: string, owner: string): string[] {
  return [
    `IF NOT has_schema_privilege(${schema}, 'USAGE') AND pg_has_role(me, ${owner}, 'USAGE') THEN`,
    `  EXECUTE format('GRANT USAGE ON SCHEMA %I TO %I', ${schema}, me);`,
    `  entered := array_append(entered, ${schema}::text);`,
    'END IF;',
  ];
}

/** A condition: whether `me` may do what `role` may. @param role a PL/pgSQL expression */
export function isMemberSql(role: string): string {
  return `pg_has_role(me, ${role}, 'USAGE') AND pg_has_role(me, ${role}, CASE WHEN has_options THEN 'SET' ELSE 'MEMBER' END)`;
}

/**
 * Makes `me` a member of `role`.
 * @param role a PL/pgSQL expression
 * @param refusal a statement for a role in rds_iam: its members cannot log in by password, and `me` may do so
 */
export function becomeMember(role: string, refusal: string): string[] {
  return [
    `IF ${isInRdsIamSql(role)} AND NOT ${isIamLoginSql('me')} THEN`,
    `  ${refusal}`,
    'END IF;',
    `EXECUTE format('GRANT %I TO %I', ${role}, me) || CASE WHEN has_options THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;`,
  ];
}

/** Takes back what `enterSchema` gave, and puts the memberships of `me` back to what they were, the last one first. */
export const RESTORE = [
  'FOREACH entered_schema IN ARRAY entered LOOP',
  "  EXECUTE format('REVOKE USAGE ON SCHEMA %I FROM %I', entered_schema, me);",
  'END LOOP;',
  'FOR lent IN',
  '  SELECT r.rolname AS role, g.rolname AS grantor, old FROM pg_auth_members m',
  '    JOIN pg_roles r ON r.oid = m.roleid LEFT JOIN pg_roles g ON g.oid = m.grantor',
  "    LEFT JOIN jsonb_array_elements(mine) AS old ON (old->>'roleid')::oid = m.roleid AND (old->>'grantor')::oid = m.grantor",
  '  WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = me) AND old IS DISTINCT FROM to_jsonb(m)',
  "  ORDER BY (to_jsonb(m)->>'oid')::oid DESC",
  'LOOP',
  '  IF lent.old IS NULL THEN',
  "    EXECUTE format('REVOKE %I FROM %I', lent.role, me) || CASE WHEN has_options THEN format(' GRANTED BY %I', lent.grantor) ELSE '' END;",
  '  ELSE',
  "    EXECUTE format('GRANT %I TO %I WITH INHERIT %s, SET %s GRANTED BY %I',",
  "      lent.role, me, lent.old->>'inherit_option', lent.old->>'set_option', lent.grantor);",
  '  END IF;',
  'END LOOP;',
  `IF mine <> ${MY_MEMBERSHIPS} THEN RAISE EXCEPTION 'the memberships of % are not what they were', quote_ident(me); END IF;`,
];

/**
 * Only a member of an owner may grant on what it owns, and on 16 and later a master is at first not a member of the roles
 * it made. So the admin becomes a member of these roles, of the owners of these schemas and of whatever is in them and, where
 * that is wanted, of the owner of the database.
 */
export function borrow(wanted: {
  readonly roles: readonly string[];
  readonly schemas?: readonly string[];
  readonly database?: boolean;
}): string {
  const { roles, schemas = [], database = false } = wanted;
  return block(
    [
      '-- Owners that this transaction needs to be a member of. It leaves them again before it ends.',
      'FOR owner, owned IN',
      `  SELECT rolname, NULL FROM pg_roles WHERE rolname = ANY (${textArray([...new Set(roles)])})`,
      '  UNION SELECT owners.rolname, min(objects.name) FROM (',
      ...(database
        ? [
            "    SELECT datdba AS owner, format('database %I', datname) AS name FROM pg_database WHERE datname = current_database()",
            '    UNION ALL',
          ]
        : []),
      "    SELECT nspowner AS owner, format('schema %I', nspname) AS name FROM pg_namespace",
      `      WHERE nspname = ANY (${textArray(schemas)})`,
      "    UNION ALL SELECT relowner, format('%I.%I', nspname, relname)",
      '      FROM pg_class JOIN pg_namespace n ON n.oid = relnamespace',
      `      WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S') AND nspname = ANY (${textArray(schemas)})`,
      "    UNION ALL SELECT proowner, format('%I.%I()', nspname, proname)",
      `      FROM pg_proc JOIN pg_namespace n ON n.oid = pronamespace WHERE nspname = ANY (${textArray(schemas)})`,
      '  ) AS objects JOIN pg_roles AS owners ON owners.oid = objects.owner',
      '  -- Nobody can be made a member of these two. What is missing at the end is reported then.',
      "  WHERE NOT owners.rolsuper AND owners.rolname <> 'pg_database_owner' GROUP BY 1",
      'LOOP',
      `  CONTINUE WHEN ${isMemberSql('owner')};`,
      "  what := CASE WHEN owned IS NULL THEN format('default privileges are those of %I', owner) ELSE format('%s belongs to %I', owned, owner) END;",
      '  BEGIN',
      ...becomeMember(
        'owner',
        "RAISE EXCEPTION '%, which is in rds_iam: as a member of it % could no longer log in by password. Log in as % and %, or leave it out of the environment', what, quote_ident(me), quote_ident(owner), CASE WHEN owned IS NULL THEN 'run its ALTER DEFAULT PRIVILEGES there' ELSE 'hand it over (ALTER … OWNER TO an owner group)' END;",
      ).map((line) => `    ${line}`),
      '  EXCEPTION WHEN insufficient_privilege THEN',
      "    RAISE EXCEPTION '%, which % cannot be a member of: run GRANT % TO % as a superuser or an ADMIN member of it, or leave it out of the environment',",
      '      what, me, quote_ident(owner), quote_ident(me);',
      '  END;',
      `  IF NOT (${isMemberSql('owner')}) THEN`,
      "    RAISE EXCEPTION '% has NOINHERIT, so being a member of % gives it nothing: ALTER ROLE % INHERIT', quote_ident(me), quote_ident(owner), quote_ident(me);",
      '  END IF;',
      'END LOOP;',
      `FOR owner, owned IN SELECT pg_get_userbyid(nspowner), nspname FROM pg_namespace WHERE nspname = ANY (${textArray(schemas)}) LOOP`,
      ...enterSchema('owned', 'owner').map((line) => `  ${line}`),
      'END LOOP;',
      "PERFORM set_config('aurora_iam.mine', mine::text, true), set_config('aurora_iam.entered', to_json(entered)::text, true);",
    ],
    ...ADMIN_DECLARATIONS,
    "entered text[] := '{}';",
    'owner name;',
    'owned text;',
    'what text;',
  );
}

export function giveBack(): string {
  return block(
    [
      '-- The memberships that this transaction needed go again.',
      "mine := current_setting('aurora_iam.mine')::jsonb;",
      "entered := ARRAY(SELECT json_array_elements_text(current_setting('aurora_iam.entered')::json));",
      ...RESTORE,
    ],
    ...ADMIN_DECLARATIONS,
    ...RESTORE_DECLARATIONS,
  );
}
