import { type Finding, note } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import { plural } from '../../names/text';
import type { LiveAccess, LiveObject } from '../catalog';
import type { CheckQuestion } from '../finding';

/** More of one group are told in one line. */
const SINGLE_LINES = 3;

/** Tables of the admin in the schemas of an owner group: after a destroy they belong to it, and a deploy does not hand them back. */
export function ofAdmin({ model, master }: CheckQuestion, live: LiveAccess): Finding<'owner'>[] {
  return model.groups.flatMap(({ name, ownsIn }) => {
    if (ownsIn === undefined) return [];
    const schemas = model.grants
      .filter(({ group, objectType }) => group === name && objectType === 'schema')
      .map(({ schema }) => schema);
    const tables = (live.inDatabases.get(ownsIn)?.objects ?? []).filter(
      ({ type, schema, owner }) =>
        type === 'table' &&
        schemas.includes(schema) &&
        (owner === live.admin || owner === master) &&
        // Whoever lists the admin among the creators means that the tables are its own.
        !model.defaultPrivileges.some(
          (each) => each.database === ownsIn && each.schema === schema && each.creator === owner,
        ),
    );
    return tables.length === 0 ? [] : [found(name, ownsIn, tables)];
  });
}

function found(group: string, database: string, tables: readonly LiveObject[]): Finding<'owner'> {
  const names = tables.map(({ name }) => name);
  const owners = [...new Set(tables.map(({ owner }) => owner))].join(' and ');
  const shown = names.slice(0, SINGLE_LINES).join(', ');
  const more = names.length > SINGLE_LINES ? ` and ${names.length - SINGLE_LINES} more` : '';
  const to = quoteIdentifier(group);
  const changes = names.slice(0, SINGLE_LINES).map((table) => `ALTER TABLE ${table} OWNER TO ${to};`);
  return note(
    'owner',
    `group ${group}`,
    `does not own ${plural(names.length, 'table')} of its schemas in database ${database}, which ${names.length === 1 ? 'belongs' : 'belong'} to ${owners} (${shown}${more}): logins that act as the group are refused there, as after a destroy and a new deploy`,
    `to hand them over, in one transaction: GRANT ${to} TO CURRENT_USER; ${changes.join(' ')}${more ? ' …' : ''} REVOKE ${to} FROM CURRENT_USER; (see docs/database-access.md)`,
  );
}
