/** In one line, whatever the names in it hold: control and format characters, lone
 *  surrogates, and what ends a line in Unicode, become blanks. */
export function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, ' ');
}

/** `1 fault`, `2 faults`. */
export function plural(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

/** One or many, as a list; none for nothing. */
export function listOf<T>(values: T | readonly T[] | undefined): readonly T[] {
  return values === undefined ? [] : ([values].flat() as T[]);
}
