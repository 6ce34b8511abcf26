/** One thing wrong with an environment, or with a construct of somebody's own stack. */
export interface Fault {
  /** The environment's name, as far as it has one; the path of a construct. */
  readonly environment: string;
  /** Where: `logins.orders_api.memberOf[0]`. Groups and logins are named without the `access.` before them. */
  readonly path: string;
  /** What is wrong, and the way out. */
  readonly message: string;
}

/** Everything that is wrong with the environments (or with a construct), at once. */
export class EnvironmentError extends Error {
  constructor(
    readonly faults: readonly Fault[],
    kind: 'environment' | 'construct' = 'environment',
  ) {
    super(describe(faults, kind));
    this.name = 'EnvironmentError';
    // A person wrote a wrong file: the lines of this program that noticed it are of no use to them.
    this.stack = this.message;
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
    for (const fault of faults)
      if (fault.environment === environment) lines.push(`  ${fault.path}: ${fault.message}`);
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
