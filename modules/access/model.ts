import {
  type GroupDefinition,
  isAdopted,
  type LoginDefinition,
  type Preset,
  placesOf,
} from '../environment/access';
import { type Environment, isLockedDown } from '../environment/environment';
import { RDS_IAM } from '../names/postgresql';

/** What a privilege is on. `routine`: functions, procedures and aggregates. */
export type ObjectType = 'database' | 'schema' | 'table' | 'sequence' | 'routine';

/** Everything that should exist in PostgreSQL. The provider's resources, the SQL and the checks are all made from this. */
export interface AccessModel {
  /** Every database that anything is in, the main one first. They must exist. */
  readonly databases: readonly string[];
  readonly groups: readonly GroupRole[];
  readonly logins: readonly LoginRole[];
  /** To be made where they are missing, by name of the owner group. Never dropped. */
  readonly schemas: readonly OwnedSchema[];
  readonly grants: readonly Grant[];
  readonly defaultPrivileges: readonly DefaultPrivilege[];
  /** What PUBLIC keeps, where the environment locks down. Else empty. */
  readonly publicGrants: readonly PublicGrant[];
}

export interface GroupRole {
  readonly name: string;
  /** Where it owns, if it is an owner group. */
  readonly ownsIn?: string;
  /** It was there before: a destroy leaves it. */
  readonly adopted: boolean;
  /** Of an adopted group: privileges that may be taken away. */
  readonly revokes: readonly string[];
}

export interface LoginRole {
  readonly name: string;
  /** Groups of the environment, the one it acts as included. */
  readonly groups: readonly string[];
  readonly predefinedRoles: readonly string[];
  /** All that it is a member of, in the order in which it becomes one: `rds_iam`, predefined roles, groups. */
  readonly memberships: readonly string[];
  /** The group that a session of this login becomes at once. */
  readonly actsAs?: string;
  readonly connectionLimit?: number;
  /** Milliseconds. */
  readonly statementTimeout?: number;
  readonly searchPath?: readonly string[];
  /** It was there before: a destroy leaves it. */
  readonly adopted: boolean;
  /** It logged in by password before, and will not any more. */
  readonly cutover: boolean;
}

export interface OwnedSchema {
  readonly database: string;
  readonly schema: string;
  readonly owner: string;
}

/** `GRANT <privileges> ON <all objects of that type that exist now> TO <group>` */
export interface Grant {
  readonly group: string;
  readonly database: string;
  readonly objectType: ObjectType;
  /** Absent only where the object is the database. */
  readonly schema?: string;
  readonly privileges: readonly string[];
}

/** `ALTER DEFAULT PRIVILEGES FOR ROLE <creator> IN SCHEMA <schema> GRANT <privileges> ON … TO <group>` */
export interface DefaultPrivilege {
  readonly group: string;
  readonly database: string;
  readonly schema: string;
  readonly creator: string;
  readonly objectType: FutureObjectType;
  readonly privileges: readonly string[];
}

export type FutureObjectType = Exclude<ObjectType, 'database' | 'schema'>;

/** PUBLIC has these privileges on the object, and no others. */
export interface PublicGrant {
  readonly database: string;
  readonly objectType: 'database' | 'schema';
  readonly schema?: string;
  readonly privileges: readonly string[];
}

/**
 * The memberships that a deploy makes. An adopted login without a cutover was in rds_iam before. Between two roles that were
 * there before, the membership was, too: a destroy must not take it.
 */
export function madeMemberships({ groups }: AccessModel, login: LoginRole): readonly string[] {
  if (!login.adopted) return login.memberships;
  const adopted = groups.filter((group) => group.adopted).map(({ name }) => name);
  return login.memberships.filter((role) => (role === RDS_IAM ? login.cutover : !adopted.includes(role)));
}

/** Whether the environment says something of the role itself, so that a deploy changes it. */
export function hasSettings(login: LoginRole): boolean {
  const { actsAs, connectionLimit, statementTimeout, searchPath } = login;
  return [actsAs, connectionLimit, statementTimeout, searchPath].some((each) => each !== undefined);
}

/** What a deploy changes or drops, now or later, and what it makes logins members of. */
export function managedRoles({ groups, logins }: AccessModel): Set<string> {
  const managed = logins.filter(({ adopted }) => !adopted);
  return new Set([
    ...groups.filter(({ adopted }) => !adopted).map(({ name }) => name),
    ...managed.map(({ name }) => name),
    ...logins.filter((login) => login.adopted && hasSettings(login)).map(({ name }) => name),
    // Whenever the provider changes a login, it revokes and grants all its memberships.
    ...managed.flatMap((login) => login.groups),
  ]);
}

type Privileges = Readonly<Record<ObjectType, readonly string[]>>;

/** Exactly what each preset grants. The table in docs/privileges.md is generated from it.
 *  Names: https://www.postgresql.org/docs/current/ddl-priv.html */
export const PRESET_PRIVILEGES: Readonly<Record<Preset, Privileges>> = {
  readOnly: {
    database: ['CONNECT'],
    schema: ['USAGE'],
    table: ['SELECT'],
    sequence: ['SELECT'],
    routine: [],
  },
  readWrite: {
    database: ['CONNECT'],
    schema: ['USAGE'],
    table: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
    // Without UPDATE: nextval() works, setval() does not.
    sequence: ['SELECT', 'USAGE'],
    routine: [],
  },
  // Its own tables need no grant. Tables of others stay theirs until somebody hands them over (ALTER … OWNER TO).
  owner: {
    database: ['CONNECT', 'TEMPORARY'],
    schema: ['USAGE', 'CREATE'],
    table: [],
    sequence: [],
    routine: [],
  },
};

