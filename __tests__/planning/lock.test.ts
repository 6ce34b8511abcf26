import { existsSync, mkdtempSync, readdirSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { doneOnce } from '../../planning/lock';

let folder: string;
let file: string;
let done: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-lock-'));
  file = join(folder, 'lock');
  done = join(folder, 'done');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const isDone = () => existsSync(done);

test('of several at once, one does the work and the others wait for it', async () => {
  let runs = 0;
  const work = async () => {
    runs++;
    await sleep(50);
    writeFileSync(done, '');
  };
  await Promise.all([1, 2, 3].map(() => doneOnce(file, isDone, work)));
  expect(runs).toBe(1);
  expect(readdirSync(folder)).toEqual(['done']);
});

test.each(['', '0', 'garbled', String(process.pid), '999999999'])(
  'a lock that a dead process left with %j in it is not waited for',
  async (text) => {
    writeFileSync(file, text);
    const past = new Date(Date.now() - 60_000);
    utimesSync(file, past, past);
    await doneOnce(file, isDone, async () => writeFileSync(done, ''));
    expect(readdirSync(folder)).toEqual(['done']);
  },
);

test('one that shows signs of life is waited for', async () => {
  writeFileSync(file, '');
  let runs = 0;
  const waiting = doneOnce(file, isDone, async () => void runs++);
  await sleep(300);
  expect(runs).toBe(0);
  writeFileSync(done, '');
  await waiting;
  expect(runs).toBe(0);
});

test('work that fails lets the next one try', async () => {
  await expect(doneOnce(file, isDone, () => Promise.reject(new Error('no network')))).rejects.toThrow(
    'no network',
  );
  expect(readdirSync(folder)).toEqual([]);
});

test('work that takes long shows signs of life', async () => {
  let first = 0;
  await doneOnce(file, isDone, async () => {
    first = statSync(file).mtimeMs;
    await sleep(2_500);
    expect(statSync(file).mtimeMs).toBeGreaterThan(first);
    writeFileSync(done, '');
  });
});

test('a folder that is not there is an error, not an endless wait', async () => {
  await expect(doneOnce(join(folder, 'no', 'lock'), isDone, async () => {})).rejects.toThrow('ENOENT');
});
