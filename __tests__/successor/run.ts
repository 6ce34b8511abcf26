import { spawn } from 'node:child_process';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { join, relative, sep } from 'node:path';
import { run } from '../../bench/measure';
import { firstDifference } from '../../bench/synthesized-stacks';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../../local/project-directory';

// `npm run test:successor`: a copy of the project moves to the successor of cdktf, with the very lines that the README
// gives, and must synthesize the same there and pass the same tests.

/** Package -> what package.json says of it. */
type Packages = Record<string, string>;

interface PackageFile {
  devDependencies: Packages;
  overrides: Packages;
}

interface Library {
  readonly name: string;
  readonly version: string;
}

const count = { passed: 0, failed: 0, skipped: 0 };
const interrupted = new AbortController();

async function main(folder: string): Promise<void> {
  const copy = join(folder, 'project');
  const files = await copyProject(copy);
  const move = linesOfReadme();
  const successor = libraryOf(move.devDependencies['cdktf']);
  changePackageFile(join(copy, 'package.json'), move);

  console.log(`Installing ${successor.name} ${successor.version} in a copy of the project.`);
  // No scripts: neither a build before the check below, nor those of servers that no selected test starts.
  const quietly = ['--prefer-offline', '--no-audit', '--no-fund', '--loglevel=error'];
  await execute('npm', ['install', '--ignore-scripts', ...quietly], copy);
  check('the project and its bindings find the successor where they ask for cdktf', () => {
    for (const asking of ['package.json', 'node_modules/@cdktf/provider-aws/package.json'])
      expectSame(`cdktf for ${asking}`, libraryFoundBy(join(copy, asking), copy), successor);
  });
  await execute('npm', ['run', '--silent', 'build'], copy);
  const present = libraryFoundBy(join(PROJECT_DIRECTORY, 'package.json'), PROJECT_DIRECTORY);
  check(
    `all environments synthesize to the same, but for "version": "${present.version}" becoming "${successor.version}"`,
    () => {
      const [ours, theirs] = [
        synthesized(PROJECT_DIRECTORY, present, folder),
        synthesized(copy, successor, folder),
      ];
      const difference = firstDifference(ours, theirs, 'cdktf.out');
      if (difference !== undefined) throw new Error(`They differ at ${difference}.`);
    },
  );
  await runTests(copy, files);
}

/** Copies what git knows or would add. Gives the paths. */
async function copyProject(copy: string): Promise<string[]> {
  const listed = await execute('git', ['ls-files', '-z', '--cached', '--others', '--exclude-standard']);
  const files = listed.split('\0').filter((file) => file && existsSync(join(PROJECT_DIRECTORY, file)));
  for (const file of files) cpSync(join(PROJECT_DIRECTORY, file), join(copy, file));
  return files;
}

/** The lines for package.json of the README's section, so that what it tells the reader is what is tested. */
function linesOfReadme(): PackageFile {
  const readme = readFileSync(join(PROJECT_DIRECTORY, 'README.md'), 'utf8');
  const lines = /^## When CDKTF ends$.*?^```json$(.*?)^```$/ms.exec(readme)?.[1];
  if (!lines) throw new Error('README.md has no JSON in a section "When CDKTF ends".');
  return JSON.parse(lines);
}

function libraryOf(alias = ''): Library {
  const [, name, version] = /^npm:(.+)@(.+)$/.exec(alias) ?? [];
  if (!name || !version) throw new Error(`README.md gives no alias for cdktf: ${alias}`);
  return { name, version };
}

function changePackageFile(path: string, move: PackageFile): void {
  const content = JSON.parse(readFileSync(path, 'utf8')) as PackageFile;
  Object.assign(content.devDependencies, move.devDependencies);
  Object.assign(content.overrides, move.overrides);
  // A quarter of what there is to install, and nothing here runs it.
  delete content.devDependencies['cdktf-cli'];
  writeFileSync(path, JSON.stringify(content, null, 2));
}

/** What `require('cdktf')` means in a file. @throws Error if it lies outside `project`. */
function libraryFoundBy(file: string, project: string): Library {
  const path = createRequire(file).resolve('cdktf/package.json');
  // The copy lies below the project, whose own packages are found where the copy lacks one.
  if (!realpathSync(path).startsWith(realpathSync(project) + sep))
    throw new Error(`${path} is another project's.`);
  const { name, version } = JSON.parse(readFileSync(path, 'utf8')) as Library;
  return { name, version };
}

/**
 * What `main.js` of a built project writes, by path: JSON as values, anything else as text.
 * Where CDKTF writes its own version, in the manifest and in each stack's metadata, it is taken out.
 * @throws Error if it is not that of `library`
 */
