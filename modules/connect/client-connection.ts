import { shellWord } from '../names/commands';

/** What a client needs to log in, the token aside. */
export interface ClientConnection {
  /** The real endpoint, which the certificate is checked against. */
  readonly host: string;
  /** IP address of a tunnel that leads there. */
  readonly hostaddr?: string;
  readonly port: number;
  readonly database: string;
  readonly user: string;
  /** PEM file of the authorities to trust. */
  readonly certificateAuthorityFile: string;
}

/** Keywords of libpq with their values. https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-PARAMKEYWORDS */
function keywords(connection: ClientConnection): [string, string][] {
  const { host, hostaddr, port, database, user, certificateAuthorityFile } = connection;
  return [
    ['host', host],
    ...(hostaddr === undefined ? [] : ([['hostaddr', hostaddr]] as [string, string][])),
    ['port', String(port)],
    ['dbname', database],
    ['user', user],
    ['sslmode', 'verify-full'],
    ['sslrootcert', certificateAuthorityFile],
  ];
}

/**
 * A connection URI; everything in it that needs it is percent-encoded, the token above all.
 * https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-URIS
 */
export function connectionUri(connection: ClientConnection, token: string): string {
  const { host, port, database, user } = connection;
  const rest = keywords(connection).filter(([name]) => !['host', 'port', 'dbname', 'user'].includes(name));
  const query = rest.map(([name, value]) => `${name}=${encodeURIComponent(value)}`).join('&');
  const [asUser, password, path] = [user, token, database].map(encodeURIComponent);
  return `postgresql://${asUser}:${password}@${host}:${port}/${path}?${query}`;
}

/** Environment variables of libpq, which node-postgres, pgx and others read, too. */
const VARIABLES: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  hostaddr: 'PGHOSTADDR',
  port: 'PGPORT',
  dbname: 'PGDATABASE',
  user: 'PGUSER',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
};

/** Lines for a POSIX shell: `eval "$(…)"`. */
export function shellVariables(connection: ClientConnection, token: string): string {
  const named = keywords(connection).map(([name, value]) => [VARIABLES[name], value]);
  return [...named, ['PGPASSWORD', token]]
    .map(([name, value = '']) => `export ${name}=${shellWord(value)}\n`)
    .join('');
}

/**
 * libpq reads both files line by line, and takes off blanks at the end of a line of the service file.
 * @returns in words, what of the connection cannot stand there; undefined if all can
 */
export function notInFile(connection: ClientConnection, format: 'pgpass' | 'service'): string | undefined {
  const unfit = format === 'service' ? /[\r\n]|\s$/ : /[\r\n]/;
  const found = keywords(connection).find(([, value]) => unfit.test(value));
  if (!found) return undefined;
  const [keyword, value] = found;
  const where = format === 'service' ? 'pg_service.conf' : '.pgpass';
  return `${where} cannot hold the ${keyword} ${JSON.stringify(value)}: ${/[\r\n]/.test(value) ? 'a line break ends it' : 'blanks at its end are lost'}. Use --format env or uri.`;
}

/**
 * A line of `.pgpass`. A `*` alone would stand for everything; of the rest only `:` and `\` are escaped.
 * https://www.postgresql.org/docs/current/libpq-pgpass.html
 */
export function pgpassLine({ host, port, database, user }: ClientConnection, token: string): string {
  const fields = [host, String(port), database, user, token];
  return `${fields.map((field) => field.replace(/[\\:]|^\*$/g, '\\$&')).join(':')}\n`;
}

/**
 * A section of a connection service file, without a password: it stays good for longer than one token.
 * https://www.postgresql.org/docs/current/libpq-pgservice.html
 * @param passwordCommand prints a token
 */
export function serviceSection(name: string, connection: ClientConnection, passwordCommand: string): string {
  const use = `# PGPASSWORD="$(${passwordCommand})" psql service=${shellWord(name)}\n`;
  return `${use}[${name}]\n${keywords(connection)
    .map(([keyword, value]) => `${keyword}=${value}\n`)
    .join('')}`;
}

/**
 * psql with everything set, to be pasted into a shell. The token comes from a command of its own: it is in no argument.
 * @param passwordCommand prints a token
 */
export function psqlCommand(
  connection: ClientConnection,
  passwordCommand: string,
  psqlArguments: readonly string[],
): string {
  const conninfo = [...keywords(connection), ['gssencmode', 'disable']]
    .map(([keyword, value = '']) => `${keyword}=${conninfoValue(value)}`)
    .join(' ');
  const words = [conninfo, ...psqlArguments].map(shellWord).join(' ');
  return `PGPASSWORD="$(${passwordCommand})" psql ${words}`;
}

/** https://www.postgresql.org/docs/current/libpq-connect.html#LIBPQ-CONNSTRING-KEYWORD-VALUE */
function conninfoValue(value: string): string {
  return /^[^\s'\\]+$/.test(value) ? value : `'${value.replace(/['\\]/g, '\\$&')}'`;
}
