import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../../../local/project-directory';
import { describeWith } from '../../support/machine';

interface Check {
  id: string;
  status: 'passed' | 'failed' | 'skipped';
  detail: string;
}

const start = join(PROJECT_DIRECTORY, 'dist', 'local', 'main-job', 'start.js');
const runs = () =>
  existsSync(LOCAL_DIRECTORY) ? readdirSync(LOCAL_DIRECTORY).filter((name) => name.startsWith('run-')) : [];

/** Runs the main job. `line` sees its output as it comes, and nothing at the start. */
function runStart(
  options: string[],
  environment: NodeJS.ProcessEnv,
  line: (text: string, pid: number) => void = () => {},
) {
  return new Promise<{ code: number | null; output: string }>((resolve, reject) => {
    const child = spawn(process.execPath, [start, ...options], { env: { ...process.env, ...environment } });
    let output = '';
    line('', child.pid as number);
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        output += chunk;
        line(String(chunk), child.pid as number);
      });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, output }));
  });
}

function checksOf(output: string): Check[] {
  const last = output.trimEnd().split('\n').at(-1) ?? '';
  return (JSON.parse(last) as { checks: Check[] }).checks;
}
const ids = (checks: Check[], status: Check['status']) =>
  checks
    .filter((check) => check.status === status)
    .map(({ id, detail }) => (status === 'failed' ? `${id}: ${detail}` : id));

const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-start-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

// Each commit walks docs/express.md instead, which has such a master, too.
const SLOW = process.env['AURORA_IAM_SLOW_TESTS'] !== undefined;

describeWith(['terraform', 'aws-provider', 'postgresql-provider'], 'the main job, --master iam', () => {
  (SLOW ? test : test.skip)(
    'deploys as a master without a password, which a token lets in and a password does not',
    async () => {
      const { code, output } = await runStart(
        ['--json', '--master', 'iam', '--ready', join(folder, 'iam')],
        {},
      );
      const checks = checksOf(output);
      expect(ids(checks, 'failed')).toEqual([]);
      expect(code).toBe(0);
      expect(checks.find(({ id }) => id === 'master')?.detail).toBe(
        'postgres logs in by a token, and by no password',
      );
      expect(ids(checks, 'passed')).toEqual(
        expect.arrayContaining(['second-plan.local-database', 'permissions.local-database', 'tools.check']),
      );
    },
    600_000,
  );
});

describeWith(['terraform', 'aws-provider'], 'the main job', () => {
  test(
    'deploys, logs in, refuses everybody else, repeats the experiment, and leaves nothing behind',
    async () => {
      const before = runs();
      const ready = join(folder, 'ready.json');
      let seen: { logs: string; log: string[]; shell: string } | undefined;
      const { code, output } = await runStart(['--json', '--ready', ready], {}, () => {
        if (seen || !existsSync(ready)) return;
        const { logs, shell } = JSON.parse(readFileSync(ready, 'utf8'));
        seen = { logs, log: readdirSync(logs), shell: readFileSync(shell, 'utf8') };
      });
      const checks = checksOf(output);
      expect(ids(checks, 'failed')).toEqual([]);
      expect(code).toBe(0);
      expect(ids(checks, 'passed')).toEqual(
        expect.arrayContaining([
          'second-plan.local-cluster',
          'second-plan.local-policies',
          'login.orders_api',
          'migration',
          'privileges.analyst',
          'refused.expired',
          'master',
          'permissions.local-cluster',
          'permissions.local-policies',
          'web-identity.deploy',
          'web-identity.deploy.other-subject',
          'web-identity.deploy.names-only',
          'web-identity.deploy.other-ids',
          'web-identity.jobs',
          'experiment.1-identifier',
          'experiment.5-resource-id',
          'secrets',
        ]),
      );
      // Without the postgresql provider its stack is replaced by the SQL export, and nothing else is skipped.
      const stackChecks = ['deployed.local-database', 'second-plan.local-database'];
      if (ids(checks, 'skipped').length > 0) {
        expect(ids(checks, 'skipped')).toEqual(stackChecks);
        expect(ids(checks, 'passed')).toContain('sql');
      } else expect(ids(checks, 'passed')).toEqual(expect.arrayContaining(stackChecks));
      expect(seen?.log).toContain('aws.log');
      expect(seen?.shell).toContain(`export LOCAL_AURORA_LOG=${seen?.logs}/iam-db-auth-error.log`);
      expect(existsSync(ready)).toBe(false);
      expect(runs()).toEqual(before);
    },
    10 * 60_000,
  );

  test.each([
    ['while it starts', /^/, 1_000],
    ['while cdktf is at work', /AWS endpoint/, 8_000],
    // Minutes, because it deploys first.
    ...(process.env['AURORA_IAM_SLOW_TESTS']
      ? ([['while its checks run', /passed {3}login\./, 500]] as const)
      : []),
  ] as const)(
    'can be interrupted %s, and leaves nothing behind',
    async (_when, text, delay) => {
      const before = runs();
      const ready = join(folder, 'interrupted.json');
      let seen = '';
      let sent = false;
      const starting = runStart(['--ready', ready], {}, (chunk, pid) => {
        seen += chunk;
        if (sent || !text.test(seen)) return;
        sent = true;
        const interrupt = () => setTimeout(() => process.kill(pid, 'SIGINT'), delay);
        // The folder of the run is there: it listens to signals. How long Node takes to come that far, a busy machine decides.
        const poll = setInterval(() => {
          if (runs().length === before.length) return;
          clearInterval(poll);
          interrupt();
        }, 50);
      });
      const { code, output } = await starting;
      expect(output).toContain('Interrupted (SIGINT)');
      // Neither a stack trace, nor what goes wrong because the run is over.
      expect(output.slice(output.indexOf('Interrupted'))).toMatch(
        /^Interrupted \(SIGINT\)\.\n\d+ checks passed, 0 failed, 0 skipped\n$/,
      );
      expect(code).toBe(130);
      expect(existsSync(ready)).toBe(false);
      expect(runs()).toEqual(before);
      expect(processesIn(LOCAL_DIRECTORY)).toEqual([]);
    },
    6 * 60_000,
  );
});

/** Command lines of the processes that work in a run's folder, or one that is gone. Linux only; elsewhere none is found. */
function processesIn(directory: string): string[] {
  const numbers = existsSync('/proc') ? readdirSync('/proc').filter((name) => /^\d+$/.test(name)) : [];
  return numbers.flatMap((number) => {
    try {
      const cwd = readlinkSync(`/proc/${number}/cwd`);
      return cwd.startsWith(join(directory, 'run-')) ? [readFileSync(`/proc/${number}/cmdline`, 'utf8')] : [];
    } catch {
      // Ended in the meantime, or somebody else's.
      return [];
    }
  });
}
