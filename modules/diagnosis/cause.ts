import type { RuleId } from '../findings/catalogue';
import { type Finding, fault } from '../findings/finding';
import type { Facts } from './facts';

/** What a login goes through, in this order. */
export const STEPS = [
  'identity',
  'endpoint',
  'network',
  'tls',
  'cluster',
  'clock',
  'token',
  'permission',
  'database',
  'service',
] as const;

export type Step = (typeof STEPS)[number];

/** One reason for which a login is refused, and how it is recognized. */
export interface Cause {
  /** Stable: for scripts, and for docs/rules/. */
  readonly id: RuleId;
  readonly step: Step;
  readonly judge: (facts: Facts) => Judgement;
  /** What to look at where nobody could tell: one line of a short list. Causes with the same one are one line. */
  readonly suspicion: string | ((facts: Facts) => string);
}

export type Judgement =
  | { readonly is: 'found'; readonly finding: Finding<RuleId> }
  | { readonly is: 'ruled out' }
  /** `why`: the permission that is missing, or what stood in the way. */
  | { readonly is: 'not looked at'; readonly why: string };

export const RULED_OUT: Judgement = { is: 'ruled out' };

export function notLookedAt(why: string): Judgement {
  return { is: 'not looked at', why };
}

/** @param where what it is about; the message is said of it */
export function found(id: RuleId, where: string, message: string, wayOut: string): Judgement {
  return { is: 'found', finding: fault(id, where, message, wayOut) };
}
