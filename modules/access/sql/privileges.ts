import { GRANTABLE } from '../../environment/access';
import { block, comment, quoteIdentifier, quoteLiteral } from '../../names/sql';
import type { AccessModel, DefaultPrivilege, Grant, ObjectType, OwnedSchema, PublicGrant } from '../model';
import { borrow, giveBack } from './admin';
import { wantedIn } from './objects';
import { granted, lockedDown } from './verify';

/** What the groups are given in a database, and PUBLIC loses there. Fails where PostgreSQL only warns that it did not. */
export function privilegeStatements(model: AccessModel, database: string): string[] {
  const here = <T extends { readonly database: string }>(all: readonly T[]) =>
    all.filter((each) => each.database === database);
  const schemas = here(model.schemas);
  const grants = here(model.grants);
  const defaults = here(model.defaultPrivileges);
  const publicGrants = here(model.publicGrants);
  const inSchemas = [...new Set(grants.flatMap(({ schema }) => (schema === undefined ? [] : [schema])))];
  if (grants.length === 0 && publicGrants.length === 0) return [];
  return [
    comment(`What the environment gives in database ${database}`),
    borrow({
      roles: [...schemas.map(({ owner }) => owner), ...defaults.map(({ creator }) => creator)],
      schemas: inSchemas,
      database: true,
    }),
    ...schemas.map(createSchema),
    ...adoptedStatements(model, grants),
    ...grants.map(grantStatement),
    ...defaults.map(defaultPrivilegeStatement),
    ...publicGrants.map(publicStatements),
    giveBack(),
    granted(wantedIn(model, database)),
    ...(publicGrants.length > 0 ? [lockedDown(publicGrants)] : []),
  ];
}

export function createSchema({ schema, owner }: OwnedSchema): string {
  // IF NOT EXISTS would tell of each that is there.
  return block([
    `IF NOT EXISTS (SELECT FROM pg_namespace WHERE nspname = ${quoteLiteral(schema)}) THEN`,
    `  CREATE SCHEMA ${quoteIdentifier(schema)} AUTHORIZATION ${quoteIdentifier(owner)};`,
    'END IF;',
  ]);
}

/** Of an adopted group only what the environment names is taken. Which privileges there are depends on the kind of object. */
function adoptedStatements(model: AccessModel, grants: readonly Grant[]): string[] {
  const revokes = new Map(
    model.groups.filter((group) => group.adopted).map((group) => [group.name, group.revokes]),
  );
  return grants.flatMap((grant) => {
    const taken = (revokes.get(grant.group) ?? []).filter(
      (privilege) =>
        GRANTABLE_ON[grant.objectType].includes(privilege) && !grant.privileges.includes(privilege),
    );
    return taken.length > 0
      ? [`REVOKE ${taken.join(', ')} ON ${grantTarget(grant)} FROM ${quoteIdentifier(grant.group)};`]
      : [];
  });
}

const GRANTABLE_ON: Readonly<Record<ObjectType, readonly string[]>> = {
  database: GRANTABLE.database,
  schema: GRANTABLE.schema,
  table: GRANTABLE.tables,
  sequence: GRANTABLE.sequences,
  routine: GRANTABLE.functions,
};

function grantStatement(grant: Grant): string {
  return `GRANT ${grant.privileges.join(', ')} ON ${grantTarget(grant)} TO ${quoteIdentifier(grant.group)};`;
}

function grantTarget({ objectType, database, schema }: Omit<Grant, 'group' | 'privileges'>): string {
  if (objectType === 'database') return `DATABASE ${quoteIdentifier(database)}`;
  const quoted = quoteIdentifier(schema as string);
  return objectType === 'schema'
    ? `SCHEMA ${quoted}`
    : `ALL ${objectType.toUpperCase()}S IN SCHEMA ${quoted}`;
}

function defaultPrivilegeStatement(defaults: DefaultPrivilege): string {
  const { group, schema, creator, objectType, privileges } = defaults;
  return (
    `ALTER DEFAULT PRIVILEGES FOR ROLE ${quoteIdentifier(creator)} IN SCHEMA ${quoteIdentifier(schema)} ` +
    `GRANT ${privileges.join(', ')} ON ${objectType.toUpperCase()}S TO ${quoteIdentifier(group)};`
  );
}

function publicStatements(grant: PublicGrant): string {
  const target = grantTarget(grant);
  const given =
    grant.privileges.length > 0 ? [`GRANT ${grant.privileges.join(', ')} ON ${target} TO PUBLIC;`] : [];
  return [`REVOKE ALL PRIVILEGES ON ${target} FROM PUBLIC;`, ...given].join('\n');
}
