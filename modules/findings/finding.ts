import { oneLine, plural } from '../names/text';

/** What a tool found: the same for environments, check, preflight, lint and review. */
export interface Finding<Id extends string = string> {
  /** The id of the rule that found it. Stable: for scripts, and for docs/rules/. */
  readonly rule: Id;
  /** A `fault` must be mended; a `note` is for information. */
  readonly severity: 'fault' | 'note';
  /** What it is about: a role, an address in a plan, a statement of a policy, a path in an environment. */
  readonly where: string;
  /** What is so; said of `where`. */
  readonly message: string;
  /** What to do about it; absent where there is nothing to do. */
  readonly wayOut?: string;
}

export function fault<const Id extends string>(
  rule: Id,
  where: string,
  message: string,
  wayOut?: string,
): Finding<Id> {
  return { rule, severity: 'fault', where, message, ...(wayOut === undefined ? {} : { wayOut }) };
}

export function note<const Id extends string>(
  rule: Id,
  where: string,
  message: string,
  wayOut?: string,
): Finding<Id> {
  return { ...fault(rule, where, message, wayOut), severity: 'note' };
}

/** `fault member login analyst: is a member of …; REVOKE …` */
export function findingLine({ severity, rule, where, message, wayOut }: Finding): string {
  return oneLine(`${severity} ${rule} ${where}: ${message}${wayOut === undefined ? '' : `; ${wayOut}`}`);
}

/** `1 fault, 2 notes` */
export function counted(findings: readonly Finding[]): string {
  const faults = findings.filter(({ severity }) => severity === 'fault').length;
  return `${plural(faults, 'fault')}, ${plural(findings.length - faults, 'note')}`;
}

export function hasFault(findings: readonly Finding[]): boolean {
  return findings.some(({ severity }) => severity === 'fault');
}

/** A line each, and how many there are. */
export function findingsText(findings: readonly Finding[]): string {
  return [...findings.map(findingLine), counted(findings), ''].join('\n');
}

/** For `--json`: an object, so that more can be said later. */
export function findingsJson(findings: readonly Finding[]): string {
  return `${JSON.stringify({ findings }, null, 2)}\n`;
}
