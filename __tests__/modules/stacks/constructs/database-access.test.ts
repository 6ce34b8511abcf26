import { DataAwsRdsCluster } from '@cdktf/provider-aws/lib/data-aws-rds-cluster';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { RdsClusterInstance } from '@cdktf/provider-aws/lib/rds-cluster-instance';
import { PostgresqlProvider, type PostgresqlProviderConfig } from '@cdktf/provider-postgresql/lib/provider';
import { LocalBackend, TerraformStack, TerraformVariable } from 'cdktf';
import {
  type Access,
  ConnectPolicies,
  certificateAuthorityFile,
  DatabaseAccess,
  type DatabaseAccessProps,
  defineAccess,
  iamRole,
  owner,
  readOnly,
  secretPassword,
} from '../../../../modules';
import { exampleAccess, exampleEnvironment } from '../../../support/example';
import {
  resources,
  type SynthesizedApp,
  type SynthesizedStack,
  synthesize,
  synthesizeApp,
} from '../../../support/synthesized';

type Props = Partial<DatabaseAccessProps>;

/** Without a cluster of its own. */
function emptyStack(app: ConstructorParameters<typeof TerraformStack>[0], id: string): TerraformStack {
  const stack = new TerraformStack(app, id);
  new LocalBackend(stack, { path: 'terraform.tfstate' });
  new AwsProvider(stack, 'aws', { region: 'eu-west-1' });
  return stack;
}

function postgresql(
  stack: TerraformStack,
  id: string,
  config: PostgresqlProviderConfig = {},
): PostgresqlProvider {
  return new PostgresqlProvider(stack, id, { host: 'db.example', superuser: false, ...config });
}

function own(stack: TerraformStack, changes: object = {}): RdsCluster {
  return new RdsCluster(stack, 'cluster', {
    clusterIdentifier: 'orders',
    engine: 'aurora-postgresql',
    databaseName: 'orders',
    masterUsername: 'postgres',
    iamDatabaseAuthenticationEnabled: true,
    ...changes,
  });
}

const lookedUp = (stack: TerraformStack) =>
  new DataAwsRdsCluster(stack, 'cluster', { clusterIdentifier: 'orders' });

/** One stack that looks its cluster up and has access in it; synthesized with CDKTF's own validations. */
function appOf(props: Props | ((stack: TerraformStack) => Props) = {}): SynthesizedApp {
  return synthesizeApp((app) => {
    const stack = emptyStack(app, 'own');
    postgresql(stack, 'postgresql');
    const given = typeof props === 'function' ? props(stack) : props;
    new DatabaseAccess(stack, 'access', {
      ...(given.cluster ? {} : { databaseName: 'orders' }),
      cluster: given.cluster ?? lookedUp(stack),
      access: exampleAccess,
      ...given,
    } as DatabaseAccessProps);
  });
}
const stackOf = (props: Props | ((stack: TerraformStack) => Props) = {}) => appOf(props).stacks['own'];

const TYPES = [
  'postgresql_role',
  'postgresql_grant',
  'postgresql_default_privileges',
  'postgresql_grant_role',
];
const all = (stack: SynthesizedStack | undefined) =>
  [...TYPES, 'terraform_data'].flatMap((type) => Object.values(resources(stack, type)));

