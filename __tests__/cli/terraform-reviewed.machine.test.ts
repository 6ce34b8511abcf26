import { spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
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
  const reviewed = { TERRAFORM_BINARY_NAME: join(root, 'cli', 'terraform-reviewed.cjs') };
  const deploy = (variables: Record<string, string> = {}) =>
    cdktf('deploy', { ...reviewed, ...variables }, '--skip-synth', '--auto-approve', '--skip-provider-lock');
  /** As cdktf runs it, in the folder of the stack. */
  const terraform = (program: string, ...options: string[]) => {
    const { status, stdout, stderr } = spawnSync(program, options, {
      cwd: join(folder, 'cdktf.out/stacks/orders'),
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  };
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
  }, 60_000);

  test('the plan that was made, once', () => {
    expect(plan().status).toBe(0);
    const { status, output } = deploy();
    expect(output).toContain('Apply complete');
    expect(status).toBe(0);
    expect(deployed()).toBe('one');
    expect(terraform(reviewed.TERRAFORM_BINARY_NAME, 'apply').output).toContain('there is none');
  }, 60_000);

  test('not a plan that the world has overtaken: Terraform says so', () => {
    write('two');
    expect(plan().status).toBe(0);
    // Somebody else deploys in the meantime.
    expect(terraform('terraform', 'apply', '-auto-approve', '-replace=terraform_data.thing').status).toBe(0);
    const { status, output } = deploy();
    expect(status).not.toBe(0);
    expect(output).toContain('Saved plan is stale');
    expect(deployed()).toBe('two');
  }, 90_000);

  test('not what a review refuses, unless it is accepted by name', () => {
    write('-----BEGIN PRIVATE KEY-----');
    expect(plan().status).toBe(0);
    const { status, output } = deploy();
    expect(status).not.toBe(0);
    expect(output).toContain('fault secret orders terraform_data.thing');
    expect(deployed()).toBe('two');
    expect(deploy({ AURORA_IAM_ACCEPT: 'secret:terraform_data.thing' }).status).toBe(0);
    expect(deployed()).toBe('-----BEGIN PRIVATE KEY-----');
  }, 90_000);

  test('no destroy', () => {
    const { status, output } = terraform(reviewed.TERRAFORM_BINARY_NAME, 'destroy', '-auto-approve');
    expect(status).not.toBe(0);
    expect(output).toContain('destroys without a plan that anybody reviewed');
    expect(deployed()).toBeDefined();
  });
});
