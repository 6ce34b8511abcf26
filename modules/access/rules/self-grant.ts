import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import { type AccessFinding, type CheckQuestion, fault } from '../finding';

/** From 16 on, a setting makes whoever creates a role a full member of it, and a database's owner may set it for everybody:
 *  an admin with a password would be in rds_iam through the first login that Terraform makes. The SQL export switches it off.
 *  https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-CREATEROLE-SELF-GRANT */
export function selfGrant({ model, adminByIam }: CheckQuestion, live: LiveAccess): AccessFinding[] {
  const { admin, selfGrant: given, roles } = live;
  const isSuperuser = roles.some(({ name, superuser }) => name === admin && superuser);
  const missing = model.logins.filter(({ name }) => !roles.some((role) => role.name === name));
  if (given === '' || adminByIam || isSuperuser || missing.length === 0) return [];
  return [
    fault(
      'admin',
      `createrole_self_grant is ${given} in the admin's sessions with database ${model.databases[0]}: ${admin} would become a member of the logins that a deploy makes, ` +
        `so of rds_iam, and its password be refused. ALTER ROLE ${quoteIdentifier(admin)} SET createrole_self_grant = '';`,
    ),
  ];
}
