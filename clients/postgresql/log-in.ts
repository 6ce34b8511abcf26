import { isIP } from 'node:net';
import { Client, type ClientConfig, DatabaseError } from 'pg';

/** Where to log in. */
export interface Door {
  /** The endpoint: the certificate carries this name, and a token is signed for it. */
  readonly host: string;
  readonly port: number;
  /** What is dialled instead, where the name leads elsewhere or nowhere: a tunnel. @default host */
  readonly address?: string;
  readonly database: string;
  /** PEM of the authorities to trust. */
  readonly certificateAuthority: string;
}

/** Logs in over TLS with the certificate checked in full, runs `use` and logs out.
 *  @param password a token, or a password
 *  @throws what the server said (DatabaseError), or what became of the connection */
export async function logIn<T>(
  door: Door,
  user: string,
  password: string,
  use: (client: Client) => Promise<T>,
  {
    tls,
    replication = false,
    timeoutMilliseconds = 20_000,
  }: {
    readonly tls: boolean;
    readonly replication?: boolean;
    readonly timeoutMilliseconds?: number;
  } = { tls: true },
): Promise<T> {
  const client = new Client({
    host: door.address ?? door.host,
    port: door.port,
    user,
    password,
    database: door.database,
    connectionTimeoutMillis: timeoutMilliseconds,
    // The chain and the endpoint's name are both checked: libpq calls it verify-full.
    ...(tls ? { ssl: { ca: door.certificateAuthority, ...servername(door.host) } } : {}),
    // Known to the protocol, and not to the types of the driver.
    ...(replication ? ({ replication: 'database' } as ClientConfig) : {}),
  });
  // A server that ends the session says so in the query, too.
  client.on('error', () => {});
  try {
    await client.connect();
    return await use(client);
  } finally {
    await client.end().catch(() => {});
  }
}

/** An address is not sent as the name of a server (RFC 6066); the certificate is checked against it all the same. */
function servername(host: string): { readonly servername?: string } {
  return isIP(host) === 0 ? { servername: host } : {};
}

/** `<message> (<SQLSTATE>)` of a refused login or statement; `undefined` if it succeeded.
 *  @throws what is no answer of the server */
export async function refusalOf(attempt: Promise<unknown>): Promise<string | undefined> {
  try {
    await attempt;
    return undefined;
  } catch (error) {
    if (error instanceof DatabaseError) return `${error.message} (${error.code})`;
    throw error;
  }
}
