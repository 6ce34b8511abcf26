import { type AdminLogin, adminLogin } from '../../../modules/environment/admin';
import {
  environmentPassword,
  iamAdmin,
  rdsManagedSecret,
  secret,
} from '../../../modules/environment/environment';

const region = 'eu-west-1';
const secretArn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:orders';

test.each<[string, Parameters<typeof adminLogin>[0], Pick<AdminLogin, 'username' | 'password'>]>([
  ['by default', { region }, { username: undefined, password: { from: 'managedSecret' } }],
  [
    'with the secret of RDS',
    { region, admin: rdsManagedSecret() },
    { username: undefined, password: { from: 'managedSecret' } },
  ],
  [
    'with a secret of the master',
    { region, admin: secret(secretArn) },
    { username: undefined, password: { from: 'secret', secretArn } },
  ],
  [
    'with a secret of another role',
    { region, admin: { kind: 'secret', secretArn, username: 'deployer' } },
    { username: 'deployer', password: { from: 'secret', secretArn } },
  ],
  [
    'by a token',
    { region, admin: iamAdmin('deployer') },
    { username: 'deployer', password: { from: 'token', region } },
  ],
  [
    'with a password of the process',
    { region, admin: environmentPassword() },
    { username: undefined, password: { from: 'environment' } },
  ],
])('the admin logs in %s, the certificate checked in full', (_how, environment, expected) => {
  expect(adminLogin(environment)).toEqual({
    ...expected,
    through: undefined,
    tls: { sslmode: 'verify-full', certificateAuthorityFile: undefined },
  });
});

describe('through a tunnel', () => {
  const through = { host: 'localhost', port: 15432 };

  test('the chain is checked; the name too where the environment asks for it', () => {
    expect(adminLogin({ region, through })).toMatchObject({ through, tls: { sslmode: 'verify-ca' } });
    expect(adminLogin({ region, through: { ...through, sslmode: 'verify-full' } }).tls.sslmode).toBe(
      'verify-full',
    );
  });

  test("the command line's tunnel and authorities win over the environment's", () => {
    const environment = { region, through: { ...through, certificateAuthorityFile: 'of-environment.pem' } };
    const given = { through: { host: 'bastion', port: 5432 }, certificateAuthorityFile: 'given.pem' };
    expect(adminLogin(environment).tls.certificateAuthorityFile).toBe('of-environment.pem');
    expect(adminLogin(environment, given)).toMatchObject({
      through: { host: 'bastion', port: 5432 },
      tls: { sslmode: 'verify-ca', certificateAuthorityFile: 'given.pem' },
    });
    // A tunnel on the command line alone.
    expect(adminLogin({ region }, { through })).toMatchObject({ through, tls: { sslmode: 'verify-ca' } });
  });
});
