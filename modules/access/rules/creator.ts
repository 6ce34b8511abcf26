import { type Finding, note } from '../../findings/finding';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** Owners whose next tables nobody will reach. */
export function creator({ model }: CheckQuestion, live: LiveAccess): Finding<'creator'>[] {
  const logins = model.logins.map(({ name }) => name);
  return [...live.inDatabases].flatMap(([database, { objects }]) => {
    const examples = new Map<string, { schema: string; owner: string; name: string }>();
    for (const { type, schema, name, owner } of objects) {
      if (type !== 'table' || logins.includes(owner)) continue;
      const reached = model.grants.some(
        (grant) => grant.database === database && grant.schema === schema && grant.objectType === type,
      );
      const known = model.defaultPrivileges.some(
        (each) => each.database === database && each.schema === schema && each.creator === owner,
      );
      if (reached && !known) examples.set(JSON.stringify([schema, owner]), { schema, owner, name });
    }
    return [...examples.values()].map(({ schema, owner, name }) =>
      note(
        'creator',
        `role ${owner}`,
        `owns tables of schema ${schema} in database ${database}, such as ${name}, so the groups reach its next tables only after another deploy`,
        'list it in creators, or hand the tables over',
      ),
    );
  });
}
