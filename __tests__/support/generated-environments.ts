import fc from 'fast-check';
import {
  type Access,
  type Environment,
  existingCluster,
  existingInstance,
  iamGroup,
  iamRole,
  iamUser,
  memberCluster,
  newRole,
  ownName,
  type Principal,
  rdsProxy,
  readOnly,
  service,
} from '../../modules';

/** Names that are easily taken for one another: prefixes, other case, signs that mean something elsewhere. */
const loginName = fc.oneof(
  fc.constantFrom(
    'a',
    'ab',
    'a_b',
    'a.b',
    'a-b',
    'a@b',
    'A',
    'Ab',
    '_',
    '__',
    'orders',
    'orders_api',
    'orders-api',
    'aws.username',
  ),
  fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_.@-]{0,62}$/),
);

const usable = (name: string) =>
  !/^(pg_|rds_|rdsadmin$|rdsrepladmin$|rdsproxyadmin$|rdstopmgr$|rdswriteforwarduser$|public$|none$|postgres$|reader$)/.test(
    name,
  );

const targets = {
  frankfurt: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
  pooled: rdsProxy({ name: 'pooled' }),
};

function principal(logins: readonly string[], targetKeys: readonly string[]): fc.Arbitrary<Principal> {
  const options = fc.record(
    {
      connectsAs: fc.subarray([...logins], { minLength: 1 }),
      targets: fc.subarray([...targetKeys], { minLength: 1 }),
      mayLookUpCluster: fc.boolean(),
    },
    { requiredKeys: ['connectsAs'] },
  );
  return fc
    .tuple(
      options,
      fc.constantFrom('role', 'user', 'group', 'newRole', 'document', 'ownGroup', 'ownUser'),
      fc.nat(),
    )
    .map(([given, kind, number]): Principal => {
      const name = `identity-${number}`;
      switch (kind) {
        case 'role':
          return iamRole(name, given);
        case 'user':
          return iamUser(name, given);
        case 'group':
          return iamGroup(name, given);
        case 'newRole':
          return newRole(name, { ...given, trust: service('lambda') });
        case 'ownGroup':
          return iamGroup(name, { ...given, connectsAs: ownName(given.connectsAs) });
        case 'ownUser':
          return iamUser(given.connectsAs[0] as string, {
            ...given,
            connectsAs: ownName(given.connectsAs.slice(0, 1)),
          });
        default:
          return { kind: 'document', ...given };
      }
    });
}

/** Valid environments with up to 5 logins, 3 principals and 3 targets. */
export const generatedEnvironment: fc.Arbitrary<Environment> = fc
  .tuple(fc.uniqueArray(loginName.filter(usable), { minLength: 1, maxLength: 5 }), fc.boolean())
  .chain(([logins, instance]) => {
    const keys = instance ? ['cluster', 'pooled'] : ['cluster', 'frankfurt', 'pooled'];
    const principals = fc.array(principal(logins, keys), { minLength: 1, maxLength: 3 });
    return principals.map((list) => environmentOf(logins, list, instance));
  });

function environmentOf(
  logins: readonly string[],
  principals: readonly Principal[],
  instance: boolean,
): Environment {
  const access: Access = {
    groups: { reader: readOnly() },
    logins: Object.fromEntries(logins.map((name) => [name, { memberOf: ['reader'], caseSensitive: true }])),
  };
  const cluster = { identifier: 'orders', databaseName: 'orders' };
  return {
    name: 'test',
    account: '111111111111',
    region: 'eu-west-1',
    cluster: instance ? existingInstance(cluster) : existingCluster(cluster),
    access,
    targets: instance ? { pooled: targets.pooled } : targets,
    principals: Object.fromEntries(principals.map((each, index) => [`p${index}`, each])),
  };
}
