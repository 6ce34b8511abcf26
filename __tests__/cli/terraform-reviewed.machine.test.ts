import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { judgeCommandLine } from '../../cli/reviewed-terraform/command-line';
import { describeWith } from '../support/machine';

// A small CDKTF project, and what a pipeline does with it: cdktf diff, then cdktf deploy of that very plan.

const root = process.cwd();
const program = (
  input: string,
) => `const { App, DataResource, LocalBackend, TerraformStack } = require('cdktf');
const app = new App();
const stack = new TerraformStack(app, 'orders');
new LocalBackend(stack, { path: '../../../orders.tfstate' });
new DataResource(stack, 'thing', { input: ${JSON.stringify(input)} });
app.synth();
`;

describeWith(['terraform'], 'cdktf deploy with the reviewed Terraform', () => {
  let folder: string;
  beforeAll(() => {
    mkdirSync(join(root, '.local'), { recursive: true });
    folder = mkdtempSync(join(root, '.local', 'reviewed-'));
    symlinkSync(join(root, 'node_modules'), join(folder, 'node_modules'));
    writeFileSync(
      join(folder, 'cdktf.json'),
      JSON.stringify({
        language: 'typescript',
        app: 'node main.js',
        projectId: 'reviewed',
        sendCrashReports: 'false',
      }),
    );
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function cdktf(command: string, variables: Record<string, string> = {}, ...options: string[]) {
    const { status, stdout, stderr } = spawnSync(
      process.execPath,
      [join(root, 'node_modules/cdktf-cli/bundle/bin/cdktf.js'), command, 'orders', ...options],
      {
        cwd: folder,
        encoding: 'utf8',
        env: {
          ...process.env,
          CI: 'true',
          FORCE_COLOR: '0',
          DISABLE_VERSION_CHECK: '1',
          CHECKPOINT_DISABLE: '1',
          ...variables,
        },
      },
    );
    return { status, output: stdout + stderr };
  }
  const write = (input: string) => writeFileSync(join(folder, 'main.js'), program(input));
  const plan = () => cdktf('diff', {}, '--skip-provider-lock');
  const reviewed = {
    TERRAFORM_BINARY_NAME: join(root, 'cli', 'terraform-reviewed.cjs'),
    // A stack of its own, with what no environment has.
    AURORA_IAM_ALLOW_FOREIGN: 'terraform_data.thing',
  };
  const deploy = (variables: Record<string, string> = {}) =>
    cdktf('deploy', { ...reviewed, ...variables }, '--skip-synth', '--auto-approve', '--skip-provider-lock');
  /** As cdktf runs it, in the folder of the stack. */
  const terraformWith = (variables: Record<string, string>, program: string, ...options: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, options, {
      cwd: join(folder, 'cdktf.out/stacks/orders'),
      encoding: 'utf8',
      env: {
        ...process.env,
        AURORA_IAM_ALLOW_FOREIGN: reviewed.AURORA_IAM_ALLOW_FOREIGN,
        ...variables,
      },
    });
    return { status, output: stdout + stderr };
  };
  const terraform = (program: string, ...options: string[]) => terraformWith({}, program, ...options);
  const deployed = () => {
    const state = join(folder, 'orders.tfstate');
    if (!existsSync(state)) return undefined;
    return JSON.parse(readFileSync(state, 'utf8')).resources[0]?.instances[0]?.attributes.input?.value;
  };

  test('nothing without a plan', () => {
    write('one');
    expect(cdktf('synth').status).toBe(0);
    const { status, output } = terraform(reviewed.TERRAFORM_BINARY_NAME, 'apply', '-auto-approve');
    expect(status).not.toBe(0);
    expect(output).toContain('there is none: run npx cdktf diff orders first');
    expect(deployed()).toBeUndefined();
  }, 240_000);

  test('the plan that was made, once', () => {
    expect(plan().status).toBe(0);
    const { status, output } = deploy();
    expect(output).toContain('Apply complete');
    expect(status).toBe(0);
    expect(deployed()).toBe('one');
    expect(terraform(reviewed.TERRAFORM_BINARY_NAME, 'apply', '-auto-approve').output).toContain(
      'there is none',
    );
  }, 240_000);

  test('not a plan made before the state changed: Terraform says so', () => {
    write('two');
    expect(plan().status).toBe(0);
    // Somebody else deploys in the meantime.
    expect(terraform('terraform', 'apply', '-auto-approve', '-replace=terraform_data.thing').status).toBe(0);
    const { status, output } = deploy();
    expect(status).not.toBe(0);
    expect(output).toContain('Saved plan is stale');
    expect(deployed()).toBe('two');
  }, 240_000);

  test('not what a review refuses, unless it is accepted by name', () => {
    write('-----BEGIN PRIVATE KEY-----');
    expect(plan().status).toBe(0);
    const { status, output } = deploy();
    expect(status).not.toBe(0);
    expect(output).toContain('fault secret orders terraform_data.thing');
    expect(deployed()).toBe('two');
    const acceptances = [...output.matchAll(/to accept it: (\S+)/g)].map(([, acceptance]) => acceptance);
    expect(deploy({ AURORA_IAM_ACCEPT: 'secret:terraform_data.thing' }).status).not.toBe(0);
    expect(deploy({ AURORA_IAM_ACCEPT: acceptances.join(' ') }).status).toBe(0);
    expect(deployed()).toBe('-----BEGIN PRIVATE KEY-----');
  }, 240_000);

  /** A program in Terraform's place: `script` sees the arguments as `$@` and $REAL, which is Terraform. */
  const fake = (name: string, script: string) => {
    const file = join(folder, name);
    writeFileSync(file, `#!/bin/sh\nREAL=terraform\n${script}\n`);
    chmodSync(file, 0o755);
    return file;
  };

  test('what cdktf really calls is allowed, and so is all of diff, deploy and output with it', () => {
    const record = join(folder, 'calls');
    const recorder = fake('recorder.sh', `echo "$*" >> '${record}'; exec $REAL "$@"`);
    const recorded = { TERRAFORM_BINARY_NAME: recorder };
    write('recorded');
    expect(cdktf('synth', recorded).status).toBe(0);
    rmSync(join(folder, 'cdktf.out/stacks/orders/.terraform.lock.hcl'), { force: true });
    expect(cdktf('diff', recorded, '--no-color', '--terraform-parallelism', '2').status).toBe(0);
    expect(
      cdktf('deploy', recorded, '--auto-approve', '--no-color', '--terraform-parallelism', '1').status,
    ).toBe(0);
    expect(cdktf('output', recorded).status).toBe(0);
    const calls = [...new Set(readFileSync(record, 'utf8').trim().split('\n'))];
    expect(calls.filter((call) => judgeCommandLine(call.split(' ')).kind === 'refused')).toEqual([]);
    const commands = new Set(calls.map((call) => call.split(' ')[0]));
    expect([...commands].sort()).toEqual(['-v', 'apply', 'init', 'output', 'plan', 'providers', 'version']);

    write('by the reviewed one alone');
    expect(cdktf('diff', reviewed).status).toBe(0);
    expect(cdktf('deploy', reviewed, '--skip-synth', '--auto-approve').status).toBe(0);
    expect(cdktf('output', reviewed).output).toContain('orders');
    expect(deployed()).toBe('by the reviewed one alone');
  }, 240_000);

  test('not without being told that nobody is asked', () => {
    write('unasked');
    expect(plan().status).toBe(0);
    const { output } = terraform(reviewed.TERRAFORM_BINARY_NAME, 'apply', '-no-color');
    expect(output).toContain('add --auto-approve');
    expect(deployed()).not.toBe('unasked');
  }, 240_000);

  test('no option and no variable leads elsewhere', () => {
    const program = reviewed.TERRAFORM_BINARY_NAME;
    for (const command of ['-chdir=. apply -auto-approve', '-chdir=. destroy -auto-approve', 'state rm x'])
      expect(terraform(program, ...command.split(' ')).status).not.toBe(0);
    const elsewhere = {
      TF_CLI_ARGS: '-no-such-option',
      TF_CLI_ARGS_apply: `-state=${join(folder, 'elsewhere.tfstate')}`,
      TF_CLI_ARGS_show: '-no-such-option',
      TF_WORKSPACE: 'elsewhere',
      TF_DATA_DIR: join(folder, 'elsewhere'),
    };
    const { status, output } = terraformWith(elsewhere, program, 'apply', '-auto-approve');
    expect(output).toContain(
      'ignored, because they could change what is applied: TF_CLI_ARGS, TF_CLI_ARGS_apply',
    );
    expect(status).toBe(0);
    expect(deployed()).toBe('unasked');
    expect(existsSync(join(folder, 'elsewhere.tfstate'))).toBe(false);
    expect(existsSync(join(folder, 'cdktf.out/stacks/orders/terraform.tfstate.d'))).toBe(false);
  }, 240_000);

  test('no plan that is older than allowed', () => {
    write('old');
    expect(plan().status).toBe(0);
    const old = fake('old.sh', '$REAL "$@" | sed \'s/"timestamp":"20/"timestamp":"19/\'');
    const { status, output } = deploy({ AURORA_IAM_TERRAFORM: old });
    expect(status).not.toBe(0);
    expect(output).toMatch(
      /does not apply this plan: it was made \d+ minutes ago, and at most 60 are allowed/,
    );
    expect(deployed()).toBe('unasked');
  }, 240_000);

  test('no plan of a part, of which cdktf diff knows nothing', () => {
    expect(terraform('terraform', 'plan', '-out', 'plan', '-target=terraform_data.thing').status).toBe(0);
    const { output } = terraform(reviewed.TERRAFORM_BINARY_NAME, 'apply', '-auto-approve');
    expect(output).toContain('does not apply this plan: it is not complete');
    expect(deployed()).toBe('unasked');
  }, 240_000);

  test('what was shown is what is applied, even if another plan takes its place in between', () => {
    write('reviewed');
    expect(plan().status).toBe(0);
    const stack = join(folder, 'cdktf.out/stacks/orders');
    const temporary = join(folder, 'temporary');
    mkdirSync(temporary);
    const record = join(folder, 'copies');
    // As soon as the plan has been shown, somebody else's is put there.
    const swapping = fake(
      'swapping.sh',
      `for last; do :; done
echo "$1 $(ls -ld "$(dirname "$last")" | cut -c1-10)" >> '${record}'
$REAL "$@"; status=$?
[ "$1" = show ] && echo 'not the plan that was reviewed' > '${join(stack, 'plan')}'
exit $status`,
    );
    const { status, output } = terraformWith(
      { AURORA_IAM_TERRAFORM: swapping, TMPDIR: temporary },
      reviewed.TERRAFORM_BINARY_NAME,
      'apply',
      '-auto-approve',
    );
    expect(output).toContain('Apply complete');
    expect(status).toBe(0);
    expect(deployed()).toBe('reviewed');
    expect(readFileSync(record, 'utf8')).toBe('show drwx------\napply drwx------\n');
    expect(readdirSync(temporary)).toEqual([]);
  }, 240_000);

  test('an interrupt from the terminal reaches Terraform once: at the second one it would drop its state', async () => {
    const record = join(folder, 'interrupts');
    writeFileSync(record, '');
    // Not a shell, which would take two interrupts for one while it waits.
    writeFileSync(
      join(folder, 'waiting.js'),
      `process.on('SIGINT', () => require('fs').appendFileSync(${JSON.stringify(record)}, 'interrupt\\n'));
       setTimeout(() => {}, 2000);
       console.log('ready');`,
    );
    const waiting = fake('waiting.sh', `exec '${process.execPath}' '${join(folder, 'waiting.js')}'`);
    // cdktf's own, so it is there wherever cdktf is.
    const pty =
      require('@cdktf/node-pty-prebuilt-multiarch') as typeof import('@cdktf/node-pty-prebuilt-multiarch');
    const terminal = pty.spawn(reviewed.TERRAFORM_BINARY_NAME, ['-v'], {
      cwd: folder,
      env: { ...process.env, AURORA_IAM_TERRAFORM: waiting } as Record<string, string>,
    });
    terminal.onData((data) => {
      if (data.includes('ready')) terminal.write('\x03');
    });
    await new Promise<void>((resolve) => terminal.onExit(() => resolve()));
    expect(readFileSync(record, 'utf8')).toBe('interrupt\n');
  }, 240_000);

  test('a plan that is refused leaves no copy either', () => {
    write('-----BEGIN PRIVATE KEY-----');
    expect(plan().status).toBe(0);
    const temporary = join(folder, 'temporary');
    expect(
      terraformWith({ TMPDIR: temporary }, reviewed.TERRAFORM_BINARY_NAME, 'apply', '-auto-approve').status,
    ).not.toBe(0);
    expect(readdirSync(temporary)).toEqual([]);
  }, 240_000);

  test('no destroy', () => {
    const { status, output } = terraform(reviewed.TERRAFORM_BINARY_NAME, 'destroy', '-auto-approve');
    expect(status).not.toBe(0);
    expect(output).toContain('destroys without a plan that anybody reviewed');
    expect(deployed()).toBeDefined();
  });
});
