import { createCluster, defineEnvironment, provisioned, s3Backend } from '../modules';
import { access, principals } from './access';

/** As production will be: provisioned, with a reader, in an account of its own that a pipeline deploys into. */
export default defineEnvironment({
  name: 'staging',
  account: '333333333333',
  region: 'eu-west-1',
  assumeRole: { roleArn: 'arn:aws:iam::333333333333:role/aurora-iam-deploy' },
  backend: s3Backend({ bucket: 'example-states-staging' }),
  cluster: createCluster({
    identifier: 'orders-staging',
    databaseName: 'orders',
    engineVersion: '17.5',
    instances: provisioned({ instanceClass: 'db.r7g.large', readers: 1 }),
    subnetIds: ['subnet-0a1b2c3d4e5f60003', 'subnet-0a1b2c3d4e5f60004'],
    securityGroupIds: ['sg-0a1b2c3d4e5f60002'],
  }),
  access,
  principals,
});
