import { type AdminLogin, adminLogin } from '../../../modules/environment/admin';
import {
  environmentPassword,
  iamAdmin,
  rdsManagedSecret,
  secret,
} from '../../../modules/environment/environment';

const region = 'eu-west-1';
const cluster = { kind: 'existing', identifier: 'orders', databaseName: 'orders' } as const;
const byIam = { ...cluster, masterUserAuthenticationType: 'iam-db-auth' } as const;
const secretArn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:orders';

test.each<[string, Parameters<typeof adminLogin>[0], Pick<AdminLogin, 'username' | 'password'>]>([
  ['by default', { region, cluster }, { username: undefined, password: { from: 'managedSecret' } }],
  [
    'with the secret of RDS',
    { region, cluster, admin: rdsManagedSecret() },
    { username: undefined, password: { from: 'managedSecret' } },
  ],
  [
    'as a master that logs in by IAM',
    { region, cluster: byIam },
    { username: 'postgres', password: { from: 'token', region } },
  ],
  [
    'as a master of another name that logs in by IAM',
    { region, cluster: { ...byIam, kind: 'instance', masterUsername: 'root' } },
    { username: 'root', password: { from: 'token', region } },
  ],
  [
    'with a password beside a master that logs in by IAM',
    { region, cluster: byIam, admin: environmentPassword({ username: 'deployer' }) },
    { username: 'deployer', password: { from: 'environment' } },
  ],
  [
    'with a secret of the master',
    { region, cluster, admin: secret(secretArn) },
    { username: undefined, password: { from: 'secret', secretArn } },
  ],
  [
    'with a secret of another role',
    { region, cluster, admin: { kind: 'secret', secretArn, username: 'deployer' } },
    { username: 'deployer', password: { from: 'secret', secretArn } },
  ],
  [
    'by a token',
    { region, cluster, admin: iamAdmin('deployer') },
    { username: 'deployer', password: { from: 'token', region } },
  ],
  [
    'with a password of the process',
    { region, cluster, admin: environmentPassword() },
    { username: undefined, password: { from: 'environment' } },
  ],
])('the admin logs in %s, the certificate checked in full', (_how, environment, expected) => {
  expect(adminLogin(environment)).toEqual({
    ...expected,
    through: undefined,
    tls: { sslmode: 'verify-full', certificateAuthorityFile: undefined },
  });
});

test("the endpoint's authorities are RDS's, or those that the environment names", () => {
  const { tls } = adminLogin({ region, cluster: byIam, certificateAuthorityFile: 'own.pem' });
  expect(tls).toEqual({ sslmode: 'verify-full', certificateAuthorityFile: 'own.pem' });
});

describe('through a tunnel', () => {
  const through = { host: 'localhost', port: 15432 };

  test('the chain is checked; the name too where the environment asks for it', () => {
    expect(adminLogin({ region, cluster, through })).toMatchObject({
      through,
      tls: { sslmode: 'verify-ca' },
    });
    expect(adminLogin({ region, cluster, through: { ...through, sslmode: 'verify-full' } }).tls.sslmode).toBe(
      'verify-full',
    );
  });

  test("the command line's tunnel and authorities win over the environment's", () => {
    const environment = {
      region,
      cluster,
      through: { ...through, certificateAuthorityFile: 'of-environment.pem' },
    };
    const given = { through: { host: 'bastion', port: 5432 }, certificateAuthorityFile: 'given.pem' };
    expect(adminLogin(environment).tls.certificateAuthorityFile).toBe('of-environment.pem');
    expect(adminLogin(environment, given)).toMatchObject({
      through: { host: 'bastion', port: 5432 },
      tls: { sslmode: 'verify-ca', certificateAuthorityFile: 'given.pem' },
    });
    // A tunnel on the command line alone.
    expect(adminLogin({ region, cluster }, { through })).toMatchObject({
      through,
      tls: { sslmode: 'verify-ca' },
    });
  });
});
