import { comparedPlans } from '../../../modules/plan/compare';
import { reviewPlan } from '../../../modules/plan/review';
import { planSummary, summaryMarkdown } from '../../../modules/plan/summary';
import type { TerraformPlan } from '../../../modules/plan/terraform-plan';
import { CLUSTER_ID, change, planWith, policyText } from '../../support/plan-json';

const attached = (policy: string, attachment: string) => ({
  configuration: {
    root_module: {
      resources: [
        {
          address: attachment,
          expressions: {
            policy_arn: { constant_value: `\${${policy}.arn}`, references: [`${policy}.arn`, policy] },
          },
        },
      ],
    },
  },
});

describe('who gains and loses what', () => {
  test('a policy that changes: the role that it is attached to', () => {
    const arn = 'arn:aws:iam::1:policy/n';
    const plan = planWith([
      change(
        'aws_iam_policy.p',
        { name: 'n', arn, policy: policyText(['a', 'b']) },
        { name: 'n', arn, policy: policyText(['b', 'c']) },
      ),
      change(
        'aws_iam_role_policy_attachment.t',
        { role: 'api', policy_arn: arn },
        { role: 'api', policy_arn: arn },
      ),
    ]);
    expect(planSummary(plan)).toEqual({
      gains: [
        `role \`api\` may connect as \`c\` to \`${CLUSTER_ID}\` in \`eu-west-1\`, account \`111111111111\``,
      ],
      loses: [
        `role \`api\` may no longer connect as \`a\` to \`${CLUSTER_ID}\` in \`eu-west-1\`, account \`111111111111\``,
      ],
      changes: [],
    });
  });

  test('a role that a policy is no longer attached to, by the ARN that both have', () => {
    const policy = { name: 'n', arn: 'arn:aws:iam::1:policy/n', policy: policyText(['a']) };
    const plan = planWith([
      change('aws_iam_policy.p', policy, policy),
      change('aws_iam_role_policy_attachment.t', { role: 'api', policy_arn: policy.arn }, null),
    ]);
    expect(planSummary(plan).loses).toEqual([
      `role \`api\` may no longer connect as \`a\` to \`${CLUSTER_ID}\` in \`eu-west-1\`, account \`111111111111\``,
      'role `api` is no longer given the policy `n`',
    ]);
    expect(planSummary(plan).gains).toEqual([]);
  });

  test('a document that is only an output', () => {
    const plan = planWith([], {
      output_changes: {
        policy_documents: {
          actions: ['update'],
          before: { analysts: policyText(['a']) },
          after: { analysts: policyText(['a', '${aws:username}', '${saml:sub}']) },
        },
      },
    });
    expect(planSummary(plan).gains).toEqual([
      `every identity that is given the document \`analysts\` may connect as the login of their own IAM user name to \`${CLUSTER_ID}\` in \`eu-west-1\`, account \`111111111111\``,
      `every identity that is given the document \`analysts\` may connect as the login of the name that their identity provider gives them (SAML) to \`${CLUSTER_ID}\` in \`eu-west-1\`, account \`111111111111\``,
    ]);
  });

  const own = (roles: string[]) => ({ name: 'api', login: true, roles });
  const readers = { role: 'api', grant_role: 'readers' };
  test.each<
    [what: string, own: ReturnType<typeof change>, membership: ReturnType<typeof change>, words: object]
  >([
    [
      'adopted: it was a member before',
      change('postgresql_role.l', own(['readers']), null, { actions: ['forget'] }),
      change('postgresql_grant_role.m', null, readers),
      { gains: [], loses: [] },
    ],
    [
      'adopted, and it may give the membership to others',
      change('postgresql_role.l', own(['readers']), null, { actions: ['forget'] }),
      change('postgresql_grant_role.m', null, { ...readers, with_admin_option: true }),
      {
        gains: ['`api` becomes a member of `readers`, and may give others the membership (ADMIN OPTION)'],
        loses: [],
      },
    ],
    [
      'managed again: its own resource grants the membership',
      change('postgresql_role.l', own(['readers']), own(['readers']), { actions: ['update'] }),
      change('postgresql_grant_role.m', readers, null),
      { gains: [], loses: [] },
    ],
    [
      'managed again, and nothing is done with its own resource',
      change('postgresql_role.l', own(['readers']), own(['readers'])),
      change('postgresql_grant_role.m', readers, null),
      { gains: [], loses: ['`api` is no longer a member of `readers`'] },
    ],
    [
      'managed again, in another group',
      change('postgresql_role.l', own(['readers']), own(['writers'])),
      change('postgresql_grant_role.m', readers, null),
      {
        gains: ['login `api` becomes a member of `writers`'],
        loses: ['login `api` is no longer a member of `readers`', '`api` is no longer a member of `readers`'],
      },
    ],
  ])('a login that is %s', (_what, role, membership, words) => {
    expect(planSummary(planWith([role, membership]))).toMatchObject(words);
  });

  test('logins, groups, memberships and privileges', () => {
    const grant = (privileges: string[]) => ({
      role: 'reader',
      object_type: 'table',
      database: 'orders',
      schema: 'public',
      privileges,
    });
    const plan = planWith([
      change('postgresql_role.new', null, { name: 'new', login: true, roles: ['rds_iam', 'reader'] }),
      change('postgresql_role.old', { name: 'old', login: true, roles: ['rds_iam'] }, null),
      change(
        'postgresql_role.moved',
        { name: 'moved', login: true, roles: ['rds_iam', 'reader'], connection_limit: -1 },
        { name: 'moved', login: true, roles: ['rds_iam', 'writer'], connection_limit: 5 },
      ),
      change('postgresql_grant.g', grant(['SELECT', 'INSERT']), grant(['SELECT', 'DELETE'])),
      change('postgresql_grant.public', null, {
        role: 'public',
        object_type: 'database',
        database: 'orders',
        privileges: [],
      }),
      change('postgresql_default_privileges.d', null, { ...grant(['SELECT']), owner: 'owner' }),
      change('postgresql_grant_role.m', null, { role: 'legacy', grant_role: 'reader' }),
    ]);
    expect(planSummary(plan)).toMatchInlineSnapshot(`
{
  "changes": [
    "login \`moved\` is updated: \`connection_limit\` from \`-1\` to \`5\`",
    "everybody (\`PUBLIC\`) keeps nothing on database \`orders\`, and loses the rest",
  ],
  "gains": [
    "login \`new\` is created, a member of \`rds_iam\`, \`reader\`",
    "login \`moved\` becomes a member of \`writer\`",
    "group \`reader\` (\`new\`, \`legacy\`) gains \`DELETE\` on all tables in schema \`public\` of database \`orders\`",
    "group \`reader\` (\`new\`, \`legacy\`) gains \`SELECT\` on future tables of \`owner\` in schema \`public\` of database \`orders\`",
    "\`legacy\` becomes a member of \`reader\`",
  ],
  "loses": [
    "login \`old\` is removed",
    "login \`moved\` is no longer a member of \`reader\`",
    "group \`reader\` (\`new\`, \`legacy\`) loses \`INSERT\` on all tables in schema \`public\` of database \`orders\`",
  ],
}
`);
  });

  test('with a group, the logins that have its privileges', () => {
    const grant = { role: 'reader', object_type: 'database', database: 'orders', privileges: ['CONNECT'] };
    const logins = Array.from({ length: 7 }, (_, index) => ({
      name: `l${index}`,
      roles: ['rds_iam', 'reader'],
    }));
    const plan = planWith([
      ...logins.map((login) => change(`postgresql_role.${login.name}`, login, login)),
      change('postgresql_grant.g', null, grant),
    ]);
    expect(planSummary(plan).gains).toEqual([
      'group `reader` (`l0`, `l1`, `l2`, `l3`, `l4` and 2 more) gains `CONNECT` on database `orders`',
    ]);
  });

  test('a login that was revoked by hand, and that a deploy lets in again', () => {
    const login = (may: boolean) => ({ name: 'api', login: may, roles: ['rds_iam'] });
    const of = (before: object, after: object) =>
      planSummary(planWith([change('postgresql_role.l', before, after)]));
    expect(of(login(false), login(true)).gains).toEqual(['login `api` may log in again']);
    expect(of(login(true), login(false)).loses).toEqual(['login `api` may not log in any more']);
  });

  test('an import, and what it changes', () => {
    const role = (limit: number) => ({ name: 'api', login: true, connection_limit: limit });
    const of = (before: object | null) =>
      planSummary(planWith([change('postgresql_role.l', before, role(5), { importing: { id: 'api' } })]));
    expect(of(null)).toEqual({
      gains: [],
      loses: [],
      changes: [
        'login `api`, which exists, comes under management: `name` is `api`; `login` is `true`; `connection_limit` is `5`',
      ],
    });
    expect(of(role(-1)).changes).toEqual([
      'login `api`, which exists, comes under management: `connection_limit` from `-1` to `5`',
    ]);
  });

  test('who may assume a role', () => {
    const trust = (subject: string) =>
      JSON.stringify({
        Statement: [
          {
            Effect: 'Allow',
            Principal: {
              Federated: 'arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com',
            },
            Action: 'sts:AssumeRoleWithWebIdentity',
            Condition: { StringEquals: { 'token.actions.githubusercontent.com:sub': subject } },
          },
        ],
      });
    const plan = planWith([
      change(
        'aws_iam_role.r',
        { name: 'r', assume_role_policy: trust('repo:a/b:environment:dev') },
        { name: 'r', assume_role_policy: trust('repo:a/b:environment:prod') },
      ),
    ]);
    const { gains, loses } = planSummary(plan);
    expect(gains).toEqual([
      'Allow: Federated `arn:aws:iam::111111111111:oidc-provider/token.actions.githubusercontent.com` ' +
        'may `sts:AssumeRoleWithWebIdentity` if `StringEquals` `token.actions.githubusercontent.com:sub` ' +
        'is `repo:a/b:environment:prod` (role `r`)',
    ]);
    expect(loses[0]).toContain('repo:a/b:environment:dev');
  });

  test('anything else by its address and what changes, never a sensitive value', () => {
    const plan = planWith([
      change(
        'aws_rds_cluster.c',
        { engine_version: '17.4', master_password: 'old' },
        { engine_version: '17.5', master_password: 'new' },
        { after_sensitive: { master_password: true } },
      ),
      change('aws_rds_cluster_instance.i', {}, {}, { actions: ['delete', 'create'] }),
    ]);
    expect(planSummary(plan).changes).toEqual([
      '`aws_rds_cluster.c` is updated: `engine_version` from `17.4` to `17.5`; `master_password` (sensitive) changes',
      '`aws_rds_cluster_instance.i` is replaced',
    ]);
  });
});

