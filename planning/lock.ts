import { rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { setTimeout as sleep } from 'node:timers/promises';

/** Whoever has a lock shows that often that it is still at work. */
const SIGN_OF_LIFE = 2_000;

/** A lock without a sign of life for so long is nobody's: its process died, or the machine slept. */
const ABANDONED = 20_000;

/**
 * Waits until `isDone`, or has the lock and does the work. A lock saves others the work, and is no promise: after it was
 * taken for abandoned, two may be at it, so the work must bear that.
 * @param file is there while somebody works
 */
export async function doneOnce(
  file: string,
  isDone: () => boolean,
  work: () => Promise<void>,
  { abandonedAfter = ABANDONED } = {},
): Promise<void> {
  for (; !isDone(); await sleep(100)) {
    try {
      writeFileSync(file, '', { flag: 'wx' });
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
      if (age(file) > abandonedAfter) rmSync(file, { force: true });
      continue;
    }
    const alive = setInterval(() => touch(file), SIGN_OF_LIFE);
    try {
      if (!isDone()) await work();
      return;
    } finally {
      clearInterval(alive);
      rmSync(file, { force: true });
    }
  }
}

/** Milliseconds since the last sign of life; 0 if the lock is gone in the meantime. */
function age(file: string): number {
  try {
    // A clock that was set back counts as well: such a time never comes.
    return Math.abs(Date.now() - statSync(file).mtimeMs);
  } catch {
    return 0;
  }
}

function touch(file: string): void {
  try {
    utimesSync(file, new Date(), new Date());
  } catch {
    // Taken for abandoned by somebody else, who works now, too.
  }
}
