import { comment, SAFE_SEARCH_PATH } from '../../names/sql';
import type { AccessModel } from '../model';
import { borrow, giveBack } from './admin';
import { elsewhere, leftoverMemberships, memberships, takeMembershipsAway } from './memberships';
import { wantedIn } from './objects';
import { createSchema, privilegeStatements } from './privileges';
import { databasesExist, groupStatements, loginStatements, refusals, strip } from './roles';
import { leftovers, takeAway } from './take-away';

/** What to run in one database, in one transaction. */
export interface DatabaseScript {
  readonly database: string;
  readonly statements: readonly string[];
}

/**
 * The access of a model as SQL, the same as the provider's resources: for a database that Terraform cannot reach. To be run
 * by the admin, in this order, each committed before the next. Running it again changes nothing. It touches no role that the
 * model does not name. What the model's own groups and logins have beyond it is taken away, except from adopted ones: first and
 * everywhere, so that nobody keeps it by making a grant fail. The last transactions change nothing, and fail if anything is left.
 */
export function databaseScripts(model: AccessModel): DatabaseScript[] {
  const [main = '', ...others] = model.databases;
  const own = (roles: readonly { readonly name: string; readonly adopted: boolean }[]) =>
    roles.filter(({ adopted }) => !adopted).map(({ name }) => name);
  const beyond = (database: string) => ({
    roles: own([...model.groups, ...model.logins]),
    groups: own(model.groups),
    wanted: wantedIn(model, database),
    // Databases that the environment does not name are looked at from the main one.
    ...(database === main ? { otherDatabases: others } : {}),
  });
  const script = (database: string, statements: readonly string[]): DatabaseScript => ({
    database,
    statements: [SAFE_SEARCH_PATH, ...statements],
  });
  const away = (database: string) => [
    comment(`What the environment does not give in database ${database}`),
    takeAway(beyond(database)),
  ];
  const logins = [...model.logins.flatMap(loginStatements), memberships(model)];
  return [
    script(main, [
      databasesExist(model.databases),
      refusals(model),
      comment('What the environment does not give to its own groups and logins'),
      strip(model),
      takeMembershipsAway(model),
      ...away(main),
    ]),
    ...others.map((database) => script(database, away(database))),
    // Roles belong to the whole cluster: the groups are made first, and the logins last, when all they may do is there.
    script(main, [
      ...model.groups.flatMap(groupStatements),
      ...privilegeStatements(model, main),
      ...(others.length === 0 ? logins : []),
    ]),
    ...others.map((database) => script(database, privilegeStatements(model, database))),
    ...(others.length === 0 ? [] : [script(main, logins)]),
    script(main, [
      READ_ONLY,
      comment('Is it so now?'),
      leftoverMemberships(model),
      leftovers(beyond(main)),
      elsewhere(model),
    ]),
    ...others.map((database) => script(database, [READ_ONLY, leftovers(beyond(database))])),
  ];
}

const READ_ONLY = 'SET TRANSACTION READ ONLY;';

/** Only the schemas that are missing. Their owner groups must be there. */
export function schemaScripts(model: AccessModel): DatabaseScript[] {
  return model.databases
    .map((database) => {
      const schemas = model.schemas.filter((schema) => schema.database === database);
      const owners = schemas.map(({ owner }) => owner);
      return {
        database,
        schemas,
        statements: [SAFE_SEARCH_PATH, borrow({ roles: owners }), ...schemas.map(createSchema), giveBack()],
      };
    })
    .filter(({ schemas }) => schemas.length > 0)
    .map(({ database, statements }) => ({ database, statements }));
}
