import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  lstatSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { UserError } from '../clients/error';

// Files that their owner alone may read, in a folder that nobody else may look into.

/** @returns undefined if there is none. @throws UserError if somebody else could have read or changed it */
export function readPrivateFile(file: string): string | undefined {
  let descriptor: number;
  try {
    // Not through a link: what is checked is what is read.
    descriptor = openSync(file, constants.O_RDONLY | constants.O_NOFOLLOW);
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    throw new UserError(code === 'ELOOP' ? `${file} is a link. Name the file itself.` : message);
  }
  try {
    const found = fstatSync(descriptor);
    if (!found.isFile()) throw new UserError(`${file} is no file.`);
    refuseOthers(file, found);
    refuseOthers(dirname(file), lstatSync(dirname(file)));
    return readFileSync(descriptor, 'utf8');
  } finally {
    closeSync(descriptor);
  }
}

/** Makes a file of mode 0600, and its folder with mode 0700, whole or not at all. @throws UserError */
export function writePrivateFile(file: string, text: string): void {
  const folder = dirname(file);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  refuseOthers(folder, lstatSync(folder));
  const temporary = `${file}.${process.pid}`;
  const descriptor = openSync(temporary, 'wx', 0o600);
  try {
    writeSync(descriptor, text);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
  renameSync(temporary, file);
}

function refuseOthers(path: string, { mode, uid }: { readonly mode: number; readonly uid: number }): void {
  const own = process.getuid?.();
  if (own === undefined) return;
  if (uid !== own)
    throw new UserError(`${path} belongs to another user (id ${uid}). It must be yours, and yours alone.`);
  if ((mode & 0o077) !== 0)
    throw new UserError(
      `Others may use ${path} (mode ${(mode & 0o777).toString(8).padStart(4, '0')}). Run: chmod go-rwx ${path}`,
    );
}
