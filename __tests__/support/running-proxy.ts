import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import type { DatabaseDoor } from './database-door';

/** `aurora-iam proxy`, as a person starts it, in front of a gate. */
export interface StartedProxy {
  /** On localhost; undefined where it listens on a socket alone. */
  readonly port: number;
  readonly folder: string;
  readonly password: string;
  readonly process: ChildProcess;
  /** Its log so far. */
  log(): string;
  /** Another call of the command, with the same files. */
  command(...options: string[]): {
    readonly status: number | null;
    readonly stdout: string;
    readonly stderr: string;
  };
  stop(): Promise<void>;
}

const BIN = join(PROJECT_DIRECTORY, 'cli', 'bin.cjs');

/** @param users that it lets in as */
export function startProxyCommand(
  door: DatabaseDoor,
  users: readonly string[],
  options: readonly string[] = [],
): Promise<StartedProxy> {
  return startProxyWith(door, [
    ...['--host', door.endpoint, '--port', String(door.port)],
    ...['--through', `localhost:${door.port}`, '--ca', door.certificateAuthorityFile],
    ...users.flatMap((user) => ['--user', user]),
    ...options,
  ]);
}

/** @param options the whole command line */
export async function startProxyWith(
  door: DatabaseDoor,
  options: readonly string[],
  { cwd, variables = {} }: { readonly cwd?: string; readonly variables?: NodeJS.ProcessEnv } = {},
): Promise<StartedProxy> {
  const folder = mkdtempSync(join(tmpdir(), 'proxy-'));
  // What others may not reach is what is in it, not it.
  chmodSync(folder, 0o711);
  const env = {
    ...process.env,
    ...door.variables,
    ...variables,
    XDG_CONFIG_HOME: join(folder, 'config'),
    XDG_RUNTIME_DIR: join(folder, 'run'),
  };
  const command = (...more: string[]) =>
    spawnSync(process.execPath, [BIN, 'proxy', ...more], { env, encoding: 'utf8' });
  const password = command('--print-password').stdout.trim();
  const places = options.includes('--listen') ? [] : ['--listen', '0'];
  const child = spawn(process.execPath, [BIN, 'proxy', ...options, ...places], {
    env,
    ...(cwd === undefined ? {} : { cwd }),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let log = '';
  child.stderr.on('data', (part) => {
    log += part;
  });
  let said = '';
  await new Promise<void>((resolve, reject) => {
    child.stdout.on('data', (part) => {
      said += part;
      if (said.includes('\n')) resolve();
    });
    child.on('exit', (code) => reject(new Error(`the proxy ended with ${code}: ${log}`)));
  });
  return {
    port: Number(/localhost:(\d+)/.exec(said)?.[1]),
    folder,
    password,
    process: child,
    log: () => log,
    command,
    async stop() {
      if (child.exitCode === null) {
        const ended = new Promise((resolve) => child.once('exit', resolve));
        child.kill('SIGTERM');
        child.kill('SIGTERM');
        await ended;
      }
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
