import type { MessageKind } from './messages/message';
import { MESSAGES } from './messages/messages';

/** What a login ended with. */
export interface Seen {
  readonly kind: 'admitted' | MessageKind;
  /** One line, as the server or the client has said it; empty where the login was admitted. */
  readonly text: string;
  /** Five characters, Appendix A of PostgreSQL's manual. */
  readonly sqlstate?: string;
}

/** Recognizes one error. @param sqlstate five characters, or a code of Node such as ECONNREFUSED */
export function seenIn(text: string, sqlstate?: string): Seen {
  const line = text.trim();
  const recognized = MESSAGES.find(({ patterns }) => patterns.some((pattern) => pattern.test(line)));
  const byCode = MESSAGES.find(({ codes }) => sqlstate !== undefined && codes?.includes(sqlstate));
  const kind = (recognized ?? byCode)?.kind ?? 'unknown';
  return { kind, text: line, ...(sqlstate === undefined ? {} : { sqlstate }) };
}

/**
 * Recognizes what a client has printed, which may be several lines: psql tries again without TLS where sslmode is prefer, and
 * prints that refusal last. The first line says what was wrong.
 */
export function seenInOutput(output: string): Seen {
  const lines = output.split(/\r?\n/).filter((line) => line.trim() !== '');
  const seen = lines.map((line) => seenIn(line));
  return seen.find(({ kind }) => kind !== 'unknown') ?? seenIn(output.replace(/\s+/g, ' '));
}
