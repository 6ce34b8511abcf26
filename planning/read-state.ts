import { execFile } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join, relative, resolve } from 'node:path';
import { promisify } from 'node:util';
import { shellWord } from '../modules/names/commands';
import { STACK_FILE } from '../modules/names/terraform';
import { temporaryFolder } from './temporary-folder';
import { findBinary } from './terraform-binary';

const run = promisify(execFile);

/** Why a state cannot be read, in one line. */
export class StateError extends Error {
  /** @param wayOut to be told instead of the usual one */
  constructor(
    message: string,
    readonly wayOut?: string,
  ) {
    super(message);
  }
}

type Settings = Readonly<Record<string, unknown>>;

/**
 * The state of a synthesized stack as its backend has it now, as `terraform state pull` prints it; nothing where none was ever
 * written. Asked for from a folder of its own, so that the folder of the stack need not be initialised, and no provider is needed.
 * @param folder of the stack below `cdktf.out/stacks`
 * @param variables in addition to the process's own
 * @throws StateError
 */
export async function readState(folder: string, variables: NodeJS.ProcessEnv = {}): Promise<string> {
  const terraform = await findBinary();
  if ('missing' in terraform) throw new StateError(terraform.missing);
  const { terraform: settings = {} } = JSON.parse(readFileSync(join(folder, STACK_FILE), 'utf8')) as {
    terraform?: { backend?: Settings; cloud?: unknown };
  };
  const { backend, cloud } = settings;
  // Without either, Terraform keeps the state beside the stack.
  const local = (backend || cloud ? backend?.['local'] : {}) as { readonly path?: string } | undefined;
  const file = local && resolve(folder, local.path ?? 'terraform.tfstate');
  const workspace = workspaceOf(folder);
  if (file !== undefined && workspace === undefined) {
    if (!existsSync(file)) return '';
    refuseBroken(file);
  }
  const { path: work, remove } = temporaryFolder('aurora-iam-state-');
  const env: NodeJS.ProcessEnv = {
    ...process.env,
    CHECKPOINT_DISABLE: '1',
    ...(workspace === undefined ? {} : { TF_WORKSPACE: workspace }),
    ...variables,
  };
  delete env['TF_DATA_DIR'];
  const call = (...given: string[]) => run(terraform.binary, given, { cwd: work, env, maxBuffer: 1 << 28 });
  try {
    const moved = file === undefined ? backend : { local: { ...local, path: file } };
    writeFileSync(
      join(work, 'main.tf.json'),
      JSON.stringify({ terraform: { ...(moved ? { backend: moved } : {}), ...(cloud ? { cloud } : {}) } }),
    );
    // Looks for providers where there are none: it sets up the backend, and then fails where the state holds any resource.
    const none = join(work, 'no-providers');
    mkdirSync(none);
    const failed = await call('init', '-input=false', '-no-color', `-plugin-dir=${none}`).then(
      () => undefined,
      (error: unknown) => error,
    );
    const isSetUp = existsSync(join(work, '.terraform', 'terraform.tfstate'));
    if (failed !== undefined && !isSetUp) throw failed;
    return (await call('state', 'pull', '-no-color')).stdout;
  } catch (error) {
    throw new StateError(messageOf(error));
  } finally {
    remove();
  }
}

/**
 * A kill in the middle of writing leaves a local state empty or cut off, and what it was before the deploy in a file beside it. That
 * one knows what the deploy was to remove, too, which nobody finds by looking at the environment.
 */
function refuseBroken(file: string): void {
  const backup = `${file}.backup`;
  if (isWhole(file) || !existsSync(backup) || !isWhole(backup)) return;
  throw new StateError(
    `${shown(file)} was being written when the deploy was killed, and is ${statSync(file).size === 0 ? 'empty' : 'cut off'}.`,
    `Take the state from before the deploy, and run this again:\n  cp ${shellWord(shown(backup))} ${shellWord(shown(file))}`,
  );
}

function isWhole(file: string): boolean {
  try {
    JSON.parse(readFileSync(file, 'utf8'));
    return true;
  } catch {
    return false;
  }
}

/** As a person names it. */
function shown(file: string): string {
  const name = relative('.', file);
  return name.startsWith('..') ? file : name;
}

/** The workspace that was selected in the folder of the stack, if it was not the default one. */
function workspaceOf(folder: string): string | undefined {
  const file = join(folder, '.terraform', 'environment');
  const name = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return name === '' || name === 'default' ? undefined : name;
}

/** Terraform's error in one line, without its frames. */
function messageOf(error: unknown): string {
  const { stderr = '', message } = error as { stderr?: string; message: string };
  const text = (stderr || message).replace(/^[│╷╵] ?/gm, '');
  return text
    .slice(Math.max(0, text.indexOf('Error: ')))
    .replace(/^Error: /, '')
    .replace(/\s+/g, ' ')
    .trim()
    .slice(0, 400);
}
