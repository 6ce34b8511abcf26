import { readFileSync } from 'node:fs';
import { lintPolicy } from '../modules/policies/lint';
import { UserError } from './user-error';

/** Prints what is wrong with a policy document, a line each. `-` reads standard input.
 *  @returns 0 if nothing is, else 1
 *  @throws UserError if the file cannot be read */
export function lint(file: string): number {
  const findings = lintPolicy(read(file));
  for (const { statement, message } of findings) process.stdout.write(`${statement}: ${message}\n`);
  return findings.length === 0 ? 0 : 1;
}

function read(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new UserError(`${file} cannot be read: ${(error as Error).message}`);
  }
}
