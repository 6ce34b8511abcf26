import { DataAwsDbInstance } from '@cdktf/provider-aws/lib/data-aws-db-instance';
import { DataAwsDbProxy } from '@cdktf/provider-aws/lib/data-aws-db-proxy';
import { DataAwsRdsCluster } from '@cdktf/provider-aws/lib/data-aws-rds-cluster';
import { DbInstance } from '@cdktf/provider-aws/lib/db-instance';
import { DbProxy } from '@cdktf/provider-aws/lib/db-proxy';
import { IamRole } from '@cdktf/provider-aws/lib/iam-role';
import { AwsProvider } from '@cdktf/provider-aws/lib/provider';
import { RdsCluster } from '@cdktf/provider-aws/lib/rds-cluster';
import { type App, LocalBackend, TerraformOutput, TerraformStack, TerraformVariable } from 'cdktf';
import {
  type Access,
  ConnectPolicies,
  type ConnectPoliciesProps,
  documentOnly,
  iamRole,
  iamUser,
  newRole,
  type OwnCluster,
  ownName,
  service,
} from '../../../../modules';
import { connectMatchers } from '../../../../testing';
import { exampleAccess, exampleEnvironment } from '../../../support/example';
import { resources, type SynthesizedStack, synthesize, synthesizeApp } from '../../../support/synthesized';

expect.extend(connectMatchers);

class Own extends TerraformStack {
  constructor(
    app: App,
    id: string,
    provider: ConstructorParameters<typeof AwsProvider>[2] = { region: 'eu-west-1' },
  ) {
    super(app, id);
    new LocalBackend(this, { path: 'terraform.tfstate' });
    new AwsProvider(this, 'aws', provider);
  }
}

function own(stack: TerraformStack, changes: object = {}): RdsCluster {
  return new RdsCluster(stack, 'cluster', {
    clusterIdentifier: 'orders',
    engine: 'aurora-postgresql',
    iamDatabaseAuthenticationEnabled: true,
    ...changes,
  });
}

/** Whose logins the compiler does not know, so that wrong ones can be written. */
const access: Access = exampleAccess;
const principals = { api: iamRole('orders-api', { connectsAs: ['orders_api'] }) };
type Props = Partial<ConnectPoliciesProps>;

/** One stack with a cluster and policies for it, synthesized with CDKTF's own validations. */
function stackOf(
  props: Props | ((stack: TerraformStack) => Props) = {},
  cluster: (stack: TerraformStack) => OwnCluster = own,
): SynthesizedStack | undefined {
  return synthesizeApp((app) => {
    const stack = new Own(app, 'own');
    const given = typeof props === 'function' ? props(stack) : props;
    const made = new ConnectPolicies(stack, 'connect', {
      cluster: cluster(stack),
      access,
      principals,
      ...given,
    });
    new TerraformOutput(stack, 'policy_documents', { value: made.policyDocuments });
    new TerraformOutput(stack, 'policy_arns', { value: made.policyArns });
    new TerraformOutput(stack, 'role_arns', { value: made.roleArns });
  }).stacks['own'];
}

/** The only policy of a stack. */
const policyOf = (stack: SynthesizedStack | undefined) =>
  Object.values(resources(stack, 'aws_iam_policy'))[0];

describe('on a cluster that the stack creates', () => {
  const stack = stackOf();

  test('the policy names the resource id that AWS gives, and never the identifier', () => {
    expect(policyOf(stack)?.['policy']).toContain(
      'dbuser:${aws_rds_cluster.cluster.cluster_resource_id}/orders_api"',
    );
    expect(stack?.text).not.toMatch(/dbuser:[^/]*cluster_identifier|dbuser:orders/);
    expect(stack?.text).not.toContain('arn:aws:');
  });

  test('the role has it attached, and the matchers understand it by key and by name', () => {
    expect(stack).toAllowNothingBut([{ principal: 'api', login: 'orders_api' }]);
    expect(stack).toAllowConnect({ principal: 'role/orders-api', login: 'orders_api' });
    expect(stack).not.toAllowConnect({ principal: 'api', login: 'analyst' });
  });

  test('the attributes refer to what was made', () => {
    const [[id]] = Object.entries(resources(stack, 'aws_iam_policy')) as [[string, unknown]];
    expect(stack?.output['policy_arns']?.value).toEqual({ api: `\${aws_iam_policy.${id}.arn}` });
    expect(stack?.output['policy_documents']?.value).toEqual({ api: policyOf(stack)?.['policy'] });
  });
});

