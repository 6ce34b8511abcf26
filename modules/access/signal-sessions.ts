import { quoteIdentifier } from '../names/sql';

/** Its members may end the sessions of every role but superusers.
 *  https://www.postgresql.org/docs/current/predefined-roles.html */
export const SIGNAL_ROLE = 'pg_signal_backend';

/** What the master runs, so that the admin can end sessions. */
export function grantSignalling(admin: string): string {
  return `GRANT ${SIGNAL_ROLE} TO ${quoteIdentifier(admin)};`;
}
