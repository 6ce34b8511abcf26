import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import { newRule } from '../../scripts/new-rule';
import { RULE_TOOLS } from '../../scripts/rule-templates';

// In a copy of the rules, of what they import, and of what their tests import.

const COPIED = [
  'modules',
  'tsconfig.json',
  ...['example', 'live-access', 'plan-json'].map((name) => `__tests__/support/${name}.ts`),
];
let root: string;

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), 'aurora-iam-new-rule-'));
  for (const path of COPIED) cpSync(join(PROJECT_DIRECTORY, path), join(root, path), { recursive: true });
  symlinkSync(join(PROJECT_DIRECTORY, 'node_modules'), join(root, 'node_modules'));
});
afterAll(() => rmSync(root, { recursive: true, force: true }));

const read = (path: string) => readFileSync(join(root, path), 'utf8');

test.each(RULE_TOOLS)(
  'a rule of %s: its file, its test, its place in the list and in the catalogue',
  (tool) => {
    const id = `new-in-${tool}`;
    const [rule = '', ruleTest = '', list = '', catalogue = ''] = newRule(root, tool, id);
    expect(read(rule)).toContain(`'${id}'`);
    expect(ruleTest).toBe(`__tests__/${rule.replace(/\.ts$/, '.test.ts')}`);
    expect(read(ruleTest)).toContain('TODO');
    const name = `newIn${tool[0]?.toUpperCase()}${tool.slice(1)}`;
    expect(read(list)).toMatch(new RegExp(`^import \\{ ${name} \\} from './(rules/|causes/)?${id}';$`, 'm'));
    expect(read(list)).toMatch(new RegExp(`^  (rule\\(\\['${id}'\\], ${name}\\)|${name}),\n\\];$`, 'm'));
    expect(read(catalogue)).toContain(`\n  '${id}': `);
  },
);

test('what it makes compiles', () => {
  const config = join(root, 'new-rules.json');
  writeFileSync(config, JSON.stringify({ extends: './tsconfig.json', include: ['modules', '__tests__'] }));
  const options = ['tsc', '--noEmit', '--incremental', 'false', '-p', config];
  const { status, stdout } = spawnSync('npx', ['--no-install', ...options], { cwd: root, encoding: 'utf8' });
  expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
}, 120_000);

test.each([
  ['no tool', undefined, undefined, 'Name a tool: check, preflight, lint, review, doctor'],
  ['an unknown tool', 'physician', 'a', 'Name a tool'],
  ['no id', 'check', undefined, 'lower case with hyphens'],
  ['an id that leads elsewhere', 'check', '../../x', 'lower case with hyphens'],
  ['an id that is taken', 'check', 'member', 'is in modules/findings/catalogue/access.ts already'],
  ['an id that another tool has', 'review', 'any-login', 'is in modules/findings/catalogue/lint.ts already'],
  ['a file that is there', 'lint', 'rules', 'exists already'],
])('%s is refused, and nothing is written', (_what, tool, id, message) => {
  const before = read('modules/access/check.ts');
  expect(() => newRule(root, tool, id)).toThrow(message);
  expect(read('modules/access/check.ts')).toBe(before);
  expect(existsSync(join(root, '__tests__/modules/iam/lint/rules.test.ts'))).toBe(false);
});
