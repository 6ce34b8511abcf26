/** The answer to one question of a policy's evaluation. `unknown` is not a guess: what rests on it is refused. */
export type Verdict =
  | { readonly is: 'yes' }
  | { readonly is: 'no'; readonly because?: string }
  | { readonly is: 'unknown'; readonly because: string };

export const YES: Verdict = { is: 'yes' };
export const NO: Verdict = { is: 'no' };

export function unknown(because: string): Verdict {
  return { is: 'unknown', because };
}

export function verdict(holds: boolean): Verdict {
  return holds ? YES : NO;
}

/** Logical AND: a single `no` decides, whatever is unknown about the rest. */
export function every(verdicts: readonly Verdict[]): Verdict {
  return verdicts.find(({ is }) => is === 'no') ?? verdicts.find(({ is }) => is === 'unknown') ?? YES;
}

/** Logical OR: a single `yes` decides, whatever is unknown about the rest. */
export function some(verdicts: readonly Verdict[]): Verdict {
  return verdicts.find(({ is }) => is === 'yes') ?? verdicts.find(({ is }) => is === 'unknown') ?? NO;
}

export function not(given: Verdict): Verdict {
  if (given.is === 'unknown') return given;
  return verdict(given.is === 'no');
}
