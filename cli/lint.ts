import { readFile } from 'node:fs/promises';
import { text } from 'node:stream/consumers';
import { UserError } from '../clients/error';
import { lintPolicy } from '../modules/iam/lint';

/** Prints what is wrong with a policy document, a line each. `-` reads standard input.
 *  @returns 0 if nothing is, else 1
 *  @throws UserError if the file cannot be read */
export async function lint(file: string): Promise<0 | 1> {
  const findings = lintPolicy(await read(file));
  for (const { statement, message } of findings) process.stdout.write(`${statement}: ${message}\n`);
  return findings.length === 0 ? 0 : 1;
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
