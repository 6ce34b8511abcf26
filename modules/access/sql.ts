import { GRANTABLE } from '../environment/access';
import type { Environment } from '../environment/environment';
import { block, comment, quoteIdentifier, quoteLiteral, raise, textArray } from '../names/sql';
import { wayBack } from './cutover';
import {
  type AccessModel,
  accessModel,
  type DefaultPrivilege,
  type Grant,
  type GroupRole,
  type LoginRole,
  type ObjectType,
  type OwnedSchema,
  type PublicGrant,
} from './model';

/** What to run in one database, in one transaction. */
export interface DatabaseScript {
  readonly database: string;
  readonly statements: readonly string[];
}

/**
 * The access of a model as SQL, the same as the provider's resources: for a database that Terraform cannot reach. To be run
 * by the admin, in this order. Running it again changes nothing. It touches no role that the model does not name; what the
 * model's own groups and logins have beyond it is taken away, except from adopted ones.
 */
export function databaseScripts(model: AccessModel): DatabaseScript[] {
  const [main = '', ...others] = model.databases;
  const logins = model.logins.flatMap((login) => [comment(`Login ${login.name}`), ...loginStatements(login)]);
  const inDatabases = model.databases.map((database) => ({
    database,
    statements: [
      // Roles belong to the whole cluster: the groups are made first, and the logins last, when all they may do is there.
      ...(database === main
        ? [databasesExist(model.databases), ...model.groups.flatMap(groupStatements)]
        : []),
      ...privilegeStatements(model, database),
      ...(database === main && others.length === 0 ? logins : []),
    ],
  }));
  return others.length === 0 || logins.length === 0
    ? inDatabases
    : [...inDatabases, { database: main, statements: logins }];
}

/** Only the schemas that are missing. Their owner groups must be there. */
export function schemaScripts(model: AccessModel): DatabaseScript[] {
  return model.databases
    .map((database) => {
      const schemas = model.schemas.filter((schema) => schema.database === database);
      const owners = schemas.map(({ owner }) => owner);
      return {
        database,
        schemas,
        statements: [borrow(owners, []), ...schemas.map(createSchema), giveBack()],
      };
    })
    .filter(({ schemas }) => schemas.length > 0);
}

/** The environment's access as one script for psql. */
export function psqlScript(environment: Environment): string {
  const { name, cluster } = environment;
  const model = accessModel(environment);
  return [
    comment(
      `Access of environment ${name} to cluster ${cluster.identifier}, made by \`aurora-iam sql ${name}\`.`,
    ),
    comment(
      'Run it as the master: psql -v ON_ERROR_STOP=1 -f <this file>. Running it again changes nothing.',
    ),
    ...model.logins
      .filter(({ cutover }) => cutover)
      .map((login) =>
        comment(`Cutover of ${login.name}: no password of it is accepted any more. ${wayBack(login.name)}`),
      ),
    '\\set ON_ERROR_STOP on',
    '',
    ...databaseScripts(model).map(psqlTransaction),
  ].join('\n');
}

/** A script for psql that ends what a login can do, and drops it if it owns nothing. */
export function psqlRemoval(environment: Environment, login: string): string {
  const { name, cluster } = environment;
  const { lock, endSessions, drop } = removalStatements(login);
  return [
    comment(
      `Removal of the login ${login} from cluster ${cluster.identifier}, made by \`aurora-iam sql ${name} --remove\`.`,
    ),
    comment(
      'Run it as the master: psql -v ON_ERROR_STOP=1 -f <this file>. Running it again changes nothing.',
    ),
    comment('Its policies in IAM are not touched: take it out of the environment and deploy them, too.'),
    '\\set ON_ERROR_STOP on',
    `\\connect -reuse-previous=on ${connectArgument(cluster.databaseName)}`,
    comment('No new sessions: this must be committed before the open ones end.'),
    lock,
    comment('The open sessions end: else they would live on with all they could do.'),
    endSessions,
    comment(
      'Fails, and changes nothing more, if the login owns anything: hand it over first (ALTER … OWNER TO).',
    ),
    drop,
    '',
  ].join('\n');
}