test('for the same access, it makes what the stack of an environment makes', () => {
  const environment = exampleEnvironment({
    principals: {
      ...exampleEnvironment().principals,
      jobs: newRole('jobs', { trust: service('ec2'), connectsAs: ['orders_api'], mayLookUpCluster: true }),
      joe: iamUser('analyst', { connectsAs: ownName(['analyst']) }),
    },
  });
  const theirs = synthesize(environment).stacks['test-policies'];
  const ours = stackOf(
    { name: 'test', principals: environment.principals },
    (stack) => new DataAwsRdsCluster(stack, 'cluster', { clusterIdentifier: 'orders' }),
  );
  const withoutIds = (stack: SynthesizedStack | undefined) =>
    JSON.parse(
      JSON.stringify(
        Object.keys(stack?.resource ?? {}).map((type) => [
          type,
          Object.values(resources(stack, type))
            .map((each) => JSON.stringify(each))
            .sort(),
        ]),
      ).replace(/connect_([a-z]+-[a-z]+)_[0-9A-F]{8}/g, '$1'),
    );
  expect(withoutIds(ours)).toEqual(withoutIds(theirs));
  expect(ours?.output['policy_documents']).toEqual(theirs?.output['policy_documents']);
});

test('the order in the program makes no difference', () => {
  const two = {
    api: iamRole('orders-api', { connectsAs: ['orders_api', 'analyst'] }),
    ci: iamRole('ci', { connectsAs: ['orders_migrate'] }),
  };
  const reversed = {
    ci: two.ci,
    api: iamRole('orders-api', { connectsAs: ['analyst', 'orders_api'] }),
  };
  expect(stackOf({ principals: reversed })?.text).toBe(stackOf({ principals: two })?.text);
});

describe('on a cluster that is looked up', () => {
  const data = (stack: TerraformStack) =>
    new DataAwsRdsCluster(stack, 'theirs', {
      clusterIdentifier: 'orders',
      lifecycle: { postcondition: [{ condition: '${self.port == 5432}', errorMessage: 'Another port.' }] },
    });
  const postconditions = (stack: SynthesizedStack | undefined) =>
    (
      stack?.data?.['aws_rds_cluster']?.['theirs'] as
        | { lifecycle: { postcondition: { condition: string }[] } }
        | undefined
    )?.lifecycle.postcondition.map(({ condition }) => condition);

  test('a plan refuses one without IAM authentication, beside what it refuses already', () => {
    expect(postconditions(stackOf({}, data))).toEqual([
      '${self.port == 5432}',
      '${self.iam_database_authentication_enabled}',
      expect.stringContaining('self.cluster_resource_id'),
    ]);
  });

  test('twice, it is asked once', () => {
    const { stacks } = synthesizeApp((app) => {
      const stack = new Own(app, 'own');
      const cluster = data(stack);
      new ConnectPolicies(stack, 'one', { cluster, access, principals });
      new ConnectPolicies(stack, 'other', { cluster, access, principals });
    });
    expect(postconditions(stacks['own'])).toHaveLength(3);
  });
});

test('an RDS instance stands in for a cluster, made or looked up', () => {
  const options = {
    principals: { api: iamRole('r', { connectsAs: ['analyst'], mayLookUpCluster: true }) },
  } satisfies Props;
  const made = stackOf(
    options,
    (stack) =>
      new DbInstance(stack, 'db', {
        identifier: 'orders',
        instanceClass: 'db.t4g.micro',
        engine: 'postgres',
        iamDatabaseAuthenticationEnabled: true,
      }),
  );
  expect(policyOf(made)?.['policy']).toContain('dbuser:${aws_db_instance.db.resource_id}/analyst');
  expect(policyOf(made)?.['policy']).toContain(
    '"rds:DescribeDBInstances","Resource":"${aws_db_instance.db.arn}"',
  );
  const found = stackOf(
    options,
    (stack) => new DataAwsDbInstance(stack, 'db', { dbInstanceIdentifier: 'orders' }),
  );
  expect(policyOf(found)?.['policy']).toContain('dbuser:${data.aws_db_instance.db.resource_id}/analyst');
  expect(found?.text).toContain('self.engine ==');
});

