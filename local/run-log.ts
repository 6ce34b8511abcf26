import { appendFileSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';

/** Where the parts of Local Aurora say what they do. A line never holds a token, a password or a secret. */
export interface RunLog {
  /** `source` is the part that speaks: `postgres`, `aws`, `gate`, `iam-db-auth-error`. */
  write(source: string, line: string): void;
}

/** Why the gate refused somebody, in the folder of the logs. */
export const REFUSALS_LOG = 'iam-db-auth-error.log';

/** One file a part, as CloudWatch has one group a log. @param hear is told each line, too */
export function fileRunLog(directory: string, hear: (source: string, line: string) => void): RunLog {
  mkdirSync(directory, { recursive: true });
  return {
    write: (source, line) => {
      hear(source, line);
      appendToLog(join(directory, `${source}.log`), `${new Date().toISOString()} ${line}\n`);
    },
  };
}

/** Adds to a log. If the run's folder is gone the run is over, and what its last parts still say is dropped. */
export function appendToLog(file: string, text: string | Buffer): void {
  try {
    appendFileSync(file, text);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
