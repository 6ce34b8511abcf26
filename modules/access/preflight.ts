import type { Finding } from '../findings/finding';
import type { LiveAccess } from './catalog';
import { type CheckQuestion, findingsOf, type Rule, rule } from './finding';
import { admin } from './rules/admin';
import { endSessions } from './rules/end-sessions';
import { existing } from './rules/existing';
import { fixedMemberships } from './rules/fixed-memberships';
import { group } from './rules/group';
import { lockDown } from './rules/lock-down';
import { lockedOut } from './rules/locked-out';
import { manageable } from './rules/manageable';
import { missingBefore } from './rules/missing-before';
import { notDroppable } from './rules/not-droppable';
import { notInState } from './rules/not-in-state';
import { ofAdmin } from './rules/of-admin';
import { searchPath } from './rules/search-path';
import { selfGrant } from './rules/self-grant';
import { serverVersion } from './rules/server-version';
import { takenAway } from './rules/taken-away';
import { unreachableOwner } from './rules/unreachable-owner';

export const PREFLIGHT_RULES: readonly Rule[] = [
  rule(['admin', 'missing'], admin),
  rule(['admin'], selfGrant),
  rule(['end-sessions'], endSessions),
  rule(['search-path'], searchPath),
  rule(['locked-out', 'not-inherited', 'admin-only'], lockedOut),
  rule(['missing'], missingBefore),
  rule(['owner'], unreachableOwner),
  rule(['group', 'missing'], group),
  rule(['existing'], manageable),
  rule(['member'], fixedMemberships),
  rule(['existing', 'missing', 'cutover'], existing),
  rule(['not-in-state'], notInState),
  rule(['server-version'], serverVersion),
  rule(['taken-away'], takenAway),
  rule(['lock-down'], lockDown),
  rule(['owner'], ofAdmin),
  rule(['owner', 'privileges'], notDroppable),
];

/**
 * Compares a live cluster with what an environment is about to do, before a deploy: what would fail half-way, and what would
 * be taken away from whom without a plan saying so (the provider revokes before it grants).
 */
export function preflight(question: CheckQuestion, live: LiveAccess): Finding[] {
  return findingsOf(PREFLIGHT_RULES, question, live);
}
