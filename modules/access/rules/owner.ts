import { type Finding, fault, note } from '../../findings/finding';
import type { LiveAccess } from '../catalog';
import { dependencyText } from '../dependency';
import type { CheckQuestion } from '../finding';

/** What logins own, and schemas of owner groups that belong to somebody else. */
export function owner(question: CheckQuestion, live: LiveAccess): Finding<'owner'>[] {
  return [...ownedByLogins(question, live), ...ownedByGroups(question, live), ...schemas(question, live)];
}

function ownedByLogins({ model }: CheckQuestion, live: LiveAccess): Finding<'owner'>[] {
  return model.logins.flatMap(({ name, adopted }) =>
    live.dependencies
      .filter(({ role, kind }) => role === name && kind === 'owns')
      .map((dependency) =>
        (adopted ? note : fault)(
          'owner',
          `login ${name}`,
          `owns ${dependencyText(dependency)}: nobody else has rights on that, and the login cannot be dropped`,
          'hand it over to an owner group: ALTER … OWNER TO … Sessions of a login with actsAs create such objects after SET ROLE NONE',
        ),
      ),
  );
}

/** What belongs to a group, each of its members may change and drop: only owner groups are for that. */
function ownedByGroups({ model }: CheckQuestion, live: LiveAccess): Finding<'owner'>[] {
  return model.groups
    .filter(({ adopted, ownsIn }) => !adopted && ownsIn === undefined)
    .flatMap(({ name }) =>
      live.dependencies
        .filter(({ role, kind }) => role === name && kind === 'owns')
        .map((dependency) =>
          fault(
            'owner',
            `group ${name}`,
            `owns ${dependencyText(dependency)}, and is not an owner group: its members may do anything with that`,
            'hand it over to an owner group: ALTER … OWNER TO …',
          ),
        ),
    );
}

function schemas({ model }: CheckQuestion, live: LiveAccess): Finding<'owner'>[] {
  return model.schemas.flatMap(({ database, schema, owner: wanted }) => {
    const found = live.inDatabases
      .get(database)
      ?.objects.find((each) => each.type === 'schema' && each.schema === schema);
    return !found || found.owner === wanted
      ? []
      : [
          note(
            'owner',
            `schema ${schema} of database ${database}`,
            `belongs to ${found.owner}, not to ${wanted}: it existed before, and stays as it is`,
          ),
        ];
  });
}
