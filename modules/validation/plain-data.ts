import { hasReference, isKnownLater, writtenAround } from '../names/later';

/** Something wrong at a place. */
export interface PathFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Keys that mean something to JavaScript itself, so that an object asked for them may answer with something else. */
const RESERVED_KEYS: readonly PropertyKey[] = ['__proto__', 'constructor', 'prototype'];

/** Arguments of the provider's own resources. They are passed on as they are, whatever CDKTF takes for them. */
export function isRaw(path: readonly PropertyKey[]): boolean {
  return path[0] === 'cluster' && path[1] === 'overrides';
}

/**
 * A copy of plain objects and arrays. What is neither is a fault and left out, so that every rule after this one
 * reads what `Object.entries` shows, and nothing else.
 */
export function plainData(value: unknown): { readonly data: unknown; readonly faults: readonly PathFault[] } {
  const faults: PathFault[] = [];
  const ancestors = new Set<object>();
  const copy = (given: unknown, path: readonly PropertyKey[]): unknown => {
    if (typeof given !== 'object' || given === null || isRaw(path)) return given;
    if (ancestors.has(given)) {
      faults.push({ path, message: 'contains itself; write plain data' });
      return undefined;
    }
    if (!Array.isArray(given) && !isPlainObject(given)) {
      faults.push({ path, message: NOT_PLAIN });
      return undefined;
    }
    ancestors.add(given);
    const copied = Array.isArray(given)
      ? Array.from(given, (item, index) => copy(item, [...path, index]))
      : Object.fromEntries(
          entriesOf(given, path, faults).map(([key, item]) => [key, copy(item, [...path, key])]),
        );
    ancestors.delete(given);
    return copied;
  };
  return { data: copy(value, []), faults };
}

const NOT_PLAIN =
  'is not a plain object; write { … } (a key __proto__ written in it sets its prototype: choose another name)';

/** Whether the prototype is that of `{}`, in whatever realm, or none. */
function isPlainObject(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || Object.getPrototypeOf(prototype) === null;
}

function entriesOf(value: object, path: readonly PropertyKey[], faults: PathFault[]): [string, unknown][] {
  if (Object.getOwnPropertySymbols(value).length > 0)
    faults.push({ path, message: 'has a symbol among its keys; write names' });
  return Object.entries(value).filter(([key]) => {
    const reserved = RESERVED_KEYS.includes(key);
    if (reserved)
      faults.push({
        path: [...path, key],
        message: `is a name that JavaScript reserves in every object; choose another name than ${key}`,
      });
    return !reserved;
  });
}

/**
 * Values that only Terraform knows: as names they would become names of another kind, `${…}` and all.
 * @param mayBeLater whether a value at this path may be a reference to such a one
 */
export function unknownValues(
  value: unknown,
  path: readonly PropertyKey[],
  mayBeLater: (path: readonly PropertyKey[]) => boolean = () => false,
  ancestors: readonly object[] = [],
): PathFault[] {
  const fault = { path, message: 'is known to Terraform only; names must be written out in the program' };
  if (typeof value === 'string') {
    if (!hasReference(value)) return [];
    return isKnownLater(value) && mayBeLater(path) ? codeFaults(value, path) : [fault];
  }
  if (typeof value !== 'object' || value === null || isRaw(path) || ancestors.includes(value)) return [];
  return Object.entries(value).flatMap(([key, child]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    return hasReference(key) ? [fault] : unknownValues(child, here, mayBeLater, [...ancestors, value]);
  });
}

/** A reference passes to Terraform as it is, and what is written around it would be read as an expression, too. */
function codeFaults(value: string, path: readonly PropertyKey[]): PathFault[] {
  return writtenAround(value).some((text) => /[$%]\{/.test(text))
    ? [{ path, message: 'holds Terraform code beside a reference; give the reference alone' }]
    : [];
}
