import { type Finding, fault } from '../../findings/finding';
import { RDS_IAM } from '../../names/postgresql';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';

/** What the admin needs to deploy: CREATEROLE, and ADMIN on what it is to grant. */
export function admin(
  { model, master, adminByIam }: CheckQuestion,
  live: LiveAccess,
): Finding<'admin' | 'missing'>[] {
  const role = live.roles.find(({ name }) => name === live.admin);
  if (!role || role.superuser) return [];
  const findings: Finding<'admin' | 'missing'>[] = [];
  const quoted = quoteIdentifier(live.admin);
  const where = `admin ${live.admin}`;
  const who = live.admin === master ? 'somebody who may' : 'the master';
  if (!role.createRole)
    findings.push(
      fault('admin', where, 'may not create roles', `as ${who}, run ALTER ROLE ${quoted} CREATEROLE;`),
    );
  const iam = live.roles.find(({ name }) => name === RDS_IAM);
  if (!iam)
    findings.push(
      fault('admin', 'role rds_iam', 'does not exist', 'connect to a cluster of RDS, which has it'),
    );
  else if (!iam.alterable)
    findings.push(
      fault(
        'admin',
        where,
        'may not grant rds_iam',
        // One that logs in by IAM is a member already, and must stay one that inherits.
        `as ${who}, run GRANT "rds_iam" TO ${quoted} WITH ${
          adminByIam ? 'ADMIN OPTION' : 'ADMIN TRUE, INHERIT FALSE, SET FALSE'
        };`,
      ),
    );
  for (const name of new Set(model.logins.flatMap(({ predefinedRoles }) => predefinedRoles))) {
    const predefined = live.roles.find((each) => each.name === name);
    if (!predefined)
      findings.push(
        fault(
          'missing',
          `role ${name}`,
          `does not exist in PostgreSQL ${live.serverMajor}`,
          'take it out of memberOf',
        ),
      );
    else if (!predefined.alterable)
      findings.push(
        fault(
          'admin',
          where,
          `may not grant ${name}`,
          'take it out of memberOf, or have it granted to the admin WITH ADMIN OPTION',
        ),
      );
  }
  return findings;
}
