import { parseThrough, resolveTarget, tunnelOf } from '../../cli/target';
import { tunnel } from '../../modules';
import { exampleEnvironment } from '../support/example';

const host = 'shop.cluster-abc.eu-west-1.rds.amazonaws.com';
const resolve = (options: object) => resolveTarget({ user: 'analyst', ...options });

test('the region is that of the endpoint; capitals and a dot at its end make no other', async () => {
  expect(await resolve({ host: `${host.toUpperCase()}.`, port: 5433 })).toEqual({
    host,
    port: 5433,
    region: 'eu-west-1',
    user: 'analyst',
    credentials: expect.anything(),
  });
  expect(await resolve({ host: 'shop.cluster-abc.rds.cn-north-1.amazonaws.com.cn' })).toMatchObject({
    region: 'cn-north-1',
  });
  expect(await resolve({ host: 'shop.cluster-abc.eusc-de-east-1.rds.amazonaws.eu' })).toMatchObject({
    region: 'eusc-de-east-1',
  });
});

test('of a global database the region that is given counts', async () => {
  const global = 'shop.global-abc.global.rds.amazonaws.com';
  expect(await resolve({ host: global, region: 'eu-central-1' })).toMatchObject({
    host: global,
    region: 'eu-central-1',
  });
});

test.each<[string, object, string]>([
  [
    'another region than that of the endpoint',
    { host, region: 'us-east-1' },
    'is in eu-west-1, and --region says us-east-1',
  ],
  ['this machine', { host: 'localhost', port: 15432, region: 'eu-west-1' }, '--through localhost:15432'],
  ['an address', { host: '10.0.0.5', region: 'eu-west-1' }, '--through 10.0.0.5'],
  ['a host with a port', { host: `${host}:5432` }, '--port 5432'],
  [
    'a custom endpoint',
    { host: 'x.cluster-custom-abc.eu-west-1.rds.amazonaws.com' },
    'RDS takes no token for those',
  ],
  ['a target without an environment', { host, target: 'frankfurt' }, '--target belongs to an environment'],
  ['a principal without an environment', { host, as: 'api' }, '--as belongs to an environment'],
  ['nobody', { host, user: undefined }, 'Say as whom'],
  ['a variable of the shell that is not set', { host, user: '' }, 'Say as whom'],
  ['a user as a role', { host, role: 'arn:aws:iam::111111111111:user/jane' }, 'is not the ARN of a role'],
  ['a role by its name, without an environment', { host, role: 'jane' }, 'give its ARN'],
  [
    'a region that is none',
    { host: 'shop.global-abc.global.rds.amazonaws.com', region: 'mars' },
    '--region mars is not a region',
  ],
  ['readers without an environment', { host, reader: true }, '--reader belongs to an environment'],
])('%s is refused before anything is signed', async (_what, options, message) => {
  await expect(resolve(options)).rejects.toThrow(message);
});

test.each(['localhost', 'localhost:0', 'localhost:65536', ':5432', '::1:5432'])('%s is no tunnel', (text) =>
  expect(() => parseThrough(text)).toThrow(`--through ${text}`),
);

test('a tunnel may be at an IPv6 address', () =>
  expect(parseThrough('[::1]:15432')).toEqual({ host: '::1', port: 15432 }));

test('a target that is not there is told as that, before what its tunnel would be', () => {
  const environment = exampleEnvironment({ through: tunnel({ host: 'localhost', port: 15432 }) });
  expect(() => tunnelOf(environment, { target: 'main' })).toThrow('has no target "main"; it has cluster');
  expect(() => tunnelOf(environment, { reader: true })).toThrow('name a tunnel to that');
  expect(tunnelOf(environment, { target: 'cluster' })).toMatchObject({ port: 15432 });
});
