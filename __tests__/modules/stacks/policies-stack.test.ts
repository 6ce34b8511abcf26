import { Testing } from 'cdktf';
import {
  connectDocuments,
  documentOnly,
  type Environment,
  environmentStacks,
  existingInstance,
  iamGroup,
  iamRole,
  iamUser,
  memberCluster,
  ownName,
  type PolicyTargets,
  type Principal,
  rdsProxy,
} from '../../../modules';
import type { DatabaseTarget } from '../../../modules/names/arn';
import { exampleAccess, exampleEnvironment } from '../../support/example';
import { resources, synthesize } from '../../support/synthesized';

const stackOf = (changes: Partial<Environment> = {}) =>
  synthesize(exampleEnvironment(changes)).stacks['test-policies'];

/** The targets of an environment as AWS might resolve them. */
const resolved: PolicyTargets = {
  targets: {
    cluster: {
      partition: 'aws-cn',
      region: 'cn-north-1',
      account: '111111111111',
      resourceId: 'cluster-ABCDEFGHIJKL0123456789ABCD',
    },
  },
  lookUp: { action: 'rds:DescribeDBClusters', arn: 'arn:aws-cn:rds:cn-north-1:111111111111:cluster:orders' },
};
const documents = (principal: Principal) => connectDocuments(exampleEnvironment(), principal, resolved);

describe('the policy of a principal', () => {
  test('allows rds-db:connect as exactly its logins on the resource id, and nothing else', () => {
    expect(documents(iamRole('x', { connectsAs: ['b', 'a'] }))).toMatchInlineSnapshot(`
[
  {
    "Statement": [
      {
        "Action": "rds-db:connect",
        "Effect": "Allow",
        "Resource": [
          "arn:aws-cn:rds-db:cn-north-1:111111111111:dbuser:cluster-ABCDEFGHIJKL0123456789ABCD/a",
          "arn:aws-cn:rds-db:cn-north-1:111111111111:dbuser:cluster-ABCDEFGHIJKL0123456789ABCD/b",
        ],
        "Sid": "Connect",
      },
    ],
    "Version": "2012-10-17",
  },
]
`);
  });

  test('allows to look up this one cluster only where that is asked for', () => {
    const [document] = documents(iamRole('x', { connectsAs: ['a'], mayLookUpCluster: true }));
    expect(document?.Statement).toContainEqual({
      Sid: 'LookUpCluster',
      Effect: 'Allow',
      Action: 'rds:DescribeDBClusters',
      Resource: resolved.lookUp.arn,
    });
  });

  test('takes partition, region, account and resource id from the cluster that was found', () => {
    const policies = resources(stackOf(), 'aws_iam_policy');
    const part = (index: number) => `\${element(split(":", data.aws_rds_cluster.cluster.arn), ${index})}`;
    const resourceId = '${data.aws_rds_cluster.cluster.cluster_resource_id}';
    const resource = `arn:${part(1)}:rds-db:${part(3)}:${part(4)}:dbuser:${resourceId}/orders_api`;
    // Not JSON yet: the quotes inside the expressions are Terraform's.
    expect(policies['policy-api']?.['policy']).toBe(
      `{"Version":"2012-10-17","Statement":[{"Sid":"Connect","Effect":"Allow","Action":"rds-db:connect","Resource":["${resource}"]}]}`,
    );
    expect(stackOf()?.text).not.toMatch(/rds:Describe|arn:aws:rds-db/);
  });
});

test('a role gets its policy attached; a document is only an output', () => {
  const stack = stackOf({
    principals: {
      api: iamRole('arn:aws:iam::111111111111:role/services/orders-api', {
        connectsAs: ['orders_api'],
      }),
      analysts: documentOnly({ connectsAs: ['analyst'] }),
    },
  });
  expect(resources(stack, 'aws_iam_role_policy_attachment')).toEqual({
    'attachment-api': {
      role: 'orders-api',
      policy_arn: '${aws_iam_policy.policy-api.arn}',
    },
  });
  expect(Object.keys(stack?.output['policy_arns']?.value as object)).toEqual(['api']);
  expect(Object.keys(stack?.output['policy_documents']?.value as object)).toEqual(['analysts', 'api']);
});

test('names of policies are unique in the account, however the parts are called', () => {
  const nameOf = (environment: string, key: string) => {
    const principals = { [key]: iamRole('r', { connectsAs: ['analyst'] }) };
    const stacks = synthesize(exampleEnvironment({ name: environment, principals })).stacks;
    return resources(stacks[`${environment}-policies`], 'aws_iam_policy')[`policy-${key}`]?.['name'];
  };
  expect(nameOf('dev', 'api')).toBe('orders.dev.api');
  expect(nameOf('dev-a', 'b')).not.toBe(nameOf('dev', 'a_b'));
});

