import type { LiveAccess, LiveMembership } from '../../../modules/access/catalog';
import { checkAccess } from '../../../modules/access/check';
import type { CheckQuestion } from '../../../modules/access/finding';
import { onlyInBy } from '../../../modules/access/iam-users';
import { preflight } from '../../../modules/access/preflight';
import type { MembershipPath } from '../../../modules/access/rds-iam-membership';
import { findingLine } from '../../../modules/findings/finding';
import { liveAccess, questionOf } from '../../support/live-access';

const plain: LiveMembership = {
  role: 'rds_iam',
  member: 'postgres',
  grantor: 'rdsadmin',
  adminOption: true,
  inheritOption: true,
  setOption: true,
};
const way: MembershipPath = {
  through: 'rds_iam',
  admin_only: false,
  not_inherited: false,
  admin_only_of_master: false,
};

/** A cluster on which the master has these memberships besides. */
function live(question: CheckQuestion, rows: LiveMembership[], ways: MembershipPath[]): LiveAccess {
  const access = liveAccess(question.model);
  return {
    ...access,
    memberships: [...access.memberships, ...rows],
    waysToRdsIam: new Map(ways.length > 0 ? [['postgres', ways]] : []),
  };
}

const aboutMaster = (question: CheckQuestion, access: LiveAccess) =>
  [checkAccess, preflight].map((judge) =>
    judge(question, access)
      .filter(({ rule }) => ['locked-out', 'not-inherited', 'admin-only'].includes(rule))
      .map(findingLine),
  );
const byPassword = questionOf();
const byIam: CheckQuestion = { ...byPassword, masterByIam: true, adminByIam: true };

describe('a master with a password', () => {
  test.each([
    ['in otherIamLogins', { ...byPassword, otherIamLogins: ['postgres'] }],
    ['as the IAM admin', { ...byPassword, adminByIam: true }],
    ['in no list', byPassword],
  ])('is locked out in rds_iam, whatever lists say: %s', (_where, question) => {
    for (const lines of aboutMaster(question, live(question, [plain], [way]))) {
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(
        'fault locked-out master postgres: is a member of rds_iam, so its password is refused',
      );
      expect(lines[0]).toContain('REVOKE "rds_iam" FROM "postgres"');
      expect(lines[0]).toContain("masterUserAuthenticationType: 'iam-db-auth'");
    }
  });

  test('WITH INHERIT FALSE on the way is neither called safe nor locked out', () => {
    const question = byPassword;
    const row = { ...plain, role: 'analyst', adminOption: false, inheritOption: false };
    const ways = [{ ...way, through: 'analyst', not_inherited: true }];
    for (const lines of aboutMaster(question, live(question, [row], ways))) {
      expect(lines).toHaveLength(1);
      expect(lines[0]).toMatch(
        /^note not-inherited master postgres: .*reported once, and is not known.*REVOKE "analyst"/,
      );
    }
  });
});

describe('a master that logs in by IAM', () => {
  test('belongs into rds_iam', () => {
    expect(aboutMaster(byIam, live(byIam, [plain], [way]))).toEqual([[], []]);
    const another = { ...byIam, adminByIam: false };
    const access = { ...live(another, [plain], [way]), admin: 'deployer' };
    expect(aboutMaster(another, access)).toEqual([[], []]);
  });

  test('is locked out without it', () => {
    for (const lines of aboutMaster(byIam, live(byIam, [], [])))
      expect(lines).toEqual([
        'fault locked-out master postgres: logs in by IAM and is not in rds_iam, so its token is refused, and it has no password; ' +
          'before its last session ends, run GRANT "rds_iam" TO "postgres";',
      ]);
  });

  test.each([
    ['admin-only', { admin_only: true, not_inherited: true }],
    ['not-inherited', { not_inherited: true }],
  ])('is neither called safe nor locked out where its only way is %s', (rule, changes) => {
    for (const lines of aboutMaster(byIam, live(byIam, [plain], [{ ...way, ...changes }]))) {
      expect(lines).toHaveLength(1);
      expect(lines[0]).toContain(`note ${rule} master postgres: logs in by IAM`);
      expect(lines[0]).toContain('Whether RDS does is not known');
    }
  });
});

describe('advice never takes rds_iam from a master or admin that logs in by IAM', () => {
  const throughGroup = { ...plain, role: 'orders_owner', adminOption: false };
  const group = { ...plain, member: 'orders_owner', adminOption: false };

  test('a group that lets the master in: the master is put into rds_iam itself first', () => {
    const access = live(byIam, [throughGroup, group], [{ ...way, through: 'orders_owner' }]);
    const [line = ''] = checkAccess(byIam, access)
      .map(findingLine)
      .filter((each) => each.startsWith('fault locked-out group orders_owner'));
    expect(line).toMatch(
      /first run GRANT "rds_iam" TO "postgres"; .*, then .*REVOKE "rds_iam" FROM "orders_owner"/,
    );
  });

  test('where the master is in rds_iam by itself, too, the REVOKE is enough', () => {
    expect(onlyInBy(byIam, live(byIam, [throughGroup, group, plain], []), [group])).toEqual([]);
    expect(onlyInBy(byIam, live(byIam, [throughGroup, group], []), [group])).toEqual(['postgres']);
    // RDS may not count what is left.
    const doubtful = { ...plain, inheritOption: false };
    const access = live(byIam, [throughGroup, group, doubtful], []);
    expect(onlyInBy(byIam, access, [group])).toEqual(['postgres']);
    expect(onlyInBy(byPassword, access, [group])).toEqual([]);
  });

  test('the right to grant rds_iam is given without changing how the admin is in it', () => {
    const access = {
      ...liveAccess(byIam.model, { rds_iam: { alterable: false } }),
      memberships: [plain],
      waysToRdsIam: new Map([['postgres', [way]]]),
    };
    const grant = (question: CheckQuestion) =>
      preflight(question, access)
        .map(findingLine)
        .filter((line) => line.includes('may not grant rds_iam'));
    expect(grant(byIam)[0]).toContain('GRANT "rds_iam" TO "postgres" WITH ADMIN OPTION;');
    expect(grant(byIam)[0]).not.toContain('INHERIT FALSE');
    expect(grant(byPassword)[0]).toContain('INHERIT FALSE');
  });
});
