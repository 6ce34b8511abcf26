import { RDS_IAM } from '../names/postgresql';
import type { LiveAccess, LiveMembership } from './catalog';
import type { CheckQuestion } from './finding';

// The master and the admin, where they log in by IAM. What takes rds_iam from one of them locks it out, and a master of that
// kind has no password to come back with.

/** Their names. Whatever lists say, a master is judged by how it logs in. */
export function iamUsers({ master, masterByIam, adminByIam }: CheckQuestion, live: LiveAccess): string[] {
  const admin = adminByIam && live.admin !== master ? [live.admin] : [];
  return masterByIam ? [master, ...admin] : admin;
}

/** Those of them that these memberships, and nothing else, put into rds_iam. */
export function onlyInBy(
  question: CheckQuestion,
  live: LiveAccess,
  rows: readonly LiveMembership[],
): string[] {
  const left = live.memberships.filter((row) => !rows.includes(row));
  return iamUsers(question, live).filter((name) =>
    // RDS may not count a way with an ADMIN-only step, or one WITH INHERIT FALSE: an undoubted way stays, or it is said.
    [() => true, ({ inheritOption }: LiveMembership) => inheritOption].some(
      (counts) => isIn(name, live.memberships.filter(counts)) && !isIn(name, left.filter(counts)),
    ),
  );
}

function isIn(name: string, memberships: readonly LiveMembership[]): boolean {
  const reached = new Set([name]);
  // A set is walked in the order of its growth.
  for (const member of reached)
    for (const row of memberships) if (row.member === member) reached.add(row.role);
  return reached.has(RDS_IAM);
}
