import { block, comment, quoteIdentifier, quoteLiteral, textArray } from '../../names/sql';
import type { AccessModel, GroupRole, LoginRole } from '../model';
import { isAdminOnlySql, isIamLoginSql, isInRdsIamSql } from '../rds-iam-membership';

/** A database that is not there is an error before anything changes. */
export function databasesExist(databases: readonly string[]): string {
  return block(
    [
      `SELECT name INTO missing FROM unnest(${textArray(databases)}) AS name`,
      '  WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = name) LIMIT 1;',
      "IF FOUND THEN RAISE EXCEPTION 'database % does not exist: create it first', quote_ident(missing); END IF;",
    ],
    'missing text;',
  );
}

/** Refuses what exists under these names and is something else, before anything changes. */
export function refusals({ groups, logins, grants }: AccessModel): string {
  const names = (roles: readonly { readonly name: string }[]) => textArray(roles.map(({ name }) => name));
  return block(
    [
      ...(grants.some(({ privileges }) => privileges.includes('MAINTAIN'))
        ? [
            "IF current_setting('server_version_num')::int < 170000 THEN",
            "  RAISE EXCEPTION 'PostgreSQL has MAINTAIN from 17 on, and this is %: take it out of the environment', current_setting('server_version');",
            'END IF;',
          ]
        : []),
      '-- What exists under these names must be what the environment takes it for.',
      'FOR role IN SELECT name FROM unnest(adopted) AS name WHERE NOT EXISTS (SELECT FROM pg_roles WHERE rolname = name) LOOP',
      "  RAISE EXCEPTION '% % is to be adopted and does not exist', CASE WHEN role.name = ANY (groups) THEN 'group' ELSE 'login' END, quote_ident(role.name);",
      'END LOOP;',
      "FOR role IN SELECT *, concat_ws(', ', CASE WHEN rolcanlogin THEN 'LOGIN' END, CASE WHEN rolsuper THEN 'SUPERUSER' END,",
      "    CASE WHEN rolcreaterole THEN 'CREATEROLE' END, CASE WHEN rolcreatedb THEN 'CREATEDB' END,",
      "    CASE WHEN rolreplication THEN 'REPLICATION' END, CASE WHEN rolbypassrls THEN 'BYPASSRLS' END) AS powers",
      '  FROM pg_roles WHERE rolname = ANY (groups)',
      'LOOP',
      "  IF role.rolcanlogin OR (role.powers <> '' AND role.rolname <> ALL (adopted)) THEN",
      "    RAISE EXCEPTION 'group % exists and has %, which no group may have: choose another name, or take that away (ALTER ROLE)', quote_ident(role.rolname), role.powers;",
      '  END IF;',
      '  -- A group in rds_iam would put all its members there, and those with a password could not log in again.',
      `  IF ${isInRdsIamSql('role.rolname')} THEN`,
      "    RAISE EXCEPTION 'group % is a member of rds_iam, and so are all its members: run GRANT rds_iam TO those of them that log in by IAM, and only then take the group out', quote_ident(role.rolname);",
      '  END IF;',
      'END LOOP;',
      'FOR role IN SELECT * FROM pg_roles WHERE rolname = ANY (logins) LOOP',
      '  -- rds_iam wins over a password: converting a login is a decision, and not made here.',
      `  IF role.rolname <> ALL (cutovers) AND NOT ${isIamLoginSql('role.rolname')} THEN`,
      "    RAISE EXCEPTION 'login % exists and is not in rds_iam: as a member it could no longer log in by password. Name a second login beside it, or write cutover: true', quote_ident(role.rolname);",
      '  END IF;',
      '  IF role.rolname = ANY (cutovers) THEN',
      '    FOR member IN SELECT r.rolname FROM pg_auth_members m JOIN pg_roles r ON r.oid = m.member',
      `      WHERE m.roleid = role.oid AND NOT ${isAdminOnlySql('m')} AND NOT ${isIamLoginSql('r.rolname')}`,
      '    LOOP',
      "      RAISE EXCEPTION '% is a member of %, and could no longer log in by password after the cutover: REVOKE % FROM % first',",
      '        quote_ident(member), quote_ident(role.rolname), quote_ident(role.rolname), quote_ident(member);',
      '    END LOOP;',
      '  END IF;',
      'END LOOP;',
    ],
    `groups CONSTANT text[] := ${names(groups)};`,
    `logins CONSTANT text[] := ${names(logins)};`,
    `adopted CONSTANT text[] := ${names([...groups, ...logins].filter((role) => role.adopted))};`,
    `cutovers CONSTANT text[] := ${names(logins.filter(({ cutover }) => cutover))};`,
    'role record;',
    'member name;',
  );
}

