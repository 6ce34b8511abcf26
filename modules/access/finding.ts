import type { LiveAccess } from './catalog';
import type { AccessModel } from './model';

/** Something about a live cluster that a person should know. */
export interface AccessFinding {
  /** A `fault` is to be mended; a `note` is for information. */
  readonly severity: 'fault' | 'note';
  /** Stable: for scripts. */
  readonly rule: string;
  /** What is so, and the way out, in one line. */
  readonly message: string;
}

export interface CheckQuestion {
  readonly model: AccessModel;
  /** The cluster's master, and how the environment's admin logs in. */
  readonly master: string;
  readonly adminByIam: boolean;
  /** Members of rds_iam that somebody else manages. */
  readonly otherIamLogins: readonly string[];
}

/** One thing to look for. Pure: what it knows is in its arguments. */
export type Rule = (question: CheckQuestion, live: LiveAccess) => AccessFinding[];

export const fault = (rule: string, message: string): AccessFinding => ({ severity: 'fault', rule, message });
export const note = (rule: string, message: string): AccessFinding => ({ severity: 'note', rule, message });

/** What the rules find, in their order. */
export function findingsOf(
  rules: readonly Rule[],
  question: CheckQuestion,
  live: LiveAccess,
): AccessFinding[] {
  return rules
    .flatMap((rule) => rule(question, live))
    .map((finding) => ({ ...finding, message: oneLine(finding.message) }));
}

/** Names in a database are other people's text: without line breaks, control characters and signs that turn the direction
 *  of writing, a finding stays one line and shows what it holds. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, ' ');
}

/** `1 object`, `2 objects` */
export function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? '' : 's'}`;
}
