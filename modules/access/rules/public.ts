import { type Finding, fault, note } from '../../findings/finding';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** What everybody may. Extensions grant to PUBLIC on purpose, so this is for information, except for what lockDown takes. */
export function publicPrivileges(question: CheckQuestion, live: LiveAccess): Finding<'public'>[] {
  return [...lockedDown(question, live), ...open(question, live)];
}

function lockedDown({ model }: CheckQuestion, live: LiveAccess): Finding<'public'>[] {
  return model.publicGrants.flatMap(({ database, objectType, schema, privileges }) => {
    const object =
      objectType === 'database'
        ? live.databases.find(({ name }) => name === database)
        : live.inDatabases
            .get(database)
            ?.objects.find((each) => each.type === 'schema' && each.schema === schema);
    const extra = (object?.privileges ?? [])
      .filter(({ grantee, privilege }) => grantee === '' && !privileges.includes(privilege))
      .map(({ privilege }) => privilege);
    return extra.length === 0
      ? []
      : [
          fault(
            'public',
            'PUBLIC',
            `has ${extra.join(', ')} on ${objectType} ${schema ?? database}${schema ? ` of database ${database}` : ''}, which lockDown takes away`,
            'deploy the database stack',
          ),
        ];
  });
}

function open({ model }: CheckQuestion, live: LiveAccess): Finding<'public'>[] {
  return [...live.inDatabases].flatMap(([database, { objects }]) => {
    const schemas = new Set(
      model.grants.filter((grant) => grant.database === database).map(({ schema }) => schema),
    );
    return objects
      .filter(
        ({ type, schema }) =>
          (type === 'table' || type === 'sequence' || (type === 'schema' && schema !== 'public')) &&
          schemas.has(schema),
      )
      .flatMap(({ type, name, privileges }) => {
        const granted = privileges.filter(({ grantee }) => grantee === '').map(({ privilege }) => privilege);
        return granted.length === 0
          ? []
          : [
              note(
                'public',
                'PUBLIC',
                `has ${granted.join(', ')} on ${type} ${name} of database ${database}, so every login has it`,
                'revoke it if that is not meant',
              ),
            ];
      });
  });
}
