import { findRoute } from '../../proxy/routes';
import { aRoute } from '../support/proxy-upstream';

const dev = aRoute('dev', { logins: ['orders_api', 'analyst'], databases: ['orders_dev', 'audit'] });
const prod = aRoute('prod', { databases: ['orders', 'audit'] });
const readers = aRoute('prod.readers', { isDefault: false });
const routes = [dev, prod, readers];

const found = (user: string, database = 'orders') => {
  const answer = findRoute(routes, { user, database });
  return 'route' in answer ? `${answer.login} on ${answer.route.name}` : answer.refusal;
};

test('a login that one environment has leads there, whatever the database', () => {
  expect(found('analyst', 'anything')).toBe('analyst on dev');
});

test('the same login of two environments is told apart by the database', () => {
  expect(found('orders_api', 'orders_dev')).toBe('orders_api on dev');
  expect(found('orders_api', 'orders')).toBe('orders_api on prod');
});

test('where that does not decide, nothing is guessed, and the way out is said', () => {
  const refusal = {
    message: 'login "orders_api" and database "audit" fit dev and prod',
    hint: 'Connect as orders_api~dev or orders_api~prod.',
  };
  expect(found('orders_api', 'audit')).toEqual(refusal);
  expect(found('orders_api', 'postgres')).toMatchObject({ hint: refusal.hint });
});

test('a route can be named behind the login; the readers are never taken for the writer', () => {
  expect(found('orders_api~prod')).toBe('orders_api on prod');
  expect(found('orders_api~prod.readers')).toBe('orders_api on prod.readers');
});

test.each([
  ['nobody', 'the proxy has no login "nobody"'],
  ['Analyst', 'the proxy has no login "Analyst"'],
  ['analyst~prod', 'prod has no login "analyst"'],
  ['analyst~staging', 'the proxy does not serve "staging"'],
  ['analyst~dev~prod', 'the proxy does not serve "dev~prod"'],
  ['~dev', 'dev has no login ""'],
  ['', 'the proxy has no login ""'],
])('%j is refused', (user, message) => {
  expect(found(user)).toMatchObject({ message });
});

test('a route for any login takes what can be a login, and nothing else', () => {
  const any = [aRoute('host', { logins: undefined })];
  expect(findRoute(any, { user: 'Jane.Doe@example.com', database: 'x' })).toMatchObject({
    login: 'Jane.Doe@example.com',
  });
  for (const user of ['my analyst', '1st', 'x*y', 'a'.repeat(64)])
    expect(findRoute(any, { user, database: 'x' })).toHaveProperty('refusal');
});
