export type Tool = 'environment' | 'preflight' | 'check' | 'lint' | 'review' | 'doctor';

/** What the page of a rule says. In Markdown, in one paragraph each. */
export interface RuleEntry {
  readonly tools: readonly Tool[];
  readonly severity: 'fault' | 'note' | 'fault or note';
  /** What the rule finds, in one line. */
  readonly title: string;
  readonly why: string;
  readonly whatToDo: string;
  readonly example?: string;
}

/** A cause that `doctor` names. */
export const doctor = (title: string, why: string, whatToDo: string, example?: string): RuleEntry => ({
  tools: ['doctor'],
  severity: 'fault',
  title,
  why,
  whatToDo,
  ...(example === undefined ? {} : { example }),
});
