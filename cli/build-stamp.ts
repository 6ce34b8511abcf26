import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

// Whether a project must be built again: a build takes a second, and most commands are run on what has not changed.

/** Not sources: what is installed, made or hidden. */
const LEFT_OUT = new Set(['node_modules', 'dist', 'cdktf.out', 'coverage', 'plans']);

/** A folder with more files than this is not looked through: then it is built each time, as without a stamp. */
const MOST_FILES = 20_000;

/**
 * Remembers a build by the names, sizes and times of all files of a project, and of what was built. A change that leaves all of
 * them as they were is not seen; no editor and no version control makes one.
 */
export interface BuildStamp {
  /** Whether nothing has changed since the last build that succeeded. */
  isFresh(): boolean;
  /** To be called after a build that succeeded. */
  write(): void;
}

/** @param built what the command makes, and the tools load */
export function buildStamp(root: string, command: string, built: string): BuildStamp {
  const file = join(root, 'node_modules', '.cache', 'aurora-iam', 'build.json');
  const now = (): string | undefined => {
    const sources = fingerprint(root, relative(root, dirname(built)).split('/')[0]);
    if (sources === undefined || !existsSync(built)) return undefined;
    const { mtimeMs, size } = statSync(built);
    return JSON.stringify({ command, sources, built: [mtimeMs, size] });
  };
  return {
    isFresh() {
      try {
        return readFileSync(file, 'utf8') === now();
      } catch {
        return false;
      }
    },
    write() {
      try {
        const text = now();
        if (text === undefined) return;
        mkdirSync(dirname(file), { recursive: true });
        writeFileSync(file, text);
      } catch {
        // A folder that may not be written: it is built each time.
      }
    },
  };
}

function fingerprint(root: string, output: string | undefined): string | undefined {
  const hash = createHash('sha256');
  const folders = [root];
  let count = 0;
  for (let folder = folders.pop(); folder !== undefined; folder = folders.pop())
    for (const entry of readdirSync(folder, { withFileTypes: true })) {
      if (entry.name.startsWith('.') || LEFT_OUT.has(entry.name)) continue;
      const path = join(folder, entry.name);
      if (entry.isDirectory()) {
        if (folder !== root || entry.name !== output) folders.push(path);
        continue;
      }
      if (++count > MOST_FILES) return undefined;
      // A link counts as what it leads to, and as nothing where it leads nowhere.
      const { mtimeMs, size } = statSync(path, { throwIfNoEntry: false }) ?? { mtimeMs: 0, size: -1 };
      hash.update(`${relative(root, path)}\0${mtimeMs}\0${size}\n`);
    }
  return hash.digest('hex');
}
