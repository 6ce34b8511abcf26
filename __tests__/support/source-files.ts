import { readdirSync, readFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';

/** The TypeScript files of a room, as paths from the root of the project. None of one that is not built yet. */
export function filesIn(room: string): string[] {
  try {
    return readdirSync(join(PROJECT_DIRECTORY, room), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => posix.join(room, file.replaceAll('\\', '/')));
  } catch {
    return [];
  }
}

export function textOf(file: string): string {
  return readFileSync(join(PROJECT_DIRECTORY, file), 'utf8');
}
