import { UserError } from '../clients/error';
import { removalStatements } from '../modules/access/sql';
import type { Environment } from '../modules/environment/environment';
import { loginsOf } from '../modules/environment/principals';
import { type AdminOptions, adminDatabase } from './admin-database';
import { loadEnvironment } from './project';

/** Ends what a login can do, now: no new sessions, then none that are open. Nothing is dropped.
 *  @throws UserError */
export async function revoke(name: string, login: string, options: AdminOptions): Promise<void> {
  const environment = loadEnvironment(name);
  if (Object.hasOwn(environment.access.groups, login))
    throw new UserError(`${login} is a group: nobody logs in as it. Name a login.`);
  const admin = await adminDatabase(environment, options);
  const { lock, endSessions } = removalStatements(login);
  const say = (text: string) => process.stdout.write(`${text}\n`);
  await admin.connect(environment.cluster.databaseName, async (query) => {
    const { rows } = await query('SELECT FROM pg_catalog.pg_roles WHERE rolname = $1::text', [login]);
    if (rows.length === 0)
      throw new UserError(`There is no role ${login} on this cluster. Upper and lower case count.`);
    await query(lock);
    say(`${login} may not log in any more.`);
    const ended = (await query(endSessions)).rows[0] as Record<string, unknown> | undefined;
    say(`${ended?.['sessions ended'] ?? 0} open sessions ended.`);
    const left = await query('SELECT FROM pg_catalog.pg_stat_activity WHERE usename = $1::text', [login]);
    if (left.rows.length > 0)
      throw new UserError(
        `${left.rows.length} sessions of ${login} have not ended within 5 seconds each: try again.`,
      );
  });
  for (const line of stillNaming(environment, login)) say(line);
}

/** Where the environment still has the login: until it is taken out, the next deploy lets it in again. */
function stillNaming({ name, access, principals }: Environment, login: string): string[] {
  const naming = Object.entries(principals)
    .filter(([, principal]) => loginsOf(principal).includes(login))
    .map(([key]) => `The policy of principal ${key} still names ${login}.`);
  const declared = Object.hasOwn(access.logins, login)
    ? [
        `Environment ${name} still has the login: take it out and deploy ${name}-policies and ${name}-database, or the next deploy lets it log in again.`,
      ]
    : [];
  return [...naming, ...declared];
}
