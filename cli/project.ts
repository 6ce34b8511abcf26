import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { UserError } from '../clients/error';
import type { Environment } from '../modules/environment/environment';
import { EnvironmentError } from '../modules/environment/environment-error';
import { validateEnvironments } from '../modules/validation/validate';

/** `context["aurora-iam"]` of cdktf.json. */
interface ProjectSettings {
  /** The JavaScript file whose default export is the list of environments. Relative to cdktf.json. */
  readonly environments: string;
  /** Run before, in the folder of cdktf.json, so that the tools see what the files say now. */
  readonly build?: string;
}

/** The environment of that name, built and checked anew.
 *  @throws UserError */
export function loadEnvironment(name: string, folder = process.cwd()): Environment {
  const root = projectFolder(folder);
  const settings = settingsOf(root);
  if (settings.build) build(settings.build, root);
  const environments = environmentsFrom(resolve(root, settings.environments));
  try {
    validateEnvironments(environments);
  } catch (error) {
    if (error instanceof EnvironmentError) throw new UserError(error.message);
    throw error;
  }
  const found = environments.find((environment) => environment.name === name);
  if (!found)
    throw new UserError(
      `There is no environment "${name}" in ${settings.environments}; there is ${environments.map((environment) => environment.name).join(', ') || 'none'}.`,
    );
  return found;
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
  const settings = (JSON.parse(readFileSync(file, 'utf8')) as { context?: Record<string, ProjectSettings> })
    .context?.['aurora-iam'];
  if (typeof settings?.environments !== 'string')
    throw new UserError(
      `${file} does not say where the environments are. Add "context": {"aurora-iam": {"environments": "dist/environments/index.js"}}.`,
    );
  return settings;
}

function build(command: string, root: string): void {
  // What the compiler says belongs to the person; standard output belongs to the token or the SQL.
  const { status } = spawnSync(command, { cwd: root, shell: true, stdio: ['ignore', 2, 2] });
  if (status !== 0) throw new UserError(`The project does not build: \`${command}\` failed.`);
}

function environmentsFrom(file: string): readonly Environment[] {
  if (!existsSync(file)) throw new UserError(`${file} is not there. Build the project first.`);
  // The file is the user's own and is only known now.
  const loaded = require(file) as { default?: unknown };
  if (!Array.isArray(loaded.default))
    throw new UserError(`${file} has no list of environments as its default export.`);
  return loaded.default as readonly Environment[];
}