function synthesized(project: string, library: Library, folder: string): Record<string, unknown> {
  const program = {
    name: `main.js with ${library.name}`,
    command: [join(project, 'dist', 'main.js')],
  } as const;
  const [, files] = run(program, folder, (outdir) => {
    const paths = readdirSync(outdir, { recursive: true, encoding: 'utf8' });
    return Object.fromEntries(
      paths
        .filter((path) => statSync(join(outdir, path)).isFile())
        .map((path) => [path, readFileSync(join(outdir, path), 'utf8')]),
    );
  });
  return Object.fromEntries(
    Object.entries(files).map(([path, text]) => {
      if (!path.endsWith('.json')) return [path, text];
      const value = JSON.parse(text);
      const holder = path === 'manifest.json' ? value : value['//'].metadata;
      expectSame(`the version in ${path}`, holder.version, library.version);
      delete holder.version;
      return [path, value];
    }),
  );
}

/**
 * Runs the tests that synthesize: all that reach a file which imports cdktf, without those that reach Local Aurora or
 * ask for a part of the machine, which are about servers. Jest follows the imports, so a new test needs no entry here.
 */
async function runTests(copy: string, files: readonly string[]): Promise<void> {
  const config = join(copy, '__tests__', 'successor', 'jest.config.cjs');
  const jest = (...options: string[]) =>
    execute(
      process.execPath,
      [join(copy, 'node_modules', 'jest', 'bin', 'jest.js'), '--config', config, ...options],
      copy,
    );
  const testsThatReach = async (sources: readonly string[]) =>
    (await jest('--listTests', '--findRelatedTests', ...sources))
      .split('\n')
      .filter((line) => line.endsWith('.test.ts'));

  const importers = files.filter(
    (file) => file.endsWith('.ts') && / from 'cdktf'/.test(readFileSync(join(copy, file), 'utf8')),
  );
  const servers = files.filter((file) => file.startsWith('local/') && file !== 'local/project-directory.ts');
  const reaching = await testsThatReach(importers);
  const aboutServers = new Set(await testsThatReach(['__tests__/support/machine.ts', ...servers]));
  const selected = reaching.filter((test) => !aboutServers.has(test)).map((test) => relative(copy, test));
  if (selected.length === 0) throw new Error('No test was selected: that proves nothing.');
  console.log(
    `Running ${selected.length} files of tests; ${reaching.length - selected.length} are about servers.`,
  );
  const result = join(copy, 'jest.json');
  // Its exit code says no more than the counts do.
  await jest('--json', `--outputFile=${result}`, '--runTestsByPath', ...selected).catch(() => {});
  const counted = JSON.parse(readFileSync(result, 'utf8')) as Record<string, number>;
  count.passed += counted['numPassedTests'] ?? 0;
  // A file that could not run at all has no tests to count, and must not pass for it.
  count.failed += (counted['numFailedTests'] ?? 0) + (counted['numRuntimeErrorTestSuites'] ?? 0);
  count.skipped += (counted['numPendingTests'] ?? 0) + (counted['numTodoTests'] ?? 0);
}

function check(what: string, expectation: () => void): void {
  expectation();
  console.log(`passed: ${what}`);
  count.passed++;
}

function expectSame(what: string, found: unknown, expected: unknown): void {
  const [one, other] = [JSON.stringify(found), JSON.stringify(expected)];
  if (one !== other) throw new Error(`${what} is ${one}, not ${other}.`);
}

/** Runs a program, shows what it says on standard error, and gives its standard output. */
function execute(command: string, options: readonly string[], cwd = PROJECT_DIRECTORY): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, options, {
      cwd,
      stdio: ['ignore', 'pipe', 'inherit'],
      signal: interrupted.signal,
      // npm would first undo what it installed, in a folder that is removed anyway.
      killSignal: 'SIGKILL',
    });
    let output = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      output += text;
    });
    let failure: Error | undefined;
    child.on('error', (error) => {
      failure = error;
    });
    // Only now is the folder nobody's, and can be removed.
    child.on('close', (code) => {
      if (code === 0) resolve(output);
      else reject(failure ?? new Error(`${command} ${options[0]} failed.\n${output}`));
    });
  });
}

async function runInFolder(): Promise<void> {
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => interrupted.abort());
  mkdirSync(LOCAL_DIRECTORY, { recursive: true });
  const folder = mkdtempSync(join(LOCAL_DIRECTORY, 'successor-'));
  try {
    await main(folder);
  } catch (error) {
    console.error(error instanceof Error ? error.message : String(error));
    count.failed++;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  console.log(`\n${count.passed} passed, ${count.failed} failed, ${count.skipped} skipped`);
  process.exitCode = count.failed === 0 ? 0 : 1;
}

void runInFolder();