describe('any object with the two attributes will do', () => {
  const arn = 'arn:aws-cn:rds:cn-north-1:111111111111:cluster:orders';

  test('written out', () => {
    const stack = stackOf({}, () => ({ arn, clusterResourceId: 'cluster-ABC123' }));
    expect(policyOf(stack)?.['policy']).toContain(':dbuser:cluster-ABC123/orders_api');
    expect(policyOf(stack)?.['name']).toBe('orders.connect.api');
  });

  test('but not with an identifier in the place of the resource id', () => {
    expect(() => stackOf({}, () => ({ arn, clusterResourceId: 'orders' }))).toThrow(
      /cluster: has "orders" in the place of its resource id.*take DbClusterResourceId/,
    );
    const reference = (stack: TerraformStack) => {
      const cluster = own(stack);
      return { arn: cluster.arn, clusterResourceId: cluster.clusterIdentifier };
    };
    expect(() => stackOf({}, reference)).toThrow(
      /cluster: has its cluster_identifier in the place of its resource id, .*give the attribute cluster_resource_id/,
    );
  });
});

describe('across stacks of one app', () => {
  const { stacks, dependencies } = synthesizeApp((app) => {
    const platform = new Own(app, 'platform');
    const cluster = own(platform);
    const application = new Own(app, 'application');
    const connect = new ConnectPolicies(application, 'connect', { cluster, access, principals });
    const third = new Own(app, 'third');
    new TerraformOutput(third, 'document', { value: connect.policyDocuments });
  });

  test('the cluster is read from the state of its stack, which is deployed before', () => {
    const policy = policyOf(stacks['application'])?.['policy'];
    expect(policy).toMatch(
      /dbuser:\$\{data\.terraform_remote_state\.\S+platform\.outputs\.\S*cluster_resource_id\}\/orders_api/,
    );
    expect(policy).not.toContain('${aws_rds_cluster');
    expect(dependencies['application']).toEqual(['platform']);
  });

  test('what was made can be used in a further one', () => {
    expect(stacks['third']?.text).toContain('terraform_remote_state');
    expect(stacks['third']?.text).not.toContain('${aws_');
  });
});

describe('further targets', () => {
  const member = (stack: TerraformStack) => {
    const frankfurt = new AwsProvider(stack, 'frankfurt', { alias: 'frankfurt', region: 'eu-central-1' });
    return new DataAwsRdsCluster(stack, 'frankfurt-cluster', {
      clusterIdentifier: 'orders-2',
      provider: frankfurt,
    });
  };
  const everywhere = { connectsAs: ['analyst'], targets: ['cluster', 'frankfurt', 'pooled'] };

  test('are the members and proxies of the stack itself', () => {
    const stack = stackOf((stack) => ({
      targets: {
        frankfurt: member(stack),
        pooled: new DataAwsDbProxy(stack, 'pooled', { name: 'orders-proxy' }),
      },
      principals: { all: iamRole('a', everywhere) },
    }));
    const policy = policyOf(stack)?.['policy'];
    expect(policy).toContain('dbuser:${data.aws_rds_cluster.frankfurt-cluster.cluster_resource_id}/analyst');
    expect(policy).toContain('dbuser:${element(split(":", data.aws_db_proxy.pooled.arn), 6)}/analyst');
    const proxy = JSON.stringify(stack?.data?.['aws_db_proxy']);
    expect(proxy).toContain('Proxy orders-proxy logs in with a secret (standard mode)');
  });

  test('a proxy in standard mode and an instance are refused', () => {
    expect(() =>
      stackOf((stack) => ({
        targets: {
          frankfurt: { arn: 'arn:aws:rds:eu-west-1:111111111111:db:x', resourceId: 'db-ABC' },
          pooled: new DbProxy(stack, 'pooled', {
            name: 'p',
            engineFamily: 'POSTGRESQL',
            roleArn: 'arn:aws:iam::111111111111:role/proxy',
            vpcSubnetIds: [],
            auth: [{ authScheme: 'SECRETS', secretArn: 'arn:aws:secretsmanager:eu-west-1:1:secret:x' }],
          }),
        },
        principals: { all: iamRole('a', everywhere) },
      })),
    ).toThrow(
      /targets.frankfurt: is an instance;[\s\S]*targets.pooled: logs in with a secret \(standard mode\)/,
    );
  });
});

