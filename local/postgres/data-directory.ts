import { chown, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { canEnter, environment, execute, oneLine, type ServerUser } from './server-user';

/** As RDS calls the superuser that it keeps for itself. */
export const superuser = 'rdsadmin';

/** 103 bytes and a final zero on macOS, 107 on Linux; `/.s.PGSQL.65535` takes 15. */
const longestSocketDirectory = 103 - 15;

export async function makeSocketDirectory(user: ServerUser): Promise<string> {
  for (const parent of [os.tmpdir(), '/tmp']) {
    const prefix = path.join(parent, 'aurora-iam-');
    if (Buffer.byteLength(prefix) + 6 > longestSocketDirectory || !(await canEnter(parent, user))) continue;
    const directory = await mkdtemp(prefix);
    if (user) await chown(directory, user.uid, user.gid);
    return directory;
  }
  throw new Error(
    `No folder for a Unix socket: ${os.tmpdir()} is too long or closed to the server, and so is /tmp.`,
  );
}

export async function makeDataDirectory(
  directory: string,
  keepData: boolean,
  user: ServerUser,
  temporary: string,
): Promise<{ dataDirectory: string; isNew: boolean }> {
  await mkdir(directory, { recursive: true });
  const files = await readdir(directory);
  const isKept = keepData && files.includes('PG_VERSION');
  if (files.length > 0 && !isKept) {
    throw new Error(`${directory} is not empty: remove it, or name another folder for the server's data.`);
  }
  if (await canEnter(path.dirname(directory), user)) {
    if (user) await chown(directory, user.uid, user.gid);
    return { dataDirectory: directory, isNew: !isKept };
  }
  if (keepData) {
    throw new Error(
      `The server's user cannot enter ${path.dirname(directory)}: name a folder that others may enter.`,
    );
  }
  await rm(directory, { recursive: true });
  const dataDirectory = path.join(temporary, 'data');
  await mkdir(dataDirectory, { mode: 0o700 });
  if (user) await chown(dataDirectory, user.uid, user.gid);
  return { dataDirectory, isNew: true };
}

export async function initialize(
  programs: string,
  version: string,
  dataDirectory: string,
  user: ServerUser,
  cwd: string,
) {
  // Upper and lower case of all letters, like en_US.UTF-8 on RDS, but without the system's locales: from 17 on.
  const locale =
    Number.parseInt(version, 10) >= 17 ? ['--locale-provider=builtin', '--builtin-locale=C.UTF-8'] : [];
  // `trust` for the time being: nothing listens yet, and initdb would ask for a password for anything else.
  const options = [
    '--auth=trust',
    '--encoding=UTF8',
    '--locale=C',
    ...locale,
    '--no-sync',
    '--no-instructions',
  ];
  await execute(path.join(programs, 'bin', 'initdb'), ['-D', dataDirectory, '-U', superuser, ...options], {
    ...user,
    cwd,
    env: environment,
  }).catch((error) => {
    throw oneLine('initdb failed', error);
  });
}
