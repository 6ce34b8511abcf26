import { masterLogsInByIam, masterUsernameOf } from '../../environment/cluster';
import type { Environment } from '../../environment/environment';
import { sqlCommand, tokenCommand } from '../../names/commands';
import { comment, SAFE_SEARCH_PATH } from '../../names/sql';
import { wayBack } from '../cutover';
import { accessModel } from '../model';
import { droppable, removalStatements, standsHere } from './remove';
import { type DatabaseScript, databaseScripts } from './scripts';
import { takeAway } from './take-away';

/** The environment's access as one script for psql. */
export function psqlScript(environment: Environment): string {
  const { name, cluster } = environment;
  const model = accessModel(environment);
  const cutovers = model.logins.filter(({ cutover }) => cutover);
  return [
    comment(
      `Access of environment ${name} to cluster ${cluster.identifier}, made by \`${sqlCommand(name)}\`.`,
    ),
    comment(`${runIt(environment)} Running it again changes nothing.`),
    comment(
      '1. Refuses what it cannot work with. 2. Takes away what the environment does not give to its groups and logins.',
    ),
    comment('3. Grants what it gives. 4. Looks at what is so then, and fails if that is anything else.'),
    ...cutovers.map((login) =>
      comment(`Cutover of ${login.name}: no password of it is accepted any more. ${wayBack(login.name)}`),
    ),
    '\\set ON_ERROR_STOP on',
    ...psqlTransactions(databaseScripts(model)),
    '',
  ].join('\n');
}

/** As whom, and how. */
function runIt({ name, cluster }: Environment): string {
  const psql = 'psql -X -v ON_ERROR_STOP=1 -f <this file>';
  if (!masterLogsInByIam(cluster)) return `Run it as the master: ${psql}.`;
  const master = masterUsernameOf(cluster);
  return `Run it as the master ${master}, which logs in by IAM: PGPASSWORD="$(${tokenCommand(name, master)})" ${psql}.`;
}

/** A script for psql that ends what a login can do, takes its privileges, and drops it if it owns nothing. */
export function psqlRemoval(environment: Environment, login: string): string {
  const { name, cluster } = environment;
  const { lock, endSessions, drop } = removalStatements(login);
  const { databases } = accessModel(environment);
  return [
    comment(
      `Removal of the login ${login} from cluster ${cluster.identifier}, made by \`${sqlCommand(name, { remove: true })}\`.`,
    ),
    comment(`${runIt(environment)} Running it again changes nothing.`),
    comment('Its policies in IAM are not touched: take it out of the environment and deploy them, too.'),
    '\\set ON_ERROR_STOP on',
    '',
    ...connection(cluster.databaseName),
    comment('No new sessions: this must be committed before the open ones end.'),
    lock,
    comment('The open sessions end: otherwise they would go on with all they could do.'),
    endSessions,
    ...psqlTransactions([
      ...databases.map((database) => ({
        database,
        statements: [
          SAFE_SEARCH_PATH,
          comment(`What ${login} itself was granted in database ${database}`),
          takeAway({
            roles: [login],
            wanted: [],
            otherDatabases: databases.filter((other) => other !== database),
          }),
          ...(database === cluster.databaseName ? [] : [standsHere(login)]),
        ],
      })),
      {
        database: cluster.databaseName,
        statements: [
          SAFE_SEARCH_PATH,
          comment('Nothing is dropped with it: what it owns must be handed over first.'),
          droppable(login, name),
          drop,
        ],
      },
    ]),
    '',
  ].join('\n');
}

/** Each in a transaction; one connection for those in a row that are of one database. */
function psqlTransactions(scripts: readonly DatabaseScript[]): string[] {
  return scripts.flatMap(({ database, statements }, index) => [
    '',
    ...(scripts[index - 1]?.database === database ? [] : connection(database)),
    'BEGIN;',
    ...statements,
    'COMMIT;',
  ]);
}

/** What a name means must not depend on what stands in the database, nor its letters on the client; psql resets both here. */
function connection(database: string): string[] {
  return [
    `\\connect -reuse-previous=on ${connectArgument(database)}`,
    'SET search_path = pg_catalog;',
    "SET client_encoding = 'UTF8';",
    // The owner of a database may set these for everybody who connects to it: another role, a millisecond, no warnings.
    'SET ROLE NONE;',
    'SET statement_timeout = 0;',
    'SET idle_session_timeout = 0;',
    'SET idle_in_transaction_session_timeout = 0;',
    'SET default_transaction_read_only = off;',
    'SET client_min_messages = notice;',
  ];
}

/**
 * A connection string as an argument of psql's \connect, which has three layers of quoting: the connection string's,
 * that of quoted arguments (backslashes count), and that of identifiers, which takes double quotes away in the end.
 */
function connectArgument(database: string): string {
  // A command of psql ends with its line, whatever quotes are open. Environments with such names are refused before.
  if (/\p{Cc}/u.test(database))
    throw new Error(`A script for psql cannot connect to a database with control characters in its name.`);
  const value = database.replaceAll('\\', '\\\\').replaceAll("'", "\\'");
  const connectionString = `dbname='${value}'`;
  const argument = connectionString.replaceAll('\\', '\\\\').replaceAll("'", "''").replaceAll('"', '""""');
  return `'${argument}'`;
}
