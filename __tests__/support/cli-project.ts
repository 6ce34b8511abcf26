import { type SpawnSyncReturns, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import type { Environment } from '../../modules';
import type { DatabaseDoor } from './database-door';
import { MASTER_PASSWORD } from './database-server';

/** `npm test` has built the command. */
const COMMAND = join(PROJECT_DIRECTORY, 'dist', 'cli', 'aurora-iam.js');

type Ended = Pick<SpawnSyncReturns<string>, 'status' | 'stdout' | 'stderr'>;

/** A project of a user, in a folder of its own, whose tools log in as the master through the door. */
export interface CliProject {
  readonly folder: string;
  /** `aurora-iam <command> <environment> …`, as a person runs it. */
  run(...options: string[]): Promise<Ended>;
  /** The same, with the way to the database. */
  asAdmin(...options: string[]): Promise<Ended>;
  remove(): void;
}

export function cliProject(
  environments: readonly Environment[],
  door?: DatabaseDoor,
  { build, variables = {} }: { build?: string; variables?: NodeJS.ProcessEnv } = {},
): CliProject {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-project-'));
  const settings = { environments: 'environments.js', ...(build === undefined ? {} : { build }) };
  writeFileSync(join(folder, 'cdktf.json'), JSON.stringify({ context: { 'aurora-iam': settings } }));
  // An environment is plain data.
  writeFileSync(join(folder, 'environments.js'), `exports.default = ${JSON.stringify(environments)};`);
  const env = {
    PATH: process.env['PATH'],
    HOME: folder,
    AWS_EC2_METADATA_DISABLED: 'true',
    PGPASSWORD: MASTER_PASSWORD,
    ...variables,
  };
  const run = (...options: string[]) => ended(process.execPath, [COMMAND, ...options], { cwd: folder, env });
  return {
    folder,
    run,
    asAdmin: (...options) =>
      door === undefined
        ? Promise.reject(new Error('This project has no door.'))
        : run(
            ...options,
            '--host',
            door.endpoint,
            '--port',
            String(door.port),
            '--through',
            `localhost:${door.port}`,
            '--ca',
            door.certificateAuthorityFile,
          ),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** Runs a program to its end, while this process goes on serving. */
export function ended(
  command: string,
  given: readonly string[],
  options: { readonly cwd: string; readonly env: NodeJS.ProcessEnv },
): Promise<Ended> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, given, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (status) => resolve({ status, stdout, stderr }));
  });
}
