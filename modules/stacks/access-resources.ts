import { DataPostgresqlSchemas } from '@cdktf/provider-postgresql/lib/data-postgresql-schemas';
import { DefaultPrivileges } from '@cdktf/provider-postgresql/lib/default-privileges';
import { Grant } from '@cdktf/provider-postgresql/lib/grant';
import { GrantRole } from '@cdktf/provider-postgresql/lib/grant-role';
import { Role, type RoleConfig } from '@cdktf/provider-postgresql/lib/role';
import { DataResource, type ITerraformDependable, type TerraformProvider } from 'cdktf';
import type { Construct } from 'constructs';
import type { AccessModel, GroupRole, LoginRole } from '../access/model';
import { RDS_IAM } from '../names/postgresql';
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
    const role = groupResource(scope, group, group.ownsIn === undefined ? common : connectedTo(group.ownsIn));
    names.set(group.name, role.name);
    privilegesOf.set(group.name, []);
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
  const adoptedGroups = new Set(model.groups.filter(({ adopted }) => adopted).map(({ name }) => name));
  for (const login of model.logins)
    loginResources(
      scope,
      login,
      roleName,
      adoptedGroups,
      common,
      // Grants to a group and changes of its members take the same locks in another order, and deadlock.
      login.groups.flatMap((group) => privilegesOf.get(group) ?? []),
    );
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

function groupResource(scope: Construct, group: GroupRole, common: Common): Role {
  const name = terraformText(group.name);
  // Where a group that owns something is destroyed, all it owns in the database of its provider goes to the admin.
  const role = new Role(scope, address('group', group.name), {
    ...common,
    name,
    login: false,
    ...(group.adopted
      ? {
          ...ADOPTED_ROLE,
          lifecycle: {
            ignoreChanges: [
              ...KEPT_ATTRIBUTES,
              'connection_limit',
              'statement_timeout',
              'search_path',
              'assume_role',
            ],
          },
        }
      : {}),
  });
  if (group.adopted) role.importFrom(name);
  return role;
}

function loginResources(
  scope: Construct,
  login: LoginRole,
  roleName: (name: string) => string,
  adoptedGroups: ReadonlySet<string>,
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
      roles: login.memberships.map(roleName),
      ...settings,
      // A login owns nothing. If one does all the same, dropping it must fail and not give its tables away.
      skipReassignOwned: true,
      dependsOn,
    });
    return;
  }
  const unset = [
    ...(connectionLimit === undefined ? ['connection_limit'] : []),
    ...(statementTimeout === undefined ? ['statement_timeout'] : []),
    ...(searchPath === undefined ? ['search_path'] : []),
    ...(actsAs === undefined ? ['assume_role'] : []),
  ];
  const role = new Role(scope, address('login', login.name), {
    ...common,
    name,
    login: true,
    ...settings,
    ...ADOPTED_ROLE,
    lifecycle: { ignoreChanges: [...KEPT_ATTRIBUTES, ...unset] },
  });
  role.importFrom(name);
  // One by one, so that memberships which it had before stay: `roles` would take them away.
  const added = login.memberships.filter((role) =>
    // An adopted login without a cutover was in rds_iam before, and stays there. Between two that were there before, the
    // membership was, too: a destroy must not take it.
    role === RDS_IAM ? login.cutover : !adoptedGroups.has(role),
  );
  for (const membership of added)
    new GrantRole(scope, address('membership', login.name, membership), {
      ...common,
      role: role.name,
      grantRole: roleName(membership),
      dependsOn,
    });
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
