import type { ResourceChange } from '../../../modules/plan/terraform-plan';
import { change, planWith } from '../../support/plan-json';
import { faults, login, of, told } from './reviewed';

// Plans that give something away, as somebody would write them who hopes that a review sees nothing.

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

  const inPlan = change('postgresql_role.g', { name: 'g', login: false }, { name: 'g', login: false });
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
      const plan = of(inPlan, change(`${type}.g`, side(false), side(true)));
      expect(faults(plan)).toEqual(['grant-option']);
      expect(told(plan).gains).toContain('GRANT OPTION');
    }
  });

  test('privileges for somebody outside of the plan, or for a login itself', () => {
    const plan = (role: string) => of(ours, change('postgresql_grant.g', null, grant({ role })));
    expect(faults(plan('somebody'))).toEqual(['foreign-grantee']);
    expect(faults(plan('analyst'))).toEqual(['foreign-grantee']);
  });

  test('the master that is taken over as a login, and put into rds_iam', () => {
    const role = (roles: string[]) => ({ name: 'root', login: true, roles });
    const taken = change('postgresql_role.l', role([]), role(['rds_iam']), { importing: { id: 'root' } });
    const resources = [
      {
        mode: 'data',
        type: 'aws_rds_cluster',
        address: 'data.aws_rds_cluster.c',
        values: { master_username: 'root' },
      },
    ];
    const prior_state = { values: { root_module: { resources } } };
    expect(faults(planWith([taken], { prior_state }))).toEqual(['into-rds-iam']);
    const lookUps = {
      'data.aws_rds_cluster.c': {
        lifecycle: { postcondition: [{ condition: '${self.master_username == "root"}' }] },
      },
    };
    expect(faults(planWith([taken], { aurora_iam: { lookUps } }))).toEqual(['into-rds-iam']);
    expect(faults(of(taken))).toEqual([]);
  });

  test('a password login that is taken over, and stays one', () => {
    const role = { name: 'legacy', login: true, roles: ['app'] };
    expect(faults(of(change('postgresql_role.l', role, role, { importing: { id: 'legacy' } })))).toEqual([
      'login-by-password',
    ]);
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
