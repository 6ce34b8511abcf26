import {
  createCluster,
  defineEnvironment,
  eksServiceAccount,
  existingCluster,
  githubActions,
  newRole,
  serverlessV2,
  tunnel,
} from '../modules';
import { access, principals } from './access';

// Local Aurora (`npm start`) says where it listens and what it signs with. Without it, the stacks synthesize all the same.
const { LOCAL_AURORA_PORT = '5432', LOCAL_AURORA_CERTIFICATE_AUTHORITY, LOCAL_AURORA_MASTER } = process.env;
const port = Number(LOCAL_AURORA_PORT);
const identity = { identifier: 'orders-local', databaseName: 'orders' };
const certificateAuthority = LOCAL_AURORA_CERTIFICATE_AUTHORITY
  ? { certificateAuthorityFile: LOCAL_AURORA_CERTIFICATE_AUTHORITY }
  : {};

/** The main job on one machine, without an AWS account: the account is the one of the AWS stand-in. */
export default defineEnvironment({
  name: 'local',
  account: '123456789012',
  region: 'eu-west-1',
  ...(LOCAL_AURORA_MASTER === 'iam'
    ? {
        // `--master iam`: the cluster is there, and the master has no password.
        cluster: existingCluster({ ...identity, masterUserAuthenticationType: 'iam-db-auth' }),
        ...certificateAuthority,
      }
    : {
        cluster: createCluster({
          ...identity,
          engineVersion: '17.5',
          instances: serverlessV2({ minimumCapacity: 0.5, maximumCapacity: 1 }),
          port,
          deletionProtection: false,
          finalSnapshot: false,
        }),
        // The endpoint's name resolves nowhere here. The certificate carries it, and this machine's too.
        through: tunnel({ host: 'localhost', port, sslmode: 'verify-full', ...certificateAuthority }),
      }),
  lockDown: true,
  access,
  principals: {
    ...principals,
    deploy: newRole('orders-deploy', {
      trust: githubActions({ repository: 'example@1001/orders@2002', environment: 'local' }),
      connectsAs: ['orders_migrate'],
    }),
    jobs: newRole('orders-jobs', {
      trust: eksServiceAccount({
        issuer: 'oidc.eks.eu-west-1.amazonaws.com/id/LOCALAURORA',
        namespace: 'orders',
        serviceAccount: 'jobs',
      }),
      connectsAs: ['orders_api'],
    }),
  },
  // What is at hand on this machine; the other environments take exactly what the bindings were made for.
  providerVersions: { aws: '>= 5.100.0, < 7.0.0', postgresql: '>= 1.26.0, < 2.0.0' },
});
