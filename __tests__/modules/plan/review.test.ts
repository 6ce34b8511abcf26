import { comparedPlans } from '../../../modules/plan/compare';
import { reviewPlan } from '../../../modules/plan/review';
import type { ResourceChange, TerraformPlan } from '../../../modules/plan/terraform-plan';
import { change, planWith, policyText } from '../../support/plan-json';

const login = (roles: readonly string[]) => ({ name: 'api', login: true, roles });
const policy = (document: string) => ({ name: 'orders.dev.api', policy: document });
const groups = ['orders_read', 'orders_write'].map((name) => {
  const group = { name, login: false };
  return change(`postgresql_role.${name}`, group, group);
});
const on = { iam_database_authentication_enabled: true, storage_encrypted: true };
const off = { iam_database_authentication_enabled: false, storage_encrypted: true };
const everybody = { Statement: [{ Effect: 'Allow', Principal: { AWS: '*' }, Action: 'sts:AssumeRole' }] };

const faults = (plan: TerraformPlan, accepted?: string[], allowed?: string[]) =>
  reviewPlan(plan, accepted, allowed).filter(({ severity }) => severity === 'fault');
const faultsOf = (plan: TerraformPlan, accepted?: string[], allowed?: string[]) =>
  faults(plan, accepted, allowed).map(({ rule, where }) => `${rule}:${where}`);

/** What somebody may have in a stack of their own, and has allowed. */
const OTHERS = ['aws_db_instance', 'aws_rds_global_cluster', 'aws_iam_role_policy', 'aws_s3_bucket'];

describe('refused, by address', () => {
  test.each<[what: string, changes: ResourceChange[], fault: string]>([
    [
      'IAM authentication is switched off',
      [change('aws_rds_cluster.c', on, off)],
      'iam-authentication-off:aws_rds_cluster.c',
    ],
    [
      'IAM authentication is left out of the configuration',
      [change('aws_rds_cluster.c', on, { storage_encrypted: true })],
      'iam-authentication-off:aws_rds_cluster.c',
    ],
    [
      'IAM authentication of an instance is switched off',
      [change('aws_db_instance.i', on, off)],
      'iam-authentication-off:aws_db_instance.i',
    ],
    [
      'IAM authentication is known after the apply only',
      [
        change(
          'aws_rds_cluster.c',
          on,
          { storage_encrypted: true },
          { after_unknown: { iam_database_authentication_enabled: true } },
        ),
      ],
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
      'a policy that lets nobody connect',
      [
        change(
          'aws_iam_policy.s3',
          null,
          policy('{"Statement":{"Effect":"Allow","Action":"s3:*","Resource":"*"}}'),
        ),
      ],
      'policy-beyond-connect:aws_iam_policy.s3',
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
    const plan = planWith(changes);
    const found = faults(plan, [], OTHERS);
    const places = new Set(found.map(({ rule, where }) => `${rule}:${where}`));
    // What is unknown is refused as such, too.
    places.delete('unknown-value:aws_rds_cluster.c');
    expect([...places]).toEqual([fault]);
    // The same, where somebody has said that exactly this is wanted.
    const accepted = found.map(({ acceptance }) => acceptance);
    expect(faultsOf(plan, accepted, OTHERS)).toEqual([]);
    expect(reviewPlan(plan, accepted, OTHERS).some(({ message }) => message.endsWith('(accepted)'))).toBe(
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
      [
        ...groups,
        change('postgresql_role.l', login(['rds_iam', 'orders_read']), login(['rds_iam', 'orders_write'])),
      ],
    ],
    ['a login is removed', [change('postgresql_role.l', login(['rds_iam', 'orders_read']), null)]],
    [
      'an adopted login moves to another group',
      [
        ...groups,
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
  ])('%s', (_what, changes) => {
    expect(faultsOf(planWith(changes), [], OTHERS)).toEqual([]);
  });
});

test('a cluster that is created without IAM authentication is worth a note', () => {
  expect(reviewPlan(planWith([change('aws_rds_cluster.c', null, off)]))).toMatchObject([
    { severity: 'note' },
  ]);
});

test('two plans without a state are compared as one change', () => {
  const before = planWith([
    ...groups.map(({ address, change: { after } }) => change(address, null, after as object)),
    change('postgresql_role.l', null, login(['rds_iam', 'orders_read'])),
  ]);
  const after = planWith([
    ...(before.resource_changes ?? []).slice(0, groups.length),
    change('postgresql_role.l', null, login(['rds_iam'])),
  ]);
  expect(faultsOf(comparedPlans(before, after))).toEqual(['login-without-group:postgresql_role.l']);
  expect(faultsOf(comparedPlans(after, before))).toEqual([]);
});
