import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { appendToLog, fileRunLog } from '../../local/run-log';

test('each part has a file, and a line after the folder is gone is dropped', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-log-'));
  const heard: string[] = [];
  const log = fileRunLog(join(folder, 'logs'), (source, line) => heard.push(`${source}: ${line}`));
  log.write('gate', 'one');
  log.write('gate', 'two');
  expect(readFileSync(join(folder, 'logs', 'gate.log'), 'utf8')).toMatch(/^\S+Z one\n\S+Z two\n$/);
  rmSync(folder, { recursive: true });
  log.write('gate', 'three');
  appendToLog(join(folder, 'logs', 'deploy.log'), Buffer.from('four'));
  expect(heard).toEqual(['gate: one', 'gate: two', 'gate: three']);
});

test('any other reason is not hidden', () => {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-log-'));
  try {
    expect(() => appendToLog(folder, 'a folder is no file')).toThrow('EISDIR');
  } finally {
    rmSync(folder, { recursive: true });
  }
});
