import { type Finding, note } from '../../findings/finding';
import { quoteIdentifier } from '../../names/sql';
import type { LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';
import type { AccessModel } from '../model';

/** Whoever may create in a schema of the admin's search path can make the admin run a function of theirs: one that matches a
 *  call better than PostgreSQL's own wins. The tools fix their path; the queries of Terraform's provider do not.
 *  https://wiki.postgresql.org/wiki/A_Guide_to_CVE-2018-1058:_Protect_Your_Search_Path */
export function searchPath({ model, master }: CheckQuestion, live: LiveAccess): Finding<'search-path'>[] {
  const { admin } = live;
  const logins = new Set([
    ...live.roles.filter(({ login, superuser }) => login && !superuser).map(({ name }) => name),
    ...model.logins.map(({ name }) => name),
  ]);
  return live.databases.flatMap((database) => {
    const access = live.inDatabases.get(database.name);
    if (!access) return [];
    return schemasOf(access.adminSearchPath, admin).flatMap((schema) => {
      const object = access.objects.find((each) => each.type === 'schema' && each.schema === schema);
      // One that is not there can be made by whoever may create in the database.
      const { owner, privileges } = object ?? database;
      const creators = privileges
        .filter(({ privilege }) => privilege === 'CREATE')
        .map(({ grantee }) => grantee);
      const others = usersOf(
        [owner, ...creators, ...planned(model, database.name, schema)].map((role) =>
          role === 'pg_database_owner' ? database.owner : role,
        ),
        live,
      ).filter((login) => login === 'PUBLIC' || (logins.has(login) && login !== admin && login !== master));
      const names = `${others.slice(0, 3).join(', ')}${others.length > 3 ? ` and ${others.length - 3} more` : ''}`;
      return others.length === 0
        ? []
        : [
            note(
              'search-path',
              names,
              `may create ${object ? 'in ' : ''}schema ${schema} of database ${database.name}, which is in the search path of the admin ${admin}: queries of Terraform's provider could run a function from there as ${admin}`,
              `ALTER ROLE ${quoteIdentifier(admin)} SET search_path = pg_catalog; (see docs/admin.md)`,
            ),
          ];
    });
  });
}

/** What a deploy is about to grant. */
function planned(model: AccessModel, database: string, schema: string): string[] {
  return model.grants
    .filter(
      (grant) =>
        grant.objectType === 'schema' &&
        grant.database === database &&
        grant.schema === schema &&
        grant.privileges.includes('CREATE'),
    )
    .flatMap(({ group }) => [
      group,
      ...model.logins.filter(({ groups }) => groups.includes(group)).map(({ name }) => name),
    ]);
}

/** These roles and all their members, or PUBLIC, which is everybody. */
function usersOf(roles: readonly string[], live: LiveAccess): string[] {
  if (roles.includes('')) return ['PUBLIC'];
  const found = new Set(roles);
  // A set is walked in the order of its growth.
  for (const group of found)
    for (const { role, member } of live.memberships) if (role === group) found.add(member);
  return [...found];
}

/** The schemas that a search path means for this user: `"$user", public`.
 *  https://www.postgresql.org/docs/current/runtime-config-client.html#GUC-SEARCH-PATH */
function schemasOf(path: string, user: string): string[] {
  const names = [...path.matchAll(/"((?:[^"]|"")*)"|[^\s,"]+/g)].map(([name, quoted]) =>
    quoted === undefined ? name.toLowerCase() : quoted.replaceAll('""', '"'),
  );
  const schemas = names.map((name) => (name === '$user' ? user : name));
  // Nobody but superusers creates in PostgreSQL's own, and nobody makes a schema that is called like them.
  return [...new Set(schemas)].filter((name) => !/^(pg_|information_schema$)/.test(name));
}
