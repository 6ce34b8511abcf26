import type { DatabaseServer } from './database-server';

/** Everything about roles, memberships and privileges that the catalogs say, in an order that does not depend on history. */
export async function catalogs(server: DatabaseServer): Promise<unknown> {
  const options = server.major >= 16 ? 'inherit_option, set_option' : 'NULL';
  const sorted = (acl: string) => `ARRAY(SELECT unnest(${acl})::text ORDER BY 1) AS list`;
  const perDatabase = async (database: string) => ({
    schemas: await server.asMaster(
      `SELECT nspname, nspowner::regrole::text, ${sorted('nspacl')} FROM pg_namespace WHERE nspname !~ '^pg_' ORDER BY 1`,
      database,
    ),
    relations: await server.asMaster(
      `SELECT relname, relkind, relowner::regrole::text, ${sorted('relacl')} FROM pg_class WHERE relnamespace::regnamespace::text !~ '^pg_' ORDER BY 1`,
      database,
    ),
    columns: await server.asMaster(
      `SELECT attrelid::regclass::text, attname, attacl::text FROM pg_attribute WHERE attacl IS NOT NULL ORDER BY 1, 2`,
      database,
    ),
    routines: await server.asMaster(
      `SELECT proname, ${sorted('proacl')} FROM pg_proc WHERE pronamespace::regnamespace::text !~ '^pg_' ORDER BY 1`,
      database,
    ),
    defaults: await server.asMaster(
      `SELECT defaclrole::regrole::text, defaclnamespace::regnamespace::text, defaclobjtype, ${sorted('defaclacl')} FROM pg_default_acl ORDER BY 1, 2, 3`,
      database,
    ),
  });
  return {
    roles: await server.asMaster(
      `SELECT rolname, rolsuper, rolinherit, rolcreaterole, rolcreatedb, rolcanlogin, rolreplication, rolbypassrls, rolconnlimit,
         rolvaliduntil::text, ${sorted('rolconfig')} FROM pg_roles ORDER BY 1`,
    ),
    members: await server.asMaster(
      `SELECT roleid::regrole::text, member::regrole::text, grantor::regrole::text, admin_option, ${options} FROM pg_auth_members ORDER BY 1, 2, 3`,
    ),
    databases: await server.asMaster(`SELECT datname, ${sorted('datacl')} FROM pg_database ORDER BY 1`),
    orders: await perDatabase('orders'),
    reports: await perDatabase('reports'),
  };
}
