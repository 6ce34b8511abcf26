import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { found } from '../../cli/outcome';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import { fault, note } from '../../modules/findings/finding';

test('faults are the exit code 1, notes are not', () => {
  const of = [fault('member', 'role a', 'is a member of group b', 'REVOKE "b" FROM "a";')];
  expect(found(of, {})).toEqual({
    text: 'fault member role a: is a member of group b; REVOKE "b" FROM "a";\n1 fault, 0 notes\n',
    exit: 1,
  });
  expect(found([note('public', 'PUBLIC', 'has SELECT on table t')], {}).exit).toBe(0);
  expect(found([], {})).toEqual({ text: '0 faults, 0 notes\n', exit: 0 });
});

test('--json is an object with the findings, and the same exit code', () => {
  const of = [fault('member', 'role a', 'is a member of group b')];
  const { text, exit } = found(of, { json: true });
  expect({ findings: JSON.parse(text), exit }).toEqual({ findings: { findings: of }, exit: 1 });
});

test('no command writes to the terminal by itself', () => {
  const folder = join(PROJECT_DIRECTORY, 'cli');
  const writing = readdirSync(folder)
    .filter((file) => file.endsWith('.ts') && !['aurora-iam.ts', 'terraform-reviewed.ts'].includes(file))
    .filter((file) => /process\.std(out|err)\b|console\./.test(readFileSync(join(folder, file), 'utf8')));
  expect(writing).toEqual([]);
});
