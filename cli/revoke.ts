import { DatabaseError } from 'pg';
import { UserError } from '../clients/error';
import type { CatalogQuery } from '../modules/access/catalog';
import { judgeMembership, type MembershipPath, membershipSql } from '../modules/access/rds-iam-membership';
import { grantSignalling } from '../modules/access/signal-sessions';
import { removalStatements } from '../modules/access/sql';
import { stillNamed } from '../modules/connect/model';
import { masterUsernameOf } from '../modules/environment/cluster';
import { type Environment, stackName } from '../modules/environment/environment';
import { plural } from '../modules/names/text';
import { type AdminOptions, adminDatabase } from './admin-database';
import { done, type Outcome } from './outcome';
import { loadEnvironment } from './project';

export interface RevokeOptions extends AdminOptions {
  /** False: works with what was built before. @default true: builds, and falls back to that with a warning */
  readonly build?: boolean;
}

/** Ends what a login can do, now: no new sessions, then none that are open. Nothing is dropped.
 *  @param say is called with what is done, as soon as it is: ending sessions takes a while
 *  @param remark is called with what a person should know of the project
 *  @returns what still names the login
 *  @throws UserError */
export async function revoke(
  name: string,
  login: string,
  options: RevokeOptions,
  say: (line: string) => void,
  remark: (line: string) => void,
): Promise<Outcome> {
  const environment = loadEnvironment(name, {
    build: options.build === false ? 'never' : 'attempt',
    remark,
  });
  if (Object.hasOwn(environment.access.groups, login))
    throw new UserError(`${login} is a group: nobody logs in as it. Name a login.`);
  const master = masterUsernameOf(environment.cluster);
  const admin = await adminDatabase(environment, options, remark);
  if (login === master || login === admin.username)
    throw new UserError(
      `${login} is ${login === master ? 'the master of this cluster' : 'the admin of this environment'}: not touched, or nobody could undo it.`,
    );
  const { databaseName } = environment.cluster;
  await admin.read(databaseName, (query) => isIamLogin(query, login, master));
  const { lock, endSessions } = removalStatements(login);
  await admin.write(databaseName, async (transaction) => {
    await transaction(lock);
    const { rows } = await transaction('SELECT rolcanlogin FROM pg_roles WHERE rolname = $1::text', [login]);
    if ((rows[0] as { rolcanlogin: boolean } | undefined)?.rolcanlogin !== false)
      throw new UserError(
        `${login} can still log in: PostgreSQL did not set NOLOGIN. Its sessions are as they were.`,
      );
    say(`${login} may not log in any more.`);
    const ended = await end(transaction, { login, admin: admin.username, endSessions });
    say(`${plural(ended, 'open session')} ended.`);
  });
  return done(
    stillNaming(environment, login)
      .map((line) => `${line}\n`)
      .join(''),
  );
}

/** @throws UserError if the role is not there, or is anything but an IAM login */
async function isIamLogin(query: CatalogQuery, login: string, master: string): Promise<void> {
  const known = await query('SELECT FROM pg_roles WHERE rolname = $1::text', [login]);
  if (known.rows.length === 0)
    throw new UserError(`There is no role ${login} on this cluster. Upper and lower case count.`);
  const version = await query("SELECT current_setting('server_version_num')::int / 10000 AS major");
  const serverMajor = (version.rows[0] as { major: number }).major;
  const { text, values } = membershipSql({ user: login, master, serverMajor });
  const ways = (await query(text, values)).rows as MembershipPath[];
  const { membership, reason } = judgeMembership(ways, 'vanilla');
  // Whoever created an IAM login is an ADMIN-only member of it, and may be an admin with a password.
  if (membership === 'none' || membership === 'admin-only')
    throw new UserError(
      `${login} is not an IAM login (${membership === 'none' ? reason : 'its only way to rds_iam is ADMIN without INHERIT and SET'}): not touched.`,
    );
}

/** How many. @throws UserError if some are left, with what the person can run */
async function end(
  transaction: CatalogQuery,
  { login, admin, endSessions }: { login: string; admin: string; endSessions: string },
): Promise<number> {
  const open = async () =>
    (await transaction('SELECT FROM pg_stat_activity WHERE usename = $1::text', [login])).rows.length;
  let ended = 0;
  try {
    const { rows } = await transaction(endSessions);
    ended = Number((rows[0] as Record<string, unknown> | undefined)?.['sessions ended'] ?? 0);
  } catch (error) {
    const { cause } = error as Error;
    // https://www.postgresql.org/docs/current/errcodes-appendix.html: insufficient_privilege
    if (!(cause instanceof DatabaseError) || cause.code !== '42501') throw error;
    const left = await open();
    throw new UserError(
      `${login} may not log in any more, but ${left === 1 ? 'its open session goes' : `its ${left} open sessions go`} on: ${admin} may not end ` +
        `${left === 1 ? 'it' : 'them'} (${cause.message}). As the master, run ${grantSignalling(admin)} and then this command again.`,
    );
  }
  const left = await open();
  if (left > 0)
    throw new UserError(
      `${login} may not log in any more, but ${left} of its sessions did not end within 5 seconds each: run this command again.`,
    );
  return ended;
}

/** Where the environment still has the login: until it is taken out, the next deploy lets it in again. */
function stillNaming(environment: Environment, login: string): string[] {
  const { principals, isLogin } = stillNamed(environment, login);
  const stacks = (['policies', 'database'] as const).map((stack) => stackName(environment, stack));
  return [
    ...principals.map((key) => `The policy of principal ${key} still names ${login}.`),
    ...(isLogin
      ? [
          `Environment ${environment.name} still has the login: take it out and deploy ${stacks.join(' and ')}, or the next deploy lets it log in again.`,
        ]
      : []),
  ];
}
