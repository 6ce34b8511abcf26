import {
  judgeMembership,
  type MembershipMode,
  type MembershipPath,
  membershipSql,
  rdsIamMembership,
} from '../../../modules/access/rds-iam-membership';

const member: MembershipPath = {
  through: 'rds_iam',
  admin_only: false,
  not_inherited: false,
  admin_only_of_master: false,
};
const adminOnly: MembershipPath = {
  through: 'rds_iam',
  admin_only: true,
  not_inherited: true,
  admin_only_of_master: false,
};
const notInherited: MembershipPath = { ...member, not_inherited: true };
const mastersOwn: MembershipPath = {
  through: 'orders_api',
  admin_only: true,
  not_inherited: true,
  admin_only_of_master: true,
};

describe('whether a user counts as a member of rds_iam', () => {
  test.each<[string, MembershipPath[], string, boolean, boolean]>([
    ['no way leads there', [], 'none', false, false],
    ['a plain membership', [member], 'member', true, true],
    ['ADMIN only', [adminOnly], 'admin-only', true, true],
    ['ADMIN only, and it is the master’s', [mastersOwn], 'admin-only', true, false],
    ['WITH INHERIT FALSE, which nobody has proved on RDS', [notInherited], 'not-inherited', true, true],
    ['that next to ADMIN only', [notInherited, mastersOwn], 'not-inherited', true, true],
    ['that next to a plain one', [notInherited, member], 'member', true, true],
    ['a plain one next to the master’s ADMIN-only one', [mastersOwn, member], 'member', true, true],
  ])('%s', (_, paths, membership, vanilla, rds) => {
    expect(judgeMembership(paths, 'vanilla')).toMatchObject({ membership, counts: vanilla });
    expect(judgeMembership(paths, 'rds')).toMatchObject({ membership, counts: rds });
  });

  test('the answer names the memberships to revoke, each once', () => {
    const group = { ...member, through: 'a group' };
    const { through, reason } = judgeMembership([group, group, mastersOwn], 'rds');
    expect(through).toEqual(['a group']);
    expect(reason).toBe('member of rds_iam through "a group"');
    expect(judgeMembership([group, mastersOwn], 'vanilla').through).toEqual(['a group', 'orders_api']);
  });

  test('a master that made many logins is explained in a short line', () => {
    const paths = Array.from({ length: 200 }, (_, n) => ({ ...mastersOwn, through: `login_${n}` }));
    expect(judgeMembership(paths, 'rds').reason).toMatch(/"login_0", "login_1", "login_10" and 197 more/);
  });

  test.each<[MembershipMode, RegExp]>([
    ['vanilla', /ADMIN-only member .* which counts/],
    ['rds', /ADMIN-only member .* believed not to count on RDS/],
  ])('mode %s says what it makes of the master’s ADMIN-only membership', (mode, reason) => {
    expect(judgeMembership([mastersOwn], mode).reason).toMatch(reason);
  });
});

describe('the question to the server', () => {
  const question = { user: `o'brien`, master: 'postgres' };

  test('a server before 16 is not asked for options it does not have', () => {
    const { text } = membershipSql({ ...question, serverMajor: 15 });
    expect(text).not.toMatch(/inherit_option|set_option/);
  });

  test.each([16, 17, 18])('a server of version %i is asked for INHERIT and SET', (serverMajor) => {
    expect(membershipSql({ ...question, serverMajor }).text).toMatch(
      /NOT m\.inherit_option AND NOT m\.set_option/,
    );
  });

  test('names travel as parameters only', async () => {
    const asked: { text: string; values: string[] }[] = [];
    const query = async (text: string, values: string[]) => {
      asked.push({ text, values });
      return { rows: [mastersOwn] };
    };
    const answer = await rdsIamMembership(query, { ...question, serverMajor: 17, mode: 'rds' });
    expect(answer).toMatchObject({ membership: 'admin-only', counts: false, through: ['orders_api'] });
    expect(asked).toHaveLength(1);
    expect(asked[0]?.values).toEqual([`o'brien`, 'postgres']);
    expect(asked[0]?.text).not.toMatch(/brien|postgres/);
  });
});
