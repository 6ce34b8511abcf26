import { createHash } from 'node:crypto';
import type { RuleFinding } from './rules/rule';
import { canonical } from './values';

const DIGITS = 16;

/**
 * What accepts a finding, and nothing else: `<rule>:<address>:<hash of what it would do>`. White space and commas of an
 * address are written as in a URL, because they part one acceptance from the next.
 */
export function acceptanceOf({ rule, where, message, content }: RuleFinding): string {
  const hash = createHash('sha256')
    .update(canonical([rule, where, message, content]))
    .digest('hex');
  return `${rule}:${encoded(where)}:${hash.slice(0, DIGITS)}`;
}

export interface Acceptance {
  readonly rule: string;
  /** As it stands in the acceptance. */
  readonly address: string;
  /** Absent in the form of earlier versions, which accepted whatever would be done there. */
  readonly hash?: string;
}

export function parseAcceptance(text: string): Acceptance | undefined {
  const [, rule, address, hash] = /^([a-z-]+):(.+?)(?::([0-9a-f]{12,64}))?$/.exec(text) ?? [];
  if (rule === undefined || address === undefined) return undefined;
  return { rule, address, ...(hash === undefined ? {} : { hash }) };
}

/** Whether an acceptance is for this place, of whatever content. */
export function isForPlace(text: string, { rule, where }: RuleFinding): boolean {
  const parsed = parseAcceptance(text);
  return parsed?.rule === rule && parsed.address === encoded(where);
}

function encoded(address: string): string {
  return address.replace(/[\s,%\p{Cc}\p{Cf}]/gu, (character) => encodeURIComponent(character));
}
