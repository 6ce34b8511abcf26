import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
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
  expect(workflowFaults(changed)).toEqual([expect.stringContaining(fault)]);
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
