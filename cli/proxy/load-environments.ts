import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { UserError } from '../../clients/error';
import type { Environment } from '../../modules/environment/environment';

/** The environments of these names, as the files of the project say now. @throws UserError */
export async function loadEnvironments(names: readonly string[]): Promise<readonly Environment[]> {
  if (names.length === 0) return [];
  const text = await outputOf([join(__dirname, 'print-environments.js'), ...names]);
  const answer = JSON.parse(text) as {
    readonly environments?: readonly Environment[];
    readonly fault?: string;
  };
  if (answer.fault !== undefined) throw new UserError(answer.fault);
  return answer.environments ?? [];
}

function outputOf(program: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, program, { stdio: ['ignore', 'pipe', 'inherit'] });
    let text = '';
    child.stdout.setEncoding('utf8').on('data', (part: string) => {
      text += part;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0
        ? resolve(text)
        : reject(new UserError(`The environments could not be read (exit code ${code}).`)),
    );
  });
}
