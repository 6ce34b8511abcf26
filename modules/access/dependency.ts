import { plural } from '../names/text';
import type { LiveDependency } from './catalog';

/**
 * What keeps a role from being dropped, by `pg_shdepend.deptype`. `r`: a policy of row-level security that names it. `i`, from 17
 * on: what an extension found granted to it when it took the object in.
 * https://www.postgresql.org/docs/current/catalog-pg-shdepend.html
 */
const KINDS = {
  o: 'owns',
  a: 'has privileges on',
  r: 'is named in',
  i: 'is in the initial privileges of',
} as const;

export type DependencyKind = (typeof KINDS)[keyof typeof KINDS];

/** Of a row of pg_shdepend. */
export const DEPENDENCY_KIND_SQL = `CASE deptype ${Object.entries(KINDS)
  .map(([type, kind]) => `WHEN '${type}' THEN '${kind}'`)
  .join(' ')} END`;

export const IS_DEPENDENCY_SQL = `deptype IN (${Object.keys(KINDS)
  .map((type) => `'${type}'`)
  .join(', ')})`;

export function dependencyKind(text: unknown): DependencyKind {
  return Object.values(KINDS).find((kind) => kind === text) ?? 'has privileges on';
}

/** `2 objects of database orders (table public.a, table public.b)`, and of many a few and their number. */
export function dependencyText({ database, count, objects }: LiveDependency): string {
  const where = database === null ? 'the cluster' : `database ${database}`;
  const rest = count - objects.length;
  const names = objects.length === 0 ? '' : ` (${objects.join(', ')}${rest > 0 ? ` and ${rest} more` : ''})`;
  return `${plural(count, 'object')} of ${where}${names}`;
}

/** What must be done in the database before the role can be dropped. */
export function dependencyWayOut(kind: DependencyKind): string {
  switch (kind) {
    case 'owns':
      return 'hand it over: ALTER … OWNER TO …';
    case 'has privileges on':
      return 'revoke them in the database';
    case 'is named in':
      return 'take the role out of the policy: ALTER POLICY … TO …, or DROP POLICY';
    case 'is in the initial privileges of':
      return 'run DROP OWNED BY … in the database, once the role owns nothing there: these are privileges of an extension (see docs/database-access.md)';
  }
}
