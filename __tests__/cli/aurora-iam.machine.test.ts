import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PROJECT_DIRECTORY } from '../../local/project-directory';

// `npm test` has built the command. Nothing here reaches a network: a token is signed locally.
const command = join(PROJECT_DIRECTORY, 'dist', 'cli', 'aurora-iam.js');
const host = 'db.cluster-x.eu-west-1.rds.amazonaws.com';
const keys = { AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE', AWS_SECRET_ACCESS_KEY: 'a secret' };

function run(options: string[], { environment = keys as NodeJS.ProcessEnv, cwd = PROJECT_DIRECTORY } = {}) {
  const { PATH } = process.env;
  const isolated = { PATH, HOME: folder, AWS_EC2_METADATA_DISABLED: 'true' };
  return spawnSync(process.execPath, [command, ...options], {
    cwd,
    encoding: 'utf8',
    env: { ...isolated, ...environment },
  });
}

let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'aurora-iam-cli-'));
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

describe('token', () => {
  test('prints one token for this host, port, region and login, and nothing else', () => {
    const { status, stdout, stderr } = run([
      'token',
      '--host',
      host,
      '--port',
      '6000',
      '--region',
      'eu-west-1',
      '--user',
      'analyst',
    ]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toMatch(/^[^\n]+\n$/);
    const url = new URL(`https://${stdout.trim()}`);
    expect(url.host).toBe(`${host}:6000`);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      Action: 'connect',
      DBUser: 'analyst',
      'X-Amz-Expires': '900',
      'X-Amz-Credential': expect.stringMatching(/^AKIDEXAMPLE\/\d{8}\/eu-west-1\/rds-db\/aws4_request$/),
    });
    expect(stdout).not.toContain(keys.AWS_SECRET_ACCESS_KEY);
  });

  test('reads the region from the name of the endpoint', () => {
    expect(run(['token', '--host', host, '--user', 'analyst']).stdout).toContain('%2Feu-west-1%2Frds-db%2F');
  });
});

test.each<[string, string[], string]>([
  ['no database', ['token', '--user', 'x'], 'Say which database is meant: an environment of this project'],
  ['two databases', ['token', '--env', 'dev', '--host', host, '--user', 'x'], 'not both'],
  [
    'a host that is no endpoint',
    ['token', '--host', 'db', '--user', 'x'],
    '--host db is not the name of an endpoint; write the endpoint',
  ],
  ['no login', ['token', '--host', host], 'Say as whom: write the login after the environment'],
  [
    'a port that is none',
    ['token', '--host', host, '--user', 'x', '--port', '0'],
    'Expected a port number from 1 to 65535',
  ],
  ['an unknown environment', ['token', '--env', 'nope', '--user', 'x'], 'There is no environment "nope"'],
  [
    'a login in another case',
    ['token', '--env', 'dev', '--user', 'Analyst'],
    'Environment dev has no login "Analyst"; it has orders_api',
  ],
  [
    'certificate authorities that are not there',
    ['connect', '--host', host, '--user', 'x', '--ca', '/no/such.pem'],
    '/no/such.pem, is not there',
  ],
  [
    'half a tunnel',
    ['connect', '--host', host, '--user', 'x', '--through', 'localhost'],
    'write localhost:15432',
  ],
])('%s is refused in words', (_what, options, message) => {
  const { status, stdout, stderr } = run(options);
  expect(status).toBe(2);
  expect(stdout).toBe('');
  expect(stderr).toContain(message);
  expect(stderr).not.toMatch(/^\s+at /m);
});

test('without credentials there is no token', () => {
  const { status, stdout, stderr } = run(['token', '--host', host, '--user', 'x'], { environment: {} });
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr).toContain('A token cannot be signed: there are no credentials');
});

test('a profile that is not there is told, and nothing of the SDK', () => {
  const { status, stderr } = run(['token', '--host', host, '--user', 'x', '--profile', 'nope']);
  expect({ status, stderr }).toEqual({
    status: 2,
    stderr: 'aurora-iam: There is no profile "nope" in the files of the AWS CLI; there is none.\n',
  });
});