describe('Markdown', () => {
  test('says nothing where nothing changes', () => {
    expect(summaryMarkdown('dev', planSummary(planWith([])), [])).toBe('### `dev`\n\nNo changes.\n');
  });

  test('puts what must not be applied first', () => {
    const plan = planWith([change('aws_rds_cluster.c', { iam_database_authentication_enabled: true }, null)]);
    const text = summaryMarkdown('dev-cluster', planSummary(plan), reviewPlan(plan));
    expect(text).toMatch(
      /^### `dev-cluster`\n\n\*\*Must not be applied\*\*\n\n- cluster-destroyed at `aws_rds_cluster\.c`: /,
    );
  });
});

test('of two plans without a state, the difference', () => {
  const of = (logins: string[]): TerraformPlan =>
    planWith(
      [
        change('aws_iam_policy.p', null, { name: 'n', policy: policyText(logins) }),
        change(
          'aws_iam_role_policy_attachment.t',
          null,
          { role: 'api' },
          { after_unknown: { policy_arn: true } },
        ),
      ],
      attached('aws_iam_policy.p', 'aws_iam_role_policy_attachment.t'),
    );
  expect(planSummary(comparedPlans(of(['a']), of(['a', 'b'])))).toMatchObject({
    gains: [expect.stringContaining('role `api` may connect as `b`')],
    loses: [],
  });
  // The configuration in which they were attached is that of before.
  expect(planSummary(comparedPlans(of(['a']), planWith([]))).loses).toEqual([
    expect.stringContaining('role `api` may no longer connect as `a`'),
    'role `api` is no longer given the policy `n`',
  ]);
  expect(planSummary(comparedPlans(of(['a']), of(['a'])))).toEqual({ gains: [], loses: [], changes: [] });
});

test('of two plans without a state, what neither of them knows is no difference', () => {
  const of = (limit: number) =>
    planWith([
      change(
        'postgresql_role.l',
        null,
        { name: 'a', login: true, roles: ['rds_iam'], connection_limit: limit },
        { after_unknown: { id: true } },
      ),
    ]);
  expect(planSummary(comparedPlans(of(1), of(2)))).toEqual({
    gains: [],
    loses: [],
    changes: ['login `a` is updated: `connection_limit` from `1` to `2`'],
  });
});
