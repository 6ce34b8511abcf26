import { DefaultPrivileges } from '@cdktf/provider-postgresql/lib/default-privileges';
import { Grant } from '@cdktf/provider-postgresql/lib/grant';
import { Role } from '@cdktf/provider-postgresql/lib/role';
import type { ITerraformDependable } from 'cdktf';
import type { Construct } from 'constructs';
import { address, terraformText } from '../environment/names';
import type { AccessModel } from './access-model';

/** The groups, logins and privileges as resources of the postgresql provider. */
export function accessResources(scope: Construct, model: AccessModel): void {
  /** group -> reference to its name. Asking a resource for its name makes a token each time, and is slow. */
  const names = new Map<string, string>();
  const privilegesOf = new Map<string, ITerraformDependable[]>();
  for (const group of model.groups) {
    const role = new Role(scope, address('group', group), { name: terraformText(group), login: false });
    names.set(group, role.name);
    privilegesOf.set(group, []);
  }
  /** A reference, not the name: Terraform must destroy what names a role before the role. */
  const roleName = (name: string) => names.get(name) ?? terraformText(name);

  for (const { group, database, objectType, schema, privileges } of model.grants) {
    const grant = new Grant(
      scope,
      address(`${objectType}-grant`, group, database, ...(schema === undefined ? [] : [schema])),
      {
        role: roleName(group),
        database: terraformText(database),
        objectType,
        ...(schema === undefined ? {} : { schema: terraformText(schema) }),
        privileges: [...privileges],
      },
    );
    privilegesOf.get(group)?.push(grant);
  }
  for (const { group, database, schema, creator, objectType, privileges } of model.defaultPrivileges) {
    const id = address(`${objectType}-default`, group, database, schema, creator);
    const defaults = new DefaultPrivileges(scope, id, {
      role: roleName(group),
      database: terraformText(database),
      schema: terraformText(schema),
      owner: roleName(creator),
      objectType,
      privileges: [...privileges],
    });
    privilegesOf.get(group)?.push(defaults);
  }
  for (const login of model.logins)
    new Role(scope, address('login', login.name), {
      name: terraformText(login.name),
      login: true,
      roles: ['rds_iam', ...login.predefinedRoles, ...login.groups.map(roleName)],
      ...(login.actsAs === undefined ? {} : { assumeRole: roleName(login.actsAs) }),
      // A login owns nothing. If one does all the same, dropping it must fail and not give its tables away.
      skipReassignOwned: true,
      // Grants to a group and changes of its members take the same locks in another order, and deadlock.
      dependsOn: login.groups.flatMap((group) => privilegesOf.get(group) ?? []),
    });
}
