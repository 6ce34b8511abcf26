import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { buildStamp } from '../../cli/build-stamp';

let root: string;
const write = (path: string, text = '') => {
  mkdirSync(join(root, path, '..'), { recursive: true });
  writeFileSync(join(root, path), text);
};
const stamp = (command = 'tsc') => buildStamp(root, command, join(root, 'out', 'environments.js'));

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'aurora-iam-build-'));
  write('environments/dev.ts', 'one');
  write('out/environments.js');
  stamp().write();
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

test('what was built and has not changed is fresh', () => {
  expect(stamp().isFresh()).toBe(true);
});

test.each<[string, () => void]>([
  ['a source that changed', () => write('environments/dev.ts', 'another')],
  ['a source that was touched', () => utimesSync(join(root, 'environments/dev.ts'), 1, 1)],
  ['a new source', () => write('environments/prod.ts')],
  ['a source that is gone', () => rmSync(join(root, 'environments/dev.ts'))],
  ['a changed setting of the compiler', () => write('tsconfig.json', '{}')],
  ['what was built by hand in between', () => write('out/environments.js', 'by hand')],
  ['what was built and is gone', () => rmSync(join(root, 'out'), { recursive: true })],
])('%s is not', (_what, change) => {
  change();
  expect(stamp().isFresh()).toBe(false);
});

test('neither is what another command built, nor what was never built', () => {
  expect(stamp('tsc --strict').isFresh()).toBe(false);
  rmSync(join(root, 'node_modules'), { recursive: true });
  expect(stamp().isFresh()).toBe(false);
});

test('what is installed, made or hidden does not count', () => {
  write('node_modules/some/index.js');
  write('out/other.js');
  write('cdktf.out/manifest.json');
  write('.git/HEAD');
  expect(stamp().isFresh()).toBe(true);
});
