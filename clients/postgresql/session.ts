import { Client, type ClientConfig, DatabaseError } from 'pg';
import type { CatalogQuery } from '../../modules/access/catalog';
import { oneLine } from '../../modules/names/text';
import { UserError } from '../error';
import { connectionReason } from './connection-reason';

// The one place where a tool opens a session of PostgreSQL. Nothing that stands in a database may decide what a statement of
// the admin means: whoever may create in a schema of its search path could plant a function, an operator or a view that is
// taken instead of PostgreSQL's own (CVE-2018-1058).

/** Sent with the login: so they go before what the role or the database sets. */
const STARTUP_SETTINGS = {
  search_path: 'pg_catalog',
  // A database's owner may set any role that the admin is a member of.
  role: 'none',
  // Or one millisecond.
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
} as const;

/** Said again in each transaction: a pooler may give every one of them another session. */
const FIXED = 'SET LOCAL search_path = pg_catalog; SET LOCAL ROLE NONE;';

/** https://www.postgresql.org/docs/current/errcodes-appendix.html: read_only_sql_transaction */
const READ_ONLY = '25006';
const ANOTHER_ENDPOINT =
  'This is a reader, or the secondary cluster of a global database: go to the endpoint of the writer';

/** Where, as whom, and over which TLS. */
export interface SessionSettings extends Pick<ClientConfig, 'host' | 'port' | 'user' | 'password' | 'ssl'> {
  /** Host and port are the near end of a tunnel. @default false */
  readonly isTunnel?: boolean;
}

/** One read-only transaction for the length of `use`. @throws UserError for what the server or the connection refuses */
export function readIn<T>(
  settings: SessionSettings,
  database: string,
  use: (query: CatalogQuery) => Promise<T>,
): Promise<T> {
  return inSession(settings, { database, readOnly: true }, async (query) => {
    // Code could switch default_transaction_read_only off; not a transaction that has begun to read.
    await query(`BEGIN READ ONLY; ${FIXED}`);
    return await use(query);
  });
}

/** Each call of what `use` is given is a transaction of its own. @throws UserError as `readIn` */
export function writeIn<T>(
  settings: SessionSettings,
  database: string,
  use: (transaction: CatalogQuery) => Promise<T>,
): Promise<T> {
  return inSession(settings, { database, readOnly: false }, (query) =>
    use(async (text, values) => {
      await query(`BEGIN; ${FIXED}`);
      try {
        const result = await query(text, values);
        await query('COMMIT');
        return result;
      } catch (error) {
        await query('ROLLBACK').catch(() => {});
        throw error;
      }
    }),
  );
}

async function inSession<T>(
  { isTunnel = false, ...settings }: SessionSettings,
  { database, readOnly }: { readonly database: string; readonly readOnly: boolean },
  use: (query: CatalogQuery) => Promise<T>,
): Promise<T> {
  const startup = { ...STARTUP_SETTINGS, default_transaction_read_only: readOnly ? 'on' : 'off' };
  const client = new Client({
    ...settings,
    database,
    application_name: 'aurora-iam',
    connectionTimeoutMillis: 15_000,
    options: Object.entries(startup)
      .map(([name, value]) => `-c ${name}=${value}`)
      .join(' '),
  });
  const where = `database ${database} at ${settings.host}:${settings.port}`;
  // A connection that breaks between two queries is an event, and without a listener the end of the process. The next query
  // then fails.
  client.on('error', () => {});
  try {
    await client.connect();
  } catch (error) {
    const { host = '', port = 5432 } = settings;
    throw new UserError(
      `${settings.user} cannot connect to ${where}: ${connectionReason(error, { host, port, database, isTunnel })}.`,
    );
  }
  const query: CatalogQuery = async (text, values) => {
    try {
      return await client.query(text, values);
    } catch (error) {
      throw new UserError(
        error instanceof DatabaseError
          ? `PostgreSQL refuses: ${oneLine(error.message)}${error.code === READ_ONLY && !readOnly ? `. ${ANOTHER_ENDPOINT}` : ''}`
          : `The connection to ${where} is lost: ${oneLine((error as Error).message)}. Try again.`,
        { cause: error },
      );
    }
  };
  try {
    await noTransactionTimeout(query);
    await settingsHold(query, startup, where);
    return await use(query);
  } finally {
    await client.end().catch(() => {});
  }
}

/** There is none before 17, where nobody could log in with it among the settings at the startup. */
async function noTransactionTimeout(query: CatalogQuery): Promise<void> {
  const [row] = (await query('SHOW server_version_num')).rows as Readonly<Record<string, unknown>>[];
  if (Number(row?.['server_version_num']) >= 170000) await query('SET transaction_timeout = 0');
}

/** SHOW is no query: no name in it is looked up. */
async function settingsHold(
  query: CatalogQuery,
  settings: Readonly<Record<string, string>>,
  where: string,
): Promise<void> {
  for (const [name, value] of Object.entries(settings)) {
    const [row] = (await query(`SHOW ${name}`)).rows as Readonly<Record<string, unknown>>[];
    if (row?.[name] !== value)
      throw new UserError(
        `The session with ${where} has ${name} = ${row?.[name]}, although ${value} was asked for: something in between ignores ` +
          "the settings of a login, as poolers do. Connect to the cluster's own endpoint.",
      );
  }
}
