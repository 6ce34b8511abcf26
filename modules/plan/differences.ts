import { createHash } from 'node:crypto';
import { code, visible } from './markdown';
import { secretKind } from './secrets';
import type { Change } from './terraform-plan';
import { attributeOf, canonical, isAbsent, isObject, isSame } from './values';

/** In the place of a value that only the apply will tell, and of one that nobody may see. */
const LATER = '(known after the apply)';
const SENSITIVE = '(sensitive)';

/** A value as it is, and as it may be shown. */
interface Value {
  readonly is: unknown;
  readonly shown: unknown;
}

/** What changes in an attribute, in words, secrets left out: `` `tags.owner` from `a` to `b` ``. Never nothing, if anything does. */
export function attributeDifferences(change: Change, attribute: string): string[] {
  return differences([attribute], valueBefore(change, attribute), valueAfter(change, attribute));
}

/** Which of its attributes a thing is made with: `` `name` is `x` ``. */
export function attributeValue(change: Change, attribute: string): string {
  const { shown } = valueAfter(change, attribute);
  return `${code(attribute)} is ${inWords(shown)}`;
}

/** The same of two values that are no attributes. */
export function valueDifferences(path: readonly string[], before: unknown, after: unknown): string[] {
  const value = (is: unknown): Value => ({ is, shown: hidden(is, false, path) });
  return differences(path, value(before), value(after));
}

function valueBefore({ before, before_sensitive: sensitive }: Change, attribute: string): Value {
  const is = attributeOf(before, attribute);
  return { is, shown: hidden(is, marksOf(sensitive, attribute), [attribute]) };
}

function valueAfter(change: Change, attribute: string): Value {
  const { after, after_unknown: unknown, after_sensitive: sensitive } = change;
  const is = isAbsent(after)
    ? undefined
    : withUnknown(attributeOf(after, attribute), marksOf(unknown, attribute));
  return { is, shown: hidden(is, marksOf(sensitive, attribute), [attribute]) };
}

function marksOf(marks: unknown, attribute: string): unknown {
  return marks === true || attributeOf(marks, attribute);
}

/** Marks of its own kind in the place of what is not known: no text of a plan is equal to one. */
function withUnknown(value: unknown, unknown: unknown): unknown {
  if (unknown === true) return { [LATER]: true };
  if (Array.isArray(unknown)) {
    const list = Array.isArray(value) ? value : [];
    return Array.from({ length: Math.max(list.length, unknown.length) }, (_, index) =>
      withUnknown(list[index], unknown[index]),
    );
  }
  if (!isObject(unknown) || Array.isArray(value)) return value;
  if (Object.keys(unknown).length === 0) return value;
  const object = isObject(value) ? value : {};
  return Object.fromEntries(
    [...new Set([...Object.keys(object), ...Object.keys(unknown)])].map((key) => [
      key,
      withUnknown(object[key], unknown[key]),
    ]),
  );
}

function hidden(value: unknown, sensitive: unknown, path: readonly string[]): unknown {
  if (isLater(value)) return LATER;
  if (sensitive === true) return isAbsent(value) ? value : SENSITIVE;
  if (typeof value === 'string' || typeof value === 'number')
    return secretKind(String(value), path, false) === undefined ? value : SENSITIVE;
  if (typeof value !== 'object' || value === null) return value;
  const each = (key: string, part: unknown) =>
    hidden(part, (sensitive as Record<string, unknown> | null)?.[key], [...path, key]);
  if (Array.isArray(value)) return value.map((part, index) => each(String(index), part));
  return Object.fromEntries(Object.entries(value).map(([key, part]) => [key, each(key, part)]));
}

function isLater(value: unknown): boolean {
  return isObject(value) && value[LATER] === true && Object.keys(value).length === 1;
}

function differences(path: readonly string[], before: Value, after: Value): string[] {
  if (isSame(before.is ?? null, after.is ?? null)) return [];
  const where = code(path.join('.'));
  if (isObject(before.is) && isObject(after.is) && !isLater(before.is) && !isLater(after.is)) {
    const keys = [...new Set([...Object.keys(before.is), ...Object.keys(after.is)])];
    const within = keys.flatMap((key) => differences([...path, key], part(before, key), part(after, key)));
    // A key with nothing in it may come or go.
    if (within.length > 0) return within;
  }
  if (Array.isArray(before.is) && Array.isArray(after.is)) {
    const less = without(before, after);
    const more = without(after, before);
    const words = [
      ...(less.length > 0 ? [`loses ${less.join(', ')}`] : []),
      ...(more.length > 0 ? [`gains ${more.join(', ')}`] : []),
    ];
    if (words.length > 0) return [`${where} ${words.join(' and ')}`];
  }
  if (isSame(before.shown ?? null, after.shown ?? null)) return [`${where} ${SENSITIVE} changes`];
  const [from, to] = windows(before.shown, after.shown);
  return [`${where} from ${from} to ${to}`];
}

function part({ is, shown }: Value, key: string): Value {
  return { is: attributeOf(is, key), shown: isObject(shown) ? attributeOf(shown, key) : shown };
}

/** Elements that the other list has not, or not as often. */
function without(these: Value, those: Value): string[] {
  const left = new Map<string, number>();
  for (const each of those.is as unknown[]) left.set(canonical(each), (left.get(canonical(each)) ?? 0) + 1);
  return (these.is as unknown[]).flatMap((each, index) => {
    const count = left.get(canonical(each)) ?? 0;
    left.set(canonical(each), count - 1);
    if (count > 0) return [];
    return [inWords(Array.isArray(these.shown) ? these.shown[index] : these.shown)];
  });
}

const LONGEST = 240;

function inWords(value: unknown): string {
  return windows(value, undefined)[0];
}

/** Of long texts the part in which they differ, so that a change at their end is not cut off. */
function windows(one: unknown, other: unknown): [string, string] {
  const [first, second] = [written(one), written(other)];
  let same = 0;
  while (same < first.length && first[same] === second[same]) same += 1;
  const start = Math.max(0, same - 40);
  const cut = (value: unknown, text: string) => {
    if (isAbsent(value)) return 'nothing';
    if (text.length <= LONGEST) return code(text);
    const window = text.slice(start, start + LONGEST);
    const shown = `${start > 0 ? '…' : ''}${window}${text.length > start + LONGEST ? '…' : ''}`;
    return `${code(shown)} (${text.length} characters, SHA-256 ${code(digest(text))})`;
  };
  return [cut(one, first), cut(other, second)];
}

/** Enough to tell two texts apart, of which only a part is shown. */
function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 12);
}

function written(value: unknown): string {
  if (isAbsent(value)) return '';
  return visible(typeof value === 'string' ? value : JSON.stringify(value));
}
