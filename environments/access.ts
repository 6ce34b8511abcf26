import {
  custom,
  defineAccess,
  documentOnly,
  iamRole,
  owner,
  predefined,
  readOnly,
  readWrite,
} from '../modules';

/** What may be done (groups) and as whom (logins): the same in every environment. */
export const access = defineAccess({
  groups: {
    orders_owner: owner({ schemas: ['public', 'audit'] }),
    orders_read: readOnly({ schemas: ['public', 'audit'] }),
    orders_write: readWrite(),
    monitors: custom(), // may connect, and nothing more
  },
  logins: {
    orders_api: { memberOf: ['orders_write'] },
    orders_migrate: { actsAs: 'orders_owner' },
    analyst: { memberOf: ['orders_read'] },
    monitoring: {
      memberOf: ['monitors', predefined('pg_monitor')],
      connectionLimit: 3,
      statementTimeout: 30_000,
    },
  },
});

/** Who connects as whom, where nothing else is said: every account has these roles. */
export const principals = {
  api: iamRole('orders-api', { connectsAs: ['orders_api'] }),
  ci: iamRole('ci-deploy', { connectsAs: ['orders_migrate'], mayLookUpCluster: true }),
  monitoring: iamRole('monitoring', { connectsAs: ['monitoring'] }),
  analysts: documentOnly({ connectsAs: ['analyst'] }),
};
