import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import { TOKEN_LIMITS } from '../../modules/iam/token-limits';
import { linksOf } from '../support/markdown';

const FOLDER = join(PROJECT_DIRECTORY, 'docs', 'clients');
const EXAMPLES = join(PROJECT_DIRECTORY, 'examples', 'clients');
const read = (file: string) => readFileSync(join(FOLDER, file), 'utf8');
const pages = readdirSync(FOLDER).filter((file) => file !== 'README.md');

test('the index leads to every page', () => {
  const linked = linksOf(read('README.md')).filter((link) => /^[\w-]+\.md$/.test(link));
  expect(linked.sort()).toEqual([...pages].sort());
});

test.each(pages)('%s has the four headings, and says whether it was tried', (file) => {
  const text = read(file);
  expect(text.match(/^## .*/gm)).toEqual([
    '## With the proxy',
    '## Without it',
    '## Pools after 15 minutes',
    '## Tried',
  ]);
  expect(text.split('## Tried\n')[1]).toMatch(
    /^\n(Tried against Local Aurora with .*\d|Not tried here[,:] )/,
  );
});

test.each(pages)('the code in %s is that of its example', (file) => {
  const text = read(file);
  const examples = linksOf(text)
    .filter((link) => link.startsWith('../../examples/clients/'))
    .map((link) =>
      readFileSync(join(FOLDER, link), 'utf8')
        .split('\n')
        .map((line) => line.trim()),
    );
  for (const [, code = ''] of text.matchAll(/```(?:js|python|go|java|rust|csharp|ruby)\n([\s\S]*?)```/g)) {
    const lines = code
      .split('\n')
      .map((line) => line.trim())
      .filter(Boolean);
    expect(examples.some((example) => lines.every((line) => example.includes(line)))).toBe(true);
  }
});

test('every example has a page', () => {
  const linked = pages.flatMap((file) => linksOf(read(file)));
  const programs = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' }).filter(
    (file) => /\.(mjs|py|go|rs|cs|rb)$|With\w+\.java$/.test(file) && !file.endsWith('__init__.py'),
  );
  const withoutPage = programs.filter((file) => !linked.includes(`../../examples/clients/${file}`));
  // What rds_iam.rb is for: the page shows that file.
  expect(withoutPage).toEqual(['rails/with_rails.rb']);
});

test('the index lists the clients that keep less than a token, with what they keep', () => {
  for (const [name, { keeps, source, wayOut }] of Object.entries(TOKEN_LIMITS)) {
    const row = read('README.md')
      .split('\n')
      .find((line) => line.startsWith(`| \`${name}\` |`));
    expect(row).toContain(`(${source}) | ${keeps.toLocaleString('en')} bytes | ${wayOut} |`);
  }
});
