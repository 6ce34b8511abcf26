import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { program } from '../../cli/program';
import shop from '../../examples/existing-cluster/environments/shop';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import { connectDocuments, type PolicyTargets, type Principal } from '../../modules';
import { anchorsOf, copiesIn, linksOf, markdownFiles } from '../support/markdown';

/** Folders at the top that hold no room of the code, or stand outside of the rules about rooms. */
const NO_ROOMS = [
  '__tests__',
  'bench',
  'cdktf.out',
  'dist',
  'docs',
  'examples',
  'node_modules',
  'plans',
  'scripts',
];

const pages = markdownFiles();

test.each(Object.entries(pages))('%s: every link within the project leads somewhere', (path, text) => {
  expect(brokenLinks(path, text)).toEqual([]);
});

test('a link that leads nowhere is found', () => {
  const text =
    '# A b\n[1](gone.md) [2](../README.md#gone) [3](#a-b) `[4](code.md)` [5](https://x.test/)\n[6](#gone)';
  expect(brokenLinks('docs/page.md', text)).toEqual(['gone.md', '../README.md#gone', '#gone']);
});

test('links and headings are read as GitHub reads them', () => {
  expect(
    linksOf(
      '![i](a.png "t") [x](<b c.md>) [y][z] [w](d%20e.md)\n\n[z]: f.md\n\n  ```md\n  [no](g.md)\n  ```\n',
    ),
  ).toEqual(['a.png', 'b c.md', 'd%20e.md', 'f.md']);
  expect(anchorsOf('# A `b`: [c](d.md)!\n## é-x_y\n## Z\n## Z\n```\n# no\n```\n')).toEqual([
    'a-b-c',
    'é-x_y',
    'z',
    'z-1',
  ]);
});

test.each(Object.entries(pages))('%s has no marks of a merge in it', (_page, text) => {
  expect(text).not.toMatch(/^(<{7}|={7}|>{7})( |$)/m);
});

test('the index of docs/ leads to every page', () => {
  const linked = linksOf(pages['docs/README.md'] as string).map((link) => posix.join('docs', link));
  const written = Object.keys(pages).filter(
    (path) => posix.dirname(path) === 'docs' && path !== 'docs/README.md',
  );
  expect(written.filter((path) => !linked.includes(path))).toEqual([]);
});

test.each([
  ['README.md', 'examples/existing-cluster/environments/shop.ts'],
  ['docs/own-stack.md', 'examples/own-stack/shop.ts'],
  ['docs/package.md', 'examples/existing-cluster/main.ts'],
])('%s shows %s', (page, path) => {
  expect(copiesIn(pages[page] as string).map((copy) => copy.path)).toContain(path);
});

test.each(Object.entries(pages).flatMap(([page, text]) => copiesIn(text).map((copy) => ({ page, ...copy }))))(
  'what $page shows of $path is what that file says',
  ({ path, code }) => {
    expect(code).toBe(readFileSync(join(PROJECT_DIRECTORY, path), 'utf8'));
  },
);

test.each([
  ['README.md', 150],
  ['ARCHITECTURE.md', 120],
])('%s has at most %i lines', (page, most) => {
  expect((pages[page] as string).split('\n').length - 1).toBeLessThanOrEqual(most);
});

test('the picture in ARCHITECTURE.md shows every room', () => {
  const [picture = ''] = /^```mermaid\n.*?^```$/ms.exec(pages['ARCHITECTURE.md'] as string) ?? [];
  const rooms = [...foldersIn('modules'), ...foldersIn('.').filter((name) => !NO_ROOMS.includes(name))];
  expect(rooms.filter((name) => !picture.includes(`${name}/`))).toEqual([]);
});

test('the README groups the commands as --help does', () => {
  let group = '';
  const shown = [...(pages['README.md'] as string).matchAll(/^\| (?:\*\*(\w+)\*\* )?\| (.*?) \|/gm)].flatMap(
    ([, begins, command = '']) => {
      group = begins ?? group;
      const [, name] = /^`npx aurora-iam (\w+)/.exec(command) ?? [];
      return name === undefined ? [] : [`${group} ${name}`];
    },
  );
  const known = program(() => {}).commands.map(
    (command) => `${command.helpGroup().replace(':', '').toLowerCase()} ${command.name()}`,
  );
  expect(shown).toEqual(known);
});

test('docs/policies.md shows the policy that the example makes', () => {
  const [, shown = ''] = /^```json\n(.*?)^```$/ms.exec(pages['docs/policies.md'] as string) ?? [];
  const place = { partition: 'aws', region: shop.region, account: shop.account };
  const targets: PolicyTargets = {
    targets: { cluster: { ...place, resourceId: 'cluster-ABCDEFGHIJKL0123456789ABCD' } },
    lookUp: { action: '', arn: '' },
  };
  expect([JSON.parse(shown)]).toEqual(
    connectDocuments(shop, shop.principals['analysts'] as Principal, targets),
  );
});

function foldersIn(path: string): string[] {
  return readdirSync(join(PROJECT_DIRECTORY, path), { withFileTypes: true })
    .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
    .map(({ name }) => name);
}

/** Targets of links that no file, folder or heading answers to. */
function brokenLinks(path: string, text: string): string[] {
  return linksOf(text).filter((link) => {
    if (/^[a-z][a-z0-9+.-]*:/i.test(link)) return false;
    const [file = '', anchor] = link.split('#') as [string, string?];
    const target = file === '' ? path : posix.join(posix.dirname(path), decodeURIComponent(file));
    if (file !== '' && !existsSync(join(PROJECT_DIRECTORY, target))) return true;
    if (anchor === undefined) return false;
    const page = target === path ? text : pages[target];
    return page === undefined || !anchorsOf(page).includes(anchor);
  });
}