/** How a login is taken away, in this order, each in a transaction of its own. */
export function removalStatements(login: string): { lock: string; endSessions: string; drop: string } {
  const role = quoteIdentifier(login);
  const literal = quoteLiteral(login);
  const exists = `EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${literal})`;
  return {
    lock: block([
      `IF ${exists} THEN`,
      `  IF NOT pg_catalog.pg_has_role(${literal}, 'rds_iam', 'MEMBER') OR ${literal} = current_user THEN`,
      `    ${raise(`${login} is not an IAM login, or is you: not touched`)}`,
      '  END IF;',
      `  ALTER ROLE ${role} NOLOGIN;`,
      'END IF;',
    ]),
    // MATERIALIZED: else PostgreSQL may call the function on every session before it looks whose it is. The time limit is
    // for each session, in milliseconds.
    endSessions: [
      `WITH sessions AS MATERIALIZED (SELECT pid FROM pg_catalog.pg_stat_activity WHERE usename = ${literal})`,
      'SELECT pg_catalog.count(*) AS "sessions ended" FROM sessions WHERE pg_catalog.pg_terminate_backend(pid, 5000);',
    ].join('\n'),
    drop: `DROP ROLE IF EXISTS ${role};`,
  };
}

function psqlTransaction({ database, statements }: DatabaseScript): string {
  return [
    `\\connect -reuse-previous=on ${connectArgument(database)}`,
    'BEGIN;',
    ...statements,
    'COMMIT;',
    '',
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

/** A database that is not there is an error before anything changes. */
function databasesExist(databases: readonly string[]): string {
  return block(
    [
      `SELECT name INTO missing FROM pg_catalog.unnest(${textArray(databases)}) AS name`,
      '  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = name);',
      "IF FOUND THEN RAISE EXCEPTION 'database % does not exist: create it first', pg_catalog.quote_ident(missing); END IF;",
    ],
    'missing text;',
  );
}

function groupStatements({ name, adopted }: GroupRole): string[] {
  const exists = `EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(name)})`;
  return [
    comment(`Group ${name}`),
    block([
      adopted
        ? `IF NOT ${exists} THEN ${raise(`group ${name} is to be adopted and does not exist`)} END IF;`
        : `IF NOT ${exists} THEN CREATE ROLE ${quoteIdentifier(name)} NOLOGIN VALID UNTIL 'infinity'; END IF;`,
      // A group in rds_iam would put all its members there, and whoever of them has a password could not log in again.
      `IF pg_catalog.pg_has_role(${quoteLiteral(name)}, 'rds_iam', 'MEMBER') THEN`,
      `  ${raise(`group ${name} is a member of rds_iam: take it out first`)}`,
      'END IF;',
    ]),
  ];
}

function privilegeStatements(model: AccessModel, database: string): string[] {
  const here = <T extends { readonly database: string }>(all: readonly T[]) =>
    all.filter((each) => each.database === database);
  const schemas = here(model.schemas);
  const grants = here(model.grants);
  const defaults = here(model.defaultPrivileges);
  const adopted = new Map(
    model.groups.filter((group) => group.adopted).map((group) => [group.name, group.revokes]),
  );
  const roles = [...schemas.map(({ owner }) => owner), ...defaults.map(({ creator }) => creator)];
  const inSchemas = [...new Set(grants.flatMap(({ schema }) => (schema === undefined ? [] : [schema])))];
  return [
    comment(`Privileges in database ${database}`),
    borrow(roles, inSchemas),
    ...schemas.map(createSchema),
    ...grants.flatMap((grant) => grantStatements(grant, adopted.get(grant.group))),
    ...defaults.map((each) => defaultPrivilegeStatements(each, adopted.get(each.group))),
    ...here(model.publicGrants).map(publicStatements),
    giveBack(),
  ];
}

/**
 * Only members of an owner may grant on what it owns, and on 16 and later a master is at first not one of the roles it made.
 * So the admin becomes a member of the owners for the length of the transaction: of these roles, of the owners of these
 * schemas, and of whatever is in them.
 */
function borrow(roles: readonly string[], schemas: readonly string[]): string {
  return block(
    [
      'FOR owner, owned IN',
      `  SELECT rolname, NULL FROM pg_catalog.pg_roles WHERE rolname = ANY (${textArray([...new Set(roles)])})`,
      '  UNION SELECT owners.rolname, min(objects.name) FROM (',
      "    SELECT nspowner AS owner, pg_catalog.format('schema %I', nspname) AS name, nspname AS schema FROM pg_catalog.pg_namespace",
      "    UNION ALL SELECT relowner, pg_catalog.format('%I.%I', nspname, relname), nspname",
      '      FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace',
      "      WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')",
      "    UNION ALL SELECT proowner, pg_catalog.format('%I.%I()', nspname, proname), nspname",
      '      FROM pg_catalog.pg_proc JOIN pg_catalog.pg_namespace n ON n.oid = pronamespace',
      '  ) AS objects JOIN pg_catalog.pg_roles AS owners ON owners.oid = objects.owner',
      // What is a superuser's cannot be borrowed: grants on it fail, or PostgreSQL warns of it.
      "  WHERE NOT owners.rolsuper AND owners.rolname <> 'pg_database_owner'",
      `    AND objects.schema = ANY (${textArray(schemas)}) GROUP BY 1`,
      'LOOP',
      "  IF pg_catalog.pg_has_role(current_user, owner, 'USAGE') THEN CONTINUE; END IF;",
      '  BEGIN',
      "    EXECUTE pg_catalog.format('GRANT %I TO %I', owner, current_user);",
      '  EXCEPTION WHEN insufficient_privilege THEN',
      "    RAISE EXCEPTION '% belongs to %, which % cannot be a member of: run GRANT % TO % as a superuser or an ADMIN member of it, or leave that schema out',",
      "      coalesce(owned, 'the role'), pg_catalog.quote_ident(owner), current_user, pg_catalog.quote_ident(owner), pg_catalog.quote_ident(current_user);",
      '  END;',
      '  borrowed := borrowed || owner;',
      'END LOOP;',
      "PERFORM pg_catalog.set_config('aurora_iam.borrowed', borrowed::text, true);",
    ],
    'owner text;',
    'owned text;',
    'borrowed text[] := ARRAY[]::text[];',
  );
}

function giveBack(): string {
  return block(
    [
      "FOREACH owner IN ARRAY pg_catalog.current_setting('aurora_iam.borrowed')::text[] LOOP",
      "  EXECUTE pg_catalog.format('REVOKE %I FROM %I', owner, current_user);",
      'END LOOP;',
    ],
    'owner text;',
  );
}

function createSchema({ schema, owner }: OwnedSchema): string {
  return `CREATE SCHEMA IF NOT EXISTS ${quoteIdentifier(schema)} AUTHORIZATION ${quoteIdentifier(owner)};`;
}

function loginStatements(login: LoginRole): string[] {
  const { name, groups, predefinedRoles, adopted, cutover } = login;
  const role = quoteIdentifier(name);
  const literal = quoteLiteral(name);
  const memberships = ['rds_iam', ...predefinedRoles, ...groups];
  const grant = `GRANT ${memberships.map(quoteIdentifier).join(', ')} TO ${role};`;
  const missing = adopted
    ? raise(`login ${name} is to be adopted and does not exist`)
    : `CREATE ROLE ${role} LOGIN VALID UNTIL 'infinity';`;
  const notIam = raise(
    `login ${name} exists and is not in rds_iam: as a member it could no longer log in by password. ` +
      'Name a second login beside it, or say cutover: true',
  );
  const refusal = cutover
    ? []
    : // rds_iam wins over a password: converting a login is a decision, and not made here.
      [`ELSIF NOT pg_catalog.pg_has_role(${literal}, 'rds_iam', 'MEMBER') THEN`, `  ${notIam}`];
  return [
    block([
      `IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = ${literal}) THEN`,
      `  ${missing}`,
      ...refusal,
      'END IF;',
    ]),
    ...(adopted ? [] : [takeMembershipsAway(name, memberships)]),
    grant,
    ...settingStatements(login),
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
    ...set('role', actsAs === undefined ? undefined : quoteLiteral(actsAs)),
  ];
}

function takeMembershipsAway(login: string, memberships: readonly string[]): string {
  return block(
    [
      'FOR granted IN SELECT r.rolname FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid = m.roleid',
      `  WHERE m.member = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = ${quoteLiteral(login)}) AND r.rolname <> ALL (${textArray(memberships)})`,
      'LOOP',
      `  EXECUTE pg_catalog.format('REVOKE %I FROM %I', granted, ${quoteLiteral(login)});`,
      'END LOOP;',
    ],
    'granted text;',
  );
}

/** As the provider does it: everything is taken, and what is wanted given, in one transaction. */
function grantStatements(grant: Grant, revokes: readonly string[] | undefined): string[] {
  const { group, privileges } = grant;
  const role = quoteIdentifier(group);
  const target = grantTarget(grant);
  // Of an adopted group only what the environment names. Which privileges there are depends on the kind of object.
  const taken =
    revokes === undefined
      ? ['ALL PRIVILEGES']
      : revokes.filter(
          (privilege) =>
            GRANTABLE_ON[grant.objectType].includes(privilege) && !privileges.includes(privilege),
        );
  return [
    ...(taken.length > 0 ? [`REVOKE ${taken.join(', ')} ON ${target} FROM ${role};`] : []),
    `GRANT ${privileges.join(', ')} ON ${target} TO ${role};`,
  ];
}

const GRANTABLE_ON: Readonly<Record<ObjectType, readonly string[]>> = {
  database: GRANTABLE.database,
  schema: GRANTABLE.schema,
  table: GRANTABLE.tables,
  sequence: GRANTABLE.sequences,
  routine: GRANTABLE.functions,
};

function grantTarget({ objectType, database, schema }: Omit<Grant, 'group' | 'privileges'>): string {
  if (objectType === 'database') return `DATABASE ${quoteIdentifier(database)}`;
  const quoted = quoteIdentifier(schema as string);
  return objectType === 'schema'
    ? `SCHEMA ${quoted}`
    : `ALL ${objectType.toUpperCase()}S IN SCHEMA ${quoted}`;
}

function defaultPrivilegeStatements(
  defaults: DefaultPrivilege,
  revokes: readonly string[] | undefined,
): string {
  const { group, schema, creator, objectType, privileges } = defaults;
  const role = quoteIdentifier(group);
  const kind = `${objectType.toUpperCase()}S`;
  const alter = `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(creator)} IN SCHEMA ${quoteIdentifier(schema)}`;
  return [
    ...(revokes === undefined ? [`${alter} REVOKE ALL ON ${kind} FROM ${role};`] : []),
    `${alter} GRANT ${privileges.join(', ')} ON ${kind} TO ${role};`,
  ].join('\n');
}

function publicStatements(grant: PublicGrant): string {
  const target = grantTarget(grant);
  const granted =
    grant.privileges.length > 0 ? [`GRANT ${grant.privileges.join(', ')} ON ${target} TO PUBLIC;`] : [];
  return [`REVOKE ALL PRIVILEGES ON ${target} FROM PUBLIC;`, ...granted].join('\n');
}
