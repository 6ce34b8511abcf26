import { readFileSync } from 'node:fs';
import { UserError } from '../../clients/error';

/** @param option that names it. @throws UserError */
export function givenFile(file: string, option: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (error) {
    throw new UserError(`${option} ${file} cannot be read: ${(error as Error).message}`);
  }
}