test('without psql, connect says what to install', () => {
  const { status, stderr } = run(['connect', '--host', host, '--user', 'x'], {
    environment: { ...keys, PATH: folder },
  });
  expect(status).toBe(2);
  expect(stderr).toContain('psql is not on the PATH');
});

describe('sql', () => {
  test('prints the script of an environment', () => {
    const { status, stdout } = run(['sql', 'prod']);
    expect(status).toBe(0);
    expect(stdout).toContain('CREATE ROLE "orders_api" LOGIN');
  });

  test('outside of a project says where to go', () => {
    expect(run(['sql', 'prod'], { cwd: folder }).stderr).toContain('No cdktf.json here or above');
  });

  test('of a wrong environment tells all its faults', () => {
    writeFileSync(
      join(folder, 'cdktf.json'),
      JSON.stringify({ context: { 'aurora-iam': { environments: 'wrong.js' } } }),
    );
    writeFileSync(join(folder, 'wrong.js'), `exports.default = [{ name: 'wrong', account: 1 }];`);
    const { status, stderr } = run(['sql', 'wrong'], { cwd: folder });
    rmSync(join(folder, 'cdktf.json'));
    expect(status).toBe(2);
    expect(stderr).toContain('environment wrong\n  fault environment-shape account: ');
    expect(stderr).toContain('  fault environment-shape region: ');
  });
});

test('list and show tell what there is, without asking anybody', () => {
  expect(run(['list'], { environment: {} }).stdout).toMatch(/^dev {6}creates cluster orders-dev /);
  const { stdout, stderr } = run(['show', 'prod', '--json'], { environment: {} });
  expect(stderr).toBe('');
  expect(JSON.parse(stdout)).toMatchObject({ name: 'prod', targets: [{ key: 'frankfurt' }] });
});

describe('permissions', () => {
  test('prints the documents of the role that deploys an environment, or one of them', () => {
    const { status, stdout, stderr } = run(['permissions', 'dev']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const documents = JSON.parse(stdout) as Record<string, unknown>;
    expect(Object.keys(documents)).toEqual(['dev-cluster', 'dev-database', 'dev-policies']);
    expect(JSON.parse(run(['permissions', 'dev', 'dev-policies']).stdout)).toEqual(documents['dev-policies']);
  });

  test.each([
    ['an unknown stack', ['prod', 'prod-cluster'], 'there is prod-database, prod-policies'],
    ['an identifier for a resource id', ['prod', '--resource-id', 'orders'], '"orders" is not a resource id'],
  ])('refuses %s in words', (_what, given, message) => {
    const { status, stdout, stderr } = run(['permissions', ...given]);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('lint', () => {
  test('prints the mistakes of a policy and exits 1, or that there are none and exits 0', () => {
    const file = join(folder, 'policy.json');
    const policy = (id: string) =>
      JSON.stringify({
        Version: '2012-10-17',
        Statement: [
          {
            Effect: 'Allow',
            Action: 'rds-db:connect',
            Resource: `arn:aws:rds-db:eu-west-1:111111111111:dbuser:${id}/a`,
          },
        ],
      });
    writeFileSync(file, policy('orders'));
    expect(run(['lint', file])).toMatchObject({
      status: 1,
      stdout: expect.stringMatching(
        /^fault identifier-as-resource-id statement 1: "orders" is not a resource id.*; take .*\nfault lets-nobody-in .*\n2 faults, 0 notes\n$/,
      ),
    });
    writeFileSync(file, policy('cluster-A1'));
    expect(run(['lint', file])).toMatchObject({ status: 0, stdout: '0 faults, 0 notes\n', stderr: '' });
    expect(JSON.parse(run(['lint', file, '--json']).stdout)).toEqual({ findings: [] });
    expect(run(['lint', join(folder, 'none.json')])).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('cannot be read'),
    });
  });
});
