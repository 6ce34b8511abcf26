import type { Environment } from '../environment/environment';
import { databaseNameFault } from '../names/postgresql';
import { type Report, reportRepeated } from './report';

/** Databases that are not for what an environment manages. */
const REFUSED_DATABASES = new Map([
  ['template0', 'is the template that PostgreSQL keeps unchanged, and nobody can connect to it'],
  ['template1', 'is the template of every new database, so each would inherit what is granted in it'],
  ['rdsadmin', 'belongs to RDS, and no master can connect to it'],
]);

/** The databases that the environment itself names; those of groups are checked with the groups. */
export function reportDatabases({ cluster, databases = [] }: Environment, report: Report): void {
  reportDatabaseName(cluster.databaseName, ['cluster', 'databaseName'], report);
  databases.forEach((database, index) => {
    reportDatabaseName(database, ['databases', index], report);
  });
  reportRepeated(databases, ['databases'], report);
}

export function reportDatabaseName(name: string, path: readonly PropertyKey[], report: Report): void {
  const fault = databaseNameFault(name);
  if (fault) report(path, fault);
  const refusal = REFUSED_DATABASES.get(name);
  if (refusal) report(path, `${refusal}`, 'name a database of your own');
}
