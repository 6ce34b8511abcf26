import { comparedPlans } from '../../../modules/plan/compare';
import { reviewPlan } from '../../../modules/plan/review';
import type { ResourceChange, TerraformPlan } from '../../../modules/plan/terraform-plan';
import { change, planWith, policyText } from '../../support/plan-json';

const login = (roles: readonly string[]) => ({ name: 'api', login: true, roles });
const policy = (document: string) => ({ name: 'orders.dev.api', policy: document });
const on = { iam_database_authentication_enabled: true };
const off = { iam_database_authentication_enabled: false };
const everybody = { Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }] };

const faultsOf = (plan: TerraformPlan, accepted?: string[]) =>
  reviewPlan(plan, accepted)
    .filter(({ severity }) => severity === 'fault')
    .map(({ rule, address }) => `${rule}:${address}`);

describe('refused, by address', () => {
  test.each<[what: string, changes: ResourceChange[], fault: string]>([
    [
      'IAM authentication is switched off',
      [change('aws_rds_cluster.c', on, off)],
      'iam-authentication-off:aws_rds_cluster.c',
    ],
    [
      'IAM authentication is left out of the configuration',
      [change('aws_rds_cluster.c', on, {})],
      'iam-authentication-off:aws_rds_cluster.c',
    ],
    [
      'IAM authentication of an instance is switched off',
      [change('aws_db_instance.i', on, off)],
      'iam-authentication-off:aws_db_instance.i',
    ],
    [
      'IAM authentication is known after the apply only',
      [change('aws_rds_cluster.c', on, {}, { after_unknown: on })],
      'iam-authentication-off:aws_rds_cluster.c',
    ],
    [
      'the cluster is destroyed',
      [change('aws_rds_cluster.c', on, null)],
      'cluster-destroyed:aws_rds_cluster.c',
    ],
    [
      'the cluster is replaced, the old one first',
      [change('aws_rds_cluster.c', on, { ...on, engine: 'x' }, { actions: ['delete', 'create'] })],
      'cluster-destroyed:aws_rds_cluster.c',
    ],
    [
      'the cluster is replaced, the new one first',
      [change('aws_rds_cluster.c', on, { ...on, engine: 'x' }, { actions: ['create', 'delete'] })],
      'cluster-destroyed:aws_rds_cluster.c',
    ],
    [
      'the global cluster is destroyed',
      [change('aws_rds_global_cluster.g', {}, null)],
      'cluster-destroyed:aws_rds_global_cluster.g',
    ],
    ...(
      [
        ['another action', { Action: 'rds:Describe*', Resource: '*' }],
        [
          'another action of a login',
          { Action: 'rds-db:*', Resource: 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-A/x' },
        ],
        ['everything', { Action: '*', Resource: '*' }],
        ['everything but', { NotAction: 'iam:*', Resource: '*' }],
        [
          'every login',
          { Action: 'rds-db:connect', Resource: 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-A/*' },
        ],
        [
          'every cluster',
          { Action: 'rds-db:connect', Resource: 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:*/api' },
        ],
        [
          'every account',
          { Action: 'rds-db:connect', Resource: 'arn:aws:rds-db:eu-west-1:*:dbuser:cluster-A/api' },
        ],
        ['every resource', { Action: 'rds-db:connect', Resource: '*' }],
        [
          'all but one login',
          {
            Action: 'rds-db:connect',
            NotResource: 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-A/api',
          },
        ],
        [
          'the identifier of a cluster',
          { Action: 'rds-db:connect', Resource: 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:orders/api' },
        ],
        ['looking up every cluster', { Action: 'rds:DescribeDBClusters', Resource: '*' }],
        [
          'looking up clusters of a name',
          { Action: 'rds:DescribeDBClusters', Resource: 'arn:aws:rds:eu-west-1:111111111111:cluster:o*' },
        ],
      ] as const
    ).flatMap(([what, statement]): [string, ResourceChange[], string][] => [
      [
        `a policy grows by ${what}`,
        [change('aws_iam_policy.p', policy(policyText(['api'])), policy(policyText(['api'], statement)))],
        'policy-beyond-connect:aws_iam_policy.p',
      ],
    ]),
    [
      'a new policy allows more than connecting',
      [change('aws_iam_policy.p', null, policy(policyText(['api'], { Action: 's3:*', Resource: '*' })))],
      'policy-beyond-connect:aws_iam_policy.p',
    ],
    [
      'a policy becomes something else altogether',
      [
        change(
          'aws_iam_policy.p',
          policy(policyText(['api'])),
          policy('{"Version":"2012-10-17","Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'),
        ),
      ],
      'policy-beyond-connect:aws_iam_policy.p',
    ],
    [
      'an inline policy of a role grows',
      [
        change('aws_iam_role_policy.p', null, {
          role: 'api',
          policy: policyText(['api'], { Action: '*', Resource: '*' }),
        }),
      ],
      'policy-beyond-connect:aws_iam_role_policy.p',
    ],
    [
      'an inline policy in a role itself grows',
      [
        change(
          'aws_iam_role.r',
          { name: 'r', inline_policy: [] },
          {
            name: 'r',
            inline_policy: [{ name: 'x', policy: policyText(['api'], { Action: '*', Resource: '*' }) }],
          },
        ),
      ],
      'policy-beyond-connect:aws_iam_role.r',
    ],
    [
      'what a policy says is known after the apply only',
      [change('aws_iam_policy.p', null, { name: 'p' }, { after_unknown: { policy: true } })],
      'policy-unknown:aws_iam_policy.p',
    ],
    [
      'a policy is no document',
      [change('aws_iam_policy.p', null, policy('{"Statement":[]}'))],
      'policy-unknown:aws_iam_policy.p',
    ],
    [
      'a login loses its last group',
      [change('postgresql_role.l', login(['rds_iam', 'orders_read']), login(['rds_iam', 'pg_monitor']))],
      'login-without-group:postgresql_role.l',
    ],
    [
      'an adopted login loses its last group',
      [
        change('postgresql_role.l', login(['rds_iam', 'orders_read']), login(['rds_iam', 'orders_read'])),
        change('postgresql_grant_role.m', { role: 'api', grant_role: 'orders_read' }, null),
      ],
      'login-without-group:postgresql_role.l',
    ],
    [
      'a login leaves rds_iam',
      [change('postgresql_role.l', login(['rds_iam', 'orders_read']), login(['orders_read']))],
      'login-leaves-rds-iam:postgresql_role.l',
    ],
    [
      'a cutover is taken back',
      [
        change('postgresql_role.l', login(['rds_iam', 'orders_read']), login(['rds_iam', 'orders_read'])),
        change('postgresql_grant_role.m', { role: 'api', grant_role: 'rds_iam' }, null),
      ],
      'login-leaves-rds-iam:postgresql_role.l',
    ],
    [
      'a role trusts everybody',
      [change('aws_iam_role.r', null, { name: 'r', assume_role_policy: JSON.stringify(everybody) })],
      'trusts-everybody:aws_iam_role.r',
    ],
  ])('%s', (_what, changes, fault) => {
    const found = faultsOf(planWith(changes));
    expect([...new Set(found)]).toEqual([fault]);
    // The same, where somebody has said that it is wanted.
    expect(faultsOf(planWith(changes), [fault])).toEqual([]);
    expect(reviewPlan(planWith(changes), [fault]).some(({ message }) => message.endsWith('(accepted)'))).toBe(
      true,
    );
  });
});

describe('let through', () => {
  test.each<[what: string, changes: ResourceChange[]]>([
    [
      'nothing changes',
      [
        change('aws_rds_cluster.c', on, on),
        change('postgresql_role.l', login(['rds_iam']), login(['rds_iam'])),
      ],
    ],
    ['IAM authentication is switched on', [change('aws_rds_cluster.c', off, on)]],
    [
      'an instance of the cluster is replaced',
      [change('aws_rds_cluster_instance.i', {}, {}, { actions: ['delete', 'create'] })],
    ],
    [
      'a login more, and one less',
      [change('aws_iam_policy.p', policy(policyText(['api'])), policy(policyText(['ci'])))],
    ],
    [
      'the look-up of the one cluster',
      [
        change(
          'aws_iam_policy.p',
          policy(policyText(['api'])),
          policy(
            policyText(['api'], {
              Action: 'rds:DescribeDBClusters',
              Resource: 'arn:aws:rds:eu-west-1:111111111111:cluster:orders',
            }),
          ),
        ),
      ],
    ],
    [
      'each IAM user as the login of its own name',
      [change('aws_iam_policy.p', null, policy(policyText(['${aws:username}'])))],
    ],
    [
      'a policy of something else',
      [
        change(
          'aws_iam_policy.s3',
          null,
          policy('{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'),
        ),
      ],
    ],
    [
      'what was there before',
      [
        change(
          'aws_iam_policy.p',
          policy(policyText(['api'], { Action: 's3:*', Resource: '*' })),
          policy(policyText(['ci'], { Action: 's3:*', Resource: '*' })),
        ),
      ],
    ],
    [
      'a policy becomes smaller',
      [
        change(
          'aws_iam_policy.p',
          policy(policyText(['api'], { Action: '*', Resource: '*' })),
          policy(policyText(['api'])),
        ),
      ],
    ],
    ['a policy is removed', [change('aws_iam_policy.p', policy(policyText(['api'])), null)]],
    [
      'a login moves to another group',
      [change('postgresql_role.l', login(['rds_iam', 'orders_read']), login(['rds_iam', 'orders_write']))],
    ],
    ['a login is removed', [change('postgresql_role.l', login(['rds_iam', 'orders_read']), null)]],
    [
      'an adopted login moves to another group',
      [
        change('postgresql_role.l', login(['rds_iam', 'orders_read']), login(['rds_iam', 'orders_read'])),
        change('postgresql_grant_role.m', { role: 'api', grant_role: 'orders_read' }, null),
        change('postgresql_grant_role.n', null, { role: 'api', grant_role: 'orders_write' }),
      ],
    ],
    [
      'a group, which is not in rds_iam',
      [
        change(
          'postgresql_role.g',
          { name: 'g', login: false, roles: ['h'] },
          { name: 'g', login: false, roles: [] },
        ),
      ],
    ],
    [
      'a role that anybody of one organization may assume',
      [
        change('aws_iam_role.r', null, {
          name: 'r',
          assume_role_policy: JSON.stringify({
            Statement: [
              { ...everybody.Statement[0], Condition: { StringEquals: { 'aws:PrincipalOrgID': 'o-1' } } },
            ],
          }),
        }),
      ],
    ],
  ])('%s', (_what, changes) => {
    expect(faultsOf(planWith(changes))).toEqual([]);
  });
});

describe('a secret in the plan', () => {
  const secret = 'a-very-secret-password';
  test.each<[where: string, plan: TerraformPlan, address: string]>([
    [
      'a sensitive attribute',
      planWith([
        change(
          'aws_db_instance.i',
          null,
          { ...on, something: secret },
          { after_sensitive: { something: true } },
        ),
      ]),
      'aws_db_instance.i',
    ],
    [
      'a sensitive part of an attribute',
      planWith([change('x_y.z', null, { a: [{ b: secret }] }, { after_sensitive: { a: [{ b: true }] } })]),
      'x_y.z',
    ],
    [
      'a password',
      planWith([change('postgresql_role.l', null, { name: 'a', password: secret })]),
      'postgresql_role.l',
    ],
    [
      'a value that was there before',
      planWith([change('postgresql_role.l', { password: secret }, null)]),
      'postgresql_role.l',
    ],
    [
      'a private key under any name',
      planWith([change('x_y.z', null, { text: '-----BEGIN RSA PRIVATE KEY-----\nabc' })]),
      'x_y.z',
    ],
    ['a token', planWith([change('x_y.z', null, { url: `db/?X-Amz-Signature=${'a'.repeat(64)}` })]), 'x_y.z'],
    [
      'a connection string',
      planWith([change('x_y.z', null, { dsn: `postgres://me:${secret}@db/orders` })]),
      'x_y.z',
    ],
    [
      'a sensitive output',
      planWith([], {
        output_changes: { o: { actions: ['create'], before: null, after: secret, after_sensitive: true } },
      }),
      'output.o',
    ],
    ['a variable', planWith([], { variables: { password: { value: secret } } }), 'var.password'],
    [
      'a provider',
      planWith([], {
        configuration: {
          provider_config: { postgresql: { expressions: { password: { constant_value: secret } } } },
        },
      }),
      'provider.postgresql',
    ],
    [
      'a look-up',
      planWith([], {
        prior_state: {
          values: {
            root_module: {
              resources: [{ mode: 'data', address: 'data.s.v', values: { secret_string: secret } }],
            },
          },
        },
      }),
      'data.s.v',
    ],
  ])('%s', (_where, plan, address) => {
    const findings = reviewPlan(plan).filter(({ rule }) => rule === 'secret');
    expect(findings.map((finding) => finding.address)).toEqual([address]);
    expect(JSON.stringify(findings)).not.toContain(secret);
  });

  test.each<[what: string, plan: TerraformPlan]>([
    [
      'a reference to one',
      planWith([], {
        configuration: {
          provider_config: {
            postgresql: {
              expressions: {
                // As Terraform prints it of JSON, where an expression is a text.
                password: {
                  constant_value: '${jsondecode(ephemeral.a.b.secret_string)["password"]}',
                  references: ['ephemeral.a.b.secret_string', 'ephemeral.a.b'],
                },
              },
            },
          },
        },
      }),
    ],
    [
      'one that is known after the apply',
      planWith([
        change('x_y.z', null, {}, { after_unknown: { password: true }, after_sensitive: { password: true } }),
      ]),
    ],
    [
      'what a plan without credentials has in its place',
      planWith([], {
        configuration: {
          provider_config: { aws: { expressions: { secret_key: { constant_value: 'offline' } } } },
        },
      }),
    ],
    [
      'an empty one',
      planWith([change('x_y.z', null, { password: '' }, { after_sensitive: { password: true } })]),
    ],
  ])('not %s', (_what, plan) => {
    expect(reviewPlan(plan)).toEqual([]);
  });
});

test('a cluster that is created without IAM authentication is worth a note', () => {
  expect(reviewPlan(planWith([change('aws_rds_cluster.c', null, off)]))).toMatchObject([
    { severity: 'note' },
  ]);
});

test('two plans without a state are compared as one change', () => {
  const before = planWith([change('postgresql_role.l', null, login(['rds_iam', 'orders_read']))]);
  const after = planWith([change('postgresql_role.l', null, login(['rds_iam']))]);
  expect(faultsOf(comparedPlans(before, after))).toEqual(['login-without-group:postgresql_role.l']);
  expect(faultsOf(comparedPlans(after, before))).toEqual([]);
});
