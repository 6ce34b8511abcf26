import { schemasCommand } from '../../names/commands';
import type { LiveAccess } from '../catalog';
import { type AccessFinding, type CheckQuestion, fault } from '../finding';

/** After a deploy: roles and schemas that it should have made. */
export function missing({ model }: CheckQuestion, live: LiveAccess): AccessFinding[] {
  const there = new Set(live.roles.map(({ name }) => name));
  const roles = [
    ...model.groups.map(({ name }) => ({ kind: 'group', name })),
    ...model.logins.map(({ name }) => ({ kind: 'login', name })),
  ];
  return [
    ...roles
      .filter(({ name }) => !there.has(name))
      .map(({ kind, name }) => fault('missing', `${kind} ${name} does not exist; deploy the database stack`)),
    ...model.schemas
      .filter(({ database, schema }) => {
        const access = live.inDatabases.get(database);
        return (
          access && !access.objects.some((object) => object.type === 'schema' && object.schema === schema)
        );
      })
      .map(({ database, schema }) =>
        fault('missing', `schema ${schema} is not in database ${database}; run ${schemasCommand('<env>')}`),
      ),
  ];
}
