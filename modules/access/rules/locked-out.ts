import { type Finding, fault, note } from '../../findings/finding';
import { RDS_IAM } from '../../names/postgresql';
import { isAdminOnly, type LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';
import { iamUsers } from '../iam-users';
import { grantStatement, revokeWayOut } from '../membership-statements';
import { judgeMembership } from '../rds-iam-membership';

type Found = Finding<'locked-out' | 'not-inherited' | 'admin-only'>;

/** Who can no longer log in (`locked-out`), and who perhaps cannot: PostgreSQL itself counts a member that is `admin-only` or
 *  `not-inherited`, and RDS perhaps does not. Before and after a deploy. */
export function lockedOut(question: CheckQuestion, live: LiveAccess): Found[] {
  return [...iamLogins(question, live), ...passwordLogins(question, live), ...groups(question, live)];
}

/** The master and the admin, where they log in by IAM: outside rds_iam nothing lets them in. */
function iamLogins(question: CheckQuestion, live: LiveAccess): Found[] {
  return iamUsers(question, live).flatMap((name): Found[] => {
    if (!live.roles.some((role) => role.name === name && role.login)) return [];
    const { membership } = judgeMembership(live.waysToRdsIam.get(name) ?? [], 'vanilla');
    const what = title(name, question, live);
    const cure = `before its last session ends, run ${grantStatement(RDS_IAM, name)}`;
    if (membership === 'member') return [];
    if (membership === 'none')
      return [
        fault(
          'locked-out',
          what,
          `logs in by IAM and is not in rds_iam, so its token is refused${name === question.master ? ', and it has no password' : ''}`,
          cure,
        ),
      ];
    return [
      note(
        membership,
        what,
        `logs in by IAM, and is in rds_iam only ${
          membership === 'admin-only'
            ? 'by ADMIN, without INHERIT and SET'
            : 'by memberships WITH INHERIT FALSE'
        }. PostgreSQL itself would count that. Whether RDS does is not known`,
        `to be sure, run ${grantStatement(RDS_IAM, name)}`,
      ),
    ];
  });
}

function passwordLogins(question: CheckQuestion, live: LiveAccess): Found[] {
  const { model, master, masterByIam, otherIamLogins } = question;
  const expected = new Set([
    ...model.logins.map(({ name }) => name),
    ...otherIamLogins,
    ...iamUsers(question, live),
  ]);
  // How the master logs in is not for lists to say.
  if (!masterByIam) expected.delete(master);
  return [...live.waysToRdsIam].flatMap(([name, ways]): Found[] => {
    if (expected.has(name)) return [];
    // A full member is named with what makes it one: from 16 on it has an ADMIN-only row for each login that it made.
    const full = ways.filter(({ admin_only: adminOnly }) => !adminOnly);
    const { membership, through, reason } = judgeMembership(full.length > 0 ? full : ways, 'vanilla');
    const what = title(name, question, live);
    if (membership === 'none') return [];
    if (membership === 'admin-only')
      return [
        note(
          'admin-only',
          what,
          `is an ${reason.replace(/, which .*/, '')}. PostgreSQL itself would refuse its password. RDS is believed to accept it, but that is not known. From PostgreSQL 16 on, a role that creates another becomes such a member of it`,
        ),
      ];
    const rows = live.memberships.filter(
      (row) => row.member === name && through.includes(row.role) && !isAdminOnly(row),
    );
    const revoke = revokeWayOut(question, live, rows);
    if (membership === 'not-inherited')
      return [
        note(
          'not-inherited',
          what,
          `is a ${reason}. PostgreSQL itself would refuse its password. That RDS accepts it was reported once, and is not known`,
          `to be sure, ${revoke}`,
        ),
      ];
    return [
      fault(
        'locked-out',
        what,
        `is a ${reason}, so its password is refused`,
        name === master
          ? `if it has a password: ${revoke} if it has none and logs in by IAM, leave it there and write masterUserAuthenticationType: 'iam-db-auth' in cluster`
          : `if it logs in by password: ${revoke} if it is an IAM login that somebody else manages, name it in otherIamLogins`,
      ),
    ];
  });
}

function title(name: string, { master }: CheckQuestion, live: LiveAccess): string {
  return name === master ? `master ${name}` : name === live.admin ? `admin ${name}` : `role ${name}`;
}

function groups(question: CheckQuestion, live: LiveAccess): Found[] {
  return question.model.groups
    .map(({ name }) => ({
      name,
      rows: live.memberships.filter(({ role, member }) => role === RDS_IAM && member === name),
    }))
    .filter(({ rows }) => rows.length > 0)
    .map(({ name, rows }) =>
      fault(
        'locked-out',
        `group ${name}`,
        'is a member of rds_iam, and so are all its members',
        revokeWayOut(question, live, rows),
      ),
    );
}
