import { RDS_IAM } from '../names/postgresql';

/**
 * Whether a user counts as a member of `rds_iam`, which decides between token and password at the door.
 * One place for the gate, the tools and the tests.
 */

/**
 * - `vanilla`: as `+rds_iam` in pg_hba.conf takes it. Every membership row counts, however indirect, with whatever
 *   options; a superuser without a row does not count (`is_member` in PostgreSQL's hba.c).
 *   https://www.postgresql.org/docs/current/auth-pg-hba-conf.html
 * - `rds`: as RDS is believed to take it: rows that make the master an ADMIN-only member do not count. Nobody has
 *   proved it; PostgreSQL 16 and later add such a row for each role that the master creates.
 */
export type MembershipMode = 'vanilla' | 'rds';

export interface MembershipQuestion {
  /** Exact name of the database user. It need not exist. */
  readonly user: string;
  /** The cluster's master. */
  readonly master: string;
  /** 15 or later: from 16 on a membership has the options INHERIT and SET. */
  readonly serverMajor: number;
}

export interface RdsIamMembership {
  /**
   * `admin-only`: every way to rds_iam has a step that is ADMIN without INHERIT and SET. `not-inherited`: every way has such a
   * step, or one WITH INHERIT FALSE. PostgreSQL counts both. RDS is believed not to count the first, and was reported once not
   * to count the second; neither is known. The mode is not in it.
   */
  readonly membership: 'none' | 'admin-only' | 'not-inherited' | 'member';
  /** The mode's verdict: true means a token is wanted and a password is refused. */
  readonly counts: boolean;
  /** The user's own memberships that lead to rds_iam. If the user counts: those to revoke to end that. Sorted. */
  readonly through: readonly string[];
  /** One line for people. */
  readonly reason: string;
}

/** `(text, values) => client.query(text, values)` of any role: the catalogs read here are open to all. */
export type MembershipQuery = (text: string, values: string[]) => Promise<{ rows: unknown[] }>;

/** A distinct way from the user to rds_iam: its first step, and what kinds of step it has. */
export interface MembershipPath {
  /** NULL for rds_iam itself. */
  readonly through: string | null;
  readonly admin_only: boolean;
  /** One of its steps is WITH INHERIT FALSE; an ADMIN-only step always is. */
  readonly not_inherited: boolean;
  /** One of its steps is an ADMIN-only row of the master. */
  readonly admin_only_of_master: boolean;
}

/** The question as one SQL statement; its rows are `MembershipPath`. */
export function membershipSql({ user, master, serverMajor }: MembershipQuestion): {
  text: string;
  values: string[];
} {
  return {
    // Compared as text: a parameter of type name would be cut to 63 bytes and become another user.
    text: pathsSql('rolname = $1::text', '$2', serverMajor),
    values: [user, master],
  };
}

/** The same question for every login at once; each row is a `MembershipPath` and the `login` whose it is. */
export function membershipsSql({ master, serverMajor }: Omit<MembershipQuestion, 'user'>): {
  text: string;
  values: string[];
} {
  return { text: pathsSql('rolcanlogin', '$1', serverMajor), values: [master] };
}

function pathsSql(users: string, master: string, serverMajor: number): string {
  const adminOnly =
    serverMajor >= 16 ? 'm.admin_option AND NOT m.inherit_option AND NOT m.set_option' : 'false';
  const notInherited = serverMajor >= 16 ? 'NOT m.inherit_option' : 'false';
  return `WITH RECURSIVE path (login, roleid, through, admin_only, not_inherited, admin_only_of_master) AS (
  SELECT rolname, oid, NULL::name, false, false, false FROM pg_roles WHERE ${users}
  UNION
  SELECT path.login,
         m.roleid,
         coalesce(path.through, granted.rolname),
         path.admin_only OR (${adminOnly}),
         path.not_inherited OR (${notInherited}),
         path.admin_only_of_master OR (${adminOnly} AND member.rolname = ${master}::text)
  FROM path
  JOIN pg_auth_members m ON m.member = path.roleid
  JOIN pg_roles granted ON granted.oid = m.roleid
  JOIN pg_roles member ON member.oid = m.member
)
SELECT login::text, through, admin_only, not_inherited, admin_only_of_master
FROM path JOIN pg_roles r ON r.oid = path.roleid
WHERE r.rolname = '${RDS_IAM}'`;
}

