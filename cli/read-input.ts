import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { UserError } from '../clients/error';

/** The text of a file, or of standard input for `-`. @throws UserError if it cannot be read */
export async function readInput(file: string): Promise<string> {
  try {
    // As a stream: a synchronous read of a terminal or a slow pipe fails with EAGAIN.
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(
      `${file === '-' ? 'standard input' : file} cannot be read: ${(error as Error).message}`,
    );
  }
}
