import { adminDatabase } from '../../cli/admin-database';
import { environmentPassword, iamAdmin, memberCluster, rdsProxy, tunnel } from '../../modules';
import { exampleEnvironment } from '../support/example';

// What is refused before AWS or a database is asked.

const targets = {
  frankfurt: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
  pooled: rdsProxy({ name: 'orders' }),
};
const byPassword = exampleEnvironment({ admin: environmentPassword(), targets });
const byToken = exampleEnvironment({ admin: iamAdmin('iam_admin'), targets });
const behind = exampleEnvironment({
  admin: environmentPassword(),
  targets,
  through: tunnel({ host: 'localhost', port: 15432 }),
});
const host = 'orders.cluster-abc.eu-west-1.rds.amazonaws.com';

test.each([
  ['a region without an endpoint', byPassword, { region: 'eu-west-1' }, '--region goes with --host'],
  ['a port without an endpoint', byPassword, { port: 5432 }, '--port goes with --host'],
  ['readers of an endpoint', byPassword, { host, reader: true }, 'Give either --host, or --reader'],
  ['a target and an endpoint', byPassword, { host, target: 'frankfurt' }, 'Give either --host, or --target'],
  ['a URI', byPassword, { host: 'postgresql://localhost/orders' }, 'is a URI'],
  ['a token for this machine', byToken, { host: 'localhost' }, 'a token is signed for the real endpoint'],
  ['a token for another region', byToken, { host, region: 'us-east-1' }, 'leave --region out'],
  ['a password through a proxy', byPassword, { target: 'pooled' }, 'Proxy pooled lets in tokens only'],
  ['readers through the tunnel to the writer', behind, { reader: true }, '--through <host:port>'],
  [
    'a target through the tunnel to another',
    behind,
    { target: 'frankfurt' },
    '--target frankfurt means another',
  ],
  [
    'a role that is none',
    byPassword,
    { role: 'arn:aws:iam::111111111111:user/x' },
    'is not the ARN of a role',
  ],
])('%s is refused', async (_what, environment, options, message) => {
  await expect(adminDatabase(environment, options)).rejects.toThrow(message);
});
