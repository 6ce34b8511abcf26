import { spawnSync } from 'node:child_process';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { App, type TerraformElement } from 'cdktf';
import {
  type Access,
  createCluster,
  type Environment,
  environmentStacks,
  existingCluster,
  iamRole,
  provisioned,
  rdsProxy,
  readOnly,
  readWrite,
} from '../../modules';
import { comparedPlans } from '../../modules/plan/compare';
import { reviewPlan } from '../../modules/plan/review';
import { planSummary } from '../../modules/plan/summary';
import '../../testing';
import { changedAddresses, KNOWN_AFTER_APPLY, type Plan, planOf, planText } from '../../testing';
import { exampleAccess, exampleEnvironment } from '../support/example';
import { describeWith } from '../support/machine';

const providerVersions = { aws: '5.100.0', postgresql: '1.26.0' };

const stacksOf = (environment: Environment) => {
  const [stacks] = environmentStacks(new App({ skipValidation: true }), [environment]);
  if (!stacks) throw new Error('no stacks');
  return stacks;
};
const created = (instanceClass: string) =>
  exampleEnvironment({
    cluster: createCluster({
      identifier: 'orders',
      databaseName: 'orders',
      engineVersion: '17.5',
      instances: provisioned({ instanceClass, readers: 1 }),
    }),
  });
const withAccess = (
  access: Access,
  principals: Environment['principals'] = exampleEnvironment().principals,
) => exampleEnvironment({ access, principals });

const another: Access = {
  ...exampleAccess,
  logins: { ...exampleAccess.logins, reporting: { memberOf: ['orders_read'] } },
};

describeWith(['terraform', 'postgresql-provider'], 'one change of the database stack', () => {
  const database = (environment: Environment) => planOf(stacksOf(environment).database, { providerVersions });
  let before: Plan;
  beforeAll(async () => {
    before = await database(exampleEnvironment());
  }, 120_000);

  test('everything is to be created, and nothing of it is known that only the server tells', () => {
    expect(before.resources['postgresql_role.login-analyst']).toMatchObject({
      actions: ['create'],
      values: { id: KNOWN_AFTER_APPLY, roles: ['orders_read', 'rds_iam'] },
    });
    expect(new Set(Object.values(before.resources).flatMap(({ actions }) => actions))).toEqual(
      new Set(['create']),
    );
  });

  test('a new login: its own address, and no other', async () => {
    expect(changedAddresses(before, await database(withAccess(another)))).toEqual([
      'postgresql_role.login-reporting',
    ]);
  }, 60_000);

  test('a wider preset: the grants of that group', async () => {
    const access = { ...exampleAccess, groups: { ...exampleAccess.groups, orders_read: readWrite() } };
    expect(changedAddresses(before, await database(withAccess(access)))).toEqual([
      'postgresql_default_privileges.sequence-default-orders_read-orders-public-orders_owner',
      'postgresql_default_privileges.table-default-orders_read-orders-public-orders_owner',
      'postgresql_grant.sequence-grant-orders_read-orders-public',
      'postgresql_grant.table-grant-orders_read-orders-public',
    ]);
  }, 60_000);

  test('the file in another order: nothing', async () => {
    const reversed = <T>(record: Readonly<Record<string, T>>) =>
      Object.fromEntries(Object.entries(record).reverse());
    const access = { groups: reversed(exampleAccess.groups), logins: reversed(exampleAccess.logins) };
    expect(planText(await database(withAccess(access as Access)))).toBe(planText(before));
  }, 60_000);

  test('an adopted login with a setting counts as an import, and an adopted group is not touched', async () => {
    const access: Access = {
      groups: { ...exampleAccess.groups, orders_read: readOnly({ adopt: true }) },
      logins: {
        ...exampleAccess.logins,
        analyst: { memberOf: ['orders_write'], adopt: true, connectionLimit: 5 },
      },
    };
    const plan = await database(withAccess(access));
    expect(plan.resources['postgresql_role.login-analyst']?.actions).toEqual(['import']);
    expect(plan.resources['postgresql_role.group-orders_read']).toBeUndefined();
  }, 60_000);

  test('the same bytes again, and in another working folder', async () => {
    expect(planText(await database(exampleEnvironment()))).toBe(planText(before));
    const here = process.cwd();
    const elsewhere = mkdtempSync(join(tmpdir(), 'aurora-iam-elsewhere-'));
    process.env['XDG_CACHE_HOME'] = join(elsewhere, 'cache');
    try {
      process.chdir(elsewhere);
      expect(planText(await database(exampleEnvironment()))).toBe(planText(before));
      // What a process that died while it fetched the providers has left behind.
      const cache = join(elsewhere, 'cache', 'aurora-iam', 'terraform');
      const [initialised = ''] = readdirSync(cache).filter((name) => name.startsWith('initialised-'));
      renameSync(join(cache, initialised), join(cache, 'gone'));
      const { pid } = spawnSync(process.execPath, ['--version']);
      writeFileSync(join(cache, `${initialised}.lock`), String(pid));
      expect(planText(await database(exampleEnvironment()))).toBe(planText(before));
    } finally {
      process.chdir(here);
      delete process.env['XDG_CACHE_HOME'];
      rmSync(elsewhere, { recursive: true });
    }
  }, 60_000);

  test('no account and no folder of this machine is in it', () => {
    const text = planText(before);
    for (const secret of [process.cwd(), tmpdir(), '111111111111']) expect(text).not.toContain(secret);
    expect(text).toContain('arn:aws:rds:eu-west-1:(account):cluster:orders');
  });
});

