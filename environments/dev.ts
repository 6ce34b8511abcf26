import { createCluster, defineEnvironment, serverlessV2 } from '../modules';
import { access, principals } from './access';

/** A cluster of its own, small enough to sleep. */
export default defineEnvironment({
  name: 'dev',
  account: '111111111111',
  region: 'eu-west-1',
  cluster: createCluster({
    identifier: 'orders-dev',
    databaseName: 'orders',
    engineVersion: '17.5',
    instances: serverlessV2({ minimumCapacity: 0.5, maximumCapacity: 2 }),
    subnetIds: ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002'],
    securityGroupIds: ['sg-0a1b2c3d4e5f60001'],
    deletionProtection: false,
    finalSnapshot: false,
  }),
  access,
  principals,
});
