import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { rolesToImport, stackFolder } from '../../cli/stack-state';
import { RECOVERY_FILE } from '../../modules/names/terraform';

const synthesized = mkdtempSync(join(tmpdir(), 'aurora-iam-state-'));
const folder = join(synthesized, 'stacks', 'dev-database');
mkdirSync(folder, { recursive: true });
afterAll(() => rmSync(synthesized, { recursive: true }));

test('roles that recover has found are known by their names, whatever Terraform makes of these', () => {
  expect(rolesToImport('dev-database', { synthesized })).toEqual([]);
  const imports = ['analyst', '$${a}', '%%{b}', 'a$b'].map((id) => ({ to: 'postgresql_role.x', id }));
  writeFileSync(join(folder, RECOVERY_FILE), JSON.stringify({ import: imports }));
  expect(rolesToImport('dev-database', { synthesized })).toEqual(['analyst', '${a}', '%{b}', 'a$b']);
});

test.each(['{"imp', '{}', 'null', '{"import":[{}]}'])(
  'a file that recover did not write is told: %j',
  (text) => {
    writeFileSync(join(folder, RECOVERY_FILE), text);
    expect(() => rolesToImport('dev-database', { synthesized })).toThrow('Remove it, and run recover again.');
  },
);

test('where nothing is synthesized, the message names the next step, which differs in the shell of a playground', () => {
  expect(() => stackFolder('dev-database', { synthesized: 'nowhere' })).toThrow('Run npx cdktf synth first.');
  process.env['AURORA_IAM_SYNTHESIZED'] = 'nowhere';
  try {
    expect(() => stackFolder('dev-database', { synthesized: 'nowhere' })).toThrow(
      'nothing has been deployed from there yet',
    );
  } finally {
    delete process.env['AURORA_IAM_SYNTHESIZED'];
  }
});