describeWith(['terraform'], 'a plan that cannot be made', () => {
  test('of a version that nobody has, those that are at hand are named', async () => {
    const { policies } = stacksOf(exampleEnvironment());
    await expect(planOf(policies, { providerVersions: { aws: '5.99.99' } })).rejects.toThrow(
      /no available releases match[\s\S]*On this machine .* at hand\./,
    );
  }, 60_000);
});

describeWith(['terraform', 'aws-provider'], 'one change of the stacks in AWS', () => {
  test('another instance class: the instances', async () => {
    const [before, after] = await Promise.all(
      ['db.r7g.large', 'db.r7g.xlarge'].map((instanceClass) => {
        const { cluster } = stacksOf(created(instanceClass));
        if (!cluster) throw new Error('no cluster');
        return planOf(cluster, { providerVersions });
      }),
    );
    expect(changedAddresses(before as Plan, after as Plan)).toEqual([
      'aws_rds_cluster_instance.instance-1',
      'aws_rds_cluster_instance.instance-2',
    ]);
  }, 120_000);

  test('IAM authentication off: the cluster, and the review refuses it', async () => {
    const [before, after] = await Promise.all(
      [true, false].map((enabled) => {
        const { cluster } = stacksOf(created('db.r7g.large'));
        if (!cluster) throw new Error('no cluster');
        // The module does not let anybody: this is what a change of the module itself would do.
        const resource = cluster.node.findChild('cluster') as TerraformElement as RdsCluster;
        expect(resource).toBeInstanceOf(RdsCluster);
        resource.addOverride('iam_database_authentication_enabled', enabled);
        return planOf(cluster, { providerVersions });
      }),
    );
    expect(changedAddresses(before as Plan, after as Plan)).toEqual(['aws_rds_cluster.cluster']);
    const compared = comparedPlans((before as Plan).json, (after as Plan).json);
    expect(reviewPlan(compared)).toMatchObject([
      { severity: 'fault', rule: 'iam-authentication-off', where: 'aws_rds_cluster.cluster' },
    ]);
  }, 120_000);

  test('a new login of a principal: its document', async () => {
    const { principals } = exampleEnvironment();
    const more = { ...principals, ci: iamRole('ci-deploy', { connectsAs: ['orders_migrate', 'reporting'] }) };
    const [before, after] = await Promise.all(
      [exampleEnvironment(), withAccess(another, more)].map((environment) =>
        planOf(stacksOf(environment).policies, { providerVersions }),
      ),
    );
    expect(changedAddresses(before as Plan, after as Plan)).toEqual(['aws_iam_policy.policy-ci']);
    expect(JSON.stringify((after as Plan).resources['aws_iam_policy.policy-ci'])).toContain('/reporting"');
  }, 120_000);

  test('a login that comes through a proxy: the policies of both hops, and no other role than the proxy has', async () => {
    const { principals } = exampleEnvironment();
    const through = exampleEnvironment({
      principals: {
        ...principals,
        api: iamRole('orders-api', { connectsAs: ['orders_api'], targets: ['pooled'] }),
      },
      targets: { pooled: rdsProxy({ name: 'shop', role: 'shop-proxy' }) },
    });
    const { policies } = stacksOf(through);
    const plan = await planOf(policies, { providerVersions });
    expect(reviewPlan(plan.json).filter(({ severity }) => severity === 'fault')).toEqual([]);
    expect(planSummary(plan.json).gains).toContainEqual(
      expect.stringMatching(/^role `shop-proxy` may connect as `orders_api` to `cluster-/),
    );
    expect(planSummary(plan.json).gains).toContainEqual(
      expect.stringMatching(/^role `orders-api` may connect as `orders_api` to `prx-/),
    );
    const found = {
      'data.aws_db_proxy.proxy-pooled': { role_arn: 'arn:aws:iam::111111111111:role/other-shop-proxy' },
    };
    const other = planOf(stacksOf(through).policies, { providerVersions, found });
    await expect(other).rejects.toThrow('The role of proxy shop is not shop-proxy');
  }, 120_000);

  test('the true name of the master is asked for, and a cluster that fits has it', async () => {
    const cluster = existingCluster({
      identifier: 'orders',
      databaseName: 'orders',
      masterUsername: 'root_user',
    });
    const { policies } = stacksOf(exampleEnvironment({ cluster }));
    await planOf(policies, { providerVersions });
    const found = { 'data.aws_rds_cluster.cluster': { master_username: 'somebody' } };
    await expect(planOf(policies, { providerVersions, found })).rejects.toThrow(
      'The master of cluster orders is not root_user',
    );
  }, 120_000);
});

