import { createCluster, defineEnvironment, s3Backend, serverlessV2 } from 'aurora-iam';
import { access, principals } from './access';

export default defineEnvironment({
  name: 'dev',
  account: '111111111111',
  region: 'eu-west-1',
  backend: s3Backend({ bucket: 'example-states-dev' }),
  cluster: createCluster({
    identifier: 'shop-dev',
    databaseName: 'shop',
    engineVersion: '17.5',
    instances: serverlessV2({ minimumCapacity: 0.5, maximumCapacity: 4 }),
    subnetIds: ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002'],
    securityGroupIds: ['sg-0a1b2c3d4e5f60001'],
  }),
  access,
  principals,
});
