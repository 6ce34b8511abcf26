import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { PROJECT_DIRECTORY } from '../project-directory';
import type { RunLog } from '../run-log';
import type { MotoInstallation } from './moto-installation';

export interface MotoServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Ends the process; all it knew is gone. May be called twice. */
  stop(): Promise<void>;
}

/** Not compiled: it stands where the sources are. */
const SERVER = path.join(PROJECT_DIRECTORY, 'local', 'aws', 'moto-server.py');

/**
 * Starts moto on a free port of 127.0.0.1. Resolves as soon as it accepts connections.
 * @throws Error with moto's last lines if it ends before that, or takes longer than two minutes.
 */
export async function startMoto({
  installation,
  log,
}: {
  installation: MotoInstallation;
  log: RunLog;
}): Promise<MotoServer> {
  const { python, version } = installation;
  // Policies of AWS's own, as arn:aws:iam::aws:policy/ReadOnlyAccess, exist in every account.
  const env = { ...environmentWithoutSettings(), MOTO_IAM_LOAD_MANAGED_POLICIES: 'true' };
  const child = spawn(python, ['-u', SERVER], { stdio: ['pipe', 'pipe', 'pipe'], env });
  let stopped = false;
  const ended = new Promise<string>((resolve) => {
    child.once('error', (error) => resolve(error.message));
    child.once('exit', (code, signal) => resolve(signal ? `it got ${signal}` : `it ended with code ${code}`));
  });
  // A write to a process that is gone must not end ours.
  child.stdin.on('error', () => {});
  const lastLines: string[] = [];
  const port = new Promise<string>((resolve) => {
    for (const stream of [child.stdout, child.stderr]) {
      createInterface({ input: stream }).on('line', (line) => {
        const listening = /^listening on (\d+)$/.exec(line)?.[1];
        if (listening) return resolve(listening);
        lastLines.push(line);
        if (lastLines.length > 5) lastLines.shift();
        log.write('moto', line);
      });
    }
  });
  const outcome = await Promise.race([
    port.then((value) => ({ port: value })),
    ended.then((reason) => ({ reason })),
    timeLimit(120_000).then(() => ({ reason: 'it did not listen within two minutes' })),
  ]);
  if ('reason' in outcome) {
    await end(child, ended);
    throw new Error(
      [`moto ${version} did not start with ${python}: ${outcome.reason}.`, ...lastLines].join('\n'),
    );
  }
  ended.then((reason) => {
    if (!stopped) log.write('aws', `moto is gone: ${reason}. The AWS endpoint answers nothing from now on.`);
  });
  return {
    url: `http://127.0.0.1:${outcome.port}`,
    stop: () => {
      stopped = true;
      return end(child, ended);
    },
  };
}

/** Somebody's settings for another moto (another account, refusals by policy) would make this one another endpoint. */
function environmentWithoutSettings(): NodeJS.ProcessEnv {
  const settings = /^(MOTO_|INITIAL_NO_AUTH_ACTION_COUNT$)/;
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !settings.test(name)));
}

async function end(child: ChildProcess, ended: Promise<string>): Promise<void> {
  child.stdin?.end();
  const impatient = setTimeout(() => child.kill('SIGKILL'), 2_000);
  await ended;
  clearTimeout(impatient);
}

function timeLimit(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}