describe('principals', () => {
  test('may be roles of the same stack, by reference', () => {
    const stack = stackOf((stack) => {
      const role = new IamRole(stack, 'api', { assumeRolePolicy: '{}' });
      return { principals: { api: iamRole(role.name, { connectsAs: ['orders_api'] }) } };
    });
    expect(Object.values(resources(stack, 'aws_iam_role_policy_attachment'))[0]).toMatchObject({
      role: '${aws_iam_role.api.name}',
    });
  });

  test('by reference are named, not by their ARN', () => {
    expect(() =>
      stackOf((stack) => {
        const role = new IamRole(stack, 'api', { assumeRolePolicy: '{}' });
        return { principals: { api: iamRole(role.arn, { connectsAs: ['orders_api'] }) } };
      }),
    ).toThrow('principals.api.role: is a reference to an ARN; give the name: role.name');
  });

  test('a new role is trusted in the region of the provider', () => {
    const roles = { job: newRole('job', { trust: service('ec2'), connectsAs: ['orders_api'] }) };
    const inRegion = (region: string | ((stack: TerraformStack) => string), written?: string) =>
      synthesizeApp((app) => {
        const stack = new Own(app, 'own', {});
        (stack.node.findChild('aws') as AwsProvider).region =
          typeof region === 'string' ? region : region(stack);
        const made = new ConnectPolicies(stack, 'connect', {
          cluster: own(stack),
          access,
          principals: roles,
          ...(written ? { region: written } : {}),
        });
        new TerraformOutput(stack, 'role_arns', { value: made.roleArns });
      }).stacks['own'];
    const trust = (stack: SynthesizedStack | undefined) =>
      Object.values(resources(stack, 'aws_iam_role'))[0]?.['assume_role_policy'];
    expect(trust(inRegion('eu-west-1'))).toContain('"ec2.amazonaws.com"');
    expect(trust(inRegion('cn-north-1'))).toContain('"ec2.amazonaws.com.cn"');
    const variable = (stack: TerraformStack) => new TerraformVariable(stack, 'region', {}).stringValue;
    expect(() => inRegion(variable)).toThrow('region: is not written in the AWS provider');
    expect(trust(inRegion(variable, 'cn-north-1'))).toContain('"ec2.amazonaws.com.cn"');
    expect(inRegion('eu-west-1')?.output['role_arns']?.value).toEqual({
      job: expect.stringMatching(/^\$\{aws_iam_role\.connect_role-job_[0-9A-F]{8}\.arn\}$/),
    });
  });

  test('of another account than the provider allows are refused; without one they must agree', () => {
    const roles = (...accounts: string[]) =>
      Object.fromEntries(
        accounts.map((account, index) => [
          `p${index}`,
          iamRole(`arn:aws:iam::${account}:role/r${index}`, { connectsAs: ['orders_api'] }),
        ]),
      );
    expect(() => stackOf({ principals: roles('111111111111', '222222222222') })).toThrow(
      'principals.p1.role: is a role of account 222222222222, and the cluster is in 111111111111',
    );
    expect(stackOf({ principals: roles('222222222222', '222222222222') })).toBeDefined();
    expect(() =>
      synthesizeApp((app) => {
        const stack = new Own(app, 'own', { region: 'eu-west-1', allowedAccountIds: ['111111111111'] });
        new ConnectPolicies(stack, 'connect', {
          cluster: own(stack),
          access,
          principals: roles('222222222222'),
        });
      }),
    ).toThrow('and the cluster is in 111111111111');
  });
});

test('another provider than the default one makes everything', () => {
  const stack = stackOf((stack) => ({
    provider: new AwsProvider(stack, 'other', { alias: 'other', region: 'eu-west-1' }),
    principals: {
      ...principals,
      job: newRole('job', { trust: service('ec2'), connectsAs: ['orders_api'] }),
    },
  }));
  const iam = Object.keys(stack?.resource ?? {}).filter((type) => type.startsWith('aws_iam_'));
  const providers = iam.flatMap((type) =>
    Object.values(resources(stack, type)).map(({ provider }) => provider),
  );
  expect(iam).toHaveLength(4);
  expect(new Set(providers)).toEqual(new Set(['aws.other']));
});

