import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join, posix } from 'node:path';
import { catalogueEntry, RULE_TOOLS, type RuleTool, ruleFile, testFile } from './rule-templates';

// `npm run new-rule <tool> <id>`: the files of a new rule, which fail their tests until somebody has written them.

interface Places {
  /** Folder of the rules, and of their tests below __tests__/. */
  readonly rules: string;
  /** The file that lists the rules of the tool. */
  readonly list: string;
  readonly listed: (id: string, name: string) => string;
  /** The file of the catalogue. */
  readonly catalogue: string;
}

const inRule = (id: string, name: string) => `  rule(['${id}'], ${name}),`;
const ACCESS = {
  rules: 'modules/access/rules',
  listed: inRule,
  catalogue: 'modules/findings/catalogue/access.ts',
};
const PLACES: Readonly<Record<RuleTool, Places>> = {
  check: { ...ACCESS, list: 'modules/access/check.ts' },
  preflight: { ...ACCESS, list: 'modules/access/preflight.ts' },
  lint: {
    rules: 'modules/iam/lint',
    list: 'modules/iam/lint/rules.ts',
    listed: (_id, name) => `  ${name},`,
    catalogue: 'modules/findings/catalogue/lint.ts',
  },
  review: {
    rules: 'modules/plan/rules',
    list: 'modules/plan/rules/index.ts',
    listed: inRule,
    catalogue: 'modules/findings/catalogue/review.ts',
  },
  doctor: {
    rules: 'modules/diagnosis/causes',
    list: 'modules/diagnosis/causes.ts',
    listed: (_id, name) => `  ${name},`,
    catalogue: 'modules/findings/catalogue/doctor.ts',
  },
};

/** Writes the files below `root`. @returns their paths @throws Error with the way out, before anything is written */
export function newRule(root: string, tool: string | undefined, id: string | undefined): string[] {
  if (!isTool(tool)) throw new Error(`Name a tool: ${RULE_TOOLS.join(', ')}.`);
  if (id === undefined || !/^[a-z]+(-[a-z]+)*$/.test(id))
    throw new Error('Name the rule in lower case with hyphens, such as login-without-timeout.');
  const { rules, list, listed, catalogue } = PLACES[tool];
  const read = (path: string) => readFileSync(join(root, path), 'utf8');
  const known = Object.values(PLACES).find((each) =>
    new RegExp(`^  '?${id}'?: `, 'm').test(read(each.catalogue)),
  );
  if (known !== undefined)
    throw new Error(
      `${id} is in ${known.catalogue} already: choose another id, or add the tool to its entry by hand.`,
    );
  const rule = `${rules}/${id}.ts`;
  const test = `__tests__/${rules}/${id}.test.ts`;
  for (const path of [rule, test])
    if (existsSync(join(root, path))) throw new Error(`${path} exists already: choose another id.`);

  const before = read(list);
  const name = nameOf(id, before);
  const files = {
    [rule]: ruleFile(tool, id, name),
    [test]: testFile(tool, id, name, rules),
    [list]: withImport(
      before.replace(/\n\];\n/, `\n${listed(id, name)}\n];\n`),
      `import { ${name} } from '${posix.relative(dirname(list), `${rules}/${id}`).replace(/^(?!\.)/, './')}';`,
    ),
    [catalogue]: read(catalogue).replace(/\n\} satisfies/, `\n${catalogueEntry(tool, id)}\n} satisfies`),
  };
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    writeFileSync(join(root, path), text);
  }
  return Object.keys(files);
}

function isTool(tool: string | undefined): tool is RuleTool {
  return (RULE_TOOLS as readonly (string | undefined)[]).includes(tool);
}

/** `login-without-timeout` -> `loginWithoutTimeout`; another name where JavaScript or the list has that already. */
function nameOf(id: string, list: string): string {
  const name = id.replace(/-([a-z])/g, (_, letter: string) => letter.toUpperCase());
  const taken = new RegExp(`\\b${name}\\b`).test(list) || RESERVED.includes(name);
  return taken ? `${name}Rule` : name;
}

const RESERVED = ['public', 'default', 'export', 'delete', 'new', 'function', 'import', 'null', 'package'];

function withImport(text: string, line: string): string {
  const end = text.lastIndexOf('\nimport ');
  const next = text.indexOf('\n', end + 1);
  return `${text.slice(0, next)}\n${line}${text.slice(next)}`;
}

if (require.main === module) {
  const root = process.cwd();
  try {
    const files = newRule(root, process.argv[2], process.argv[3]);
    // Sorts the imports, and quotes keys only where that is needed.
    spawnSync('npx', ['--no-install', 'biome', 'check', '--write', ...files], { cwd: root, stdio: 'ignore' });
    process.stdout.write(
      `${files.join('\n')}\nWrite what stands behind TODO; until then the tests fail. Then: npm run docs\n`,
    );
  } catch (error) {
    process.stderr.write(`${(error as Error).message}\nUsage: npm run new-rule <tool> <id>\n`);
    process.exitCode = 2;
  }
}
