import type { RuleId } from '../findings/catalogue';
import { MESSAGES } from './messages/messages';
import type { Seen } from './seen';

/** Whether a cause can have ended in what was seen. Where nothing was seen, or nothing is known of it, each can. */
export function explains(id: RuleId, seen: Seen | undefined): boolean {
  if (seen === undefined || seen.kind === 'unknown') return true;
  return causesOf(seen).includes(id);
}

/** In order of frequency. Empty for a login that was admitted. */
export function causesOf(seen: Seen): readonly RuleId[] {
  return MESSAGES.find(({ kind }) => kind === seen.kind)?.causes ?? [];
}
