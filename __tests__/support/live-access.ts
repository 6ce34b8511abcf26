import type { LiveAccess, LiveRole } from '../../modules/access/catalog';
import type { CheckQuestion } from '../../modules/access/finding';
import { type AccessModel, accessModel, type LoginRole } from '../../modules/access/model';
import type { Environment } from '../../modules/environment/environment';
import { exampleEnvironment } from './example';

/** What check and preflight know of an environment. */
export function questionOf(changes: Partial<Environment> = {}): CheckQuestion {
  const model = accessModel(exampleEnvironment(changes));
  return { model, master: 'postgres', masterByIam: false, adminByIam: false, otherIamLogins: [] };
}

/** The roles and memberships of a cluster after a deploy, without a server. @param changes by name of the role */
export function liveAccess(
  model: AccessModel,
  changes: Readonly<Record<string, Partial<LiveRole>>> = {},
): LiveAccess {
  const role = (name: string, login: boolean, more: Partial<LiveRole> = {}): LiveRole => ({
    name,
    login,
    superuser: false,
    createRole: false,
    createDatabase: false,
    replication: false,
    bypassRowSecurity: false,
    inherit: true,
    connectionLimit: -1,
    settings: [],
    databaseSettings: [],
    alterable: true,
    inherited: false,
    ...more,
    ...changes[name],
  });
  return {
    serverMajor: 17,
    admin: 'postgres',
    selfGrant: '',
    roles: [
      role('postgres', true, { createRole: true, createDatabase: true }),
      role('rds_iam', false),
      ...model.groups.map(({ name }) => role(name, false)),
      ...model.logins.map((login) =>
        role(login.name, true, {
          connectionLimit: login.connectionLimit ?? -1,
          settings: settingsOf(login),
        }),
      ),
    ],
    memberships: model.logins.flatMap(({ name, groups, predefinedRoles }) =>
      ['rds_iam', ...groups, ...predefinedRoles].map((granted) => ({
        role: granted,
        member: name,
        grantor: 'postgres',
        adminOption: false,
        inheritOption: true,
        setOption: true,
      })),
    ),
    waysToRdsIam: new Map(),
    databases: [],
    dependencies: [],
    inDatabases: new Map(),
  };
}

function settingsOf({ actsAs, statementTimeout, searchPath }: LoginRole): string[] {
  return [
    ...(actsAs === undefined ? [] : [`role=${actsAs}`]),
    ...(statementTimeout === undefined ? [] : [`statement_timeout=${statementTimeout}`]),
    ...(searchPath === undefined ? [] : [`search_path=${searchPath.join(', ')}`]),
  ];
}
