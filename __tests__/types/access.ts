// What the compiler promises of groups and logins. Compiled by `npm run build`, never run.
import { custom, defineAccess, owner, predefined, readOnly, readWrite } from '../../modules';

const groups = { app_owner: owner(), app_read: readOnly(), app_write: readWrite() };

/** What must compile. */
export const access = defineAccess({
  groups,
  logins: {
    api: { memberOf: ['app_write', predefined('pg_monitor')] },
    migrate: { actsAs: 'app_owner' },
    legacy: { memberOf: ['app_read'], cutover: true },
  },
});

export const mistakes = [
  // @ts-expect-error: a login is a member of a group that does not exist
  defineAccess({ groups, logins: { api: { memberOf: ['app_wrote'] } } }),
  // @ts-expect-error: a login acts as a group that does not exist
  defineAccess({ groups, logins: { migrate: { actsAs: 'app_boss' } } }),
  // @ts-expect-error: a predefined role without predefined(…)
  defineAccess({ groups, logins: { api: { memberOf: ['pg_monitor'] } } }),
  // @ts-expect-error: a login has no password
  defineAccess({ groups, logins: { api: { memberOf: ['app_read'], password: 'x' } } }),
  // @ts-expect-error: gives a way to the server's files, so it is not among those that can be named
  predefined('pg_read_server_files'),
  // @ts-expect-error: an owner group owns in one database
  owner({ databases: { app: ['public'] } }),
  // @ts-expect-error: an owner group reaches what others create by no default privilege
  owner({ creators: ['postgres'] }),
  // @ts-expect-error: no privilege of tables
  custom({ tables: ['EXECUTE'] }),
  // @ts-expect-error: privileges are of custom(…) only
  readOnly({ privileges: { tables: ['DELETE'] } }),
];
