import {
  counted,
  fault,
  findingLine,
  findingsJson,
  findingsText,
  note,
} from '../../../modules/findings/finding';

const locked = fault('locked-out', 'role legacy', 'is a member of rds_iam', 'REVOKE rds_iam FROM "legacy";');
const seen = note('public', 'PUBLIC', 'has SELECT on table t');

test('a finding is one line: severity, rule, where, what is so, what to do', () => {
  expect(findingLine(locked)).toBe(
    'fault locked-out role legacy: is a member of rds_iam; REVOKE rds_iam FROM "legacy";',
  );
  expect(findingLine(seen)).toBe('note public PUBLIC: has SELECT on table t');
});

test('names of others stay in the line', () => {
  expect(findingLine(note('public', 'a\nb', '\u001b[2J\u202e'))).not.toMatch(/[\p{Cc}\p{Cf}]/u);
});

test.each([
  [[], '0 faults, 0 notes'],
  [[locked], '1 fault, 0 notes'],
  [[locked, locked, seen], '2 faults, 1 note'],
])('findings are counted', (findings, text) => {
  expect(counted(findings)).toBe(text);
  expect(findingsText(findings).endsWith(`${text}\n`)).toBe(true);
});

test('as JSON they are an object, and what is absent is absent', () => {
  expect(JSON.parse(findingsJson([locked, seen]))).toEqual({ findings: [locked, seen] });
  expect('wayOut' in seen).toBe(false);
});
