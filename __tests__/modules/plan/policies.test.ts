import type { TerraformPlan } from '../../../modules/plan/terraform-plan';
import { change, planWith, policyText } from '../../support/plan-json';
import { connect, document, faults, of, policy, told } from './reviewed';

// Plans that give something away, as somebody would write them who hopes that a review sees nothing.

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
    const own = { ...connect, Resource: connect.Resource.replace('api', '${aws:username}') };
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

test('a document in any output is read', () => {
  const after = { team: document({ Effect: 'Allow', Action: '*', Resource: '*' }) };
  const plan = planWith([], { output_changes: { more: { actions: ['create'], before: null, after } } });
  expect(faults(plan)).toEqual(['policy-beyond-connect']);
  expect(told(plan).gains).toContain('do more than connect: `* on *`');
});
