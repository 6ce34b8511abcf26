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
    report(
      [...path, 'privileges'],
      `has no effect in a group with the preset ${group.preset}`,
      'write custom({ … }), or remove it',
    );
  if (group.preset === 'owner' && group.creators)
    report([...path, 'creators'], 'has no effect in an owner group, which owns what it needs', 'remove it');
  if (group.preset === 'owner' && group.databases)
    report(
      [...path, 'databases'],
      'is not allowed in an owner group, which owns objects in one database only',
      'create an owner group for each database, and name it in database',
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
      if (group[key] !== undefined)
        report([...path, key], 'cannot be combined with databases, which says both', 'remove one of the two');
    if (Object.keys(group.databases).length === 0)
      report(
        [...path, 'databases'],
        'is empty, so the group would have no privileges',
        "name a database, or leave databases out for the cluster's",
      );
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
        report(
          [...schemaPath, index],
          'is a schema of PostgreSQL itself, which everybody may read as far as PostgreSQL allows',
          'remove it',
        );
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
      report(
        here,
        'is a login, and logins own nothing',
        'let it act as an owner group (actsAs), and remove it here',
      );
    if (Object.hasOwn(access.groups, creator) && access.groups[creator]?.preset === 'owner')
      report(here, 'is an owner group, and its future objects are covered without being named', 'remove it');
    if (isKeyword(creator))
      report(here, 'is a keyword of PostgreSQL, not a role', 'name the role that creates the tables');
    // To set what a creator's objects carry, the admin becomes its member for a moment.
    else if (isReservedRole(creator))
      report(here, 'belongs to PostgreSQL or RDS and creates no tables', 'name the role that creates them');
  });
  reportRepeated(creators, [...path, 'creators'], report);
}

function reportRevokes({ adopt }: GroupDefinition, path: readonly PropertyKey[], report: Report): void {
  if (typeof adopt !== 'object') return;
  adopt.revokes.forEach((privilege, index) => {
    if (!GRANTABLE_PRIVILEGES.includes(privilege))
      report(
        [...path, 'adopt', 'revokes', index],
        `"${privilege}" is not a privilege that a group can have`,
        `${choices(GRANTABLE_PRIVILEGES)}`,
      );
  });
}
