import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { shellWord } from '../../modules/names/commands';
import { isRunning } from '../main-job/ready-file';
import { LOCAL_DIRECTORY } from '../project-directory';

/** A running playground, as `npm run local` leaves it for `npm run local:deploy`. */
export interface Playground {
  /** The process that serves it. */
  readonly pid: number;
  /** States, `cdktf.out` and logs are here, and go with it. */
  readonly directory: string;
  readonly awsEndpoint: string;
  readonly port: number;
  readonly certificateAuthorityFile: string;
  readonly logs: string;
  readonly region: string;
  /** With `--master iam`: who signs for the master. */
  readonly deployer?: AwsCredentialIdentity;
}

const FILE = join(LOCAL_DIRECTORY, 'playground.json');

/** What to `source`. */
export const SHELL_FILE = join(LOCAL_DIRECTORY, 'env.sh');

/** @returns undefined if none is running; what a dead one left is removed */
export function runningPlayground(): Playground | undefined {
  if (!existsSync(FILE)) return undefined;
  try {
    const found = JSON.parse(readFileSync(FILE, 'utf8')) as Playground;
    if (isRunning(found.pid)) return found;
  } catch {
    // Half a file of a process that died while it wrote: none is running.
  }
  removeFiles();
  return undefined;
}

/** @throws if a playground is running */
export function refuseSecond(): void {
  const other = runningPlayground();
  if (other) throw new Error(`Local Aurora runs already, as process ${other.pid}. End that one first.`);
}

/** Writes both files. @returns how to remove them
 *  @throws if another one was started in the meantime */
export function publishPlayground(
  playground: Playground,
  variables: Readonly<Record<string, string>>,
): () => void {
  refuseSecond();
  writeFileSync(FILE, `${JSON.stringify(playground, null, 2)}\n`, { mode: 0o600 });
  writeShellFile(SHELL_FILE, variables);
  return removeFiles;
}

/** A file that sets the variables when it is sourced. */
export function writeShellFile(path: string, variables: Readonly<Record<string, string>>): void {
  const lines = Object.entries(variables).map(([name, value]) => `export ${name}=${shellWord(value)}\n`);
  writeFileSync(path, lines.join(''), { mode: 0o600 });
}

function removeFiles(): void {
  for (const file of [FILE, SHELL_FILE]) rmSync(file, { force: true });
}
