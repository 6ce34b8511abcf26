import { GRANTABLE, type GroupDefinition, placesOf } from '../environment/access';
import { masterUsernameOf } from '../environment/cluster';
import type { Environment } from '../environment/environment';
import { isKeyword, isReservedRole, roleNameFault } from '../names/postgresql';
import { reportDatabaseName } from './databases';
import { choices, type Report, reportName, reportRepeated } from './report';

const GRANTABLE_PRIVILEGES: readonly string[] = [...new Set(Object.values(GRANTABLE).flat())];

export function reportGroups(environment: Environment, report: Report): void {
  const master = masterUsernameOf(environment.cluster);
  for (const [name, group] of Object.entries(environment.access.groups)) {
    const path = ['access', 'groups', name];
    const fault = roleNameFault(name, master);
    if (fault) report(path, fault);
    reportPreset(group, path, report);
    reportPlaces(group, environment, path, report);
    reportCreators(group, environment, path, report);
    reportRevokes(group, path, report);
  }
}

/** What has no meaning for the preset. */
function reportPreset(group: GroupDefinition, path: readonly PropertyKey[], report: Report): void {
  if (group.preset !== 'custom' && group.privileges)
    report([...path, 'privileges'], `has no meaning for ${group.preset}`, 'write custom({ … })');
  if (group.preset === 'owner' && group.creators)
    report([...path, 'creators'], 'has no meaning for an owner group', 'leave it out');
  if (group.preset === 'owner' && group.databases)
    report(
      [...path, 'databases'],
      'is not for an owner group, which owns in one database',
      'make an owner group for each',
    );
}

function reportPlaces(
  group: GroupDefinition,
  { cluster }: Environment,
  path: readonly PropertyKey[],
  report: Report,
): void {
  if (group.databases) {
    for (const key of ['database', 'schemas'] as const)
      if (group[key] !== undefined) report([...path, key], 'stands beside databases', 'give one of the two');
    if (Object.keys(group.databases).length === 0)
      report([...path, 'databases'], 'is empty', "name a database, or leave it out for the cluster's");
  }
  for (const [database, schemas] of placesOf(group, cluster.databaseName)) {
    if (group.databases || group.database !== undefined)
      reportDatabaseName(
        database,
        [...path, ...(group.databases ? ['databases', database] : ['database'])],
        report,
      );
    const schemaPath = [...path, ...(group.databases ? ['databases', database] : ['schemas'])];
    schemas.forEach((schema, index) => {
      reportName(schema, [...schemaPath, index], report);
      if (/^pg_|^information_schema$/.test(schema))
        report([...schemaPath, index], 'is a schema of PostgreSQL itself', 'leave it out');
    });
    reportRepeated(schemas, schemaPath, report);
  }
}

function reportCreators(
  { creators = [] }: GroupDefinition,
  { access }: Environment,
  path: readonly PropertyKey[],
  report: Report,
): void {
  creators.forEach((creator, index) => {
    const here = [...path, 'creators', index];
    reportName(creator, here, report);
    if (Object.hasOwn(access.logins, creator))
      report(here, 'is a login, and logins own nothing', 'let it act as an owner group');
    if (Object.hasOwn(access.groups, creator) && access.groups[creator]?.preset === 'owner')
      report(here, 'is an owner group, whose future objects are reached already', 'leave it out');
    if (isKeyword(creator))
      report(here, 'is a keyword of PostgreSQL, not a role', 'name the role that makes the tables');
    // To set what a creator's objects carry, the admin becomes its member for a moment.
    else if (isReservedRole(creator))
      report(here, 'belongs to PostgreSQL or RDS and creates nothing', 'name the role that makes the tables');
  });
  reportRepeated(creators, [...path, 'creators'], report);
}

function reportRevokes({ adopt }: GroupDefinition, path: readonly PropertyKey[], report: Report): void {
  if (typeof adopt !== 'object') return;
  adopt.revokes.forEach((privilege, index) => {
    if (!GRANTABLE_PRIVILEGES.includes(privilege))
      report(
        [...path, 'adopt', 'revokes', index],
        `"${privilege}" is not a privilege`,
        `${choices(GRANTABLE_PRIVILEGES)}`,
      );
  });
}
