import { createCluster, existingCluster, serverlessV2 } from '../../../modules/environment/cluster';
import {
  environmentPassword,
  iamAdmin,
  rdsManagedSecret,
  secret,
  tunnel,
} from '../../../modules/environment/environment';
import { exampleEnvironment } from '../../support/example';
import { faultsOf } from '../../support/faults-of';

const orders = { identifier: 'orders', databaseName: 'orders', masterUsername: 'root' };
const byPassword = existingCluster(orders);
const byIam = existingCluster({ ...orders, masterUserAuthenticationType: 'iam-db-auth' });
const secretArn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:orders';
const roleArn = 'arn:aws:iam::111111111111:role/deploy';

test.each([
  ['a master by IAM, who is the admin', { cluster: byIam }],
  ['a master by IAM, named as the admin, too', { cluster: byIam, admin: iamAdmin('root') }],
  ['a master by IAM beside another IAM admin', { cluster: byIam, admin: iamAdmin('iam_admin') }],
  [
    'a master by IAM beside an admin with a password, through a tunnel',
    {
      cluster: byIam,
      admin: secret(secretArn, { username: 'deployer' }),
      through: tunnel({ host: 'localhost', port: 15432 }),
      assumeRole: { roleArn },
    },
  ],
  [
    'a master by password, said in as many words',
    { cluster: { ...byPassword, masterUserAuthenticationType: 'password' } as const },
  ],
  ['an instance whose master logs in by IAM', { cluster: { ...byIam, kind: 'instance' } as const }],
])('accepted: %s', (_what, changes) => {
  expect(faultsOf(exampleEnvironment(changes))).toEqual([]);
});

test.each([
  [
    'the secret of a master by IAM',
    { cluster: byIam, admin: rdsManagedSecret() },
    'admin: is the master root with a password, and the cluster says that its master logs in by IAM',
  ],
  [
    'a secret of your own for a master by IAM',
    { cluster: byIam, admin: secret(secretArn) },
    'admin: is the master root with a password',
  ],
  [
    'a password of the environment for a master by IAM',
    { cluster: byIam, admin: environmentPassword({ username: 'root' }) },
    'admin: is the master root with a password',
  ],
  [
    'a token for a master by password',
    { cluster: byPassword, admin: iamAdmin('root') },
    'admin: is the master root with a token, and the cluster does not say that its master logs in by IAM',
  ],
  [
    'a tunnel beside a master by IAM',
    { cluster: byIam, through: tunnel({ host: 'localhost', port: 15432 }) },
    'cluster.masterUserAuthenticationType: makes the admin log in by token',
  ],
  [
    'a role to assume beside a master by IAM',
    { cluster: byIam, assumeRole: { roleArn } },
    'assumeRole: has no effect on a master that logs in by IAM',
  ],
  [
    'a master by password among the other IAM logins',
    { cluster: byPassword, otherIamLogins: ['datadog', 'root'] },
    'otherIamLogins[1]: is the master, of which the cluster says how it logs in',
  ],
  [
    'a master by IAM among the other IAM logins',
    { cluster: byIam, otherIamLogins: ['root'] },
    'otherIamLogins[0]: is the master',
  ],
  [
    'a created cluster whose master logs in by IAM',
    {
      cluster: {
        ...createCluster({
          ...orders,
          engineVersion: '17.5',
          instances: serverlessV2({ minimumCapacity: 0.5, maximumCapacity: 2 }),
        }),
        masterUserAuthenticationType: 'iam-db-auth',
      },
    },
    'cluster.masterUserAuthenticationType: is not for a cluster that Terraform creates',
  ],
  [
    'the same by an override',
    {
      cluster: createCluster({
        ...orders,
        engineVersion: '17.5',
        instances: serverlessV2({ minimumCapacity: 0.5, maximumCapacity: 2 }),
        overrides: { cluster: { masterUserAuthenticationType: 'iam-db-auth' } as object },
      }),
    },
    'cluster.overrides.cluster.masterUserAuthenticationType: is decided by the environment',
  ],
  [
    'authorities beside those of a tunnel',
    { certificateAuthorityFile: 'ca.pem', through: tunnel({ host: 'localhost', port: 15432 }) },
    'certificateAuthorityFile: stands beside a tunnel',
  ],
  [
    'another spelling',
    { cluster: { ...byPassword, masterUserAuthenticationType: 'iam' } },
    'cluster.masterUserAuthenticationType: ',
  ],
])('refused, with one fault: %s', (_what, changes, message) => {
  const faults = faultsOf(exampleEnvironment(changes as Parameters<typeof exampleEnvironment>[0]));
  expect(faults).toHaveLength(1);
  expect(faults[0]).toContain(message);
});
