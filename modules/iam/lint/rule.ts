import type { RuleId } from '../../findings/catalogue';
import type { PolicyDocument } from '../policy-document';
import type { LintedStatement } from './linted-statement';

/** What is wrong, and the way out. */
export interface Told {
  readonly message: string;
  readonly wayOut: string;
  /** For information: nothing need be wrong. @default false */
  readonly isNote?: true;
}

export function told(message: string, wayOut: string): Told {
  return { message, wayOut };
}

/** One mistake in a policy document, and how it is found. */
export interface Rule {
  /** Stable: for scripts. */
  readonly id: RuleId;
  /** @param statements those of the document */
  readonly inDocument?: (
    document: PolicyDocument,
    text: string,
    statements: readonly LintedStatement[],
  ) => readonly Told[];
  readonly inStatement?: (statement: LintedStatement) => readonly Told[];
}

export function quoted(text: string): string {
  return `"${text}"`;
}