describe('further targets', () => {
  const stack = stackOf({
    targets: {
      frankfurt: memberCluster({ identifier: 'orders-2', region: 'eu-central-1' }),
      pooled: rdsProxy({ name: 'orders-proxy' }),
    },
    principals: {
      everywhere: iamRole('a', { connectsAs: ['analyst'], targets: ['cluster', 'frankfurt', 'pooled'] }),
      pooled: iamRole('b', { connectsAs: ['analyst'], targets: ['pooled'] }),
      usual: iamRole('c', { connectsAs: ['analyst'] }),
    },
  });
  const policy = (key: string) => String(resources(stack, 'aws_iam_policy')[`policy-${key}`]?.['policy']);

  test('are named by the policies of the principals that may use them, and by no others', () => {
    const ids = {
      cluster: 'dbuser:${data.aws_rds_cluster.cluster.cluster_resource_id}/analyst',
      frankfurt: 'dbuser:${data.aws_rds_cluster.member-frankfurt.cluster_resource_id}/analyst',
      pooled: 'dbuser:${element(split(":", data.aws_db_proxy.proxy-pooled.arn), 6)}/analyst',
    };
    const named = (key: string) =>
      Object.entries(ids).flatMap(([target, id]) => (policy(key).includes(id) ? [target] : []));
    expect(named('everywhere')).toEqual(['cluster', 'frankfurt', 'pooled']);
    expect(named('pooled')).toEqual(['pooled']);
    expect(named('usual')).toEqual(['cluster']);
  });

  test('of another region are looked up there, in the same account', () => {
    expect(stack?.provider['aws']).toContainEqual({
      alias: 'target-frankfurt',
      region: 'eu-central-1',
      allowed_account_ids: ['111111111111'],
    });
    expect(stack?.data?.['aws_rds_cluster']?.['member-frankfurt']).toMatchObject({
      cluster_identifier: 'orders-2',
      provider: 'aws.target-frankfurt',
    });
  });

  test('a proxy in standard mode is refused with the reason', () => {
    expect(stack?.data?.['aws_db_proxy']?.['proxy-pooled']).toMatchObject({
      lifecycle: {
        postcondition: [
          {
            condition: '${alltrue([for each in self.auth : each.auth_scheme != "SECRETS"])}',
            error_message: expect.stringContaining('standard mode'),
          },
          { condition: expect.stringContaining('^prx-[A-Za-z0-9]+$') },
        ],
      },
    });
  });
});

describe('the role of an RDS Proxy, which logs in to the cluster', () => {
  const principals = {
    api: iamRole('a', { connectsAs: ['orders_api', 'analyst'], targets: ['cluster', 'pooled'] }),
    people: iamGroup('people', { connectsAs: ownName(['analyst']), targets: ['pooled'] }),
    usual: iamRole('c', { connectsAs: ['orders_migrate'] }),
  };
  const onCluster = ['orders_api', 'analyst'].map(
    (login) => `dbuser:\${data.aws_rds_cluster.cluster.cluster_resource_id}/${login}"`,
  );
  const conditionOf = (stack: ReturnType<typeof stackOf>) =>
    JSON.stringify(stack?.data?.['aws_db_proxy']?.['proxy-pooled']);
  const withRole = (role: string) =>
    stackOf({ principals, targets: { pooled: rdsProxy({ name: 'shop', role }) } });
  const proxyPolicy = (stack: ReturnType<typeof stackOf>) =>
    Object.entries(resources(stack, 'aws_iam_policy')).find(([id]) => id.startsWith('policy-proxy_pooled'));

  test('is given a policy for every login that comes through, and for no other', () => {
    const stack = withRole('shop-proxy');
    const [, policy] = proxyPolicy(stack) ?? [];
    expect(policy?.['name']).toBe('orders.test.proxy@pooled');
    for (const resource of onCluster) expect(policy?.['policy']).toContain(resource);
    expect(policy?.['policy']).not.toContain('orders_migrate');
    expect(policy?.['policy']).not.toContain('aws_db_proxy');
    expect(policy?.['policy']).not.toContain('username');
    expect(Object.values(resources(stack, 'aws_iam_role_policy_attachment'))).toContainEqual(
      expect.objectContaining({ role: 'shop-proxy' }),
    );
  });

  test('must be the role that the proxy has, or the plan stops', () => {
    expect(conditionOf(withRole('shop-proxy'))).toContain('endswith(self.role_arn, \\"/shop-proxy\\")');
    const arn = 'arn:aws:iam::111111111111:role/pools/shop-proxy';
    const stack = withRole(arn);
    expect(conditionOf(stack)).toContain(`self.role_arn == \\"${arn}\\"`);
    expect(Object.values(resources(stack, 'aws_iam_role_policy_attachment'))).toContainEqual(
      expect.objectContaining({ role: 'shop-proxy' }),
    );
  });

  test('that nobody names is warned of, and its document is an output', () => {
    const [stacks] = environmentStacks(Testing.app(), [
      exampleEnvironment({ principals, targets: { pooled: rdsProxy({ name: 'shop' }) } }),
    ]);
    const warnings = stacks?.policies.node.metadata.map(({ data }) => String(data));
    expect(warnings).toEqual([
      expect.stringContaining(
        "rdsProxy({ name: 'shop', role: '<role>' }), or attach the document proxy@pooled",
      ),
    ]);
    const stack = stackOf({ principals, targets: { pooled: rdsProxy({ name: 'shop' }) } });
    expect(proxyPolicy(stack)).toBeUndefined();
    expect(JSON.stringify(stack?.output?.['policy_documents'])).toContain('proxy@pooled');
  });

  test('of a proxy that no principal uses, nothing is made and nothing is said', () => {
    const stack = stackOf({ targets: { pooled: rdsProxy({ name: 'shop', role: 'shop-proxy' }) } });
    expect(proxyPolicy(stack)).toBeUndefined();
  });
});

