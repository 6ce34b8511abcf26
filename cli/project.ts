import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../clients/error';
import type { Environment } from '../modules/environment/environment';
import { EnvironmentError } from '../modules/environment/environment-error';
import { validateEnvironments } from '../modules/validation/validate';
import { buildStamp } from './build-stamp';

/** `context["aurora-iam"]` of cdktf.json. */
interface ProjectSettings {
  /** The JavaScript file whose default export is the list of environments. Relative to cdktf.json. */
  readonly environments: string;
  /** Run before, in the folder of cdktf.json, so that the tools see what the files say now. */
  readonly build?: string;
}

export interface LoadOptions {
  /**
   * - `require`: the tools see what the files say now, or stop.
   * - `attempt`: what was built before will do, with a warning, and the other environments need not be right.
   * - `never`: what was built before.
   * @default 'require'
   */
  readonly build?: 'require' | 'attempt' | 'never';
  /** Is called with the warning of `attempt`. */
  readonly remark?: (line: string) => void;
}

/** The environment of that name, built and checked anew.
 *  @throws UserError */
export function loadEnvironment(
  name: string,
  options: LoadOptions = {},
  folder = process.cwd(),
): Environment {
  const { environments, file } = built(options, folder);
  const named = environments.filter((environment) => environment?.name === name);
  validated((options.build ?? 'require') === 'require' ? environments : named);
  const [found] = named;
  if (!found)
    throw new UserError(
      `There is no environment "${name}" in ${file}; there is ${environments.map((environment) => environment?.name).join(', ') || 'none'}.`,
    );
  return found;
}

/** All environments of the project, built and checked anew, in their order.
 *  @throws UserError */
export function loadEnvironments(folder = process.cwd()): readonly Environment[] {
  const { environments } = built({}, folder);
  validated(environments);
  return environments;
}

function built(
  { build = 'require', remark = () => {} }: LoadOptions,
  folder: string,
): { readonly environments: readonly Environment[]; readonly file: string } {
  const root = projectFolder(folder);
  const settings = settingsOf(root);
  const file = resolve(root, settings.environments);
  if (settings.build && build !== 'never') buildProject(settings.build, root, file, { build, remark });
  return { environments: environmentsFrom(file), file: settings.environments };
}

function validated(environments: readonly Environment[]): void {
  try {
    validateEnvironments(environments);
  } catch (error) {
    if (error instanceof EnvironmentError) throw new UserError(error.message);
    throw error;
  }
}

/** What the last build has made. @throws UserError if there is no project here */
export function builtFile(folder = process.cwd()): string {
  const root = projectFolder(folder);
  return resolve(root, settingsOf(root).environments);
}

function projectFolder(folder: string): string {
  for (let current = resolve(folder); ; current = dirname(current)) {
    if (existsSync(join(current, 'cdktf.json'))) return current;
    if (current === dirname(current))
      throw new UserError(
        'No cdktf.json here or above. Go to the project whose environment you mean, or name the database itself: --host, --port, --region.',
      );
  }
}

function settingsOf(root: string): ProjectSettings {
  const file = join(root, 'cdktf.json');
  const settings = parsed(file)?.context?.['aurora-iam'];
  if (typeof settings?.environments !== 'string')
    throw new UserError(
      `${file} does not say where the environments are. Add "context": {"aurora-iam": {"environments": "dist/environments/index.js"}}.`,
    );
  return settings;
}

function parsed(file: string): { readonly context?: Record<string, ProjectSettings> } | null {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch (error) {
    throw new UserError(`${file} cannot be read as JSON: ${(error as Error).message}`);
  }
}

/** Builds, if anything has changed since the last build. @param earlier the file that the command made before */
function buildProject(
  command: string,
  root: string,
  earlier: string,
  { build, remark }: Required<LoadOptions>,
): void {
  const stamp = buildStamp(root, command, earlier);
  if (stamp.isFresh()) return;
  // What the compiler says belongs to the person; standard output belongs to the token or the SQL.
  const { status } = spawnSync(command, { cwd: root, shell: true, stdio: ['ignore', 2, 2] });
  if (status === 0) {
    stamp.write();
    return;
  }
  const failed = `The project does not build: \`${command}\` failed`;
  if (build === 'require') throw new UserError(`${failed}.`);
  if (!existsSync(earlier))
    throw new UserError(`${failed}, and ${earlier} is not there, so nothing says which cluster is meant.`);
  remark(
    `aurora-iam: ${failed}. Going on with ${earlier}, written ${statSync(earlier).mtime.toISOString()}.`,
  );
}

function loadedFrom(file: string): { readonly default?: unknown } | undefined {
  try {
    return require(file);
  } catch (error) {
    // ES modules from Node 22.12 on: https://nodejs.org/api/modules.html#loading-ecmascript-modules-using-require
    if (!/^ERR_REQUIRE_(ESM|ASYNC_MODULE)$/.test(String((error as NodeJS.ErrnoException).code)))
      throw new UserError(`${file} cannot be loaded: ${(error as Error).message}`);
    throw new UserError(
      `${file} is an ES module, which Node ${process.version} cannot load here. Compile it to CommonJS ("module": "commonjs"), ` +
        'or use Node 22.12 or later and no top-level await.',
    );
  }
}

function environmentsFrom(file: string): readonly Environment[] {
  if (!existsSync(file)) throw new UserError(`${file} is not there. Build the project first.`);
  // The file is the user's own and is only known now.
  const loaded = loadedFrom(file);
  if (!Array.isArray(loaded?.default))
    throw new UserError(`${file} has no list of environments as its default export.`);
  return loaded.default as readonly Environment[];
}
