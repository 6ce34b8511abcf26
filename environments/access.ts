import { defineAccess, owner, predefined, readOnly, readWrite } from '../modules';

/** What may be done (groups) and as whom (logins): the same in every environment. */
export const access = defineAccess({
  groups: {
    orders_owner: owner(),
    orders_read: readOnly(),
    orders_write: readWrite(),
  },
  logins: {
    orders_api: { memberOf: ['orders_write'] },
    orders_migrate: { actsAs: 'orders_owner' },
    analyst: { memberOf: ['orders_read'] },
    monitoring: { memberOf: [predefined('pg_monitor')] },
  },
});
