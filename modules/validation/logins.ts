import { type LoginDefinition, PREDEFINED_ROLES } from '../environment/access';
import { masterUsernameOf } from '../environment/cluster';
import { type Environment, isLockedDown } from '../environment/environment';
import { loginNameFault, RDS_IAM } from '../names/postgresql';
import { choices, type Report, reportName, reportRepeated } from './report';

/** Memberships that are given by this project only, or that would take IAM logins away again. */
const REFUSED_MEMBERSHIPS = new Map([
  [RDS_IAM, 'is granted to every login already; remove it'],
  [
    'rds_superuser',
    'would make the login an administrator of the cluster; name a group that has the privileges it needs',
  ],
  ['rds_ad', 'is for Kerberos logins, and excludes rds_iam; remove it'],
]);

export function reportLogins(environment: Environment, report: Report): void {
  const { access, otherIamLogins = [] } = environment;
  const master = masterUsernameOf(environment.cluster);
  for (const [name, login] of Object.entries(access.logins)) {
    const path = ['access', 'logins', name];
    const fault = loginNameFault(name, master, login.caseSensitive === true);
    if (fault) report(path, fault);
    if (Object.hasOwn(access.groups, name))
      report(
        path,
        'is also the name of a group, and PostgreSQL has one name space for both',
        'rename one of the two',
      );
    if (login.adopt && login.cutover)
      report(
        [...path, 'adopt'],
        'cannot be combined with cutover, which adopts the login, too',
        'remove adopt',
      );
    reportMemberships(login, environment, path, report);
    reportActsAs(login, environment, path, report);
    reportSearchPath(login, path, report);
  }
  otherIamLogins.forEach((name, index) => {
    reportName(name, ['otherIamLogins', index], report);
    if (Object.hasOwn(access.logins, name))
      report(['otherIamLogins', index], 'is a login of this environment, so it is managed here', 'remove it');
  });
  reportRepeated(otherIamLogins, ['otherIamLogins'], report);
}

function reportMemberships(
  login: LoginDefinition,
  environment: Environment,
  path: readonly PropertyKey[],
  report: Report,
): void {
  const { groups, logins } = environment.access;
  const memberships = login.memberOf ?? [];
  if (memberships.length === 0 && login.actsAs === undefined)
    report(path, 'is in no group, so it would have no privileges', 'name a group in memberOf or actsAs');
  else if (
    isLockedDown(environment) &&
    login.actsAs === undefined &&
    !memberships.some((membership) => typeof membership === 'string')
  )
    report(
      path,
      'is in predefined roles only, none of which has CONNECT, and lockDown takes it from PUBLIC, so the login could not connect',
      'add a group to memberOf, such as one made by custom()',
    );
  memberships.forEach((membership, index) => {
    const here = [...path, 'memberOf', index];
    const name = membershipName(membership);
    const refusal = REFUSED_MEMBERSHIPS.get(name);
    if (refusal) report(here, refusal);
    else if (typeof membership !== 'string') {
      if (!(PREDEFINED_ROLES as readonly string[]).includes(name))
        report(
          here,
          `"${name}" is not a predefined role that an environment can grant`,
          `${choices(PREDEFINED_ROLES)}`,
        );
    } else if (name.startsWith('pg_')) report(here, 'is a predefined role', `write predefined('${name}')`);
    else if (Object.hasOwn(logins, name) && !Object.hasOwn(groups, name))
      report(here, `"${name}" is a login`, 'name a group: logins are members of groups, never of each other');
    else if (!Object.hasOwn(groups, name))
      report(here, `there is no group "${name}"`, `${choices(Object.keys(groups), 'access.groups')}`);
  });
  reportRepeated(memberships.map(membershipName), [...path, 'memberOf'], report);
}

function membershipName(membership: NonNullable<LoginDefinition['memberOf']>[number]): string {
  return typeof membership === 'string' ? membership : membership.predefined;
}

function reportActsAs(
  { actsAs, memberOf = [] }: LoginDefinition,
  { access: { groups } }: Environment,
  path: readonly PropertyKey[],
  report: Report,
): void {
  if (actsAs === undefined) return;
  const here = [...path, 'actsAs'];
  const target = Object.hasOwn(groups, actsAs) ? groups[actsAs] : undefined;
  const owners = Object.entries(groups).flatMap(([name, { preset }]) => (preset === 'owner' ? [name] : []));
  if (!target) report(here, `there is no group "${actsAs}"`, `${choices(owners, 'access.groups')}`);
  else if (target.preset !== 'owner') report(here, `"${actsAs}" is not an owner group`, `${choices(owners)}`);
  if (memberOf.map(membershipName).includes(actsAs))
    report(here, 'is in memberOf too, and actsAs is a membership already', 'remove it from memberOf');
}

function reportSearchPath(
  { searchPath = [] }: LoginDefinition,
  path: readonly PropertyKey[],
  report: Report,
): void {
  searchPath.forEach((schema, index) => {
    const here = [...path, 'searchPath', index];
    reportName(schema, here, report);
    // The postgresql provider cannot read such names back, and would set them again for ever.
    if (/"|, /.test(schema))
      report(
        here,
        'contains a double quote, or a comma and a space, which the postgresql provider cannot read back: every plan would set it again',
        'rename the schema',
      );
  });
  reportRepeated(searchPath, [...path, 'searchPath'], report);
}
