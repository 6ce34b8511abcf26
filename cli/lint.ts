import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { UserError } from '../clients/error';
import { lintPolicy } from '../modules/iam/lint';
import { found, type Outcome } from './outcome';

/** What is wrong with a policy document. `-` reads standard input. @throws UserError if the file cannot be read */
export async function lint(file: string, options: { readonly json?: boolean }): Promise<Outcome> {
  return found(lintPolicy(await read(file)), options);
}

async function read(file: string): Promise<string> {
  try {
    // As a stream: a synchronous read of a terminal or a slow pipe fails with EAGAIN.
    return file === '-' ? await text(process.stdin) : await readFile(file, 'utf8');
  } catch (error) {
    throw new UserError(
      `${file === '-' ? 'standard input' : file} cannot be read: ${(error as Error).message}`,
    );
  }
}
