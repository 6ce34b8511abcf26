import { reviewPlan } from '../../../modules/plan/review';
import { planSummary, summaryMarkdown } from '../../../modules/plan/summary';
import type { TerraformPlan } from '../../../modules/plan/terraform-plan';
import { change, planWith } from '../../support/plan-json';

const SECRET = 'Zt9-hunter2-secret';

const on = { iam_database_authentication_enabled: true };
const made = (after: object) => planWith([change('x_y.z', null, after)]);
const state = (resource: object) => ({
  values: { root_module: { child_modules: [{ child_modules: [{ resources: [resource] }] }] } },
});

/** Wherever it stands, it is found, and printed nowhere. */
test.each<[where: string, plan: TerraformPlan, address: string]>([
  ['deep in lists', made({ auth: [{ a: [{ password: SECRET }] }] }), 'x_y.z'],
  ['a variable of a container', made({ environment: [{ variables: { DB_PASSWORD: SECRET } }] }), 'x_y.z'],
  ['another name for it', made({ db_password: SECRET, note: `it is ${SECRET}` }), 'x_y.z'],
  ['in camel case', made({ settings: { dbPassword: SECRET } }), 'x_y.z'],
  [
    'a pair of keys',
    made({ text: `AKIAABCDEFGHIJKLMNOP:${SECRET.replace(/-/g, '')}abcdefghijklmnop` }),
    'x_y.z',
  ],
  ['words of libpq', made({ conninfo: `host=db password=${SECRET} user=me` }), 'x_y.z'],
  ['a parameter of an address', made({ url: `https://db/?password=${SECRET}&x=1` }), 'x_y.z'],
  ['another scheme', made({ url: `amqp://me:${SECRET}@db` }), 'x_y.z'],
  ['JSON in a text', made({ text: JSON.stringify({ a: { password: SECRET } }) }), 'x_y.z'],
  [
    'a marked part',
    planWith([
      change('x_y.z', { a: { b: ['x'] } }, { a: { b: [SECRET] } }, { after_sensitive: { a: { b: [true] } } }),
    ]),
    'x_y.z',
  ],
  [
    'a key of an address',
    planWith([{ ...change('x_y.z', null, { token: SECRET }), address: `x_y.z["${SECRET}"]` }]),
    'x_y.z["(sensitive)"]',
  ],
  [
    'a module of the state',
    planWith([], {
      prior_state: state({ address: 'module.m.data.s.v', mode: 'data', values: { secret_string: SECRET } }),
    }),
    'module.m.data.s.v',
  ],
  [
    'what is planned',
    planWith([], { planned_values: state({ address: 'module.m.s.v', values: { password: SECRET } }).values }),
    'module.m.s.v',
  ],
  [
    'drift',
    planWith([], { resource_drift: [change('x_y.z', { password: 'b' }, { password: SECRET })] }),
    'x_y.z',
  ],
  [
    'a module of the configuration',
    planWith([], {
      configuration: {
        root_module: { module_calls: { m: { expressions: { password: { constant_value: SECRET } } } } },
      },
    }),
    'module.m',
  ],
  [
    'a command',
    planWith([], {
      configuration: {
        root_module: {
          resources: [
            {
              address: 'x_y.z',
              provisioners: [
                {
                  type: 'local-exec',
                  expressions: { command: { constant_value: `PGPASSWORD=${SECRET} psql` } },
                },
              ],
            },
          ],
        },
      },
    }),
    'x_y.z',
  ],
  [
    'a block that the offline plan replaced',
    planWith([], { aurora_iam: { providers: { postgresql: [{ password: SECRET }] } } }),
    'provider.postgresql',
  ],
  [
    'the settings of a backend',
    planWith([], { aurora_iam: { backend: { s3: { secret_key: SECRET } } } }),
    'configuration',
  ],
])('%s', (_where, plan, address) => {
  const findings = reviewPlan(plan);
  expect(findings.filter(({ rule }) => rule === 'secret').map((each) => each.where)).toContain(address);
  const summary = planSummary(plan);
  const printed = JSON.stringify([findings, summary]) + summaryMarkdown('dev', summary, findings);
  expect(printed).not.toContain(SECRET);
  expect(printed).not.toContain(SECRET.replace(/-/g, ''));
});

test.each<[what: string, value: object]>([
  [
    'an ARN of a secret',
    { secret: 'arn:aws:secretsmanager:eu-west-1:111111111111:secret:x', secret_arn: 'x' },
  ],
  ['a switch', { manage_master_user_password: true, encrypted_password: true }],
  ['the version of one', { password_wo_version: '1' }],
  [
    'a policy about secrets',
    { policy: '{"Statement":[{"Effect":"Allow","Action":"secretsmanager:GetSecretValue","Resource":"*"}]}' },
  ],
])('not %s', (_what, value) => {
  expect(reviewPlan(made(value)).filter(({ rule }) => rule === 'secret')).toEqual([]);
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
    expect(findings.map((finding) => finding.where)).toEqual([address]);
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
    expect(reviewPlan(plan).filter(({ rule }) => rule === 'secret')).toEqual([]);
  });
});
