import { defineEnvironment, documentOnly, existingCluster, iamRole } from '../modules';
import { access } from './access';

/** A cluster that the platform team owns: only the access to it is ours. */
export default defineEnvironment({
  name: 'prod',
  account: '222222222222',
  region: 'eu-west-1',
  cluster: existingCluster({ identifier: 'orders', databaseName: 'orders', masterUsername: 'postgres' }),
  access,
  principals: {
    api: iamRole('orders-api', { connectsAs: ['orders_api'] }),
    ci: iamRole('ci-deploy', { connectsAs: ['orders_migrate'], mayLookUpCluster: true }),
    monitoring: iamRole('monitoring', { connectsAs: ['monitoring'] }),
    analysts: documentOnly({ connectsAs: ['analyst'] }),
  },
});
