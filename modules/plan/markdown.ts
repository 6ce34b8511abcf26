import { oneLine } from '../names/text';

const INVISIBLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu;

/** A name as code in Markdown: it comes from whoever wrote the change, and must not become a link, a mention or a heading. */
export function code(name: string): string {
  const line = oneLine(name);
  // Two backquotes with nothing between them would pair with the next ones.
  if (line.trim() === '') return name === '' ? '`(empty)`' : '`(blank)`';
  const longest = Math.max(0, ...[...line.matchAll(/`+/g)].map(([run]) => run.length));
  const fence = '`'.repeat(longest + 1);
  // CommonMark takes one blank away at each end, if there is one at both.
  const padding = longest > 0 || (line.startsWith(' ') && line.endsWith(' ')) ? ' ' : '';
  return `${fence}${padding}${line}${padding}${fence}`;
}

/** As `oneLine`, where each of them counts: two values that differ must not look the same. */
export function visible(text: string): string {
  return text.replace(INVISIBLE, (character) => {
    const known = { '\n': '\\n', '\r': '\\r', '\t': '\\t' }[character];
    return known ?? `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

/** The same line with other texts in its code; what stands between is ours, and stays. */
export function withCode(line: string, change: (content: string) => string): string {
  return line.replace(/(?<!`)(`+)(?!`)(.*?[^`])\1(?!`)/g, (whole, _fence, content: string) => {
    const inner = /^ .*`.* $/.test(content) ? content.slice(1, -1) : content;
    const changed = change(inner);
    return changed === inner ? whole : code(changed);
  });
}
