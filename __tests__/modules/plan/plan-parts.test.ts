import type { Change, ResourceChange } from '../../../modules/plan/terraform-plan';
import { change, planWith, policyText } from '../../support/plan-json';
import { faults, login, of, policy, told } from './reviewed';

// Plans that give something away, as somebody would write them who hopes that a review sees nothing.

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

  test('one that is replaced, and whose earlier one is forgotten, is reviewed as it will be', () => {
    const change_ = change('postgresql_role.l', login(), login({ create_role: true }), {
      actions: ['create', 'forget'],
    });
    expect(faults(of(change_))).toEqual(['login-with-powers']);
    expect(told(of(change_)).changes).toContain('is replaced, and the earlier one is left as it is');
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
