import { block, quoteLiteral, textArray } from '../../names/sql';
import type { AccessModel } from '../model';
import { isAdminOnlySql } from '../rds-iam-membership';
import { ADMIN_DECLARATIONS, becomeMember, isMemberSql, RESTORE, RESTORE_DECLARATIONS } from './admin';

// Who is a member of what. On 16 and later a membership has a grantor, and can only be revoked for that one.

/** Takes the memberships of the model's own groups and logins that the environment does not give, whoever granted them, and
 *  ADMIN options. What cannot be taken is a warning here; `leftoverMemberships` fails at it. */
export function takeMembershipsAway(model: AccessModel): string {
  return block(
    [
      'FOR extra IN',
      ...extraSql(model),
      'LOOP',
      '  BEGIN',
      `    IF has_options AND NOT (${isMemberSql('extra.grantor')}) THEN`,
      ...becomeMember(
        'extra.grantor',
        "RAISE EXCEPTION '% is in rds_iam: as a member of it % could no longer log in by password', quote_ident(extra.grantor), quote_ident(me);",
      ).map((line) => `      ${line}`),
      '    END IF;',
      "    EXECUTE extra.command || CASE WHEN has_options THEN format(' GRANTED BY %I', extra.grantor) ELSE '' END;",
      '  EXCEPTION WHEN OTHERS THEN',
      "    RAISE WARNING 'not done: %: %', extra.command, SQLERRM;",
      '  END;',
      'END LOOP;',
      ...RESTORE,
    ],
    ...ADMIN_DECLARATIONS,
    ...RESTORE_DECLARATIONS,
    'extra record;',
  );
}

/** Fails if a group or login of the model's own is still a member of what the environment does not give. Changes nothing. */
export function leftoverMemberships(model: AccessModel): string {
  return block(
    [
      "SELECT string_agg(format(E'\\n  %s; -- granted by %I', command, grantor), '') INTO left_there FROM (",
      ...extraSql(model),
      '  LIMIT 20) AS extra;',
      'IF left_there IS NOT NULL THEN',
      "  RAISE EXCEPTION 'these memberships are not in the environment, and could not be taken away. Their grantor or a superuser can:%', left_there;",
      'END IF;',
    ],
    'left_there text;',
  );
}

function extraSql(model: AccessModel): string[] {
  const own = [...model.groups, ...model.logins].filter(({ adopted }) => !adopted).map(({ name }) => name);
  return [
    "  SELECT format('REVOKE %s%I FROM %I', CASE WHEN is_wanted THEN 'ADMIN OPTION FOR ' END, role, member) AS command, grantor FROM (",
    '    SELECT r.rolname AS role, member.rolname AS member, g.rolname AS grantor, m.admin_option,',
    `      (member.rolname, r.rolname) IN (${wantedRows(model)}) AS is_wanted`,
    '    FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles member ON member.oid = m.member',
    '      LEFT JOIN pg_roles g ON g.oid = m.grantor',
    `    WHERE member.rolname = ANY (${textArray(own)})`,
    '  ) AS memberships WHERE NOT is_wanted OR admin_option',
  ];
}

function wantedMemberships({ logins }: AccessModel): [member: string, role: string][] {
  return logins.flatMap(({ name, memberships }) => memberships.map((role): [string, string] => [name, role]));
}

function wantedRows(model: AccessModel): string {
  const rows = wantedMemberships(model).map((pair) => `(${pair.map(quoteLiteral).join(', ')})`);
  return rows.length > 0 ? `VALUES ${rows.join(', ')}` : "SELECT '', '' WHERE false";
}

/** Makes the logins members, with what a membership gives: INHERIT and SET. Fails if one is not. */
export function memberships(model: AccessModel): string {
  return block(
    [
      'FOR missing IN',
      `  SELECT * FROM (${wantedRows(model)}) AS wanted (member, role) WHERE NOT ${membershipExists}`,
      'LOOP',
      "  EXECUTE format('GRANT %I TO %I', missing.role, missing.member)",
      "    || CASE WHEN current_setting('server_version_num')::int >= 160000 THEN ' WITH INHERIT TRUE, SET TRUE' ELSE '' END;",
      'END LOOP;',
      '-- A GRANT may end in a warning only.',
      'FOR missing IN',
      `  SELECT * FROM (${wantedRows(model)}) AS wanted (member, role)`,
      `  WHERE NOT ${membershipExists} OR NOT pg_has_role(member, role, 'USAGE')`,
      'LOOP',
      "  RAISE EXCEPTION 'login % is not a member of %, or has NOINHERIT', quote_ident(missing.member), quote_ident(missing.role);",
      'END LOOP;',
    ],
    'missing record;',
  );
}

/** With both options, which there are from 16 on. */
const membershipExists = `EXISTS (SELECT FROM pg_auth_members m
      WHERE m.member = (SELECT oid FROM pg_roles WHERE rolname = wanted.member) AND m.roleid = (SELECT oid FROM pg_roles WHERE rolname = wanted.role)
        AND NOT to_jsonb(m) @> '{"inherit_option": false}' AND NOT to_jsonb(m) @> '{"set_option": false}')`;

/** Fails if a group or login of the model's own has privileges in a database that the script does not connect to, and warns of
 *  members of them that the environment does not name: those are not its own. */
export function elsewhere(model: AccessModel): string {
  const names = (roles: readonly { readonly name: string }[]) => textArray(roles.map(({ name }) => name));
  const own = [...model.groups, ...model.logins].filter(({ adopted }) => !adopted);
  return block(
    [
      'FOR guest IN',
      '  SELECT r.rolname AS role, member.rolname AS member FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.roleid JOIN pg_roles member ON member.oid = m.member',
      `  WHERE r.rolname = ANY (${names(own)}) AND member.rolname <> ALL (${names(model.logins)}) AND NOT ${isAdminOnlySql('m')}`,
      'LOOP',
      "  RAISE WARNING '% is a member of %, and the environment does not name it: REVOKE % FROM %;', quote_ident(guest.member), quote_ident(guest.role), quote_ident(guest.role), quote_ident(guest.member);",
      'END LOOP;',
      "SELECT string_agg(format(E'\\n  %I on %s of database %I', role, CASE count WHEN 1 THEN '1 object' ELSE count || ' objects' END, datname), '') INTO left_there FROM (",
      '  SELECT r.rolname AS role, count(*), datname FROM pg_shdepend s JOIN pg_roles r ON r.oid = refobjid JOIN pg_database d ON d.oid = dbid',
      `  WHERE refclassid = 'pg_authid'::regclass AND deptype = 'a' AND r.rolname = ANY (${names(own)}) AND datname <> ALL (${textArray(model.databases)})`,
      '  GROUP BY 1, 3 LIMIT 20) AS elsewhere;',
      'IF left_there IS NOT NULL THEN',
      "  RAISE EXCEPTION E'there are privileges in databases that the environment does not name:%\\nName the database in databases: [...] of the environment for one run of its script (lockDown reaches it then, too)', left_there;",
      'END IF;',
    ],
    'guest record;',
    'left_there text;',
  );
}
