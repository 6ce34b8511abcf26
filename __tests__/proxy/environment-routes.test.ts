import {
  defineAccess,
  defineEnvironment,
  existingCluster,
  iamRole,
  iamUser,
  memberCluster,
  rdsProxy,
  readOnly,
} from '../../modules';
import { environmentRoutes, routeName } from '../../proxy/environment-routes';

const environment = defineEnvironment({
  name: 'prod',
  account: '111111111111',
  region: 'eu-west-1',
  cluster: existingCluster({ identifier: 'orders', databaseName: 'orders' }),
  access: defineAccess({
    groups: { readers: readOnly({ databases: { orders: ['public'], audit: ['public'] } }) },
    logins: { api: { memberOf: ['readers'] }, analyst: { memberOf: ['readers'] } },
  }),
  principals: {
    app: iamRole('orders-api', { connectsAs: ['api'], targets: ['cluster', 'frankfurt'] }),
    people: iamRole('analysts', { connectsAs: ['analyst'] }),
    robot: iamUser('robot', { connectsAs: ['analyst'] }),
  },
  targets: {
    frankfurt: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
    pooled: rdsProxy({ name: 'orders-proxy' }),
  },
});

const lookUp = async () => ({ host: 'x', port: 5432, region: 'eu-west-1' });
const routes = (asked: Parameters<typeof environmentRoutes>[1]) =>
  environmentRoutes(environment, asked, lookUp);

test('an environment is served whole: its cluster, the readers, and each target; plain logins lead to the cluster', () => {
  expect(routes({}).map(({ name, isDefault }) => [name, isDefault])).toEqual([
    ['prod', true],
    ['prod.readers', false],
    ['prod.frankfurt', false],
    ['prod.frankfurt.readers', false],
    ['prod.pooled', false],
  ]);
  expect(routes({})[0]).toMatchObject({
    logins: ['api', 'analyst'],
    databases: ['orders', 'audit'],
    credentials: {},
  });
});

test('one way that is asked for is served alone', () => {
  expect(routes({ way: { target: 'frankfurt', reader: true } })).toMatchObject([
    { name: 'prod.frankfurt.readers', isDefault: true },
  ]);
  expect(() => routes({ way: { target: 'paris' } })).toThrow(
    'has no target "paris"; it has cluster, frankfurt, pooled.',
  );
});

test("a principal's role signs for its logins, and goes to its targets, alone", () => {
  const [first, ...others] = routes({ as: 'app', profile: 'work' });
  expect(first).toMatchObject({
    logins: ['api'],
    credentials: { profile: 'work', role: 'arn:aws:iam::111111111111:role/orders-api' },
  });
  expect(others.map(({ name }) => name)).toEqual([
    'prod.readers',
    'prod.frankfurt',
    'prod.frankfurt.readers',
  ]);
  expect(() => routes({ as: 'app', way: { target: 'pooled' } })).toThrow('may not connect to pooled');
  expect(() => routes({ as: 'people', users: ['api'] })).toThrow('it has analyst');
  expect(() => routes({ as: 'robot' })).toThrow('is the IAM user robot');
  expect(() => routes({ as: 'app', role: 'analysts' })).toThrow('Give either --as or --role');
  expect(routes({ role: 'analysts' })[0]).toMatchObject({ logins: ['analyst'] });
});

test('no login is let in but those that were named', () => {
  expect(routes({ users: ['analyst'] })[0]?.logins).toEqual(['analyst']);
  expect(() => routes({ users: ['Analyst'] })).toThrow('it has api, analyst. Upper and lower case count.');
});

test('names of routes', () => {
  expect(routeName('prod', {})).toBe('prod');
  expect(routeName('prod', { target: 'frankfurt', reader: true })).toBe('prod.frankfurt.readers');
});
