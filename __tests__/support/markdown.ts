import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';

/** Folders that hold no page of the project. */
const LEFT_OUT = ['node_modules', 'dist', '.git', '.local', 'cdktf.out', 'plans'];

/** Every Markdown file of the project: path from its root -> text. */
export function markdownFiles(): Record<string, string> {
  return Object.fromEntries(
    pathsBelow('.')
      .filter((path) => path.endsWith('.md'))
      .sort()
      .map((path) => [path, readFileSync(join(PROJECT_DIRECTORY, path), 'utf8')]),
  );
}

function pathsBelow(folder: string): string[] {
  return readdirSync(join(PROJECT_DIRECTORY, folder), { withFileTypes: true }).flatMap((entry) => {
    const path = posix.join(folder, entry.name);
    if (entry.isDirectory()) return LEFT_OUT.includes(entry.name) ? [] : pathsBelow(path);
    return entry.isFile() ? [path] : [];
  });
}

/** Targets of the links and images of a page, without those in code. */
export function linksOf(markdown: string): string[] {
  const text = withoutBlocks(markdown).replace(/`[^`\n]*`/g, '');
  const inline = [...text.matchAll(/\]\((?:<([^>\n]+)>|([^)\s]+))(?:\s+"[^"]*")?\)/g)];
  const definitions = [...text.matchAll(/^\[[^\]]+\]:\s*(?:<([^>\n]+)>|(\S+))/gm)];
  return [...inline, ...definitions].map(([, bracketed, bare = '']) => bracketed ?? bare);
}

/** The anchors that GitHub gives to the headings of a page. */
export function anchorsOf(markdown: string): string[] {
  const seen = new Map<string, number>();
  return [...withoutBlocks(markdown).matchAll(/^#{1,6}\s+(.*?)\s*#*$/gm)].map(([, heading = '']) => {
    const slug = heading
      .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
      .toLowerCase()
      .replace(/[^\p{L}\p{N}\p{M}_ -]/gu, '')
      .replaceAll(' ', '-');
    const count = seen.get(slug) ?? 0;
    seen.set(slug, count + 1);
    return count === 0 ? slug : `${slug}-${count}`;
  });
}

/** The code blocks that a page marks as copies of a file: `<!-- path -->`, and the block on the next line. */
export function copiesIn(markdown: string): { readonly path: string; readonly code: string }[] {
  return [...markdown.matchAll(/^<!-- (\S+) -->\n```\w+\n(.*?)^```$/gms)].map(([, path = '', code = '']) => ({
    path,
    code,
  }));
}

function withoutBlocks(markdown: string): string {
  return markdown.replace(/^(\s*)(```|~~~).*?^\1\2\s*$/gms, '');
}
