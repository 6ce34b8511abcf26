import type { Finding } from '../findings/finding';
import { oneLine } from '../names/text';

/** `The token is cut off. [token-damaged]` */
export function sentence({ rule, where, message }: Finding): string {
  const text = `${where} ${message}`;
  return `${capital(text)}. [${rule}]`;
}

/** An ARN or a name that begins it keeps its spelling. */
export function capital(text: string): string {
  return /^[a-z]+ /.test(text) ? text.charAt(0).toUpperCase() + text.slice(1) : text;
}

export function wayOut({ wayOut: out }: Finding, indent = ''): string[] {
  return out === undefined ? [] : [`${indent}To mend it: ${out}`];
}

/** The catalogue is written in Markdown; a terminal shows plain text. */
export function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}

/** What the server, a token or a policy has said stands in it: shown, not obeyed. */
export function lines(all: readonly string[]): string {
  return `${all.map(oneLine).join('\n')}\n`;
}
