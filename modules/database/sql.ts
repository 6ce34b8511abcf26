import type { Environment } from '../environment/environment';
import { accessModel, type DefaultPrivilege, type Grant, type LoginRole } from './access-model';

/** What to run in one database, in one transaction. */
export interface DatabaseScript {
  readonly database: string;
  readonly statements: readonly string[];
}

/** The only way of a name into SQL.
 *  https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The only way of a text into SQL. The E form reads backslashes the same under every setting of the server. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/**
 * The environment's access as SQL, the same as the database stack's: for a database that Terraform cannot reach.
 * To be run by the master. Running it again changes nothing. It touches no role that the environment does not name,
 * and takes nothing away.
 */
export function databaseScripts(environment: Environment): DatabaseScript[] {
  const model = accessModel(environment);
  const main = environment.cluster.databaseName;
  const databases = [...new Set([main, ...model.grants.map((grant) => grant.database)])];
  return databases.map((database) => ({
    database,
    statements: [
      // Roles belong to the whole cluster: they are made once, in the first transaction.
      ...(database === main ? model.groups.map(createGroup) : []),
      ...model.grants.filter((grant) => grant.database === database).map(grantStatement),
      ...model.defaultPrivileges
        .filter((defaults) => defaults.database === database)
        .map(defaultPrivilegeStatement),
      ...(database === main ? model.logins.flatMap(loginStatements) : []),
    ],
  }));
}

/** The same as one script for psql. */
export function psqlScript(environment: Environment): string {
  const { name, cluster } = environment;
  const transactions = databaseScripts(environment).map(({ database, statements }) =>
    [
      `\\connect -reuse-previous=on ${connectArgument(database)}`,
      'BEGIN;',
      ...statements,
      'COMMIT;',
      '',
    ].join('\n'),
  );
  return [
    `-- Access of environment ${name} to cluster ${cluster.identifier}, made by \`aurora-iam sql ${name}\`.`,
    '-- Run it as the master: psql -v ON_ERROR_STOP=1 -f <this file>. Running it again changes nothing.',
    '\\set ON_ERROR_STOP on',
    '',
    ...transactions,
  ].join('\n');
}

/**
 * A connection string as an argument of psql's \connect, which has three layers of quoting: the connection string's,
 * that of quoted arguments (backslashes count), and that of identifiers, which takes double quotes away in the end.
 */
function connectArgument(database: string): string {
  const value = database.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  const connectionString = `dbname='${value}'`;
  const argument = connectionString.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('"', '""""');
  return `'${argument}'`;
}

function createGroup(group: string): string {
  return block([
    `IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(group)}) THEN`,
    `  CREATE ROLE ${quoteIdentifier(group)} NOLOGIN;`,
    'END IF;',
    // A group in rds_iam would put all its members there, and whoever of them has a password could not log in again.
    `IF pg_catalog.pg_has_role(${quoteLiteral(group)}, 'rds_iam', 'MEMBER') THEN`,
    `  RAISE EXCEPTION ${quoteLiteral(`group ${percent(group)} is a member of rds_iam: take it out first`)};`,
    'END IF;',
  ]);
}

function loginStatements(login: LoginRole): string[] {
  const { name, groups, predefinedRoles, actsAs } = login;
  const role = quoteIdentifier(name);
  const literal = quoteLiteral(name);
  const memberships = ['rds_iam', ...predefinedRoles, ...groups].map(quoteIdentifier).join(', ');
  return [
    block([
      `IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${literal}) THEN`,
      `  CREATE ROLE ${role} LOGIN;`,
      // rds_iam wins over a password: converting a login is a decision, and not made here.
      `ELSIF NOT pg_catalog.pg_has_role(${literal}, 'rds_iam', 'MEMBER') THEN`,
      `  RAISE EXCEPTION ${quoteLiteral(`login ${percent(name)} exists and is not in rds_iam: as a member it could no longer log in by password`)};`,
      'END IF;',
    ]),
    `ALTER ROLE ${role} LOGIN;`,
    `GRANT ${memberships} TO ${role};`,
    actsAs === undefined
      ? `ALTER ROLE ${role} RESET role;`
      : `ALTER ROLE ${role} SET role = ${quoteLiteral(actsAs)};`,
  ];
}

function grantStatement({ group, database, objectType, schema, privileges }: Grant): string {
  return `GRANT ${privileges.join(', ')} ON ${grantTarget()} TO ${quoteIdentifier(group)};`;

  function grantTarget(): string {
    if (objectType === 'database') return `DATABASE ${quoteIdentifier(database)}`;
    const quoted = quoteIdentifier(schema as string);
    return objectType === 'schema'
      ? `SCHEMA ${quoted}`
      : `ALL ${objectType.toUpperCase()}S IN SCHEMA ${quoted}`;
  }
}

function defaultPrivilegeStatement(defaults: DefaultPrivilege): string {
  const { group, schema, creator, objectType, privileges } = defaults;
  const role = quoteIdentifier(creator);
  // Only a member of the creator may do this. On 16 and later a master is at first not one of the roles it made.
  return block(
    [
      `IF borrowed THEN GRANT ${role} TO CURRENT_USER; END IF;`,
      `ALTER DEFAULT PRIVILEGES FOR ROLE ${role} IN SCHEMA ${quoteIdentifier(schema)}`,
      `  GRANT ${privileges.join(', ')} ON ${objectType.toUpperCase()}S TO ${quoteIdentifier(group)};`,
      `IF borrowed THEN REVOKE ${role} FROM CURRENT_USER; END IF;`,
    ],
    `borrowed boolean := NOT pg_catalog.pg_has_role(current_user, ${quoteLiteral(creator)}, 'USAGE');`,
  );
}

/** RAISE takes its text for a format. */
function percent(text: string): string {
  return text.replaceAll('%', '%%');
}

/** A DO block, in a dollar quote that no name inside can end. */
function block(lines: readonly string[], declaration?: string): string {
  const body = [
    ...(declaration ? ['DECLARE', `  ${declaration}`] : []),
    'BEGIN',
    ...lines.map((line) => `  ${line}`),
    'END',
  ].join('\n');
  let tag = '$do$';
  for (let number = 1; body.includes(tag); number++) tag = `$do${number}$`;
  return `DO ${tag}\n${body}\n${tag};`;
}
