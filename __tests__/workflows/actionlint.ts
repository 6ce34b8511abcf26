import { execFile, spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';

const execute = promisify(execFile);

const VERSION = '1.7.12';

/** As `go install` and `go run` take it. */
export const ACTIONLINT = `github.com/rhysd/actionlint/cmd/actionlint@v${VERSION}`;

/** It starts shellcheck and pyflakes where they are on the PATH; without them every machine finds the same. */
export const OPTIONS = ['-shellcheck=', '-pyflakes='];

/** The command: that on the PATH, or the one installed below `toolsDirectory`. Installs nothing. */
export function findActionlint(toolsDirectory: string): string | undefined {
  const installed = join(folderOf(toolsDirectory), 'actionlint');
  return ['actionlint', installed].find((command) => spawnSync(command, ['-version']).status === 0);
}

/**
 * Finds actionlint, or installs it by Go below `toolsDirectory`, where the next run finds it.
 * @returns undefined if it is there, else the reason in one line.
 */
export async function whyActionlintMissing(toolsDirectory: string): Promise<string | undefined> {
  if (findActionlint(toolsDirectory) !== undefined) return undefined;
  const folder = folderOf(toolsDirectory);
  mkdirSync(folder, { recursive: true });
  try {
    await execute('go', ['install', ACTIONLINT], {
      cwd: folder,
      env: { ...process.env, GOBIN: folder, GOFLAGS: '' },
      timeout: 180_000,
    });
    return undefined;
  } catch (error) {
    const { code, stderr, message } = error as { code?: string; stderr?: string; message: string };
    const cause =
      code === 'ENOENT' ? 'go is not on the PATH either' : (stderr || message).trim().split('\n')[0];
    return `actionlint is not on the PATH and cannot be installed: ${cause}`;
  }
}

function folderOf(toolsDirectory: string): string {
  return join(toolsDirectory, `actionlint-${VERSION}`);
}
