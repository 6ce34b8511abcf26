import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadEnvironment } from '../../cli/project';
import { UserError } from '../../clients/error';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-project-'));
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test.each([
  ['{"context": ', 'cannot be read as JSON'],
  ['', 'cannot be read as JSON'],
  ['null', 'does not say where the environments are'],
  ['[]', 'does not say where the environments are'],
  ['{"context": {"aurora-iam": {"environments": 1}}}', 'does not say where the environments are'],
])('a cdktf.json of %j is a message, not a stack trace', (text, message) => {
  writeFileSync(join(folder, 'cdktf.json'), text);
  expect(() => loadEnvironment('dev', {}, folder)).toThrow(UserError);
  expect(() => loadEnvironment('dev', {}, folder)).toThrow(message);
  expect(() => loadEnvironment('dev', {}, folder)).toThrow(join(folder, 'cdktf.json'));
});
