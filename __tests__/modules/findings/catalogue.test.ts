import { readdirSync } from 'node:fs';
import { basename, join } from 'node:path';
import { CHECK_RULES } from '../../../modules/access/check';
import { PREFLIGHT_RULES } from '../../../modules/access/preflight';
import { COMPARISON_RULES } from '../../../modules/connect/compare-policy';
import { CAUSES } from '../../../modules/diagnosis/causes';
import { ENVIRONMENT_RULES } from '../../../modules/environment/environment-error';
import { catalogue } from '../../../modules/findings/catalogue';
import type { RuleEntry, Tool } from '../../../modules/findings/catalogue/entry';
import { LINT_RULES } from '../../../modules/iam/lint/rules';
import { REVIEW_IDS } from '../../../modules/plan/review';
import { REVIEW_RULES } from '../../../modules/plan/rules/index';

/** What each tool can find, from its own list of rules. */
const FOUND: Readonly<Record<Tool, readonly string[]>> = {
  environment: ENVIRONMENT_RULES,
  preflight: PREFLIGHT_RULES.flatMap(({ ids }) => ids),
  check: CHECK_RULES.flatMap(({ ids }) => ids),
  lint: [...LINT_RULES.map(({ id }) => id), ...COMPARISON_RULES],
  review: REVIEW_IDS,
  doctor: CAUSES.map(({ id }) => id),
};
const entries: [string, RuleEntry][] = Object.entries(catalogue);

test.each(Object.entries(FOUND))('the catalogue has what %s finds, and nothing else of it', (tool, found) => {
  const described = entries.filter(([, { tools }]) => tools.includes(tool as Tool)).map(([id]) => id);
  expect(described.sort()).toEqual([...new Set(found)].sort());
});

test('no two files of the catalogue have the same id: the second would hide the first', () => {
  const folder = join(__dirname, '../../../modules/findings/catalogue');
  const ids = readdirSync(folder).flatMap((file) =>
    Object.entries(require(join(folder, basename(file, '.ts')))).flatMap(([, each]) =>
      Object.keys(each as object),
    ),
  );
  expect(ids.filter((id, index) => ids.indexOf(id) !== index)).toEqual([]);
});

test('no two rules of lint, review or doctor find the same id', () => {
  for (const found of [FOUND.environment, FOUND.lint, FOUND.review, FOUND.doctor])
    expect(new Set(found).size).toBe(found.length);
});

/** Files beside the rules that hold none. */
const NO_RULES = [
  ...['rule', 'rules', 'index', 'linted-resource', 'linted-statement', 'masters', 'memberships'],
  ...['by-seen', 'inside-cause', 'permission-cause', 'service-cause', 'token-suspicions'],
];

test.each([
  ['modules/access/rules', [...CHECK_RULES, ...PREFLIGHT_RULES].map(({ find }) => find)],
  ['modules/iam/lint', LINT_RULES],
  ['modules/plan/rules', REVIEW_RULES.map(({ find }) => find)],
  ['modules/diagnosis/causes', CAUSES],
])('no rule of %s is forgotten in its list', (folder, listed: readonly unknown[]) => {
  const root = join(__dirname, '../../..', folder);
  const forgotten = readdirSync(root)
    .map((file) => basename(file, '.ts'))
    .filter((name) => !NO_RULES.includes(name))
    .filter((name) => !Object.values(require(join(root, name))).some((each) => listed.includes(each)));
  expect(forgotten).toEqual([]);
});

test.each(entries)('%s is described in whole sentences', (id, entry) => {
  expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
  expect(entry.tools.length).toBeGreaterThan(0);
  expect(entry.title).toMatch(/^(?!TODO)[`A-Z].*[^.]$/);
  for (const text of [entry.why, entry.whatToDo]) expect(text).toMatch(/^(?!TODO)[`A-Z*].*[.…;]$/);
  // Markdown would take it for an element, and show nothing.
  expect(`${entry.title} ${entry.why} ${entry.whatToDo}`.replace(/`[^`]*`/g, '')).not.toContain('<');
});
