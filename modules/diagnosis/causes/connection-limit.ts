import { quoteIdentifier } from '../../names/sql';
import { found, RULED_OUT } from '../cause';
import type { InsideLook } from '../facts';
import { seenOf, userWords } from '../words';
import { insideCause } from './inside-cause';

/** https://www.postgresql.org/docs/current/sql-createrole.html (CONNECTION LIMIT) */
export const connectionLimit = insideCause({
  id: 'connection-limit',
  suspicion: 'a limit of connections is reached',
  shown: {
    kind: 'too-many-connections',
    judge: (facts) =>
      found(
        'connection-limit',
        userWords(facts),
        `has reached a limit of connections: the token was accepted (${seenOf(facts)?.text})`,
        'end connections that are not needed, use a pool, or raise the limit of the role, the database or the server',
      ),
  },
  judge: (inside, facts) => {
    const reached = reachedLimit(inside, facts.asked.user ?? '');
    // The server as a whole may be full, which only its own message says.
    if (!reached) return seenOf(facts)?.kind === 'too-many-connections' ? undefined : RULED_OUT;
    return found(
      'connection-limit',
      userWords(facts),
      `has reached a limit: ${reached.what}`,
      reached.wayOut,
    );
  },
});

function reachedLimit({ role, database }: InsideLook, user: string) {
  if (role && role.connectionLimit >= 0 && role.connections >= role.connectionLimit)
    return {
      what: `its CONNECTION LIMIT is ${role.connectionLimit}, and it has ${role.connections} connections`,
      wayOut: `end some of them, or ALTER ROLE ${quoteIdentifier(user)} CONNECTION LIMIT <number>;`,
    };
  if (database && !database.allowsConnections)
    return {
      what: `database ${database.name} allows no connections`,
      wayOut: `ALTER DATABASE ${quoteIdentifier(database.name)} ALLOW_CONNECTIONS true;`,
    };
  return database && database.connectionLimit >= 0 && database.connections >= database.connectionLimit
    ? {
        what: `database ${database.name} has ${database.connections} connections of ${database.connectionLimit}`,
        wayOut: `end some of them, or ALTER DATABASE ${quoteIdentifier(database.name)} CONNECTION LIMIT <number>;`,
      }
    : undefined;
}
