import { type Finding, fault } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import { plural } from '../../names/text';
import type { LiveAccess, LiveObject } from '../catalog';
import type { CheckQuestion } from '../finding';
import { type AccessModel, managedRoles } from '../model';

/** One object whose owner the admin cannot be a member of makes every grant in its schema fail. */
export function unreachableOwner({ model }: CheckQuestion, live: LiveAccess): Finding<'owner'>[] {
  // Of its own roles another finding says what the admin lacks.
  const managed = managedRoles(model);
  return [...live.inDatabases].flatMap(([database, { objects }]) => {
    const found = new Map<string, LiveObject[]>();
    for (const object of objects) {
      const { schema, owner, ownerReachable, ownerSuperuser } = object;
      if (ownerReachable || (managed.has(owner) && !ownerSuperuser)) continue;
      if (!isConcerned(model, database, object)) continue;
      const key = JSON.stringify([owner, schema]);
      found.set(key, [...(found.get(key) ?? []), object]);
    }
    return [...found.values()].flatMap(([first, ...others]) =>
      first ? [unreachable(live, database, first, others.length)] : [],
    );
  });
}

/** The provider wants to be a member of the owner of the schema, and of all tables in it, whatever it grants there. */
function isConcerned(model: AccessModel, database: string, { type, schema }: LiveObject): boolean {
  return model.grants.some(
    (grant) =>
      grant.database === database &&
      grant.schema === schema &&
      (type === 'schema' || type === grant.objectType || (type === 'table' && grant.objectType !== 'schema')),
  );
}

function unreachable(
  { admin }: LiveAccess,
  database: string,
  { type, schema, name, owner, ownerSuperuser }: LiveObject,
  more: number,
): Finding<'owner'> {
  const others =
    more === 0 ? '' : `, as ${plural(more, 'other')} of schema ${schema} do${more === 1 ? 'es' : ''}`;
  return fault(
    'owner',
    `${type} ${name} of database ${database}`,
    `belongs to ${ownerSuperuser ? 'the superuser ' : ''}${owner}${others}, which ${admin} cannot be a member of, so grants in schema ${schema} fail`,
    ownerSuperuser
      ? 'move it to another schema, or take the schema out of the environment'
      : `as somebody who may, run GRANT ${quoteIdentifier(owner)} TO ${quoteIdentifier(admin)}; or take the schema out of the environment`,
  );
}
