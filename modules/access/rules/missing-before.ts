import { type Finding, fault } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** Before a deploy: what it needs and does not make. */
export function missingBefore(question: CheckQuestion, live: LiveAccess): Finding<'missing'>[] {
  return [...databases(question, live), ...creators(question, live), ...schemas(question, live)];
}

function databases({ model }: CheckQuestion, live: LiveAccess): Finding<'missing'>[] {
  return model.databases
    .filter((database) => !live.databases.some(({ name }) => name === database))
    .map((database) =>
      fault(
        'missing',
        `database ${database}`,
        'does not exist',
        `run CREATE DATABASE ${quoteIdentifier(database)}; or take it out of the environment`,
      ),
    );
}

function creators({ model }: CheckQuestion, live: LiveAccess): Finding<'missing'>[] {
  const known = new Set([...live.roles, ...model.groups].map(({ name }) => name));
  return [...new Set(model.defaultPrivileges.map(({ creator }) => creator))]
    .filter((creator) => !known.has(creator))
    .map((creator) => fault('missing', `creator ${creator}`, 'does not exist', 'take it out of creators'));
}

function schemas({ model }: CheckQuestion, live: LiveAccess): Finding<'missing'>[] {
  const missing = model.grants.flatMap(({ database, schema }) => {
    const access = live.inDatabases.get(database);
    if (schema === undefined || !access) return [];
    const there = access.objects.some((each) => each.type === 'schema' && each.schema === schema);
    const made = model.schemas.some((each) => each.database === database && each.schema === schema);
    return there || made ? [] : [`schema ${schema} of database ${database}`];
  });
  return [...new Set(missing)].map((where) =>
    fault('missing', where, 'does not exist', 'name it in an owner group, which creates it, or create it'),
  );
}
