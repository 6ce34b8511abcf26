import { type Finding, fault } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** One object whose owner the admin cannot be a member of makes every grant in its schema fail. */
export function unreachableOwner({ model }: CheckQuestion, live: LiveAccess): Finding<'owner'>[] {
  const { admin } = live;
  return [...live.inDatabases].flatMap(([database, { objects }]) =>
    objects.flatMap(({ type, schema, name, owner, ownerReachable, ownerSuperuser }) => {
      if (ownerReachable) return [];
      const concerned = model.grants.some(
        (grant) =>
          grant.database === database &&
          grant.schema === schema &&
          // The provider wants to be a member of the owner of the schema, and of all tables in it, whatever it grants there.
          (type === 'schema' ||
            type === grant.objectType ||
            (type === 'table' && grant.objectType !== 'schema')),
      );
      if (!concerned) return [];
      return [
        fault(
          'owner',
          `${type} ${name} of database ${database}`,
          `belongs to ${ownerSuperuser ? 'the superuser ' : ''}${owner}, which ${admin} cannot be a member of, so grants in schema ${schema} fail`,
          ownerSuperuser
            ? 'move it to another schema, or take the schema out of the environment'
            : `as somebody who may, run GRANT ${quoteIdentifier(owner)} TO ${quoteIdentifier(admin)}; or take the schema out of the environment`,
        ),
      ];
    }),
  );
}
