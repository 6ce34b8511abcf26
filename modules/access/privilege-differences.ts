import type { LiveAccess, LivePrivilege } from './catalog';
import type { AccessModel, ObjectType } from './model';

/** Where the privileges of one group differ from what the model says, on one object or on future objects. */
export interface PrivilegeDifference {
  readonly group: string;
  readonly database: string;
  /** As SQL writes it: `orders.things`, `future tables of "owner" in orders`. */
  readonly object: string;
  /** What the model grants on such objects of the schema; undefined where it grants nothing, so that no deploy touches it. */
  readonly wanted: readonly string[] | undefined;
  readonly missing: readonly string[];
  readonly extra: readonly string[];
  /** Granted with the right to grant on. */
  readonly grantable: readonly string[];
  /** `SELECT (note)`: on single columns. */
  readonly onColumns: readonly string[];
}

/** `table public.things in database orders` */
export function placeOf({ object, database }: PrivilegeDifference): string {
  return object.startsWith('database ') ? object : `${object} in database ${database}`;
}

/** Everywhere in the model's databases, for every group that is there. */
export function privilegeDifferences(model: AccessModel, live: LiveAccess): PrivilegeDifference[] {
  const present = model.groups.filter(({ name }) => live.roles.some((role) => role.name === name));
  return present.flatMap(({ name: group }) =>
    model.databases.flatMap((database) => {
      const wantedOn = (objectType: ObjectType, schema?: string) =>
        model.grants.find(
          (grant) =>
            grant.group === group &&
            grant.database === database &&
            grant.objectType === objectType &&
            grant.schema === schema,
        )?.privileges;
      const inDatabase = live.databases.find(({ name }) => name === database);
      const access = live.inDatabases.get(database);
      if (!inDatabase || !access) return [];
      const at = (
        object: string,
        wanted: readonly string[] | undefined,
        privileges: readonly LivePrivilege[],
      ) => difference({ group, database, object, wanted, privileges });
      return [
        inDatabase.owner === group
          ? undefined
          : at(`database ${database}`, wantedOn('database'), inDatabase.privileges),
        // What a group owns it may do anything with.
        ...access.objects
          .filter(({ owner }) => owner !== group)
          .map(({ type, schema, name, privileges }) =>
            at(`${type} ${name}`, type === 'other' ? undefined : wantedOn(type, schema), privileges),
          ),
        ...futureDifferences(model, group, database, live),
      ].filter((found) => found !== undefined);
    }),
  );
}

function futureDifferences(
  model: AccessModel,
  group: string,
  database: string,
  live: LiveAccess,
): (PrivilegeDifference | undefined)[] {
  const wanted = model.defaultPrivileges.filter(
    (defaults) => defaults.group === group && defaults.database === database,
  );
  const found = (live.inDatabases.get(database)?.defaults ?? []).filter(({ creator }) => creator !== group);
  const same = (a: { creator: string; schema: string | null; type: string }, b: (typeof wanted)[number]) =>
    a.creator === b.creator && a.schema === b.schema && a.type === b.objectType;
  const absent = wanted
    .filter((defaults) => !found.some((each) => same(each, defaults)))
    .map((defaults) => ({ ...defaults, type: defaults.objectType, privileges: [] }));
  return [...found, ...absent].map(({ creator, schema, type, privileges }) =>
    difference({
      group,
      database,
      object: `future ${type}s of ${creator} in ${schema ?? 'every schema'}`,
      wanted: wanted.find((defaults) => same({ creator, schema, type }, defaults))?.privileges,
      privileges,
    }),
  );
}

function difference(at: {
  readonly group: string;
  readonly database: string;
  readonly object: string;
  readonly wanted: readonly string[] | undefined;
  readonly privileges: readonly LivePrivilege[];
}): PrivilegeDifference | undefined {
  const { group, database, object, wanted } = at;
  const own = at.privileges.filter(({ grantee }) => grantee === group);
  const whole = own.filter(({ column }) => column === undefined);
  const has = [...new Set(whole.map(({ privilege }) => privilege))];
  const found: PrivilegeDifference = {
    group,
    database,
    object,
    wanted,
    missing: (wanted ?? []).filter((privilege) => !has.includes(privilege)),
    extra: has.filter((privilege) => !wanted?.includes(privilege)),
    grantable: own.filter(({ grantable }) => grantable).map(({ privilege }) => privilege),
    onColumns: own
      .filter(({ column }) => column !== undefined)
      .map(({ privilege, column }) => `${privilege} (${column})`),
  };
  const { missing, extra, grantable, onColumns } = found;
  return [missing, extra, grantable, onColumns].some((list) => list.length > 0) ? found : undefined;
}
