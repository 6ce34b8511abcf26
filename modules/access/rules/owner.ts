import type { LiveAccess } from '../catalog';
import { type AccessFinding, type CheckQuestion, counted, fault, note } from '../finding';

/** What logins own, and schemas of owner groups that belong to somebody else. */
export function owner(question: CheckQuestion, live: LiveAccess): AccessFinding[] {
  return [...ownedByLogins(question, live), ...ownedByGroups(question, live), ...schemas(question, live)];
}

function ownedByLogins({ model }: CheckQuestion, live: LiveAccess): AccessFinding[] {
  return model.logins.flatMap(({ name, adopted }) =>
    live.dependencies
      .filter(({ role, kind }) => role === name && kind === 'owns')
      .map(({ database, count }) => {
        const where = database === null ? 'the cluster' : `database ${database}`;
        const example = database === null ? undefined : live.inDatabases.get(database)?.examples.get(name);
        return (adopted ? note : fault)(
          'owner',
          `login ${name} owns ${counted(count, 'object')} of ${where}${example ? `, such as ${example}` : ''}; hand it over (ALTER … OWNER TO an owner group): ` +
            'nobody else has rights on it, and the login cannot be dropped. A session of actsAs that ran SET ROLE NONE makes such things',
        );
      }),
  );
}

/** What belongs to a group, each of its members may change and drop: only owner groups are for that. */
function ownedByGroups({ model }: CheckQuestion, live: LiveAccess): AccessFinding[] {
  return model.groups
    .filter(({ adopted, ownsIn }) => !adopted && ownsIn === undefined)
    .flatMap(({ name }) =>
      live.dependencies
        .filter(({ role, kind }) => role === name && kind === 'owns')
        .map(({ database, count }) =>
          fault(
            'owner',
            `group ${name} owns ${counted(count, 'object')} of ${database === null ? 'the cluster' : `database ${database}`}, and is no owner group: its members may do anything with that; hand it over (ALTER … OWNER TO an owner group)`,
          ),
        ),
    );
}

function schemas({ model }: CheckQuestion, live: LiveAccess): AccessFinding[] {
  return model.schemas.flatMap(({ database, schema, owner: wanted }) => {
    const found = live.inDatabases
      .get(database)
      ?.objects.find((each) => each.type === 'schema' && each.schema === schema);
    return !found || found.owner === wanted
      ? []
      : [
          note(
            'owner',
            `schema ${schema} of database ${database} belongs to ${found.owner}, not to ${wanted}: it was there before, and stays as it is`,
          ),
        ];
  });
}
