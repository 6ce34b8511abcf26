import { judgeCommandLine } from '../../../cli/reviewed-terraform/command-line';

const judge = (commandLine: string) => judgeCommandLine(commandLine.split(' ').filter((word) => word !== ''));
const reasonOf = (commandLine: string) => {
  const judged = judge(commandLine);
  return judged.kind === 'refused' ? judged.reason : `not refused: ${commandLine}`;
};

test.each([
  'version -json',
  '-v',
  'init',
  'init -no-color',
  'init -upgrade -no-color',
  'providers lock -platform=linux_amd64 -no-color',
  'plan -input=false -out plan -parallelism=1 -no-color',
  'plan -input=false -generate-config-out=generated_resources.tf -out plan',
  'output -json',
])('%s goes to Terraform as it is', (commandLine) => {
  expect(judge(commandLine)).toEqual({ kind: 'run', commandLine: commandLine.split(' ') });
});

test('apply keeps what does not change the outcome', () => {
  expect(judge('apply -auto-approve -input=false -no-color -parallelism=1')).toEqual({
    kind: 'apply',
    options: ['-input=false', '-no-color', '-parallelism=1'],
  });
});

test('apply wants to be told that nobody is asked', () => {
  expect(reasonOf('apply')).toBe(
    'asks no question before it applies the saved plan: add --auto-approve to cdktf deploy.',
  );
});

// Each of them in the spellings that Terraform's own parser takes: one dash or two, the value after = or as the next word.
const UNFIT = [
  'var a=b',
  'var-file x.tfvars',
  'target a.b',
  'replace a.b',
  'exclude a.b',
  'refresh-only',
  'refresh false',
  'destroy',
  'state other.tfstate',
  'state-out other.tfstate',
  'backup x',
  'backup -',
  'lock false',
  'lock-timeout 0s',
  'chdir elsewhere',
  'compact-warnings',
  'json',
  'help',
  'auto-approve false',
  'parallelism x',
  'allow-missing x',
  'plugin-dir evil',
  'migrate-state',
  'force-copy',
  'reconfigure',
  'backend false',
  'backend-config key=other',
  'from-module evil',
  'lockfile readonly',
  'get false',
];
const spellings = UNFIT.flatMap((option) => {
  const [name, value] = option.split(' ');
  return ['-', '--'].flatMap((dashes) =>
    value === undefined
      ? [`${dashes}${name}`, `${dashes}${name}=true`]
      : [`${dashes}${name}=${value}`, `${dashes}${name} ${value}`],
  );
});

describe.each(['apply -auto-approve', 'plan -input=false -out plan', 'init', 'output -json'])(
  '%s',
  (command) => {
    test.each(spellings)('%s is refused', (option) => {
      // Those are cdktf's own, once.
      if (command === 'output -json' && option === '-json') return;
      expect(judge(`${command} ${option}`)).toMatchObject({ kind: 'refused' });
      const [name = '', ...options] = command.split(' ');
      expect(judge([name, option, ...options].join(' '))).toMatchObject({ kind: 'refused' });
      expect(judge(`${option} ${command}`)).toMatchObject({ kind: 'refused' });
    });
  },
);

test.each([
  'plan',
  'other.plan',
  '/tmp/plan',
  '-',
  '--',
  '-- plan',
  '-auto-approve=true',
  '--auto-approve',
  '--no-color',
  '-no-color=false',
  '-parallelism=x',
  '-parallelism=1 -var=a=b',
  '-input=true',
  '',
])('apply with %j: refused', (option) => {
  expect(
    judgeCommandLine(['apply', '-auto-approve', ...(option === '' ? [''] : option.split(' '))]),
  ).toMatchObject({
    kind: 'refused',
  });
});

test.each([
  'state rm a.b',
  'state mv a.b a.c',
  'state push x',
  'state pull',
  'import a.b c',
  'force-unlock 1',
  'workspace select other',
  'workspace new other',
  'workspace delete other',
  'console',
  'taint a.b',
  'untaint a.b',
  'refresh',
  'test',
  'login',
  'get',
  'show -json plan',
  'providers schema -json',
  'providers mirror x',
  'stacks',
  'validate',
  'Apply -auto-approve',
  'constructor',
  '__proto__',
])('%s is refused', (commandLine) => {
  expect(reasonOf(commandLine)).toMatch(/^does not run .*Run Terraform itself for it\.$/);
});

test.each([
  ['-chdir=elsewhere apply -auto-approve', '-chdir'],
  ['--chdir=elsewhere destroy', '--chdir'],
  ['-chdir elsewhere apply', '-chdir'],
  ['-help apply', '-help'],
  ['-version', '-version'],
  ['--v', '--v'],
])('%s: nothing before the command', (commandLine, option) => {
  expect(reasonOf(commandLine)).toBe(
    `does not know ${option} before a command. Run Terraform itself for it.`,
  );
});

test('plan saves where apply looks, and nowhere else', () => {
  expect(judge('plan -input=false -out=plan')).toMatchObject({ kind: 'refused' });
  expect(judge('plan -input=false -out other')).toMatchObject({ kind: 'refused' });
  expect(judge('plan -input=false -out')).toMatchObject({ kind: 'refused' });
  expect(judge('plan -input=false -out plan other')).toMatchObject({ kind: 'refused' });
  expect(judge('plan -input=false -out plan -generate-config-out=cdk.tf.json')).toMatchObject({
    kind: 'refused',
  });
});

test('destroy and nothing at all have words of their own', () => {
  expect(reasonOf('destroy -auto-approve')).toBe(
    'destroys without a plan that anybody reviewed: run cdktf destroy with Terraform itself.',
  );
  expect(reasonOf('')).toBe('runs nothing without a command.');
});

test.each([
  'state push -var=password=hunter2',
  'apply -auto-approve -var=password=hunter2',
  'apply -auto-approve -var password=hunter2',
  'plan -input=false -out plan -var=password=hunter2',
  '-var=password=hunter2 apply',
])('%s is refused without its values, which may be secrets', (commandLine) => {
  expect(judge(commandLine)).toMatchObject({ kind: 'refused' });
  expect(reasonOf(commandLine)).not.toContain('hunter2');
});
