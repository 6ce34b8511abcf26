import { RDS_IAM } from '../names/postgresql';
import { quoteIdentifier } from '../names/sql';
import type { LiveAccess, LiveMembership } from './catalog';
import type { CheckQuestion } from './finding';
import { onlyInBy } from './iam-users';

// From 16 on a membership has a grantor, is revoked for that one alone, and only by a role that has the grantor's privileges
// and ADMIN on what was granted. Up to 15 CREATEROLE is enough for every role but superusers.
// https://www.postgresql.org/docs/current/sql-revoke.html#SQL-REVOKE-NOTES

/** `REVOKE "g" FROM "m" GRANTED BY "dba";` for each row, each once. */
export function revokeStatements(live: LiveAccess, rows: readonly LiveMembership[], what = ''): string {
  const statements = rows.map(({ role, member, grantor }) => {
    // Without GRANTED BY it is the admin's own grant that goes.
    const by =
      live.serverMajor >= 16 && grantor !== live.admin ? ` GRANTED BY ${quoteIdentifier(grantor)}` : '';
    return `REVOKE ${what}${quoteIdentifier(role)} FROM ${quoteIdentifier(member)}${by};`;
  });
  return [...new Set(statements)].join(' ');
}

/** Whether the admin can end this membership. */
export function isRevocable(live: LiveAccess, { role, grantor }: LiveMembership): boolean {
  const roleOf = (name: string) => live.roles.find((each) => each.name === name);
  if (roleOf(live.admin)?.superuser) return true;
  return roleOf(role)?.alterable === true && (live.serverMajor < 16 || roleOf(grantor)?.inherited === true);
}

/**
 * The statements, and where the admin may not run them, who may. A master or admin that logs in by IAM, and would leave rds_iam
 * by them, is put there itself first.
 */
export function revokeWayOut(
  question: CheckQuestion,
  live: LiveAccess,
  rows: readonly LiveMembership[],
  what = '',
): string {
  const first = what === '' ? onlyInBy(question, live, rows) : [];
  const own = rows.filter((row) => isRevocable(live, row));
  const others = rows.filter((row) => !isRevocable(live, row));
  const revoke = [
    ...(own.length > 0 ? [revokeStatements(live, own, what)] : []),
    ...(others.length > 0
      ? [`as ${whoRevokes(live, others)}, run ${revokeStatements(live, others, what)}`]
      : []),
  ].join(' and ');
  return first.length === 0
    ? revoke
    : `first run ${first.map((name) => grantStatement(RDS_IAM, name)).join(' ')} (nothing else lets ${first.join(' and ')} log in by IAM), then ${revoke}`;
}

/** `dba or a superuser` */
export function whoRevokes(live: LiveAccess, rows: readonly LiveMembership[]): string {
  const superusers = new Set(live.roles.filter(({ superuser }) => superuser).map(({ name }) => name));
  const grantors = [...new Set(rows.map(({ grantor }) => grantor))].filter((name) => !superusers.has(name));
  // Up to 15 the grantor counts for nothing.
  if (live.serverMajor < 16 || grantors.length === 0) return 'a superuser';
  return `${grantors.join(' and ')} or a superuser`;
}

export function grantStatement(role: string, member: string): string {
  return `GRANT ${quoteIdentifier(role)} TO ${quoteIdentifier(member)};`;
}

/** Lets the admin change, drop and grant these roles, and gives it nothing that they can do. */
export function grantAdminStatement(live: LiveAccess, roles: readonly string[]): string {
  // Up to 15 there are no other options.
  const options = live.serverMajor >= 16 ? 'WITH ADMIN TRUE, INHERIT FALSE, SET FALSE' : 'WITH ADMIN OPTION';
  return `GRANT ${roles.map(quoteIdentifier).join(', ')} TO ${quoteIdentifier(live.admin)} ${options};`;
}
