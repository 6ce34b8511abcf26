import type { RuleId } from '../../findings/catalogue';
import type { PolicyDocument } from '../policy-document';
import type { LintedStatement } from './linted-statement';

/** What is wrong, and the way out. */
export interface Told {
  readonly message: string;
  readonly wayOut: string;
}

export function told(message: string, wayOut: string): Told {
  return { message, wayOut };
}

/** One mistake in a policy document, and how it is found. */
export interface Rule {
  /** Stable: for scripts. */
  readonly id: RuleId;
  readonly inDocument?: (document: PolicyDocument, text: string) => readonly Told[];
  readonly inStatement?: (statement: LintedStatement) => readonly Told[];
}

export function quoted(text: string): string {
  return `"${text}"`;
}
