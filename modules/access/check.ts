import type { Finding } from '../findings/finding';
import type { LiveAccess } from './catalog';
import { type CheckQuestion, findingsOf, type Rule, rule } from './finding';
import { adminOption } from './rules/admin-option';
import { attributes } from './rules/attributes';
import { columns } from './rules/columns';
import { creator } from './rules/creator';
import { defaults } from './rules/defaults';
import { grantOption } from './rules/grant-option';
import { lockedOut } from './rules/locked-out';
import { member } from './rules/member';
import { membershipOptions } from './rules/membership-options';
import { missing } from './rules/missing';
import { owner } from './rules/owner';
import { privileges } from './rules/privileges';
import { publicPrivileges } from './rules/public';
import { securityDefiner } from './rules/security-definer';

export const CHECK_RULES: readonly Rule[] = [
  rule(['locked-out', 'not-inherited', 'admin-only'], lockedOut),
  rule(['missing'], missing),
  rule(['attributes'], attributes),
  rule(['member'], member),
  rule(['membership-options'], membershipOptions),
  rule(['admin-option'], adminOption),
  rule(['owner'], owner),
  rule(['privileges'], privileges),
  rule(['grant-option'], grantOption),
  rule(['columns'], columns),
  rule(['public'], publicPrivileges),
  rule(['defaults'], defaults),
  rule(['creator'], creator),
  rule(['security-definer'], securityDefiner),
];

/**
 * Compares a live cluster with what an environment says, after a deploy. It sees what no plan sees: members from outside,
 * rights given to logins or PUBLIC, columns, grant options, owners. It cannot see whether a role has a password: only a
 * superuser may read that, and RDS has none for us.
 */
export function checkAccess(question: CheckQuestion, live: LiveAccess): Finding[] {
  return findingsOf(CHECK_RULES, question, live);
}