/** The parts of an environment that say what should exist in PostgreSQL. */
export type AccessInput = Pick<Environment, 'access' | 'cluster' | 'databases' | 'lockDown'>;

/** What an environment means for PostgreSQL. Pure; expects a validated environment. */
export function accessModel(environment: AccessInput): AccessModel {
  const { access, cluster } = environment;
  const places = Object.entries(access.groups).flatMap(([name, group]) =>
    placesOf(group, cluster.databaseName).map(
      ([database, schemas]): Place => ({ name, group, database, schemas, privileges: privilegesOf(group) }),
    ),
  );
  const databases = [
    ...new Set([
      cluster.databaseName,
      ...places.map(({ database }) => database),
      ...(environment.databases ?? []),
    ]),
  ];
  return {
    databases,
    groups: Object.entries(access.groups).map(([name, group]) =>
      groupRole(name, group, cluster.databaseName),
    ),
    logins: Object.entries(access.logins).map(([name, login]) => loginRole(name, login)),
    schemas: ownedSchemas(places),
    grants: places.flatMap(grantsOf),
    defaultPrivileges: places.flatMap((place) =>
      place.schemas.flatMap((schema) => defaultPrivilegesOf(place, schema, places)),
    ),
    publicGrants: isLockedDown(environment) ? databases.flatMap(lockedDown) : [],
  };
}

/** One group in one database. */
interface Place {
  readonly name: string;
  readonly group: GroupDefinition;
  readonly database: string;
  readonly schemas: readonly string[];
  readonly privileges: Privileges;
}

function privilegesOf({ preset, privileges = {} }: GroupDefinition): Privileges {
  if (preset !== 'custom') return PRESET_PRIVILEGES[preset];
  const { tables = [], sequences = [], functions = [], schema = [], database = [] } = privileges;
  return {
    database: [...new Set(['CONNECT', ...database])],
    schema: [...new Set(['USAGE', ...schema])],
    table: [...new Set(tables)],
    sequence: [...new Set(sequences)],
    routine: [...new Set(functions)],
  };
}

function groupRole(name: string, group: GroupDefinition, databaseName: string): GroupRole {
  return {
    name,
    ...(group.preset === 'owner' ? { ownsIn: group.database ?? databaseName } : {}),
    adopted: isAdopted(group),
    revokes: typeof group.adopt === 'object' ? group.adopt.revokes : [],
  };
}

function loginRole(name: string, login: LoginDefinition): LoginRole {
  const { actsAs, connectionLimit, statementTimeout, searchPath } = login;
  const memberOf = login.memberOf ?? [];
  const groups = memberOf.filter((role) => typeof role === 'string');
  if (actsAs !== undefined) groups.push(actsAs);
  const predefinedRoles = memberOf.flatMap((role) => (typeof role === 'string' ? [] : [role.predefined]));
  return {
    name,
    groups,
    predefinedRoles,
    memberships: [RDS_IAM, ...predefinedRoles, ...groups],
    ...(actsAs === undefined ? {} : { actsAs }),
    ...(connectionLimit === undefined ? {} : { connectionLimit }),
    ...(statementTimeout === undefined ? {} : { statementTimeout }),
    ...(searchPath === undefined ? {} : { searchPath }),
    adopted: isAdopted(login),
    cutover: login.cutover === true,
  };
}

/** `public` is in every database. Of two owner groups that name a schema, the first in the file has it. */
function ownedSchemas(places: readonly Place[]): OwnedSchema[] {
  const owners = new Map<string, OwnedSchema>();
  for (const { name, group, database, schemas } of places)
    for (const schema of group.preset === 'owner' ? schemas : []) {
      const key = JSON.stringify([database, schema]);
      if (schema !== 'public' && !owners.has(key)) owners.set(key, { database, schema, owner: name });
    }
  return [...owners.values()];
}

function grantsOf({ name, database, schemas, privileges }: Place): Grant[] {
  const inSchemas = schemas.flatMap((schema) =>
    (['schema', 'table', 'sequence', 'routine'] as const).map((objectType) => ({
      group: name,
      database,
      objectType,
      schema,
      privileges: privileges[objectType],
    })),
  );
  const onDatabase: Grant = {
    group: name,
    database,
    objectType: 'database',
    privileges: privileges.database,
  };
  return [onDatabase, ...inSchemas].filter((grant) => grant.privileges.length > 0);
}

/** Objects that do not exist yet: those of each owner group of the same schema, and of the creators listed. */
function defaultPrivilegesOf(place: Place, schema: string, places: readonly Place[]): DefaultPrivilege[] {
  const owners = places
    .filter(
      (other) =>
        other.group.preset === 'owner' &&
        other.database === place.database &&
        other.schemas.includes(schema) &&
        other.name !== place.name,
    )
    .map((other) => other.name);
  return [...owners, ...(place.group.creators ?? [])].flatMap((creator) =>
    (['table', 'sequence', 'routine'] as const)
      .map((objectType) => ({
        group: place.name,
        database: place.database,
        schema,
        creator,
        objectType,
        privileges: place.privileges[objectType],
      }))
      .filter((defaultPrivilege) => defaultPrivilege.privileges.length > 0),
  );
}

function lockedDown(database: string): PublicGrant[] {
  return [
    { database, objectType: 'database', privileges: [] },
    // What PUBLIC has there from PostgreSQL 15 on.
    { database, objectType: 'schema', schema: 'public', privileges: ['USAGE'] },
  ];
}
