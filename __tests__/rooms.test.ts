import { posix } from 'node:path';
import { filesIn, textOf } from './support/source-files';

// The rooms of the code, and which way imports go. ARCHITECTURE.md draws the same.

/** Each room of modules/ imports itself and the rooms above it. */
const MODULES = [
  'names',
  'findings',
  'environment',
  'access',
  'iam',
  'connect',
  'validation',
  'plan',
  'diagnosis',
  'stacks',
] as const;

/** Rooms at the top, and the other ones that each may import. */
const TOP: Readonly<Record<string, readonly string[]>> = {
  modules: [],
  clients: ['modules'],
  proxy: ['modules', 'clients'],
  planning: ['modules'],
  testing: ['modules', 'planning'],
  cli: ['modules', 'clients', 'planning', 'proxy'],
  environments: ['modules'],
  // The tools of this project itself, which the package leaves out. Programs they try are run, not imported.
  local: ['modules', 'clients', 'planning', 'proxy', 'testing', 'environments'],
  bench: ['modules', 'clients', 'planning', 'proxy', 'testing', 'environments', 'cli', 'local', 'docs'],
  docs: ['modules', 'clients', 'planning', 'proxy', 'testing', 'environments', 'cli', 'local'],
};

/** Packages that only some rooms may load. `node:crypto` and `node:util` are pure functions of their input, and so allowed everywhere. */
const PACKAGES: readonly { readonly what: RegExp; readonly allowed: RegExp; readonly why: string }[] = [
  {
    what: /^(cdktf|constructs|@cdktf\/.*)$/,
    allowed: /^(modules\/stacks|modules\/index|testing|environments|local|bench|docs)/,
    why: 'only modules/stacks/ knows cdktf',
  },
  {
    what: /^(node:(?!(?:crypto|util)$).*|pg|@aws-sdk\/.*)$/,
    allowed: /^(clients|cli|planning|testing|proxy|modules\/stacks|local|bench|docs)\//,
    why: 'modules/ is pure: files, AWS and PostgreSQL belong to clients/ or cli/',
  },
];

test('imports go one way between the rooms', () => {
  expect(faults(imports())).toEqual([]);
});

test('the rule is not vacuous: an arrow that runs back up is found', () => {
  expect(
    faults([
      { file: 'modules/names/arn.ts', target: 'modules/environment/cluster' },
      { file: 'modules/access/check.ts', target: 'pg' },
      { file: 'modules/iam/lint.ts', target: 'cdktf' },
      { file: 'clients/aws/token.ts', target: 'cli/target' },
      { file: 'cli/check.ts', target: 'local/local-aurora' },
      { file: 'modules/iam/lint.ts', target: '__tests__/support/example' },
      { file: 'local/main-job/start.ts', target: 'cli/check' },
    ]),
  ).toHaveLength(7);
});

interface Import {
  readonly file: string;
  /** A path from the root of the project, or the name of a package. */
  readonly target: string;
}

function imports(): Import[] {
  return Object.keys(TOP).flatMap((room) =>
    filesIn(room).flatMap((file) => {
      const text = textOf(file);
      // What is imported for its types only is gone at run time: the bindings' types are what `overrides` may hold.
      const loaded = text.replace(/^import type [^;]*from '(?!\.)[^']*';$/gms, '');
      return [...loaded.matchAll(/(?:from|import|import\(|require\()\s*'([^']+)'/g)].map(([, name = '']) => ({
        file,
        target: name.startsWith('.') ? posix.join(posix.dirname(file), name) : name,
      }));
    }),
  );
}

function faults(all: readonly Import[]): string[] {
  return all.flatMap(({ file, target }) => {
    const [top = '', room = ''] = file.split('/');
    const [otherTop = '', otherRoom = ''] = target.split('/');
    const rule = PACKAGES.find(({ what }) => what.test(target));
    if (rule) return rule.allowed.test(file) ? [] : [`${file} imports ${target}: ${rule.why}`];
    if (otherTop === top && top === 'modules') {
      const [from, to] = [room, otherRoom].map((name) => (MODULES as readonly string[]).indexOf(name)) as [
        number,
        number,
      ];
      // The public face stands above all rooms, and imports each of them.
      if (room === 'index.ts') return [];
      if (from < 0) return [`${file} stands in no room that the list names: ${MODULES.join(', ')}`];
      return to >= 0 && to <= from
        ? []
        : [`${file} imports ${target}: modules/${room}/ stands above modules/${otherRoom}/`];
    }
    if (!(otherTop in TOP) && otherTop !== '__tests__') return [];
    const allowed = [top, ...(TOP[top] ?? [])];
    return allowed.includes(otherTop)
      ? []
      : [`${file} imports ${target}: ${top}/ may import only ${allowed.join('/, ')}/`];
  });
}
