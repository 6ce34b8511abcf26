import type { GroupDefinition, Preset } from '../environment/access';
import type { Environment } from '../environment/environment';

/** What a privilege is on. */
export type ObjectType = 'database' | 'schema' | 'table' | 'sequence';

/** Everything that shall exist in PostgreSQL. The provider's resources and the SQL are both made from this. */
export interface AccessModel {
  readonly groups: readonly string[];
  readonly logins: readonly LoginRole[];
  readonly grants: readonly Grant[];
  readonly defaultPrivileges: readonly DefaultPrivilege[];
}

export interface LoginRole {
  readonly name: string;
  /** Groups of the environment, the one it acts as included. */
  readonly groups: readonly string[];
  readonly predefinedRoles: readonly string[];
  /** The group that a session of this login becomes at once. */
  readonly actsAs?: string;
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
  readonly objectType: 'table' | 'sequence';
  readonly privileges: readonly string[];
}

/** Exactly what each preset grants. The table in docs/privileges.md is generated from it.
 *  Names: https://www.postgresql.org/docs/current/ddl-priv.html */
export const PRESET_PRIVILEGES: Readonly<Record<Preset, Readonly<Record<ObjectType, readonly string[]>>>> = {
  readOnly: { database: ['CONNECT'], schema: ['USAGE'], table: ['SELECT'], sequence: ['SELECT'] },
  readWrite: {
    database: ['CONNECT'],
    schema: ['USAGE'],
    table: ['SELECT', 'INSERT', 'UPDATE', 'DELETE'],
    // Without UPDATE: nextval() works, setval() does not.
    sequence: ['SELECT', 'USAGE'],
  },
  // Its own tables need no grant. Tables of others stay theirs until somebody hands them over (ALTER … OWNER TO).
  owner: { database: ['CONNECT', 'TEMPORARY'], schema: ['USAGE', 'CREATE'], table: [], sequence: [] },
};

/** What an environment means for PostgreSQL. Pure; expects a validated environment. */
export function accessModel(environment: Environment): AccessModel {
  const { access, cluster } = environment;
  const scopes = Object.entries(access.groups).map(([name, group]) => ({
    name,
    preset: group.preset,
    database: group.database ?? cluster.databaseName,
    schemas: group.schemas ?? ['public'],
    creators: group.creators ?? [],
  }));
  return {
    groups: scopes.map((scope) => scope.name),
    logins: Object.entries(access.logins).map(([name, login]) => loginRole(name, login)),
    grants: scopes.flatMap(grantsOf),
    defaultPrivileges: scopes.flatMap((scope) =>
      scope.schemas.flatMap((schema) => defaultPrivilegesOf(scope, schema, scopes)),
    ),
  };
}

interface Scope extends Required<Pick<GroupDefinition, 'preset' | 'database' | 'schemas' | 'creators'>> {
  readonly name: string;
}

function loginRole(name: string, login: Environment['access']['logins'][string]): LoginRole {
  const memberships = login.memberOf ?? [];
  const groups = memberships.filter((membership) => typeof membership === 'string');
  return {
    name,
    groups: login.actsAs === undefined ? groups : [...groups, login.actsAs],
    predefinedRoles: memberships.flatMap((membership) =>
      typeof membership === 'string' ? [] : [membership.predefined],
    ),
    ...(login.actsAs === undefined ? {} : { actsAs: login.actsAs }),
  };
}

function grantsOf(scope: Scope): Grant[] {
  const privileges = PRESET_PRIVILEGES[scope.preset];
  const inSchemas = scope.schemas.flatMap((schema) =>
    (['schema', 'table', 'sequence'] as const).map((objectType) => ({
      group: scope.name,
      database: scope.database,
      objectType,
      schema,
      privileges: privileges[objectType],
    })),
  );
  const onDatabase: Grant = {
    group: scope.name,
    database: scope.database,
    objectType: 'database',
    privileges: privileges.database,
  };
  return [onDatabase, ...inSchemas].filter((grant) => grant.privileges.length > 0);
}

/** Tables that do not exist yet: those of each owner group of the same schema, and of the creators listed. */
function defaultPrivilegesOf(scope: Scope, schema: string, scopes: readonly Scope[]): DefaultPrivilege[] {
  const owners = scopes
    .filter(
      (other) =>
        other.preset === 'owner' && other.database === scope.database && other.schemas.includes(schema),
    )
    .map((other) => other.name);
  return [...owners, ...scope.creators].flatMap((creator) =>
    (['table', 'sequence'] as const)
      .map((objectType) => ({
        group: scope.name,
        database: scope.database,
        schema,
        creator,
        objectType,
        privileges: PRESET_PRIVILEGES[scope.preset][objectType],
      }))
      .filter((defaultPrivilege) => defaultPrivilege.privileges.length > 0),
  );
}
