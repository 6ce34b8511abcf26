import { defineEnvironment, existingCluster, iamRole, memberCluster, s3Backend } from '../modules';
import { access, principals } from './access';

/** A global cluster that the platform team owns: only the access to it is ours, in both of its regions. */
export default defineEnvironment({
  name: 'prod',
  account: '222222222222',
  region: 'eu-west-1',
  assumeRole: { roleArn: 'arn:aws:iam::222222222222:role/aurora-iam-deploy' },
  backend: s3Backend({ bucket: 'example-states-prod' }),
  cluster: existingCluster({ identifier: 'orders', databaseName: 'orders', masterUsername: 'postgres' }),
  targets: { frankfurt: memberCluster({ identifier: 'orders-frankfurt', region: 'eu-central-1' }) },
  access,
  principals: {
    ...principals,
    // After a failover they go on in the other region, where the cluster has another resource id.
    api: iamRole('orders-api', { connectsAs: ['orders_api'], targets: ['cluster', 'frankfurt'] }),
    monitoring: iamRole('monitoring', { connectsAs: ['monitoring'], targets: ['cluster', 'frankfurt'] }),
  },
});
