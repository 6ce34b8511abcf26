import type { RuleId } from '../findings/catalogue';
import type { Finding } from '../findings/finding';
import { type Cause, type Judgement, STEPS, type Step } from './cause';
import { CAUSES } from './causes';
import { causesOf, explains } from './explains';
import { type Facts, knownOf } from './facts';
import type { Seen } from './seen';
import { stepWords } from './steps';
import { seenOf } from './words';

export interface Diagnosis {
  /**
   * - `healthy`: the login was admitted, or everything that could be looked at is right and no login was to be tried.
   * - `cause`: the first cause that explains what was seen.
   * - `unexplained`: refused, and what was looked at is right: `suspects` is what is left.
   * - `not looked at`: no login was tried, and something that decides could not be looked at.
   */
  readonly outcome: 'healthy' | 'cause' | 'unexplained' | 'not looked at';
  readonly cause: Finding<RuleId> | undefined;
  /** What else is wrong, in the order that a login takes. */
  readonly also: readonly Finding<RuleId>[];
  /** What it can still be, the most frequent first. Empty where the cause is found. */
  readonly suspects: readonly Suspect[];
  readonly checks: readonly Check[];
  readonly seen: Seen | undefined;
}

export interface Suspect {
  /** Causes that one line speaks of. */
  readonly ids: readonly RuleId[];
  readonly suspicion: string;
}

export interface Check {
  readonly step: Step | 'login';
  readonly status: 'ok' | 'failed' | 'not checked';
  /** What is so, or why it could not be looked at. */
  readonly detail: string;
}

interface Judged {
  readonly cause: Cause;
  readonly judgement: Judgement;
}

/** Decides from what was looked at, and from nothing else. @param steps those that are of interest @default all */
export function diagnose(facts: Facts, steps: readonly Step[] = STEPS): Diagnosis {
  const seen = seenOf(facts);
  const judged = CAUSES.filter(({ step }) => steps.includes(step)).map((cause) => ({
    cause,
    judgement: cause.judge(facts),
  }));
  const findings = judged.flatMap(({ cause, judgement }) =>
    judgement.is === 'found' ? [{ id: cause.id, finding: judgement.finding }] : [],
  );
  // Admitted: what is wrong besides stands in the way of somebody else, and is told all the same.
  const first = seen?.kind === 'admitted' ? findings[0] : findings.find(({ id }) => explains(id, seen));
  const suspects = first || seen?.kind === 'admitted' ? [] : suspectsOf(judged, facts, seen);
  return {
    outcome: outcomeOf(first !== undefined, seen, suspects),
    cause: first?.finding,
    also: findings.filter((each) => each !== first).map(({ finding }) => finding),
    suspects,
    checks: [...steps.map((step) => checkOf(step, judged, facts)), ...loginCheck(facts)],
    seen,
  };
}

function outcomeOf(
  found: boolean,
  seen: Seen | undefined,
  suspects: readonly Suspect[],
): Diagnosis['outcome'] {
  if (found) return 'cause';
  if (seen === undefined) return suspects.length === 0 ? 'healthy' : 'not looked at';
  return seen.kind === 'admitted' ? 'healthy' : 'unexplained';
}

function suspectsOf(judged: readonly Judged[], facts: Facts, seen: Seen | undefined): Suspect[] {
  const open = judged.filter(
    ({ cause, judgement }) => judgement.is === 'not looked at' && explains(cause.id, seen),
  );
  const frequency = seen ? causesOf(seen) : [];
  const sorted = [...open].sort(
    (one, other) => place(frequency, one.cause.id) - place(frequency, other.cause.id),
  );
  const lines = new Map<string, RuleId[]>();
  for (const { cause } of sorted) {
    const line = typeof cause.suspicion === 'string' ? cause.suspicion : cause.suspicion(facts);
    lines.set(line, [...(lines.get(line) ?? []), cause.id]);
  }
  return [...lines].map(([suspicion, ids]) => ({ ids, suspicion }));
}

function place(list: readonly RuleId[], id: RuleId): number {
  const index = list.indexOf(id);
  return index < 0 ? list.length : index;
}

function checkOf(step: Step, judged: readonly Judged[], facts: Facts): Check {
  const own = judged.filter(({ cause }) => cause.step === step).map(({ judgement }) => judgement);
  const failed = own.flatMap((each) => (each.is === 'found' ? [each.finding] : []));
  if (failed.length > 0)
    return {
      step,
      status: 'failed',
      detail: failed.map(({ where, message }) => `${where} ${message}`).join('; '),
    };
  const words = stepWords(step, facts);
  return 'ok' in words
    ? { step, status: 'ok', detail: words.ok }
    : { step, status: 'not checked', detail: words.notKnown };
}

function loginCheck(facts: Facts): Check[] {
  const tried = knownOf(facts.tried);
  if (!tried)
    return 'notKnown' in facts.tried
      ? [{ step: 'login', status: 'not checked', detail: facts.tried.notKnown }]
      : [];
  const { user = '', database } = facts.asked;
  return [
    tried.kind === 'admitted'
      ? { step: 'login', status: 'ok', detail: `${user} was admitted to database ${database}` }
      : { step: 'login', status: 'failed', detail: withState(tried) },
  ];
}

/** `PAM authentication failed for user "x" (28000)` */
export function withState({ text, sqlstate }: Seen): string {
  return sqlstate === undefined || text.includes(sqlstate) ? text : `${text} (${sqlstate})`;
}