// As after a restore from a snapshot, whatever the cluster stack says.
describe.each([
  ['policies', ['aws-provider']],
  ['database', ['aws-provider', 'postgresql-provider']],
] as const)('the %s stack of a cluster whose IAM authentication is off', (stack, providers) => {
  describeWith(['terraform', ...providers], 'has a plan that stops', () => {
    test('with what to do', async () => {
      const found = { 'data.aws_rds_cluster.cluster': { iam_database_authentication_enabled: false } };
      const plan = planOf(stacksOf(exampleEnvironment())[stack], { providerVersions, found });
      await expect(plan).rejects.toThrow('--enable-iam-database-authentication --apply-immediately');
    }, 60_000);
  });
});

describeWith(['terraform'], 'toMatchPlanSnapshot', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(process.cwd(), '.local', 'snapshot-'));
    symlinkSync(join(process.cwd(), 'node_modules'), join(folder, 'node_modules'));
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  test('writes a file, matches it, shows a difference, and writes anew with -u', () => {
    const program = (value: string) => `require(${JSON.stringify(join(process.cwd(), 'dist', 'testing'))});
test('plan', () => {
  const plan = { stack: 'orders', resources: { a: { actions: ['create'], values: ${JSON.stringify(value)} } }, outputs: {}, json: {} };
  expect(plan).toMatchPlanSnapshot();
});`;
    const jest = (value: string, ...options: string[]) => {
      writeFileSync(join(folder, 'plan.test.js'), program(value));
      const { status, stderr } = spawnSync(
        process.execPath,
        [require.resolve('jest/bin/jest'), '--rootDir', folder, '--config', '{}', ...options],
        { cwd: folder, encoding: 'utf8', env: { ...process.env, FORCE_COLOR: '0' } },
      );
      return { status, output: stderr };
    };
    const file = join(folder, '__snapshots__', 'orders.plan.json');
    expect(jest('one', '--ci').output).toContain('with --ci none is written');
    expect(jest('one', '--ci=false').status).toBe(0);
    expect(readFileSync(file, 'utf8')).toBe(`{
  "resources": {
    "a": {
      "actions": ["create"],
      "values": "one"
    }
  },
  "outputs": {}
}
`);
    expect(jest('one', '--ci').status).toBe(0);
    const differing = jest('two', '--ci=false');
    expect(differing.status).toBe(1);
    expect(differing.output).toMatch(/-\s+"values": "one"/);
    expect(differing.output).toMatch(/\+\s+"values": "two"/);
    expect(differing.output).toContain('npx jest -u');
    expect(jest('two', '-u').status).toBe(0);
    expect(readFileSync(file, 'utf8')).toContain('"values": "two"');
  }, 60_000);
});
