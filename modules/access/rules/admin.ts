import { RDS_IAM } from '../../names/postgresql';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import { type AccessFinding, type CheckQuestion, fault } from '../finding';

/** What the admin needs to deploy: CREATEROLE, and ADMIN on what it is to grant. */
export function admin({ model }: CheckQuestion, live: LiveAccess): AccessFinding[] {
  const role = live.roles.find(({ name }) => name === live.admin);
  if (!role || role.superuser) return [];
  const findings: AccessFinding[] = [];
  const quoted = quoteIdentifier(live.admin);
  if (!role.createRole)
    findings.push(
      fault(
        'admin',
        `the admin ${live.admin} may not create roles: as the master, ALTER ROLE ${quoted} CREATEROLE;`,
      ),
    );
  const iam = live.roles.find(({ name }) => name === RDS_IAM);
  if (!iam) findings.push(fault('admin', 'there is no role rds_iam: this is not a cluster of RDS'));
  else if (!iam.alterable)
    findings.push(
      fault(
        'admin',
        `the admin ${live.admin} may not grant rds_iam: as the master, GRANT rds_iam TO ${quoted} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE;`,
      ),
    );
  for (const name of new Set(model.logins.flatMap(({ predefinedRoles }) => predefinedRoles))) {
    const predefined = live.roles.find((each) => each.name === name);
    if (!predefined)
      findings.push(
        fault('missing', `PostgreSQL ${live.serverMajor} has no role ${name}; take it out of memberOf`),
      );
    else if (!predefined.alterable)
      findings.push(
        fault(
          'admin',
          `the admin ${live.admin} may not grant ${name}: take it out of memberOf, or have it granted to the admin WITH ADMIN OPTION`,
        ),
      );
  }
  return findings;
}
