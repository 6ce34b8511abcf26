import { execFile } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { PROJECT_DIRECTORY } from '../project-directory';
import type { RunLog } from '../run-log';

const execute = promisify(execFile);

/** A Python that can run moto's server. */
export interface MotoInstallation {
  /** The interpreter itself, not a shim that looks for one. */
  readonly python: string;
  readonly version: string;
}

/** Exact, so that every run on every machine meets the same endpoint. */
const pinnedVersion = '5.2.1';

/** The lowest moto that answers as this project needs it. */
const lowestVersion = [5, 1] as const;

/** https://pypi.org/project/moto/5.2.1/ */
const lowestPython = [3, 10] as const;

/** In the order they are tried: the usual one may be too old while a newer one stands next to it. */
const pythonCommands = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

/** Not compiled: it stands where the sources are. */
const INSPECTION = path.join(PROJECT_DIRECTORY, 'local', 'aws', 'moto-inspection.py');

/**
 * Looks for a moto that is there already: first that of `python3`, then the one installed below `toolsDirectory`.
 * Installs nothing.
 */
export async function findMoto({
  toolsDirectory,
  environment = process.env,
}: {
  toolsDirectory: string;
  environment?: NodeJS.ProcessEnv;
}): Promise<MotoInstallation | undefined> {
  for (const python of ['python3', pythonOf(environmentDirectory(toolsDirectory))]) {
    const found = await inspect(python, environment);
    if (found && isUsable(found)) return { python: found.executable, version: String(found.moto) };
  }
  return undefined;
}

/**
 * Finds moto, or installs it with pip into a virtual environment below `toolsDirectory`, where the next run finds it.
 * @throws Error with what to install, if there is no Python, no venv, or pip fails.
 */
export async function findOrInstallMoto({
  toolsDirectory,
  log,
  environment = process.env,
}: {
  toolsDirectory: string;
  log: RunLog;
  environment?: NodeJS.ProcessEnv;
}): Promise<MotoInstallation> {
  const found = await findMoto({ toolsDirectory, environment });
  if (found) {
    log.write('aws', `Using moto ${found.version}.`);
    return found;
  }
  const python = await newEnoughPython(environment);
  log.write('aws', `Installing moto ${pinnedVersion} (about 300 MB, once).`);
  await installEnvironment(python, path.resolve(toolsDirectory), environment);
  const installed = await findMoto({ toolsDirectory, environment });
  if (!installed) throw new Error('moto was installed but cannot be used: its packages are incomplete.');
  log.write('aws', `Installed moto ${installed.version}.`);
  return installed;
}

interface Inspection {
  readonly executable: string;
  readonly python: readonly [major: number, minor: number];
  readonly moto: string | null;
  readonly missing: readonly string[];
}

/** undefined: there is no such Python, or it does not run. */
async function inspect(python: string, environment: NodeJS.ProcessEnv): Promise<Inspection | undefined> {
  try {
    const { stdout } = await execute(python, [INSPECTION], {
      env: environment,
      timeout: 60_000,
    });
    return JSON.parse(stdout) as Inspection;
  } catch {
    return undefined;
  }
}

function isUsable({ moto, missing }: Inspection): boolean {
  return moto !== null && missing.length === 0 && atLeast(moto.split('.').map(Number), lowestVersion);
}

function atLeast(
  [major = 0, minor = 0]: readonly number[],
  [lowestMajor, lowestMinor]: readonly [number, number],
): boolean {
  return major > lowestMajor || (major === lowestMajor && minor >= lowestMinor);
}

async function newEnoughPython(environment: NodeJS.ProcessEnv): Promise<string> {
  for (const command of pythonCommands) {
    const found = await inspect(command, environment);
    if (found && atLeast(found.python, lowestPython)) return found.executable;
  }
  throw new Error(
    `Local Aurora's AWS endpoint needs Python ${lowestPython.join('.')} or newer (https://www.python.org/downloads/): no python3 on the PATH is one.`,
  );
}

function environmentDirectory(toolsDirectory: string): string {
  return path.join(path.resolve(toolsDirectory), `moto-${pinnedVersion}`);
}

function pythonOf(directory: string): string {
  return path.join(directory, 'bin', 'python');
}

/**
 * Complete or absent: the environment is made in a sibling and shown by a rename, so neither a killed installation nor
 * a second run at the same time leaves half of one. It works after the move because only `bin/python` of it is used.
 */
async function installEnvironment(
  python: string,
  toolsDirectory: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const home = environmentDirectory(toolsDirectory);
  await mkdir(toolsDirectory, { recursive: true });
  const unfinished = await mkdtemp(`${home}.`);
  try {
    const made = path.join(unfinished, 'environment');
    await step(
      `${python} cannot make a virtual environment (on Debian and Ubuntu: apt install python3-venv)`,
      execute(python, ['-m', 'venv', made], { env, timeout: 300_000 }),
    );
    const options = ['--quiet', '--disable-pip-version-check', '--no-input'];
    await step(
      `pip could not install moto; with network or a mirror, this does the same: python3 -m pip install "moto[server]==${pinnedVersion}"`,
      execute(pythonOf(made), ['-m', 'pip', 'install', ...options, `moto[server]==${pinnedVersion}`], {
        env,
        timeout: 1_200_000,
        maxBuffer: 64 * 1024 * 1024,
      }),
    );
    // What is there and was not found usable, its Python gone by an upgrade, say, makes room.
    if ((await exists(home)) && !(await isUsableEnvironment(home, env))) {
      await rename(home, path.join(unfinished, 'broken')).catch(() => {});
    }
    await rename(made, home).catch(async (error) => {
      // Another process was first: its copy is as good as ours.
      if (!(await isUsableEnvironment(home, env))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function isUsableEnvironment(directory: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const found = await inspect(pythonOf(directory), env);
  return found !== undefined && isUsable(found);
}

async function step(complaint: string, command: Promise<unknown>): Promise<void> {
  await command.catch((error: { stderr?: string; stdout?: string; message: string }) => {
    // The last line that is not a hint carries the reason, in pip's and in venv's output.
    const lines = `${error.stdout ?? ''}\n${error.stderr ?? ''}`.split('\n').map((line) => line.trim());
    const reason =
      lines.findLast((line) => /^ERROR:|^Error:|ensurepip/.test(line)) ?? error.message.split('\n')[0];
    throw new Error(`${complaint}: ${reason}`);
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
