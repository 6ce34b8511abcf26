import { types } from 'node:util';
import { pathText } from '../environment/environment-error';
import { hasReference, isKnownLater, writtenAround } from '../names/later';

/** Something wrong at a place. */
export interface PathFault {
  readonly path: readonly PropertyKey[];
  readonly message: string;
}

/** Keys that mean something to JavaScript itself, so that an object asked for them may answer with something else. */
const RESERVED_KEYS: readonly PropertyKey[] = ['__proto__', 'constructor', 'prototype'];

/** No setting takes more, and the patterns that check a text are not made for megabytes. */
const LONGEST_TEXT = 10_000;
/** Objects within objects: an environment has less than ten. */
const DEEPEST = 16;
/** Values of one environment. 5,000 logins have about 25,000. */
const MOST_VALUES = 200_000;

/** Arguments of the provider's own resources. */
function isOverrides(path: readonly PropertyKey[]): boolean {
  return path[0] === 'cluster' && path[1] === 'overrides';
}

/** Their values are passed on as they are, whatever CDKTF takes for them. */
function isRaw(path: readonly PropertyKey[]): boolean {
  return isOverrides(path) && path.length > 3;
}

/**
 * A copy of plain objects and lists, each value read once. What is neither is a fault and left out, so that every rule
 * after this one reads what `Object.entries` shows, and nothing else. Whatever is given, it ends soon and throws nothing.
 */
export function plainData(value: unknown): { readonly data: unknown; readonly faults: readonly PathFault[] } {
  const faults: PathFault[] = [];
  const ancestors = new Set<object>();
  // One object may stand in many places: a small tree of shared ones would become a large one.
  const copies = new Map<object, { readonly data: unknown; readonly faulty?: readonly PropertyKey[] }>();
  let values = 0;

  const copy = (given: unknown, path: readonly PropertyKey[]): unknown => {
    if (isRaw(path)) return given;
    values += 1;
    const fault =
      leafFault(given) ??
      (typeof given === 'object' && given !== null ? objectFault(given, path) : undefined);
    if (fault !== undefined) {
      faults.push({ path, message: fault });
      return undefined;
    }
    if (typeof given !== 'object' || given === null) return given;
    const known = copies.get(given);
    if (known?.faulty)
      faults.push({ path, message: `is the object of ${pathText(known.faulty)}; correct that` });
    if (known) return known.data;
    ancestors.add(given);
    const before = faults.length;
    const copied = Array.isArray(given)
      ? Array.from({ length: given.length }, (_, index) => copyOf(given, index, path))
      : Object.fromEntries(keysOf(given, path, faults).map((key) => [key, copyOf(given, key, path)]));
    ancestors.delete(given);
    copies.set(given, { data: copied, ...(faults.length > before ? { faulty: path } : {}) });
    return copied;
  };

  const copyOf = (parent: object, key: string | number, path: readonly PropertyKey[]): unknown => {
    const here = [...path, key];
    let item: unknown;
    try {
      item = (parent as Record<PropertyKey, unknown>)[key];
    } catch {
      faults.push({
        path: here,
        message: 'cannot be read, because its getter throws an error; write the value',
      });
      return undefined;
    }
    return copy(item, here);
  };

  /** Why an object or list is not read. */
  const objectFault = (given: object, path: readonly PropertyKey[]): string | undefined => {
    // Nothing of a Proxy can be asked without running its code.
    if (types.isProxy(given))
      return 'is a Proxy, which may answer differently each time; write a plain object';
    if (ancestors.has(given)) return 'contains itself, so it has no end; write plain data';
    if (path.length > DEEPEST)
      return `is nested more than ${DEEPEST} levels deep; no setting is, so remove it`;
    const size = Array.isArray(given) ? given.length : 0;
    if (values + size > MOST_VALUES)
      return `goes beyond ${MOST_VALUES} values, more than one environment may have; divide it into several environments`;
    if (Array.isArray(given))
      return hasHoles(given) ? 'has a hole between its items; write every item' : undefined;
    return isPlainObject(given) ? undefined : NOT_PLAIN;
  };

  return { data: copy(value, []), faults };
}

/** Whether a list leaves out an index below its length: `[a, , b]`. */
export function hasHoles(list: readonly unknown[]): boolean {
  return Object.keys(list).filter((key) => /^\d+$/.test(key)).length < list.length;
}

const NOT_PLAIN =
  'is not a plain object; write { … } (a key __proto__ written in it sets its prototype: choose another name)';

function leafFault(value: unknown): string | undefined {
  if (typeof value === 'function') return 'is a function, not data; call it, or write the value';
  if (typeof value === 'symbol') return "is a symbol, not data; write text in quotes: '…'";
  if (typeof value === 'string' && value.length > LONGEST_TEXT)
    return `has ${value.length} characters, and no setting takes more than ${LONGEST_TEXT}; shorten it`;
  return undefined;
}

/** Whether the prototype is that of `{}`, in whatever realm, or none. */
function isPlainObject(value: object): boolean {
  const prototype: object | null = Object.getPrototypeOf(value);
  return prototype === null || (!types.isProxy(prototype) && Object.getPrototypeOf(prototype) === null);
}

function keysOf(value: object, path: readonly PropertyKey[], faults: PathFault[]): string[] {
  if (Object.getOwnPropertySymbols(value).length > 0)
    faults.push({ path, message: 'has a symbol as a key; use names as keys' });
  return Object.keys(value).filter((key) => {
    const message = RESERVED_KEYS.includes(key)
      ? `is a name that JavaScript reserves in every object; choose another name than ${key}`
      : key.length > LONGEST_TEXT
        ? `is a name of ${key.length} characters, and none may have more than ${LONGEST_TEXT}; shorten it`
        : undefined;
    if (message !== undefined) faults.push({ path: [...path, key.slice(0, 100)], message });
    return message === undefined;
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
  seen = new Set<object>(),
): PathFault[] {
  const fault = {
    path,
    message:
      'is known to Terraform only, and every name is checked before Terraform runs; write the name out in the program',
  };
  if (typeof value === 'string') {
    if (!hasReference(value)) return [];
    return isKnownLater(value) && mayBeLater(path) ? codeFaults(value, path) : [fault];
  }
  if (typeof value !== 'object' || value === null || isOverrides(path) || seen.has(value)) return [];
  seen.add(value);
  return Object.entries(value).flatMap(([key, child]) => {
    const here = [...path, Array.isArray(value) ? Number(key) : key];
    return hasReference(key) ? [fault] : unknownValues(child, here, mayBeLater, seen);
  });
}

/** A reference passes to Terraform as it is, and what is written around it would be read as an expression, too. */
function codeFaults(value: string, path: readonly PropertyKey[]): PathFault[] {
  return writtenAround(value).some((text) => /[$%]\{/.test(text))
    ? [
        {
          path,
          message:
            'has Terraform code beside a reference, and both would be evaluated; give the reference alone',
        },
      ]
    : [];
}
