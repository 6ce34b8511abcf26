// What `npm test` runs: jest, with one option of the project's own.
import { spawn } from 'node:child_process';
import { createRequire } from 'node:module';

const options = process.argv.slice(2);
const requireProviders = options.includes('--require-providers');
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');
spawn(process.execPath, [jest, ...options.filter((option) => option !== '--require-providers')], {
  stdio: 'inherit',
  env: { ...process.env, ...(requireProviders ? { AURORA_IAM_REQUIRE_PROVIDERS: '1' } : {}) },
}).on('exit', (code) => {
  process.exitCode = code ?? 1;
});