describe('for the same access', () => {
  /** Every resource as text, ids without what a construct adds to them. */
  const texts = (stack: SynthesizedStack | undefined) =>
    TYPES.map((type) =>
      Object.entries(resources(stack, type))
        .map((each) => JSON.stringify(each).replace(/access_([\w-]+?)_[0-9A-F]{8}(?=[".])/g, '$1'))
        .sort(),
    );

  test.each<[string, Access]>([
    ['groups, logins and an owner', exampleAccess],
    [
      'adopted roles, a cutover, names of every kind',
      defineAccess({
        groups: {
          'a b': owner({ schemas: ['audit'] }),
          there: readOnly({ adopt: true, creators: ['postgres'], schemas: ['audit'] }),
        },
        logins: {
          old: { memberOf: ['there', 'a b'], cutover: true, connectionLimit: 3 },
          migrate: { actsAs: 'a b' },
        },
      }),
    ],
  ])('it makes what the stack of an environment makes: %s', (_what, access) => {
    const environment = exampleEnvironment({ access, principals: {}, lockDown: true });
    const theirs = synthesize(environment).stacks['test-database'];
    const command = 'npx --no-install aurora-iam schemas test';
    const ours = stackOf({ access, lockDown: true, createSchemasCommand: command });
    expect(texts(ours)).toEqual(texts(theirs));
    expect(all(ours).length).toBe(all(theirs).length);
  });

  test('the order in the program makes no difference', () => {
    const reversed = <T extends object>(object: T) =>
      Object.fromEntries(Object.entries(object).reverse()) as T;
    const access = { groups: reversed(exampleAccess.groups), logins: reversed(exampleAccess.logins) };
    expect(stackOf({ access })?.resource).toEqual(stackOf()?.resource);
  });
});

test('a cutover is said', () => {
  const access = defineAccess({
    groups: { reader: readOnly() },
    logins: { old: { memberOf: ['reader'], cutover: true } },
  });
  expect(appOf({ access }).warnings.join()).toContain('Cutover of old (construct own/access)');
});

describe('on a cluster that is looked up', () => {
  const conditions = JSON.stringify(stackOf()?.data?.['aws_rds_cluster']);

  test('a plan refuses one without IAM authentication, and one whose master is called otherwise', () => {
    expect(conditions).toContain('${self.iam_database_authentication_enabled}');
    expect(conditions).toContain('${self.master_username == \\"postgres\\"}');
    expect(conditions).toContain('Set masterUsername to its true name');
  });

  test('nothing waits for it', () => {
    const groups = Object.values(resources(stackOf(), 'postgresql_role')).filter(({ login }) => !login);
    expect(groups).toHaveLength(3);
    for (const group of groups) expect(group).not.toHaveProperty('depends_on');
  });
});

describe('on a cluster that the same stack creates', () => {
  const make = (dependsOnWriter: boolean, changes: object = {}) =>
    stackOf((stack) => {
      const cluster = own(stack, changes);
      const writer = new RdsClusterInstance(stack, 'writer', {
        clusterIdentifier: cluster.clusterIdentifier,
        engine: 'aurora-postgresql',
        instanceClass: 'db.t4g.medium',
      });
      return { cluster, ...(dependsOnWriter ? { dependsOn: [writer] } : {}) };
    });

  test('everything waits for the writer, what is read in every plan too', () => {
    const stack = make(true);
    const read = Object.values(stack?.data?.['postgresql_schemas'] ?? {});
    expect(read).toHaveLength(1);
    for (const each of [...all(stack), ...read])
      expect(each['depends_on']).toContain('aws_rds_cluster_instance.writer');
    expect(read[0]).toMatchObject({ database: 'orders' });
  });

  test('without the writer it is refused, because nothing would answer', () => {
    expect(() => make(false)).toThrow(
      "construct own/access\n  fault construct-values dependsOn: is empty, and this stack creates the cluster, which answers nobody before its writer is there; name the writer's RdsClusterInstance",
    );
  });

  test('a master or a database that the program does not name must be written', () => {
    const variable = (stack: TerraformStack) => new TerraformVariable(stack, 'name', {}).stringValue;
    expect(() =>
      stackOf((stack) => ({
        cluster: own(stack, { masterUsername: variable(stack), databaseName: undefined }),
        dependsOn: [stack.node.findChild('cluster') as RdsCluster],
      })),
    ).toThrow(
      /databaseName: is not written in the cluster;[\s\S]*masterUsername: is known to Terraform only/,
    );
  });

  test('an instance is waited for by itself', () => {
    const stack = stackOf((stack) => ({
      cluster: new DbInstance(stack, 'db', {
        identifier: 'orders',
        instanceClass: 'db.t4g.micro',
        engine: 'postgres',
        dbName: 'orders',
        username: 'postgres',
        iamDatabaseAuthenticationEnabled: true,
      }),
    }));
    for (const each of all(stack)) expect(each['depends_on']).toContain('aws_db_instance.db');
  });
});

test('a cluster of another stack of the app need not be named to Terraform at all', () => {
  const { stacks, dependencies } = synthesizeApp((app) => {
    const cluster = own(emptyStack(app, 'platform'));
    const stack = emptyStack(app, 'own');
    postgresql(stack, 'postgresql');
    new DatabaseAccess(stack, 'access', { cluster, access: exampleAccess });
  });
  expect(dependencies['own']).toEqual([]);
  expect(Object.keys(resources(stacks['own'], 'postgresql_role'))).toHaveLength(6);
});

test('its own provider makes everything, and one of another database what is owned there', () => {
  const access = defineAccess({
    groups: { orders_owner: owner(), reports_owner: owner({ database: 'reports', schemas: ['audit'] }) },
    logins: { migrate: { actsAs: 'orders_owner' } },
  });
  const stack = stackOf((stack) => ({
    access,
    createSchemasCommand: 'true',
    provider: postgresql(stack, 'main', { alias: 'main' }),
    providers: { reports: postgresql(stack, 'reports', { alias: 'reports' }) },
  }));
  const elsewhere = Object.entries(stack?.resource ?? {}).flatMap(([type, blocks]) =>
    Object.entries(blocks).flatMap(([id, { provider }]) =>
      type === 'terraform_data' || provider === 'postgresql.main'
        ? []
        : [[id.replace(/_[0-9A-F]{8}$/, ''), provider]],
    ),
  );
  expect(elsewhere).toEqual([['access_group-reports_owner', 'postgresql.reports']]);
  expect(Object.values(stack?.data?.['postgresql_schemas'] ?? {}).map(({ provider }) => provider)).toEqual([
    'postgresql.main',
    'postgresql.reports',
  ]);
});

describe('what is wrong is said at synth', () => {
  test.each<[what: string, config: PostgresqlProviderConfig, way: string]>([
    [
      'a profile',
      { awsRdsIamProfile: 'prod' },
      'has awsRdsIamProfile and awsRdsIamRegion, and ignores the region: it signs for that of the profile; leave awsRdsIamProfile out, and set AWS_PROFILE for Terraform',
    ],
    [
      'a role',
      { awsRdsIamProviderRoleArn: 'arn:aws:iam::111111111111:role/deploy' },
      'has awsRdsIamProviderRoleArn and awsRdsIamRegion, and ignores the region as soon as it has the role; leave awsRdsIamRegion out, and set AWS_REGION for Terraform',
    ],
  ])('a provider whose token would be for another region: %s beside a region', (_what, config, way) => {
    const make = (more: PostgresqlProviderConfig) =>
      stackOf((stack) => ({
        provider: postgresql(stack, 'by-token', { alias: 'by_token', awsRdsIamAuth: true, ...more }),
      }));
    expect(() => make({ ...config, awsRdsIamRegion: 'eu-west-1' })).toThrow(
      `fault construct-values provider: ${way}`,
    );
    expect(make(config)).toBeDefined();
    expect(make({ awsRdsIamRegion: 'eu-west-1' })).toBeDefined();
  });

  test('everything at once', () => {
    const access: Access = {
      groups: { pg_x: readOnly(), elsewhere: owner({ database: 'reports' }) },
      logins: { postgres: { memberOf: ['nobody'] } },
    };
    expect(() =>
      stackOf((stack) => ({ access, provider: new PostgresqlProvider(stack, 'su', { alias: 'su' }) })),
    ).toThrow(`There are 5 faults in the constructs:
construct own/access
  fault construct-values provider: takes its admin for a superuser, which RDS has none of; give it superuser: false
  fault construct-values groups.elsewhere.database: owns in reports, and no provider is connected to it; give one in providers: { reports: … }
  fault environment-groups groups.pg_x: begins with pg_, which PostgreSQL reserves; choose another name
  fault environment-logins logins.postgres: is the cluster's master, which could be locked out or dropped if it were managed here; choose another name
  fault environment-logins logins.postgres.memberOf[0]: there is no group "nobody"; write one of pg_x, elsewhere, or add it under access.groups`);
  });

  test('names that only Terraform knows', () => {
    expect(() =>
      stackOf((stack) => {
        const cluster = lookedUp(stack);
        return { cluster, databaseName: cluster.databaseName, masterUsername: cluster.masterUsername };
      }),
    ).toThrow(/databaseName: is known to Terraform only[\s\S]*masterUsername: is known to Terraform only/);
  });

  test('one role on one cluster from two constructs', () => {
    const twice = (other: (stack: TerraformStack) => Props) =>
      synthesizeApp((app) => {
        const stack = emptyStack(app, 'own');
        postgresql(stack, 'postgresql');
        const props = { cluster: lookedUp(stack), access: exampleAccess, databaseName: 'orders' };
        new DatabaseAccess(stack, 'one', props);
        new DatabaseAccess(stack, 'two', { ...props, ...other(stack) });
      });
    expect(() => twice(() => ({}))).toThrow(
      /construct own\/two\n {2}fault environment-twice groups.orders_owner: is already managed on this cluster by construct own\/one, and the two would undo/,
    );
    // The same look-up under another id.
    expect(() =>
      twice((stack) => ({
        cluster: new DataAwsRdsCluster(stack, 'again', { clusterIdentifier: 'orders' }),
      })),
    ).toThrow('already managed on this cluster by construct own/one');
    const another = (stack: TerraformStack) => ({
      cluster: new DataAwsRdsCluster(stack, 'another', { clusterIdentifier: 'invoices' }),
    });
    expect(twice(another)).toBeDefined();
  });
});

test('access and policies of one cluster go together', () => {
  const { stacks } = synthesizeApp((app) => {
    const stack = emptyStack(app, 'own');
    postgresql(stack, 'postgresql');
    const cluster = lookedUp(stack);
    new DatabaseAccess(stack, 'access', { cluster, access: exampleAccess, databaseName: 'orders' });
    const principals = { api: iamRole('orders-api', { connectsAs: ['orders_api'] }) };
    new ConnectPolicies(stack, 'connect', { cluster, access: exampleAccess, principals });
  });
  expect(Object.keys(stacks['own']?.resource ?? {})).toEqual([
    'aws_iam_policy',
    'aws_iam_role_policy_attachment',
    'postgresql_default_privileges',
    'postgresql_grant',
    'postgresql_role',
  ]);
});

test("a provider's password comes out of a secret, and its authorities lie beside the stack", () => {
  const { stacks } = synthesizeApp((app) => {
    const stack = emptyStack(app, 'own');
    const { masterUserSecret } = lookedUp(stack);
    postgresql(stack, 'postgresql', {
      password: secretPassword(stack, masterUserSecret.get(0).secretArn, 'master'),
      sslmode: 'verify-full',
      sslrootcert: certificateAuthorityFile(stack),
    });
  });
  expect(stacks['own']?.ephemeral).toEqual({
    aws_secretsmanager_secret_version: {
      master: { secret_id: '${data.aws_rds_cluster.cluster.master_user_secret[0].secret_arn}' },
    },
  });
  expect(stacks['own']?.provider['postgresql']?.[0]).toMatchObject({
    password: '${jsondecode(ephemeral.aws_secretsmanager_secret_version.master.secret_string)["password"]}',
    sslrootcert: 'certificate-authorities.pem',
  });
  expect(stacks['own']?.files['certificate-authorities.pem']).toContain('BEGIN CERTIFICATE');
});