/** The verdict from the paths that `membershipSql` finds. */
export function judgeMembership(paths: readonly MembershipPath[], mode: MembershipMode): RdsIamMembership {
  const membership = strongest(paths);
  const counting = paths.filter((path) => mode === 'vanilla' || !path.admin_only_of_master);
  const counts = counting.length > 0;
  const names = (counts ? counting : paths).flatMap(({ through }) => (through === null ? [] : [through]));
  const through = [...new Set(names)].sort();
  return { membership, counts, through, reason: explain(membership, counts, through) };
}

function strongest(paths: readonly MembershipPath[]): RdsIamMembership['membership'] {
  if (paths.length === 0) return 'none';
  if (paths.every((path) => path.admin_only)) return 'admin-only';
  return paths.every((path) => path.not_inherited) ? 'not-inherited' : 'member';
}

function explain(
  membership: RdsIamMembership['membership'],
  counts: boolean,
  through: readonly string[],
): string {
  if (membership === 'none') return 'not a member of rds_iam';
  const way = through.includes(RDS_IAM) || through.length === 0 ? '' : ` through ${some(through)}`;
  if (membership === 'member') return `member of rds_iam${way}`;
  if (membership === 'not-inherited') return `member of rds_iam${way}, WITH INHERIT FALSE on the way`;
  return `ADMIN-only member of rds_iam${way}, which ${counts ? 'counts' : 'is believed not to count on RDS'}`;
}

/** A master on PostgreSQL 16 and later is a member of each login that it made: a line names the first of them. */
function some(roles: readonly string[]): string {
  const shown = roles.slice(0, 3).map((role) => JSON.stringify(role));
  return shown.join(', ') + (roles.length > 3 ? ` and ${roles.length - 3} more` : '');
}

/** Asks the server and judges. Errors of `query` pass through. */
export async function rdsIamMembership(
  query: MembershipQuery,
  { mode, ...question }: MembershipQuestion & { readonly mode: MembershipMode },
): Promise<RdsIamMembership> {
  const { text, values } = membershipSql(question);
  const { rows } = await query(text, values);
  return judgeMembership(rows as MembershipPath[], mode);
}

// The same as conditions in SQL, for 15 and later alike, for scripts that are written before anybody knows the server.
// They mean the same under every search path.

/** Whether a row of pg_auth_members is ADMIN without INHERIT and SET. @param row its alias */
export function isAdminOnlySql(row: string): string {
  // Up to 15 there are no such options.
  return `(${row}.admin_option AND pg_catalog.to_jsonb(${row}) OPERATOR(pg_catalog.@>) '{"inherit_option": false, "set_option": false}')`;
}

/** Whether a role is in rds_iam by whatever way, as the server counts it. @param role an expression of its name */
export function isInRdsIamSql(role: string): string {
  return `pg_has_role(${role}, '${RDS_IAM}', 'MEMBER')`;
}

/**
 * Whether a role is a `member` as in `judgeMembership`: it has a way to rds_iam without an ADMIN-only step. Who has only others
 * may be a password login that made IAM logins.
 * @param role an expression of its name
 */
export function isIamLoginSql(role: string): string {
  return `EXISTS (WITH RECURSIVE way (roleid) AS (
      SELECT oid FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) ${role}
      UNION SELECT m.roleid FROM way JOIN pg_catalog.pg_auth_members m ON m.member OPERATOR(pg_catalog.=) way.roleid
        WHERE NOT ${isAdminOnlySql('m')})
    SELECT FROM way JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) way.roleid
      WHERE r.rolname OPERATOR(pg_catalog.=) '${RDS_IAM}')`;
}
