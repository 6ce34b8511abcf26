import { GcsBackend, type TerraformStack, TerraformVariable } from 'cdktf';
import {
  createCluster,
  type Environment,
  EnvironmentError,
  environmentStacks,
  iamRole,
  memberCluster,
  newRole,
  s3Backend,
  serverlessV2,
  service,
} from '../../../modules';
import { exampleEnvironment } from '../../support/example';
import { resources, synthesize, synthesizeApp } from '../../support/synthesized';

const created = createCluster({
  identifier: 'orders',
  databaseName: 'orders',
  engineVersion: '17.5',
  instances: serverlessV2({ minimumCapacity: 0.5, maximumCapacity: 1 }),
});

test('an existing cluster has two stacks, a created one three, in order', () => {
  expect(synthesize(exampleEnvironment()).dependencies).toEqual({ 'test-database': [], 'test-policies': [] });
  expect(synthesize(exampleEnvironment({ cluster: created })).dependencies).toEqual({
    'test-cluster': [],
    'test-database': ['test-cluster'],
    'test-policies': ['test-cluster'],
  });
});

test('no stack works in another account than its own, and none shares state with another', () => {
  const { stacks } = synthesize(exampleEnvironment({ cluster: created }));
  for (const stack of Object.values(stacks)) {
    expect(stack.provider['aws']).toEqual([{ region: 'eu-west-1', allowed_account_ids: ['111111111111'] }]);
    expect(stack.text).not.toContain('terraform_remote_state');
  }
});

test('states lie beside cdktf.out unless a bucket is named', () => {
  const { stacks } = synthesize(exampleEnvironment());
  expect(stacks['test-policies']?.terraform.backend).toEqual({
    local: { path: '../../../terraform.test-policies.tfstate' },
  });
  const inBucket = synthesize(exampleEnvironment({ backend: s3Backend({ bucket: 'states' }) }));
  expect(inBucket.stacks['test-policies']?.terraform.backend).toEqual({
    s3: {
      bucket: 'states',
      key: 'aurora-iam/test-policies.tfstate',
      region: 'eu-west-1',
      encrypt: true,
      use_lockfile: true,
    },
  });
});

test('every provider works as the role that the environment names; the state does not, unless its own is named', () => {
  const roleArn = 'arn:aws:iam::111111111111:role/deploy';
  const { stacks } = synthesize(
    exampleEnvironment({
      cluster: created,
      assumeRole: { roleArn, externalId: 'x-1' },
      backend: s3Backend({ bucket: 'states', assumeRoleArn: 'arn:aws:iam::222222222222:role/states' }),
      targets: { frankfurt: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }) },
    }),
  );
  const providers = Object.values(stacks).flatMap(({ provider }) => provider['aws'] ?? []);
  // One a stack, and one for the other region.
  expect(providers).toHaveLength(4);
  for (const provider of providers)
    expect(provider).toMatchObject({
      allowed_account_ids: ['111111111111'],
      assume_role: [{ role_arn: roleArn, external_id: 'x-1', session_name: 'aurora-iam' }],
    });
  for (const { terraform } of Object.values(stacks))
    expect(terraform.backend['s3']).toMatchObject({
      assume_role: { role_arn: 'arn:aws:iam::222222222222:role/states' },
    });
});

test("providers are the bindings' own versions unless the environment allows others", () => {
  const versions = (changes = {}) => {
    const providers = synthesize(exampleEnvironment(changes)).stacks['test-database']?.terraform
      .required_providers;
    return [providers?.['aws']?.version, providers?.['postgresql']?.version];
  };
  expect(versions()).toEqual(['6.25.0', '1.26.0']);
  expect(versions({ providerVersions: { aws: '>= 5.100.0' } })).toEqual(['>= 5.100.0', '1.26.0']);
});

test('tags go to every AWS resource', () => {
  const { stacks } = synthesize(exampleEnvironment({ tags: { team: 'orders ${x}' } }));
  expect(stacks['test-policies']?.provider['aws']?.[0]).toMatchObject({
    default_tags: [{ tags: { team: 'orders $${x}' } }],
  });
});

test('no path of the machine gets into a stack', () => {
  for (const stack of Object.values(synthesize(exampleEnvironment({ cluster: created })).stacks))
    expect(stack.text).not.toContain(process.cwd());
});

test('a wrong environment is refused before any stack exists', () => {
  expect(() => synthesize(exampleEnvironment(), exampleEnvironment({ name: 'x', account: '1' }))).toThrow(
    EnvironmentError,
  );
});

test('two environments of one access have the same addresses', () => {
  const other = exampleEnvironment({ name: 'other', account: '222222222222' });
  const { stacks } = synthesize(exampleEnvironment(), other);
  expect(Object.keys(resources(stacks['other-database'], 'postgresql_role'))).toEqual(
    Object.keys(resources(stacks['test-database'], 'postgresql_role')),
  );
});

test('an environment file in another order has the same addresses and documents', () => {
  const reversed = <T>(record: Readonly<Record<string, T>>) =>
    Object.fromEntries(Object.entries(record).reverse());
  const environment = exampleEnvironment({
    cluster: created,
    principals: {
      api: iamRole('orders-api', { connectsAs: ['orders_api', 'analyst'] }),
      ci: newRole('ci', { trust: service('lambda'), connectsAs: ['orders_migrate'] }),
    },
  });
  const other = exampleEnvironment({
    cluster: created,
    access: {
      groups: reversed(environment.access.groups),
      logins: reversed(environment.access.logins),
    },
    principals: reversed({
      ...environment.principals,
      api: iamRole('orders-api', { connectsAs: ['analyst', 'orders_api'] }),
    }),
  });
  const [ours, theirs] = [synthesize(environment).stacks, synthesize(other).stacks];
  for (const name of ['test-cluster', 'test-database', 'test-policies'])
    expect(theirs[name]?.resource).toEqual(ours[name]?.resource);
});

describe('a backend that somebody gives to the stack of an environment', () => {
  const withBackend = (environment: Environment, add: (stack: TerraformStack) => unknown) => () =>
    synthesizeApp((app) => {
      const [made] = environmentStacks(app, [environment]);
      if (made) add(made.database);
    });
  const gcs = (stack: TerraformStack) => new GcsBackend(stack, { bucket: 'theirs' });

  test('stands in the place of the default one', () => {
    const { stacks } = withBackend(exampleEnvironment(), gcs)();
    expect(stacks['test-database']?.terraform.backend).toEqual({ gcs: { bucket: 'theirs' } });
    expect(stacks['test-policies']?.terraform.backend).toEqual({
      local: { path: '../../../terraform.test-policies.tfstate' },
    });
  });

  test('is refused beside that of the environment, and both are named', () => {
    const environment = exampleEnvironment({ backend: s3Backend({ bucket: 'states' }) });
    expect(withBackend(environment, gcs)).toThrow(EnvironmentError);
    expect(withBackend(environment, gcs)).toThrow(
      'environment test\n  fault environment-twice backend: is the bucket states, and stack test-database has another one, the construct test-database/backend; remove one of the two',
    );
  });

  test('is not taken for a construct that has its id', () => {
    expect(withBackend(exampleEnvironment(), (stack) => new TerraformVariable(stack, 'backend', {}))).toThrow(
      'the construct test-database/backend has the id that CDKTF gives to the backend of a stack; choose another id',
    );
  });
});
