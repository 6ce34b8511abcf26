/** How much of a password a client keeps. What is longer is cut off or refused, and RDS calls the rest malformed. */
export interface TokenLimit {
  /** Which client, and where. */
  readonly client: string;
  /** Bytes. */
  readonly keeps: number;
  readonly wayOut: string;
  /** Where the limit can be looked up. */
  readonly source: string;
}

/**
 * Clients with a limit that a token may exceed: one has about 370 bytes if a long-term key signed it, and 800 to 2,500 with a
 * session token. Clients that are not here have none that is known.
 */
export const TOKEN_LIMITS: Readonly<Record<string, TokenLimit>> = {
  'psql-13': {
    client: 'psql 13 and older, at its prompt,',
    keeps: 99,
    wayOut: 'set PGPASSWORD, which is not cut, or use psql 14 or later',
    source: 'https://github.com/postgres/postgres/blob/REL_13_STABLE/src/bin/psql/startup.c',
  },
  pgagroal: {
    client: 'pgagroal, before it was changed in July 2026,',
    keeps: 256,
    wayOut: 'use a later version',
    source: 'https://github.com/pgagroal/pgagroal/issues/942',
  },
  'pgbouncer-1.16': {
    client: 'PgBouncer 1.16 and older',
    keeps: 996,
    wayOut: 'use PgBouncer 1.17 or later',
    source: 'https://github.com/pgbouncer/pgbouncer/pull/675',
  },
  pgbouncer: {
    client: 'PgBouncer, before it was changed in July 2026,',
    keeps: 2_047,
    wayOut: 'use a later version, or a role with a shorter session token',
    source: 'https://github.com/pgbouncer/pgbouncer/pull/1310',
  },
};

/** What a person should know before a client gets a token; undefined if it keeps the whole one. */
export function tokenTooLong(token: string, { client, keeps, wayOut }: TokenLimit): string | undefined {
  const bytes = Buffer.byteLength(token);
  if (bytes <= keeps) return undefined;
  return `The token has ${bytes} bytes, and ${client} keeps ${keeps}: the login will be refused. Way out: ${wayOut}.`;
}
