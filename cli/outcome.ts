import { type Finding, findingsJson, findingsText, hasFault } from '../modules/findings/finding';

/** What a command answers. Only cli/aurora-iam.ts writes to the terminal and ends the process. */
export interface Outcome {
  /** For standard output. */
  readonly text: string;
  /** Why it could not do it, for standard error. Only for a command that has exit codes of its own; others throw a UserError. */
  readonly error?: string;
  readonly exit: ExitCode;
}

/** Exit codes, for scripts. `connect` ends as psql does. */
export const EXIT = {
  /** It did as it was asked, and found nothing that must be mended. */
  done: 0,
  /** It looked, and found at least one fault. */
  found: 1,
  /** It could not do it: the command line, the project, AWS or the database is not as it must be. */
  failed: 2,
} as const;

export type ExitCode = (typeof EXIT)[keyof typeof EXIT] | number;

export function done(text: string): Outcome {
  return { text, exit: EXIT.done };
}

/** What a command found, as lines or as JSON. */
export function found(findings: readonly Finding[], { json = false }: { readonly json?: boolean }): Outcome {
  return {
    text: json ? findingsJson(findings) : findingsText(findings),
    exit: hasFault(findings) ? EXIT.found : EXIT.done,
  };
}
