import { plural } from '../names/text';
import type { LiveDependency } from './catalog';

/** `2 objects of database orders (table public.a, table public.b)`, and of many a few and their number. */
export function dependencyText({ database, count, objects }: LiveDependency): string {
  const where = database === null ? 'the cluster' : `database ${database}`;
  const rest = count - objects.length;
  const names = objects.length === 0 ? '' : ` (${objects.join(', ')}${rest > 0 ? ` and ${rest} more` : ''})`;
  return `${plural(count, 'object')} of ${where}${names}`;
}
