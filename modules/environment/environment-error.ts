import type { RuleId } from '../findings/catalogue';
import { type Finding, fault, findingLine } from '../findings/finding';

/** The ids of these faults, one for each kind of rule. */
export const ENVIRONMENT_RULES = [
  'environment-shape',
  'environment-plain-data',
  'environment-databases',
  'environment-admin',
  'environment-groups',
  'environment-logins',
  'environment-principals',
  'environment-addresses',
  'environment-places',
  'environment-twice',
  'construct-values',
  'certificate-authorities',
] as const satisfies readonly RuleId[];
export type EnvironmentRule = (typeof ENVIRONMENT_RULES)[number];

/** One thing wrong with an environment, or with a construct of somebody's own stack. */
export interface Fault extends Finding {
  /** The environment's name, as far as it has one; the path of a construct. */
  readonly environment: string;
  /** A path: `logins.orders_api.memberOf[0]`. Groups and logins are named without the `access.` before them. */
  readonly where: string;
}

/** @param wayOut absent where the message is one text with both, as valibot has them: `what is so; what to do` */
export function environmentFault(
  rule: EnvironmentRule,
  environment: string,
  path: readonly PropertyKey[],
  message: string,
  wayOut?: string,
): Fault {
  if (wayOut !== undefined) return { ...fault(rule, pathText(path), message, wayOut), environment };
  const [, what = message, way] = /^(.*?)(?:; (.*))?$/s.exec(message) ?? [];
  return { ...fault(rule, pathText(path), what, way), environment };
}

/**
 * Everything that is wrong with the environments (or with a construct), at once. Where nobody catches it, Node prints its text and
 * no more: each `throw` of it ends with `node-do-not-add-exception-line`, by which Node leaves out the line of code.
 * https://github.com/nodejs/node/blob/v20.x/src/node_errors.cc
 */
export class EnvironmentError extends Error {
  constructor(
    readonly faults: readonly Fault[],
    kind: 'environment' | 'construct' = 'environment',
  ) {
    super(describe(faults, kind));
    // A person wrote a wrong file: the lines of this program that noticed it are of no use to them.
    this.stack = this.message;
    // Node shows what is enumerable below the text, and so each fault a second time.
    Object.defineProperty(this, 'faults', { value: faults, enumerable: false });
    Object.defineProperty(this, 'name', { value: 'EnvironmentError', enumerable: false });
  }
}

function describe(faults: readonly Fault[], kind: string): string {
  const lines = [
    faults.length === 1
      ? `There is a fault in the ${kind}s:`
      : `There are ${faults.length} faults in the ${kind}s:`,
  ];
  for (const environment of new Set(faults.map((fault) => fault.environment))) {
    lines.push(`${kind} ${environment}`);
    for (const fault of faults) if (fault.environment === environment) lines.push(`  ${findingLine(fault)}`);
  }
  return lines.join('\n');
}

/** A path as one would write it in TypeScript: `logins["a b"].memberOf[0]`. */
export function pathText(path: readonly PropertyKey[]): string {
  const steps = path[0] === 'access' && path.length > 1 ? path.slice(1) : path;
  const text = steps
    .map((step) => {
      if (typeof step === 'number') return `[${step}]`;
      return /^[A-Za-z_$][\w$]*$/.test(String(step))
        ? `.${String(step)}`
        : `[${JSON.stringify(String(step))}]`;
    })
    .join('');
  return text.replace(/^\./, '') || '(the environment)';
}
