import type { LiveAccess } from './catalog';
import { type AccessFinding, type CheckQuestion, findingsOf, type Rule } from './finding';
import { admin } from './rules/admin';
import { endSessions } from './rules/end-sessions';
import { existing } from './rules/existing';
import { group } from './rules/group';
import { lockDown } from './rules/lock-down';
import { lockedOut } from './rules/locked-out';
import { missingBefore } from './rules/missing-before';
import { searchPath } from './rules/search-path';
import { selfGrant } from './rules/self-grant';
import { takenAway } from './rules/taken-away';
import { unreachableOwner } from './rules/unreachable-owner';

const RULES: readonly Rule[] = [
  admin,
  selfGrant,
  endSessions,
  searchPath,
  lockedOut,
  missingBefore,
  unreachableOwner,
  group,
  existing,
  takenAway,
  lockDown,
];

/**
 * Compares a live cluster with what an environment is about to do, before a deploy: what would fail half-way, and what would
 * be taken away from whom without a plan saying so (the provider revokes before it grants).
 */
export function preflight(question: CheckQuestion, live: LiveAccess): AccessFinding[] {
  return findingsOf(RULES, question, live);
}
