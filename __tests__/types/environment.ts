// What the compiler promises of environments. Compiled by `npm run build`, never run.
import {
  createCluster,
  defineEnvironment,
  documentOnly,
  existingCluster,
  iamGroup,
  iamRole,
  iamUser,
  newRole,
  ownName,
  provisioned,
  rdsProxy,
  service,
} from '../../modules';
import { access } from './access';

const common = {
  name: 'dev',
  account: '111111111111',
  region: 'eu-west-1',
  cluster: existingCluster({ identifier: 'app', databaseName: 'app' }),
  access,
};
const cluster = {
  identifier: 'app',
  databaseName: 'app',
  engineVersion: '17.5',
  instances: provisioned({ instanceClass: 'db.r7g.large' }),
};

/** What must compile. */
export const environment = defineEnvironment({
  ...common,
  principals: {
    api: iamRole('app-api', { connectsAs: ['api'] }),
    people: iamGroup('people', { connectsAs: ownName(['api', 'legacy']) }),
  },
});
export const overridden = createCluster({ ...cluster, overrides: { cluster: { backupRetentionPeriod: 7 } } });

// Each kind of principal connects as a login that does not exist.
export const mistakes = [
  // @ts-expect-error
  defineEnvironment({ ...common, principals: { api: iamRole('app-api', { connectsAs: ['apy'] }) } }),
  // @ts-expect-error
  defineEnvironment({ ...common, principals: { jane: iamUser('jane', { connectsAs: ['jane'] }) } }),
  // @ts-expect-error
  defineEnvironment({ ...common, principals: { jane: iamUser('jane', { connectsAs: ownName(['jane']) }) } }),
  // @ts-expect-error
  defineEnvironment({ ...common, principals: { people: iamGroup('people', { connectsAs: ['jane'] }) } }),
  // @ts-expect-error
  defineEnvironment({ ...common, principals: { people: documentOnly({ connectsAs: ['jane'] }) } }),
  defineEnvironment({
    ...common,
    principals: {
      // @ts-expect-error
      jobs: newRole('app-jobs', { trust: service('lambda'), connectsAs: ['jobs'] }),
    },
  }),
  // @ts-expect-error: a group is not a login
  defineEnvironment({ ...common, principals: { api: iamRole('app-api', { connectsAs: ['app_read'] }) } }),
  // @ts-expect-error: a role has no name of its own to connect as
  iamRole('app-api', { connectsAs: ownName(['api']) }),
  // @ts-expect-error: no service that a role may be for
  service('s3'),
  // @ts-expect-error: an existing cluster is never changed
  existingCluster({ identifier: 'app', databaseName: 'app', engineVersion: '17.5' }),
  // @ts-expect-error: the provider cannot create such a master
  createCluster({ ...cluster, masterUserAuthenticationType: 'iam-db-auth' }),
  // @ts-expect-error: IAM authentication is never off
  createCluster({ ...cluster, overrides: { cluster: { iamDatabaseAuthenticationEnabled: false } } }),
  // @ts-expect-error: the master's password is in no program
  createCluster({ ...cluster, overrides: { cluster: { masterPassword: 'x' } } }),
  // @ts-expect-error: a proxy is in the environment's region
  rdsProxy({ name: 'app', region: 'eu-central-1' }),
];
