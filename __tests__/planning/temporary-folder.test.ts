import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { temporaryFolder } from '../../planning/temporary-folder';

test('a folder is gone once it is removed, and the others stay', () => {
  const [one, other] = [temporaryFolder('aurora-iam-one-'), temporaryFolder('aurora-iam-other-')];
  one.remove();
  expect([existsSync(one.path), existsSync(other.path)]).toEqual([false, true]);
  other.remove();
  expect(existsSync(other.path)).toBe(false);
});

test('many at once are one listener', () => {
  const before = process.listenerCount('exit');
  const folders = Array.from({ length: 20 }, () => temporaryFolder('aurora-iam-many-'));
  expect(process.listenerCount('exit')).toBe(before + 1);
  for (const { remove } of folders) remove();
  expect(process.listenerCount('exit')).toBe(before);
});

test("the run's own folder holds them", () => {
  const { path, remove } = temporaryFolder('aurora-iam-own-');
  expect(path).toMatch(/aurora-iam-run-\d+-\w+\/aurora-iam-own-/);
  // Of programs that tests run, too.
  const program = 'console.log(require("node:os").tmpdir())';
  expect(spawnSync(process.execPath, ['-e', program], { encoding: 'utf8' }).stdout).toMatch(
    /aurora-iam-run-/,
  );
  remove();
});
