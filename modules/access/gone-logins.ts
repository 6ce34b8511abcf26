import type { LiveAccess } from './catalog';
import type { CheckQuestion } from './finding';

/** IAM logins that the environment does not name, and nobody else's: what it named before, the next deploy drops. */
export function goneLogins(
  { model, master, adminByIam, otherIamLogins }: CheckQuestion,
  live: LiveAccess,
): string[] {
  const known = new Set([...model.logins.map(({ name }) => name), ...otherIamLogins, master]);
  if (adminByIam) known.add(live.admin);
  return [...live.waysToRdsIam].flatMap(([name, ways]) =>
    known.has(name) || ways.every(({ admin_only: adminOnly }) => adminOnly) ? [] : [name],
  );
}
