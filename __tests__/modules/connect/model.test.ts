import { documentOnly, iamGroup, iamRole, newRole, ownName, service } from '../../../modules';
import { connectModel, roleNamed, roleOfPrincipal, unusedLogins } from '../../../modules/connect/model';
import { exampleAccess, exampleEnvironment } from '../../support/example';

const model = connectModel({
  access: exampleAccess,
  principals: {
    api: iamRole('arn:aws:iam::111111111111:role/teams/orders-api', { connectsAs: ['orders_api'] }),
    people: iamGroup('people', { connectsAs: ownName(['orders_api']), targets: ['cluster', 'frankfurt'] }),
    jobs: newRole('jobs', { trust: service('lambda'), connectsAs: ['orders_api'], mayLookUpCluster: true }),
  },
});

test('who comes in as whom, where, and which identity that is in IAM', () => {
  expect(model.principals.map(({ principal, ...connects }) => connects)).toEqual([
    {
      key: 'api',
      identity: {
        kind: 'role',
        name: 'orders-api',
        written: 'arn:aws:iam::111111111111:role/teams/orders-api',
        isNew: false,
      },
      logins: ['orders_api'],
      ownName: false,
      targets: ['cluster'],
      mayLookUpCluster: false,
    },
    {
      key: 'people',
      identity: { kind: 'group', name: 'people', written: 'people', isNew: false },
      logins: ['orders_api'],
      ownName: true,
      targets: ['cluster', 'frankfurt'],
      mayLookUpCluster: false,
    },
    {
      key: 'jobs',
      identity: { kind: 'role', name: 'jobs', written: 'jobs', isNew: true },
      logins: ['orders_api'],
      ownName: false,
      targets: ['cluster'],
      mayLookUpCluster: true,
    },
  ]);
});

test('and the other way round: which principals use a login, and which logins nobody uses', () => {
  expect([...model.principalsOf]).toEqual([
    ['orders_api', ['api', 'people', 'jobs']],
    ['orders_migrate', []],
    ['analyst', []],
  ]);
  expect(unusedLogins(model)).toEqual(['orders_migrate', 'analyst']);
});

test('a document only is nobody in IAM', () => {
  const { principals } = connectModel(exampleEnvironment());
  expect(principals.find(({ key }) => key === 'analysts')?.identity).toBeUndefined();
});

describe('the role behind a principal', () => {
  const environment = exampleEnvironment({
    principals: {
      api: iamRole('orders-api', { connectsAs: ['orders_api', 'analyst'] }),
      written: iamRole('arn:aws:iam::111111111111:role/teams/ci', { connectsAs: ['orders_api'] }),
      jobs: newRole('jobs', { trust: service('lambda'), path: '/work/', connectsAs: ['orders_api'] }),
      people: iamGroup('people', { connectsAs: ['orders_api'] }),
      analysts: documentOnly({ connectsAs: ['analyst'] }),
    },
  });

  test.each([
    ['api', 'arn:aws:iam::111111111111:role/orders-api', ['orders_api', 'analyst']],
    ['written', 'arn:aws:iam::111111111111:role/teams/ci', ['orders_api']],
    ['jobs', 'arn:aws:iam::111111111111:role/work/jobs', ['orders_api']],
  ])('%s', (key, roleArn, logins) => {
    expect(roleOfPrincipal(environment, key)).toEqual({ roleArn, logins });
  });

  test.each([
    ['people', 'is the IAM group people'],
    ['analysts', 'is a document only'],
    ['nobody', 'there is api, written, jobs, people, analysts'],
    ['constructor', 'there is no principal "constructor"'],
  ])('%s has none to assume, and it says why', (key, why) => {
    expect(roleOfPrincipal(environment, key)).toContain(why);
  });

  test.each([
    [
      'an ARN',
      'arn:aws:iam::111111111111:role/teams/ci',
      'arn:aws:iam::111111111111:role/teams/ci',
      ['orders_api'],
    ],
    ['a key', 'written', 'arn:aws:iam::111111111111:role/teams/ci', ['orders_api']],
    ['a name', 'orders-api', 'arn:aws:iam::111111111111:role/orders-api', ['orders_api', 'analyst']],
    ['a name of a role with a path', 'jobs', 'arn:aws:iam::111111111111:role/work/jobs', ['orders_api']],
    ['a name with its path', 'work/jobs', 'arn:aws:iam::111111111111:role/work/jobs', ['orders_api']],
    ['a role that is no principal', 'deploy', 'arn:aws:iam::111111111111:role/deploy', []],
  ])('may be named by %s', (_what, given, roleArn, logins) => {
    expect(roleNamed(environment, given)).toEqual({ roleArn, logins });
  });

  test.each([
    ['analysts', 'is a document only'],
    ['arn:aws:iam::111111111111:user/jane', 'is not the ARN of a role'],
    ['a b', 'is neither an ARN nor the name of a role'],
  ])('is not %s', (given, why) => {
    expect(roleNamed(environment, given)).toContain(why);
  });

  test('is not guessed where a key is the name of another role', () => {
    const twisted = exampleEnvironment({
      principals: {
        a: iamRole('b', { connectsAs: ['orders_api'] }),
        b: iamRole('c', { connectsAs: ['analyst'] }),
      },
    });
    expect(roleNamed(twisted, 'b')).toContain('is the key of a principal and the name of another role');
  });
});
