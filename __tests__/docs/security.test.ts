import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';

const text = readFileSync(join(PROJECT_DIRECTORY, 'docs', 'security.md'), 'utf8');
const [, ...sections] = text.split(/^## /m);
const attackers = sections.filter((section) => section.includes('**Promised.**'));
const testsIn = (section: string) =>
  [...section.matchAll(/`(__tests__\/[^`]+)`/g)].map(([, file]) => file ?? '');

test.each([
  'A login that may create objects',
  'An owner of a table',
  'The author of a pull request',
  'A principal',
  'Another process or person on the same machine',
  'Somebody else in the AWS account',
  'An administrator, by mistake',
])('there is a section about this attacker: %s', (title) => {
  expect(attackers.map((section) => section.split('\n')[0])).toContain(title);
});

test.each(attackers.map((section) => [section.split('\n')[0] as string, section]))(
  '%s: what is promised, what is not, and tests that exist',
  (_title, section) => {
    expect(section).toContain('**Not promised.**');
    const files = testsIn(section);
    expect(files.length).toBeGreaterThan(0);
    expect(files.filter((file) => !existsSync(join(PROJECT_DIRECTORY, file)))).toEqual([]);
  },
);

test('files that the page links to exist', () => {
  const linked = [...text.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path ?? '');
  expect(linked.filter((path) => !existsSync(join(PROJECT_DIRECTORY, 'docs', path)))).toEqual([]);
});
