/** A text somewhere in plain data: a value, or a key of an object. */
export interface Position {
  readonly path: readonly (string | number)[];
  /** The text that stands there. */
  readonly text: string;
  readonly isKey: boolean;
}

/** Every text in `value`, keys included. */
export function stringPositions(value: unknown, path: readonly (string | number)[] = []): Position[] {
  if (typeof value === 'string') return [{ path, text: value, isKey: false }];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    const keys = Array.isArray(value) ? [] : [{ path: here, text: key, isKey: true }];
    return [...keys, ...stringPositions(child, here)];
  });
}

/** A copy of `value` with another text there. */
export function withText<T>(value: T, { path, isKey }: Position, text: string): T {
  const [step, ...rest] = path;
  if (step === undefined) return text as T;
  if (Array.isArray(value))
    return value.map((item, index) =>
      index === step ? withText(item, { path: rest, isKey, text: '' }, text) : item,
    ) as T;
  return Object.fromEntries(
    Object.entries(value as object).map(([key, child]): [string, unknown] => {
      if (key !== step) return [key, child];
      if (isKey && rest.length === 0) return [text, child];
      return [key, withText(child, { path: rest, isKey, text: '' }, text)];
    }),
  ) as T;
}
