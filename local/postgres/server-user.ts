import { execFile } from 'node:child_process';
import { cp, lchown, readdir } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';

export const execute = promisify(execFile);

/** The user that the server runs as; undefined: the one we are. */
export type ServerUser = { readonly uid: number; readonly gid: number } | undefined;

/** The user's environment (PGDATA, LANG, NODE_OPTIONS …) has no say in how the server runs. */
export const environment = { PATH: process.env['PATH'] ?? '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

export async function serverUser(): Promise<ServerUser> {
  if (process.getuid?.() !== 0) return undefined;
  for (const name of ['postgres', 'nobody']) {
    try {
      const [uid, gid] = await Promise.all(
        ['-u', '-g'].map(async (flag) => Number((await execute('id', [flag, name])).stdout)),
      );
      // A container may lack the right to change users: better seen now than as a failure of initdb.
      if (uid && gid !== undefined && (await canEnter('/', { uid, gid }))) return { uid, gid };
    } catch {
      // No such user here.
    }
  }
  throw new Error(
    'PostgreSQL refuses to run as root, and neither postgres nor nobody is a user to run it as here.',
  );
}

/** Whether that user reaches the folder. `sh`, because Node itself may live where only root can enter. */
export async function canEnter(directory: string, user: ServerUser): Promise<boolean> {
  return execute('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], { ...user, cwd: '/', env: environment }).then(
    () => true,
    () => false,
  );
}

/** The binaries where they are; a copy if the server's user cannot run them there (a clone in a folder that only root can enter, say). */
export async function reachablePrograms(
  directory: string,
  user: ServerUser,
  temporary: string,
): Promise<string> {
  const runs = (programs: string) =>
    execute(path.join(programs, 'bin', 'postgres'), ['--version'], { ...user, cwd: '/', env: environment });
  try {
    await runs(directory);
    return directory;
  } catch (error) {
    if (!user) throw oneLine('PostgreSQL does not run here', error);
  }
  const copy = path.join(temporary, 'programs');
  await cp(directory, copy, { recursive: true, verbatimSymlinks: true });
  await giveTo(copy, user);
  await runs(copy).catch((error) => {
    throw oneLine(`PostgreSQL does not run in ${temporary}`, error);
  });
  return copy;
}

async function giveTo(directory: string, { uid, gid }: NonNullable<ServerUser>): Promise<void> {
  const inside = await readdir(directory, { recursive: true });
  for (const file of ['.', ...inside]) await lchown(path.join(directory, file), uid, gid);
}

/** A program's failure in one line: the last it wrote is the reason (`initdb: error: …`). */
export function oneLine(what: string, error: unknown): Error {
  const { stderr, message } = error as { stderr?: string; message: string };
  const lines = (stderr || message).trim().split('\n');
  return new Error(`${what}: ${lines.find((line) => /error|fatal/i.test(line)) ?? lines.at(-1)}`);
}
