import {
  custom,
  defineAccess,
  iamRole,
  newRole,
  owner,
  predefined,
  readOnly,
  readWrite,
  service,
} from 'aurora-iam';

/** What may be done (groups) and as whom (logins): the same in every environment. */
export const access = defineAccess({
  groups: {
    shop_owner: owner({ schemas: ['public', 'audit'] }),
    shop_read: readOnly({ schemas: ['public', 'audit'] }),
    shop_write: readWrite(),
    monitors: custom(), // may connect, and nothing more
  },
  logins: {
    shop_api: { memberOf: ['shop_write'], connectionLimit: 20, statementTimeout: 30_000 },
    shop_migrate: { actsAs: 'shop_owner' },
    analyst: { memberOf: ['shop_read'] },
    monitoring: { memberOf: ['monitors', predefined('pg_monitor')] },
  },
});

/** By whom: the same in every account. */
export const principals = {
  api: newRole('shop-api', { trust: service('ecsTasks'), connectsAs: ['shop_api'] }),
  ci: iamRole('ci-deploy', { connectsAs: ['shop_migrate'], mayLookUpCluster: true }),
  analysts: iamRole('analysts', { connectsAs: ['analyst'] }),
  monitoring: iamRole('monitoring', { connectsAs: ['monitoring'] }),
};
