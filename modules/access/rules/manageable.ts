import { type Finding, fault } from '../../findings/finding';
import type { LiveAccess, LiveRole } from '../catalog';
import type { CheckQuestion } from '../finding';
import { goneLogins } from '../gone-logins';
import { grantAdminStatement } from '../membership-statements';
import { type AccessModel, managedRoles } from '../model';

/**
 * Roles that are there and that the admin cannot manage. From 16 on CREATEROLE is not enough: it needs ADMIN on the role, which
 * only the role that made it has. So it lacks that on all that is older than an upgrade to 16.
 * https://www.postgresql.org/docs/16/release-16.html
 */
export function manageable(question: CheckQuestion, live: LiveAccess): Finding<'existing'>[] {
  const { model } = question;
  const admin = live.roles.find(({ name }) => name === live.admin);
  // Without CREATEROLE nothing can be managed, and another finding says so.
  if (!admin || admin.superuser || !admin.createRole) return [];
  const managed = new Set([...managedRoles(model), ...goneLogins(question, live)]);
  const found = live.roles.filter((role) => managed.has(role.name) && !role.alterable);
  const creators = unreachableCreators(model, live).filter(({ name }) => !managed.has(name));
  return [
    ...found.filter(({ superuser }) => superuser).map(({ name }) => superuserFound(name)),
    ...lackingAdmin(live, found, 'which a deploy changes, drops or grants to logins'),
    ...creators.filter(({ superuser }) => superuser).map(({ name }) => superuserCreates(name)),
    ...lackingAdmin(
      live,
      creators,
      'whose default privileges the deploy sets, or for which it makes a schema',
    ),
  ];
}

function lackingAdmin(live: LiveAccess, roles: readonly LiveRole[], why: string): Finding<'existing'>[] {
  const names = roles.filter(({ superuser }) => !superuser).map(({ name }) => name);
  if (names.length === 0) return [];
  return [
    fault(
      'existing',
      `admin ${live.admin}`,
      `has no ADMIN on ${names.join(', ')}, ${why}: somebody else created that, or it is older than an upgrade to PostgreSQL 16`,
      `as a superuser, or as a role that has ADMIN, run ${grantAdminStatement(live, names)}`,
    ),
  ];
}

function superuserFound(name: string): Finding<'existing'> {
  return fault(
    'existing',
    `role ${name}`,
    'is a superuser, which the admin cannot change',
    'choose another name in the environment',
  );
}

function superuserCreates(name: string): Finding<'existing'> {
  return fault(
    'existing',
    `creator ${name}`,
    'is a superuser, and only superusers can set its default privileges',
    'take it out of creators',
  );
}

/** Whose members the admin must be for a moment, and cannot be. */
function unreachableCreators(model: AccessModel, live: LiveAccess): LiveRole[] {
  const owners = model.schemas
    .filter(({ database, schema }) => {
      const access = live.inDatabases.get(database);
      return access && !access.objects.some((each) => each.type === 'schema' && each.schema === schema);
    })
    .map(({ owner }) => owner);
  const names = new Set([...model.defaultPrivileges.map(({ creator }) => creator), ...owners]);
  return live.roles.filter(({ name, inherited, alterable }) => names.has(name) && !inherited && !alterable);
}
