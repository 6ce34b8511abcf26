import { reviewPlan } from '../../../modules/plan/review';
import { change } from '../../support/plan-json';
import { connect, document, faults, login, of, told } from './reviewed';

// What comes with a thing that was there before, and what goes without a word of it.

const role = (name: string, has: object) => ({ name, login: false, roles: [], ...has });
const takenOver = (name: string, has: object) =>
  change(`postgresql_role.${name}`, role(name, has), role(name, has), { importing: { id: name } });
const member = (group: string) => change('postgresql_role.l', login(), login({ roles: ['rds_iam', group] }));

describe('a group that is taken over by an import block', () => {
  test('is told and refused with the powers and memberships that it brings', () => {
    const plan = of(
      takenOver('dba', { create_role: true, bypass_row_level_security: true, roles: ['rds_superuser'] }),
      member('dba'),
    );
    expect(faults(plan)).toEqual(['foreign-membership', 'login-with-powers']);
    expect(told(plan).changes).toContain(
      'group `dba` keeps what it has: CREATEROLE, BYPASSRLS, the membership in `rds_superuser`',
    );
  });

  test.each(['rds_superuser', 'pg_execute_server_program', 'rdsadmin'])(
    '%s is no group of an environment, whatever the plan says',
    (name) => expect(faults(of(takenOver(name, {}), member(name)))).toEqual(['foreign-membership']),
  );

  test('without any, it is a group like the others', () => {
    expect(faults(of(takenOver('readers', { roles: ['pg_monitor'] }), member('readers')))).toEqual([]);
  });
});

describe('a Deny that holds for somebody no longer', () => {
  const arn = 'arn:aws:iam::111111111111:policy/guard';
  const guard = {
    name: 'guard',
    arn,
    policy: document(connect, { Effect: 'Deny', Action: '*', Resource: '*' }),
  };
  const attachment = (after: object | null) =>
    change('aws_iam_role_policy_attachment.a', { role: 'api', policy_arn: arn }, after);
  test('by the attachment that goes', () => {
    expect(faults(of(change('aws_iam_policy.p', guard, guard), attachment(null)))).toEqual([
      'policy-restriction-removed',
    ]);
  });
  test('by the policy that goes', () => {
    expect(faults(of(change('aws_iam_policy.p', guard, null), attachment(null)))).toEqual([
      'policy-restriction-removed',
    ]);
    expect(faults(of(change('aws_iam_policy.p', guard, null)))).toEqual(['policy-restriction-removed']);
  });
  test('unless the role goes, too', () => {
    const gone = change('aws_iam_role.r', { name: 'api' }, null);
    expect(faults(of(change('aws_iam_policy.p', guard, null), attachment(null), gone))).toEqual([]);
  });
});

test('an acceptance of a foreign policy is for one identity', () => {
  const given = (name: string) =>
    of(
      change('aws_iam_role_policy_attachment.a', null, {
        role: name,
        policy_arn: 'arn:aws:iam::aws:policy/ReadOnlyAccess',
      }),
    );
  const [accepted] = reviewPlan(given('api'));
  const after = (name: string) =>
    reviewPlan(given(name), [accepted?.acceptance ?? '']).map((each) => each.severity);
  expect([after('api'), after('deployer')]).toEqual([['note'], ['fault']]);
});

test('of two inline policies of one name, both are told', () => {
  const inline = ['Allow', 'Deny'].map((Effect) => ({
    name: 'a',
    policy: document({ Effect, Action: '*', Resource: '*' }),
  }));
  const plan = of(change('aws_other.x', null, { inline }));
  expect(faults(plan, ['aws_other'])).toEqual(['policy-beyond-connect']);
  expect(told(plan).gains).toContain('do more than connect: `* on *`');
});

test('a secret that is a number is one', () => {
  const plan = of(change('terraform_data.x', null, { triggers_replace: { db_password: 20261127 } }));
  expect(faults(plan)).toEqual(['secret']);
  expect(JSON.stringify([told(plan), reviewPlan(plan)])).not.toContain('20261127');
});

test('a provider that is called like a method is one that the stacks never use', () => {
  const provider_config = { constructor: { name: 'constructor', full_name: 'evil/constructor' } };
  expect(faults({ ...of(), configuration: { provider_config } })).toEqual(['provider']);
});
