import type { PolicyDocument } from '../policy-document';
import type { LintedStatement } from './linted-statement';

/** One mistake in a policy document, and how it is found. */
export interface Rule {
  /** Stable: for scripts. */
  readonly id: string;
  /** For the documentation: what it finds, a noun phrase. */
  readonly finds: string;
  /** @returns messages, each of one line: what is wrong, and the way out after a semicolon */
  readonly inDocument?: (document: PolicyDocument, text: string) => readonly string[];
  readonly inStatement?: (statement: LintedStatement) => readonly string[];
}

export function quoted(text: string): string {
  return `"${text}"`;
}
