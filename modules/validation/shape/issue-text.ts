import type { BaseIssue } from 'valibot';

/** What is wrong with a value, and the way out, of an issue of valibot. Our own messages have both in one text. */
export function issueText({ expected, received, message, input }: BaseIssue<unknown>): {
  readonly message: string;
  readonly wayOut?: string;
} {
  if (!/^Invalid (type|key): E/.test(message)) return { message };
  if (received === 'undefined') return { message: 'is missing', wayOut: missing(expected) };
  const choices = choicesOf(expected);
  if (choices && typeof input === 'string')
    return { message: `is ${shortened(received)}, which is not a kind here`, wayOut: `write ${choices}` };
  return {
    message: `is ${given(input, received)}`,
    wayOut: `write ${choices ?? WRITTEN[expected ?? ''] ?? expected}`,
  };
}

/** By valibot's name of a type. */
const WRITTEN: Readonly<Record<string, string>> = {
  string: "text in quotes: '…'",
  number: 'a number, without quotes',
  boolean: 'true or false, without quotes',
  Array: 'a list: [ … ]',
  Object: 'an object: { … }',
};

/** The name of the missing key, or what the value would have been. */
function missing(expected: string | null): string {
  const key = /^"([^"]*)"$/.exec(expected ?? '')?.[1];
  return key === undefined
    ? `write ${choicesOf(expected) ?? WRITTEN[expected ?? ''] ?? expected}`
    : `add ${key}`;
}

/** `("role" | "user")`, in words. */
function choicesOf(expected: string | null): string | undefined {
  const names = [...(expected ?? '').matchAll(/"([^"]*)"/g)].map(([, name]) => name);
  return names.length === 0 ? undefined : `${names.length > 1 ? 'one of ' : ''}${names.join(', ')}`;
}

function given(input: unknown, received: string): string {
  if (typeof input === 'string') return `the text ${shortened(received)}`;
  if (Array.isArray(input)) return 'a list';
  if (input === null) return 'null';
  return typeof input === 'object' ? 'an object' : `the ${typeof input} ${shortened(received)}`;
}

function shortened(text: string): string {
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
