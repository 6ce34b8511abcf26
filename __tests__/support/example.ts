import {
  type Access,
  defineAccess,
  defineEnvironment,
  documentOnly,
  type Environment,
  existingCluster,
  iamRole,
  owner,
  readOnly,
  readWrite,
} from '../../modules';

/** A small valid environment for tests; `changes` replace top-level fields. */
export function exampleEnvironment(changes: Partial<Environment> = {}): Environment {
  return {
    ...defineEnvironment({
      name: 'test',
      account: '111111111111',
      region: 'eu-west-1',
      cluster: existingCluster({ identifier: 'orders', databaseName: 'orders' }),
      access: exampleAccess,
      principals: {
        api: iamRole('orders-api', { connectsAs: ['orders_api'] }),
        ci: iamRole('ci-deploy', { connectsAs: ['orders_migrate'] }),
        analysts: documentOnly({ connectsAs: ['analyst'] }),
      },
    }),
    ...changes,
  };
}

export const exampleAccess: Access<string, 'orders_api' | 'orders_migrate' | 'analyst'> = defineAccess({
  groups: { orders_owner: owner(), orders_read: readOnly(), orders_write: readWrite() },
  logins: {
    orders_api: { memberOf: ['orders_write'] },
    orders_migrate: { actsAs: 'orders_owner' },
    analyst: { memberOf: ['orders_read'] },
  },
});