test('an RDS instance stands in for a cluster, with its own resource id and look-up', () => {
  const stack = stackOf({
    cluster: existingInstance({ identifier: 'orders', databaseName: 'orders' }),
    principals: { api: iamRole('r', { connectsAs: ['analyst'], mayLookUpCluster: true }) },
  });
  const policy = String(resources(stack, 'aws_iam_policy')['policy-api']?.['policy']);
  expect(policy).toContain('dbuser:${data.aws_db_instance.instance.resource_id}/analyst');
  expect(policy).toContain(
    '"Action":"rds:DescribeDBInstances","Resource":"${data.aws_db_instance.instance.db_instance_arn}"',
  );
  expect(stack?.output).toMatchObject({ endpoint: { value: '${data.aws_db_instance.instance.address}' } });
});

describe('IAM users and groups', () => {
  const stack = stackOf({
    principals: {
      jane: iamUser('arn:aws:iam::111111111111:user/people/jane', { connectsAs: ['analyst'] }),
      people: iamGroup('people', { connectsAs: ownName(['analyst']) }),
      office: documentOnly({ connectsAs: ownName(['analyst']) }),
    },
  });

  test('of Identity Center, by the persistent name that it gives each person', () => {
    const text = JSON.stringify(stack?.output?.['policy_documents']);
    expect(text).toContain('/$${saml:sub}');
    expect(text.replaceAll('\\', '')).toContain(
      '"Condition":{"StringEquals":{"saml:sub_type":"persistent"}}',
    );
  });

  test('get their policies attached', () => {
    expect(resources(stack, 'aws_iam_user_policy_attachment')['attachment-jane']).toMatchObject({
      user: 'jane',
    });
    expect(resources(stack, 'aws_iam_group_policy_attachment')['attachment-people']).toMatchObject({
      group: 'people',
    });
  });

  test('may connect under their own names, by a variable that IAM replaces and Terraform does not', () => {
    expect(String(resources(stack, 'aws_iam_policy')['policy-people']?.['policy'])).toMatch(
      /\/\$\$\{aws:username\}"\]/,
    );
  });
});

describe('many logins', () => {
  const names = (count: number) =>
    Array.from({ length: count }, (_, index) => `login_${String(index).padStart(4, '0')}`);
  const many = (logins: string[]) => {
    const access = {
      groups: exampleAccess.groups,
      logins: Object.fromEntries(logins.map((name) => [name, { memberOf: ['orders_read'] }])),
    };
    return exampleEnvironment({ access, principals: { many: iamRole('many', { connectsAs: logins }) } });
  };
  const documentsOf = (logins: string[]) => {
    const environment = many(logins);
    return connectDocuments(environment, environment.principals['many'] as Principal, {
      ...resolved,
      targets: {
        cluster: { ...resolved.targets['cluster'], partition: 'aws', region: 'eu-west-1' } as DatabaseTarget,
      },
    }).map((document) => JSON.stringify(document));
  };

  test('are divided over as few policies as their size allows', () => {
    const documents = documentsOf(names(100));
    expect(documents.every((document) => document.length <= 6144)).toBe(true);
    expect(documents).toHaveLength(Math.ceil(documents.join('').length / 6144));
    const resourcesOf = (document: string) => JSON.parse(document).Statement[0].Resource as string[];
    expect(documents.flatMap(resourcesOf)).toHaveLength(100);
  });

  test('a login that is added at the end changes the last document only', () => {
    const [before, after] = [documentsOf(names(100)), documentsOf(names(101))];
    expect(after.slice(0, -1)).toEqual(before.slice(0, after.length - 1));
  });

  test('get numbered policies', () => {
    const stack = synthesize(many(names(100))).stacks['test-policies'];
    expect(
      Object.values(resources(stack, 'aws_iam_policy'))
        .map(({ name }) => name)
        .slice(0, 2),
    ).toEqual(['orders.test.many', 'orders.test.many.2']);
  });

  test('that would need more policies than IAM attaches are refused with the numbers', () => {
    expect(() => synthesize(many(names(700)))).toThrow(
      /principals.many: needs 1\d managed policies of 6144 characters for 700 logins/,
    );
  });
});
