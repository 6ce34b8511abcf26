import { type Finding, fault } from '../../findings/finding';
import { schemasCommand } from '../../names/commands';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** After a deploy: roles and schemas that it should have made. */
export function missing({ model }: CheckQuestion, live: LiveAccess): Finding<'missing'>[] {
  const there = new Set(live.roles.map(({ name }) => name));
  const roles = [
    ...model.groups.map(({ name }) => ({ kind: 'group', name })),
    ...model.logins.map(({ name }) => ({ kind: 'login', name })),
  ];
  return [
    ...roles
      .filter(({ name }) => !there.has(name))
      .map(({ kind, name }) =>
        fault('missing', `${kind} ${name}`, 'does not exist', 'deploy the database stack'),
      ),
    ...model.schemas
      .filter(({ database, schema }) => {
        const access = live.inDatabases.get(database);
        return (
          access && !access.objects.some((object) => object.type === 'schema' && object.schema === schema)
        );
      })
      .map(({ database, schema }) =>
        fault(
          'missing',
          `schema ${schema} of database ${database}`,
          'does not exist',
          `run ${schemasCommand('<env>')}`,
        ),
      ),
  ];
}