export function groupStatements({ name, adopted }: GroupRole): string[] {
  return adopted ? [] : [createRole(name, "NOLOGIN VALID UNTIL 'infinity'")];
}

export function loginStatements(login: LoginRole): string[] {
  return [
    comment(`Login ${login.name}`),
    ...(login.adopted ? [] : [createRole(login.name, "LOGIN VALID UNTIL 'infinity'")]),
    ...settingStatements(login),
  ];
}

function createRole(name: string, attributes: string): string {
  return block([
    `IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = ${quoteLiteral(name)}) THEN`,
    // A database's owner may set this for everybody: the admin would become a full member of each login, and so of rds_iam.
    "  IF current_setting('server_version_num')::int >= 160000 THEN PERFORM set_config('createrole_self_grant', '', true); END IF;",
    `  CREATE ROLE ${quoteIdentifier(name)} ${attributes};`,
    'END IF;',
  ]);
}

/** Takes what no login may have from the model's own. Only some admins may, so nothing is named that is not there. */
export function strip({ logins }: AccessModel): string {
  const own = logins.filter(({ adopted }) => !adopted).map(({ name }) => name);
  return block(
    [
      'FOR login, powers IN',
      "  SELECT rolname, concat_ws(' ', CASE WHEN rolsuper THEN 'NOSUPERUSER' END, CASE WHEN rolreplication THEN 'NOREPLICATION' END,",
      `    CASE WHEN rolbypassrls THEN 'NOBYPASSRLS' END) FROM pg_roles WHERE rolname = ANY (${textArray(own)})`,
      'LOOP',
      "  CONTINUE WHEN powers = '';",
      '  BEGIN',
      "    EXECUTE format('ALTER ROLE %I %s', login, powers);",
      '  EXCEPTION WHEN insufficient_privilege THEN',
      "    RAISE EXCEPTION 'login % is more than a login, and % cannot change that: run ALTER ROLE % % as a superuser', quote_ident(login), quote_ident(current_user), quote_ident(login), powers;",
      '  END;',
      'END LOOP;',
    ],
    'login name;',
    'powers text;',
  );
}

/** Without the notice that the admin itself could not SET ROLE to it, which it need not. */
function quietly(statements: readonly string[]): string[] {
  return [
    'SET LOCAL client_min_messages = warning;',
    ...statements,
    'SET LOCAL client_min_messages = notice;',
  ];
}

/** What an adopted login has and the environment does not say stays. */
function settingStatements(login: LoginRole): string[] {
  const { adopted, connectionLimit, statementTimeout, searchPath, actsAs } = login;
  const role = quoteIdentifier(login.name);
  const set = (setting: string, value: string | undefined) => {
    if (value !== undefined) return [`ALTER ROLE ${role} SET ${setting} = ${value};`];
    return adopted ? [] : [`ALTER ROLE ${role} RESET ${setting};`];
  };
  const attributes = [
    ...(adopted ? [] : ['LOGIN', 'INHERIT', 'NOCREATEROLE', 'NOCREATEDB']),
    ...(connectionLimit === undefined && adopted ? [] : [`CONNECTION LIMIT ${connectionLimit ?? -1}`]),
  ];
  return [
    ...(attributes.length > 0 ? [`ALTER ROLE ${role} ${attributes.join(' ')};`] : []),
    ...set('search_path', searchPath?.map(quoteIdentifier).join(', ')),
    ...set('statement_timeout', statementTimeout === undefined ? undefined : String(statementTimeout)),
    ...(actsAs === undefined ? set('role', undefined) : quietly(set('role', quoteLiteral(actsAs)))),
  ];
}
