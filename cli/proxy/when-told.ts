import { readdirSync, statSync } from 'node:fs';
import { dirname } from 'node:path';
import { builtFile } from '../project';

/** How often the files of the last build are looked at. */
const LOOK_MILLISECONDS = 2_000;

/** When the process is told to end or to read its environments again. */
export interface Told {
  /** Resolves with the reason at the first signal to end. */
  readonly drained: Promise<string>;
  /** Resolves at the second one. */
  readonly ended: Promise<void>;
  drain(why: string): void;
  /** At SIGHUP, and after each build of the project. */
  onReload(reload: (why: string) => Promise<void>): void;
  stop(): void;
}

export function whenTold(): Told {
  let drain: (why: string) => void = () => {};
  let end: () => void = () => {};
  let isDraining = false;
  const drained = new Promise<string>((resolve) => {
    drain = (why) => {
      isDraining = true;
      resolve(why);
    };
  });
  const ended = new Promise<void>((resolve) => {
    end = resolve;
  });
  const signalled = (signal: NodeJS.Signals) => (isDraining ? end() : drain(signal));
  process.on('SIGTERM', signalled);
  process.on('SIGINT', signalled);
  let hangUp = () => {};
  // Without a listener it would end the process.
  process.on('SIGHUP', () => hangUp());
  let timer: NodeJS.Timeout | undefined;
  return {
    drained,
    ended,
    drain,
    onReload(reload) {
      let running: Promise<void> = Promise.resolve();
      // One after the other: the last one reads the newest files.
      const queue = (why: string) => {
        running = running.then(() => reload(why));
      };
      hangUp = () => queue('SIGHUP');
      let seen = lastBuild();
      timer = setInterval(() => {
        const now = lastBuild();
        if (now === seen) return;
        seen = now;
        queue('a new build');
      }, LOOK_MILLISECONDS).unref();
    },
    stop() {
      clearInterval(timer);
      process.off('SIGTERM', signalled);
      process.off('SIGINT', signalled);
      process.removeAllListeners('SIGHUP');
    },
  };
}

/** The newest time in the folder of the built environments. */
function lastBuild(): number {
  try {
    const folder = dirname(builtFile());
    const times = readdirSync(folder).map((name) => statSync(`${folder}/${name}`).mtimeMs);
    return Math.max(...times);
  } catch {
    // Between two builds there may be none.
    return 0;
  }
}