describe('what is wrong is said at synth', () => {
  test('everything at once, each with its path in the construct', () => {
    expect(() =>
      stackOf(
        {
          name: 'Not A Name',
          principals: {
            api: iamRole('no role!', { connectsAs: ['nobody'] }),
            more: documentOnly({ connectsAs: [], targets: ['nowhere'] }),
          },
        },
        (stack) => own(stack, { iamDatabaseAuthenticationEnabled: false, engine: 'aurora-mysql' }),
      ),
    ).toThrow(
      `There are 4 faults in the constructs:
construct own/connect
  fault construct-values cluster: has IAM authentication switched off, so no login with a token can succeed; give it iamDatabaseAuthenticationEnabled: true
  fault construct-values cluster: is of the engine aurora-mysql; IAM logins of this package are for PostgreSQL
  fault environment-shape name: is not a name for an environment; begin with a letter, and write lower-case letters, digits and single hyphens
  fault environment-shape principals.more.connectsAs: is empty, and a principal without a login cannot connect; name a login, or remove the principal`,
    );
    expect(() => stackOf({ principals: { api: iamRole('no role!', { connectsAs: ['nobody'] }) } })).toThrow(
      /principals.api.connectsAs\[0\]: there is no login "nobody";[\s\S]*principals.api.role: is neither/,
    );
  });

  test('IAM authentication by an escape hatch, or by what Terraform knows later, is believed', () => {
    const off = { iamDatabaseAuthenticationEnabled: undefined };
    expect(() => stackOf({}, (stack) => own(stack, off))).toThrow('IAM authentication switched off');
    expect(
      stackOf({}, (stack) => {
        const cluster = own(stack, off);
        cluster.addOverride('iam_database_authentication_enabled', true);
        return cluster;
      }),
    ).toBeDefined();
    const variable = (stack: TerraformStack) => new TerraformVariable(stack, 'on', {}).booleanValue;
    expect(
      stackOf({}, (stack) => own(stack, { iamDatabaseAuthenticationEnabled: variable(stack) })),
    ).toBeDefined();
  });

  test('names that only Terraform knows', () => {
    expect(() =>
      stackOf((stack) => {
        const name = new TerraformVariable(stack, 'login', {}).stringValue;
        return {
          access: { groups: access.groups, logins: { ...access.logins, [name]: { memberOf: [name] } } },
        };
      }),
    ).toThrow(
      'is known to Terraform only, and every name is checked before Terraform runs; write the name out in the program',
    );
  });

  test('an id that does not fit into names of policies, where no other name is given', () => {
    const make = (name?: string) =>
      synthesizeApp((app) => {
        const stack = new Own(app, 'own');
        new ConnectPolicies(stack, 'ConnectPolicies', {
          cluster: own(stack),
          access,
          principals,
          ...(name ? { name } : {}),
        });
      });
    expect(() => make()).toThrow("name: is the construct's id by default");
    expect(policyOf(make('app').stacks['own'])?.['name']).toBe('orders.app.api');
  });

  test('two constructs that would make policies, or a role, of the same name', () => {
    const twice = (first: Props, second: Props) =>
      synthesizeApp((app) => {
        const stack = new Own(app, 'own');
        const cluster = own(stack);
        new ConnectPolicies(stack, 'one', { cluster, access, principals, ...first });
        new ConnectPolicies(stack, 'two', { cluster, access, principals, ...second });
      });
    expect(() => twice({ name: 'same' }, { name: 'same' })).toThrow(
      'construct own/two\n  fault environment-twice name: "same" is the name of construct own/one on this cluster already; give another name',
    );
    const role = { job: newRole('job', { trust: service('lambda'), connectsAs: ['orders_api'] }) };
    expect(() => twice({ principals: role }, { principals: role })).toThrow(
      'principals.job.name: is already created in this account by construct own/one',
    );
    expect(twice({}, {})).toBeDefined();
  });
});

test('a cluster whose name AWS makes up gives the policies its name all the same', () => {
  const stack = stackOf({}, (stack) =>
    own(stack, { clusterIdentifier: undefined, clusterIdentifierPrefix: 'orders-' }),
  );
  expect(policyOf(stack)?.['name']).toBe(
    '${element(split(":", aws_rds_cluster.cluster.arn), 6)}.connect.api',
  );
});

test('the compiler knows the logins', () => {
  const wrong = (stack: TerraformStack) =>
    new ConnectPolicies(stack, 'connect', {
      cluster: own(stack),
      access: exampleAccess,
      // @ts-expect-error there is no such login
      principals: { api: iamRole('r', { connectsAs: ['nobody'] }) },
    });
  expect(() => synthesizeApp((app) => wrong(new Own(app, 'own')))).toThrow('there is no login "nobody"');
});
