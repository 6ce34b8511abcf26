import { chmodSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';

/** `aurora-iam-run-<process>-…`: the folder of one run, in which all its temporary folders are. */
const NAME = /^aurora-iam-run-(\d+)-/;

/** Tests, libraries and programs that they run leave folders behind: a run has one for all of them, which goes with it. */
export default function useTemporaryFolder(): void {
  const parent = tmpdir();
  // The other project was here first.
  if (NAME.test(basename(parent))) return;
  removeAbandoned(parent);
  const folder = mkdtempSync(join(parent, `aurora-iam-run-${process.pid}-`));
  // PostgreSQL, and a test of it, run as another user where the tests are run by root: as /tmp itself.
  chmodSync(folder, process.getuid?.() === 0 ? 0o1777 : 0o755);
  process.env['TMPDIR'] = folder;
}

/** After the run. */
export function removeTemporaryFolder(): void {
  const folder = tmpdir();
  if (NAME.test(basename(folder))) rmSync(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Of runs that were killed. */
function removeAbandoned(parent: string): void {
  for (const entry of readdirSync(parent)) {
    const owner = NAME.exec(entry)?.[1];
    if (owner === undefined || isRunning(Number(owner))) continue;
    try {
      const folder = join(parent, entry);
      if (statSync(folder).uid === process.getuid?.()) rmSync(folder, { recursive: true, force: true });
    } catch {
      // Somebody else does the same.
    }
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
