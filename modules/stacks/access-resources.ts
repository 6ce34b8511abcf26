import { DataPostgresqlSchemas } from '@cdktf/provider-postgresql/lib/data-postgresql-schemas';
import { DefaultPrivileges } from '@cdktf/provider-postgresql/lib/default-privileges';
import { Grant } from '@cdktf/provider-postgresql/lib/grant';
import { GrantRole } from '@cdktf/provider-postgresql/lib/grant-role';
import { Role, type RoleConfig } from '@cdktf/provider-postgresql/lib/role';
import { DataResource, type ITerraformDependable, TerraformElement, type TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import {
  type AccessModel,
  type GroupRole,
  hasSettings,
  type LoginRole,
  madeMemberships,
} from '../access/model';
import { address, terraformText, terraformTextWithReferences } from '../names/terraform';

export interface AccessResourcesOptions {
  /** @default the postgresql provider of the stack */
  readonly provider?: TerraformProvider;
  /** A provider that is connected to this database; undefined for `provider`. */
  readonly providerOf?: (database: string) => TerraformProvider | undefined;
  /** A shell command that makes the missing schemas, run at apply. Without it they must be there. */
  readonly createSchemasCommand?: string;
  /** What must be there before the database can be asked for anything. @default [] */
  readonly dependsOn?: readonly ITerraformDependable[];
}

/** Meta-arguments of what is asked for first, or of everything. */
interface Common {
  readonly provider?: TerraformProvider;
  readonly dependsOn?: ITerraformDependable[];
}

/** The groups, logins and privileges as resources of the postgresql provider. */
export function accessResources(
  scope: Construct,
  model: AccessModel,
  { provider, providerOf, createSchemasCommand, dependsOn = [] }: AccessResourcesOptions = {},
): void {
  const common: Common = {
    ...(provider ? { provider } : {}),
    ...(dependsOn.length > 0 ? { dependsOn: [...dependsOn] } : {}),
  };
  const connectedTo = (database: string): Common => {
    const own = providerOf?.(database);
    return own ? { ...common, provider: own } : common;
  };
  // Read in every plan: a database that is not there stops it, before anything changes.
  for (const database of model.databases) {
    // Made for every database, used or not: a group that goes needs the provider that it came with.
    new DataPostgresqlSchemas(scope, address('database', database), {
      ...connectedTo(database),
      database: terraformText(database),
    });
  }

  /** group -> reference to its name. Asking a resource for its name makes a token each time, and is slow. */
  const names = new Map<string, string>();
  const privilegesOf = new Map<string, ITerraformDependable[]>();
  const owners: ITerraformDependable[] = [];
  for (const group of model.groups) {
    privilegesOf.set(group.name, []);
    if (group.adopted) {
      new UntouchedRole(scope, address('group', group.name));
      continue;
    }
    const role = groupResource(scope, group, group.ownsIn === undefined ? common : connectedTo(group.ownsIn));
    names.set(group.name, role.name);
    if (model.schemas.some((schema) => schema.owner === group.name)) owners.push(role);
  }
  /** A reference, not the name: Terraform must destroy what names a role before the role. */
  const roleName = (name: string) => names.get(name) ?? terraformText(name);
  const schemas = createSchemasCommand && createdSchemas(scope, model, createSchemasCommand, owners);
  const afterSchema = (database: string, schema: string | undefined) =>
    schemas && model.schemas.some((owned) => owned.database === database && owned.schema === schema)
      ? { dependsOn: [...dependsOn, schemas] }
      : {};

  for (const { group, database, objectType, schema, privileges } of model.grants) {
    const grant = new Grant(
      scope,
      address(`${objectType}-grant`, group, database, ...(schema === undefined ? [] : [schema])),
      {
        ...common,
        role: roleName(group),
        database: terraformText(database),
        objectType,
        ...(schema === undefined ? {} : { schema: terraformText(schema) }),
        privileges: [...privileges],
        ...afterSchema(database, schema),
      },
    );
    privilegesOf.get(group)?.push(grant);
  }
  for (const { group, database, schema, creator, objectType, privileges } of model.defaultPrivileges) {
    const id = address(`${objectType}-default`, group, database, schema, creator);
    const defaults = new DefaultPrivileges(scope, id, {
      ...common,
      role: roleName(group),
      database: terraformText(database),
      schema: terraformText(schema),
      owner: roleName(creator),
      // Default privileges of functions are those of all routines.
      objectType: objectType === 'routine' ? 'function' : objectType,
      privileges: [...privileges],
      ...afterSchema(database, schema),
    });
    privilegesOf.get(group)?.push(defaults);
  }
  for (const { database, objectType, schema, privileges } of model.publicGrants)
    new Grant(scope, address(`public-${objectType}`, database, ...(schema === undefined ? [] : [schema])), {
      ...common,
      role: 'public',
      database: terraformText(database),
      objectType,
      ...(schema === undefined ? {} : { schema: terraformText(schema) }),
      privileges: [...privileges],
    });
  for (const login of model.logins)
    loginResources(
      scope,
      login,
      madeMemberships(model, login),
      roleName,
      common,
      // Grants to a group and changes of its members take the same locks in another order, and deadlock.
      login.groups.flatMap((group) => privilegesOf.get(group) ?? []),
    );
}

/**
 * A role that was there before, and of which nothing is to change. The provider could not even take it into its state without
 * ALTER ROLE, and without revoking and granting all its memberships: that needs ADMIN on each, and loses their options. A state
 * that has the role all the same, from a time when the environment managed it, forgets it: it is not dropped.
 * https://developer.hashicorp.com/terraform/language/block/removed
 */
class UntouchedRole extends TerraformElement {
  constructor(scope: Construct, id: string) {
    super(scope, id, Role.tfResourceType);
  }

  override toTerraform() {
    const from = `${Role.tfResourceType}.${this.friendlyUniqueId}`;
    return { removed: [{ from, lifecycle: { destroy: false } }] };
  }
}

function groupResource(scope: Construct, { name }: GroupRole, common: Common): Role {
  // Where a group that owns something is destroyed, all it owns in the database of its provider goes to the admin.
  return new Role(scope, address('group', name), { ...common, name: terraformText(name), login: false });
}

/** What was there before is left as it is, and stays when this is destroyed. */
const ADOPTED_ROLE = { skipDropRole: true, skipReassignOwned: true } as const;

/** Attributes that an adopted role keeps, whatever they are. */
const KEPT_ATTRIBUTES = [
  'roles',
  'valid_until',
  'inherit',
  'create_database',
  'create_role',
  'replication',
  'bypass_row_level_security',
  'idle_in_transaction_session_timeout',
];

/** @param memberships those that are made */
function loginResources(
  scope: Construct,
  login: LoginRole,
  memberships: readonly string[],
  roleName: (name: string) => string,
  common: Common,
  privileges: ITerraformDependable[],
): void {
  const name = terraformText(login.name);
  const dependsOn = [...(common.dependsOn ?? []), ...privileges];
  const { connectionLimit, statementTimeout, searchPath, actsAs } = login;
  const settings: Partial<RoleConfig> = {
    ...(connectionLimit === undefined ? {} : { connectionLimit }),
    ...(statementTimeout === undefined ? {} : { statementTimeout }),
    ...(searchPath === undefined ? {} : { searchPath: searchPath.map(terraformText) }),
    ...(actsAs === undefined ? {} : { assumeRole: roleName(actsAs) }),
  };
  if (!login.adopted) {
    new Role(scope, address('login', login.name), {
      ...common,
      name,
      login: true,
      roles: memberships.map(roleName),
      ...settings,
      // A login owns nothing. If one does all the same, dropping it must fail and not give its tables away.
      skipReassignOwned: true,
      dependsOn,
    });
    return;
  }
  const role = hasSettings(login) ? adoptedLogin(scope, login, settings, common) : undefined;
  if (!role) new UntouchedRole(scope, address('login', login.name));
  // One by one, so that memberships which it had before stay: `roles` would take them away.
  for (const membership of memberships)
    new GrantRole(scope, address('membership', login.name, membership), {
      ...common,
      role: role?.name ?? name,
      grantRole: roleName(membership),
      dependsOn,
    });
}

function adoptedLogin(
  scope: Construct,
  { name: login, connectionLimit, statementTimeout, searchPath, actsAs }: LoginRole,
  settings: Partial<RoleConfig>,
  common: Common,
): Role {
  const name = terraformText(login);
  const unset = [
    ...(connectionLimit === undefined ? ['connection_limit'] : []),
    ...(statementTimeout === undefined ? ['statement_timeout'] : []),
    ...(searchPath === undefined ? ['search_path'] : []),
    ...(actsAs === undefined ? ['assume_role'] : []),
  ];
  const role = new Role(scope, address('login', login), {
    ...common,
    name,
    login: true,
    ...settings,
    ...ADOPTED_ROLE,
    lifecycle: { ignoreChanges: [...KEPT_ATTRIBUTES, ...unset] },
  });
  role.importFrom(name);
  return role;
}

/**
 * `postgresql_schema` would drop the schema at a destroy, or fail at it while tables are in it. So a command makes it, and
 * nothing ever drops it: at the end it belongs to the admin, with the tables, as `REASSIGN OWNED` leaves it.
 */
function createdSchemas(
  scope: Construct,
  { schemas }: AccessModel,
  command: string,
  owners: ITerraformDependable[],
): DataResource | undefined {
  if (schemas.length === 0) return undefined;
  return new DataResource(scope, 'schemas', {
    triggersReplace: schemas.map(({ database, schema, owner }) =>
      [database, schema, owner].map(terraformText),
    ),
    provisioners: [{ type: 'local-exec', command: terraformTextWithReferences(command) }],
    dependsOn: owners,
  });
}
