import type {
  LiveDatabase,
  LiveDefault,
  LiveDependency,
  LiveMembership,
  LiveObject,
  LivePrivilege,
  LiveRole,
} from './catalog';
import { dependencyKind } from './dependency';
import type { MembershipPath } from './rds-iam-membership';

// Rows of the catalogs as what the rules expect. A catalog holds what its users put there, and changes while it is read, so
// that nothing is taken for granted: what is not there reads as unknown, and stops no tool.

export function roleFrom(row: unknown): LiveRole {
  const role = record(row);
  return {
    name: textFrom(role['name']),
    login: flag(role['login']),
    superuser: flag(role['superuser']),
    createRole: flag(role['createRole']),
    createDatabase: flag(role['createDatabase']),
    replication: flag(role['replication']),
    bypassRowSecurity: flag(role['bypassRowSecurity']),
    inherit: flag(role['inherit']),
    connectionLimit: number(role['connectionLimit'], -1),
    settings: list(role['settings']).map(textFrom),
    databaseSettings: list(role['databaseSettings']).map(textFrom),
    alterable: flag(role['alterable']),
    inherited: flag(role['inherited']),
  };
}

export function membershipFrom(row: unknown): LiveMembership {
  const membership = record(row);
  return {
    role: textFrom(membership['role']),
    member: textFrom(membership['member']),
    grantor: textFrom(membership['grantor']),
    adminOption: flag(membership['adminOption']),
    inheritOption: flag(membership['inheritOption']),
    setOption: flag(membership['setOption']),
  };
}

export function pathFrom(row: unknown): MembershipPath {
  const path = record(row);
  return {
    through: path['through'] === null ? null : textFrom(path['through']),
    admin_only: flag(path['admin_only']),
    not_inherited: flag(path['not_inherited']),
    admin_only_of_master: flag(path['admin_only_of_master']),
  };
}

export function databaseFrom(row: unknown): LiveDatabase {
  const database = record(row);
  return {
    name: textFrom(database['name']),
    owner: textFrom(database['owner']),
    privileges: list(database['privileges']).map(privilegeFrom),
  };
}

export function dependencyFrom(row: unknown): LiveDependency {
  const dependency = record(row);
  return {
    role: textFrom(dependency['role']),
    kind: dependencyKind(dependency['kind']),
    database: textOrNull(dependency['database']),
    count: number(dependency['count'], 0),
    objects: [],
  };
}

/** @param database where they were read */
export function dependencyNamesFrom(row: unknown, database: string): Omit<LiveDependency, 'count'> {
  const names = record(row);
  return {
    role: textFrom(names['role']),
    kind: dependencyKind(names['kind']),
    database: flag(names['shared']) ? null : database,
    objects: list(names['objects']).map(textFrom),
  };
}

export function objectFrom(row: unknown): LiveObject {
  const object = record(row);
  return {
    type: oneOf(object['type'], ['schema', 'table', 'sequence', 'routine', 'other']),
    schema: textFrom(object['schema']),
    name: textFrom(object['name']),
    owner: textFrom(object['owner']),
    ownerSuperuser: flag(object['ownerSuperuser']),
    ownerReachable: flag(object['ownerReachable']),
    securityDefiner: flag(object['securityDefiner']),
    privileges: list(object['privileges']).map(privilegeFrom),
  };
}

export function defaultFrom(row: unknown): LiveDefault {
  const defaults = record(row);
  return {
    creator: textFrom(defaults['creator']),
    schema: textOrNull(defaults['schema']),
    type: oneOf(defaults['type'], ['table', 'sequence', 'routine', 'type', 'schema', 'other']),
    privileges: list(defaults['privileges']).map(privilegeFrom),
  };
}

function privilegeFrom(item: unknown): LivePrivilege {
  const privilege = record(item);
  const column = privilege['column'];
  return {
    grantee: textFrom(privilege['grantee']),
    privilege: textFrom(privilege['privilege']),
    grantable: flag(privilege['grantable']),
    grantor: textFrom(privilege['grantor']),
    ...(column === undefined ? {} : { column: textFrom(column) }),
  };
}

export function record(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** Not empty for what is unknown: an empty grantee is PUBLIC. */
export function textFrom(value: unknown): string {
  return typeof value === 'string' ? value : '(unknown)';
}

function textOrNull(value: unknown): string | null {
  return value === null ? null : textFrom(value);
}

function flag(value: unknown): boolean {
  return value === true;
}

function number(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

function list(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The last of `kinds` stands for all that is not known. */
function oneOf<Kind extends string>(value: unknown, kinds: readonly [...Kind[], Kind]): Kind {
  return kinds.find((kind) => kind === value) ?? (kinds.at(-1) as Kind);
}
