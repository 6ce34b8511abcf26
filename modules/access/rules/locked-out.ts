import { type Finding, fault, note } from '../../findings/finding';
import { RDS_IAM } from '../../names/postgresql';
import { isAdminOnly, type LiveAccess } from '../catalog';
import type { CheckQuestion } from '../finding';
import { revokeWayOut } from '../membership-statements';
import { judgeMembership } from '../rds-iam-membership';

/** Who can no longer log in by password (`locked-out`), and who perhaps cannot (`admin-only`): PostgreSQL itself refuses
 *  such a member, and RDS is believed not to. Before and after a deploy. */
export function lockedOut(question: CheckQuestion, live: LiveAccess): Finding<'locked-out' | 'admin-only'>[] {
  return [...passwordLogins(question, live), ...groups(question, live)];
}

function passwordLogins(
  { model, master, adminByIam, otherIamLogins }: CheckQuestion,
  live: LiveAccess,
): Finding<'locked-out' | 'admin-only'>[] {
  const expected = new Set([...model.logins.map(({ name }) => name), ...otherIamLogins]);
  if (adminByIam) expected.add(live.admin);
  return [...live.waysToRdsIam].flatMap(([name, ways]): Finding<'locked-out' | 'admin-only'>[] => {
    if (expected.has(name)) return [];
    // A full member is named with what makes it one: from 16 on it has an ADMIN-only row for each login that it made.
    const full = ways.filter(({ admin_only: adminOnly }) => !adminOnly);
    const { membership, through, reason } = judgeMembership(full.length > 0 ? full : ways, 'vanilla');
    const what = name === master ? `master ${name}` : name === live.admin ? `admin ${name}` : `role ${name}`;
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
    const revoke = revokeWayOut(live, rows);
    return [
      fault(
        'locked-out',
        what,
        `is a ${reason}, so its password is refused`,
        `if it logs in by password: ${revoke} if it is an IAM login that somebody else manages, name it in otherIamLogins`,
      ),
    ];
  });
}

function groups({ model }: CheckQuestion, live: LiveAccess): Finding<'locked-out' | 'admin-only'>[] {
  return model.groups
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
        revokeWayOut(live, rows),
      ),
    );
}
