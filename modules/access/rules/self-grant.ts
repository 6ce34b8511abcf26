import { type Finding, fault } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** From 16 on, a setting makes whoever creates a role a full member of it, and a database's owner may set it for everybody:
 *  an admin with a password would be in rds_iam through the first login that Terraform makes. The SQL export switches it off.
 *  https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-CREATEROLE-SELF-GRANT */
export function selfGrant({ model, adminByIam }: CheckQuestion, live: LiveAccess): Finding<'admin'>[] {
  const { admin, selfGrant: given, roles } = live;
  const isSuperuser = roles.some(({ name, superuser }) => name === admin && superuser);
  const missing = model.logins.filter(({ name }) => !roles.some((role) => role.name === name));
  if (given === '' || adminByIam || isSuperuser || missing.length === 0) return [];
  return [
    fault(
      'admin',
      `admin ${admin}`,
      `has createrole_self_grant = ${given} in its sessions with database ${model.databases[0]}: it would become a member of the logins that a deploy creates, so of rds_iam, and its password would be refused`,
      `ALTER ROLE ${quoteIdentifier(admin)} SET createrole_self_grant = '';`,
    ),
  ];
}
