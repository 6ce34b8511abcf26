import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { access, mkdir, mkdtemp, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import type { RunLog } from '../run-log';

const execute = promisify(execFile);

/** A Python that can run moto's server. */
export interface MotoInstallation {
  /** The interpreter itself, not a shim that looks for one. */
  readonly python: string;
  readonly version: string;
}

export interface MotoServer {
  /** `http://127.0.0.1:<port>` */
  readonly url: string;
  /** Ends the process; all it knew is gone. May be called twice. */
  stop(): Promise<void>;
}

/** Exact, so that every run on every machine meets the same endpoint. */
const pinnedVersion = '5.2.1';

/** The lowest moto that answers as this project needs it. */
const lowestVersion = [5, 1] as const;

/** https://pypi.org/project/moto/5.2.1/ */
const lowestPython = [3, 10] as const;

/** In the order they are tried: the usual one may be too old while a newer one stands next to it. */
const pythonCommands = ['python3', 'python3.14', 'python3.13', 'python3.12', 'python3.11', 'python3.10'];

/** Asks metadata instead of importing: moto's imports take seconds from a cold disk. */
const inspectionProgram = `
import importlib.metadata, importlib.util, json, sys
sys.path = [entry for entry in sys.path if entry]
try:
    version = importlib.metadata.version("moto")
except importlib.metadata.PackageNotFoundError:
    version = None
modules = ["moto", "boto3", "cryptography", "flask", "flask_cors", "jinja2", "responses", "werkzeug", "xmltodict"]
missing = [name for name in modules if importlib.util.find_spec(name) is None]
print(json.dumps({"executable": sys.executable, "python": sys.version_info[:2], "moto": version, "missing": missing}))
`;

/**
 * moto's server, with three differences from its own command. It ends when its standard input does, so it never outlives
 * us, however we die. Port 0 leaves no moment in which somebody else can take the port. And it writes no line per
 * request: a path can carry a signature. Listening comes before the slow imports; early requests wait for them.
 * And three faults of 5.2.1 are mended: ModifyDBCluster stores two settings where DescribeDBClusters does not look (as
 * properties they arrive), and a cluster deleted and created within one minute fails over its own automated snapshot.
 */
const serverProgram = `
import os, sys, threading
sys.path = [entry for entry in sys.path if entry]

def end_with_parent():
    while os.read(0, 4096):
        pass
    os._exit(0)

threading.Thread(target=end_with_parent, daemon=True).start()

import logging
logging.getLogger("werkzeug").setLevel(logging.ERROR)
from werkzeug.serving import make_server
from moto.moto_server.werkzeug_app import DomainDispatcherApplication, create_backend_app

def set_iam_authentication(cluster, enabled):
    cluster.iam_auth = enabled

def change_log_exports(cluster, change):
    disabled = change.get("DisableLogTypes") or []
    kept = [name for name in cluster.enabled_cloudwatch_logs_exports if name not in disabled]
    added = [name for name in change.get("EnableLogTypes") or [] if name not in kept]
    cluster.enabled_cloudwatch_logs_exports = kept + added

def create_app(service):
    if service == "rds":
        from moto.rds.models import DBCluster
        save_automated_backup = DBCluster.save_automated_backup
        def replace_automated_backup(cluster):
            snapshots = cluster.backend.cluster_snapshots
            for name in [name for name in snapshots if name.startswith(f"rds:{cluster.db_cluster_identifier}-")]:
                del snapshots[name]
            save_automated_backup(cluster)
        DBCluster.save_automated_backup = replace_automated_backup
        DBCluster.enable_iam_database_authentication = property(lambda c: c.iam_auth, set_iam_authentication)
        DBCluster.cloudwatch_logs_export_configuration = property(lambda c: None, change_log_exports)
    return create_backend_app(service)

server = make_server("127.0.0.1", 0, DomainDispatcherApplication(create_app), threaded=True)
os.environ["MOTO_PORT"] = str(server.server_port)
print("listening on", server.server_port, flush=True)

def import_backends():
    from moto.backends import get_backend
    for service in ["sts", "iam", "secretsmanager", "kms", "ec2", "rds"]:
        get_backend(service)

threading.Thread(target=import_backends, daemon=True).start()
server.serve_forever()
`;

/**
 * Looks for a moto that is there already: first that of `python3`, then the one installed below `toolsDirectory`.
 * Installs nothing.
 */
export async function findMoto({
  toolsDirectory,
  environment = process.env,
}: {
  toolsDirectory: string;
  environment?: NodeJS.ProcessEnv;
}): Promise<MotoInstallation | undefined> {
  for (const python of ['python3', pythonOf(environmentDirectory(toolsDirectory))]) {
    const found = await inspect(python, environment);
    if (found && isUsable(found)) return { python: found.executable, version: String(found.moto) };
  }
  return undefined;
}

/**
 * Finds moto, or installs it with pip into a virtual environment below `toolsDirectory`, where the next run finds it.
 * @throws Error with what to install, if there is no Python, no venv, or pip fails.
 */
export async function findOrInstallMoto({
  toolsDirectory,
  log,
  environment = process.env,
}: {
  toolsDirectory: string;
  log: RunLog;
  environment?: NodeJS.ProcessEnv;
}): Promise<MotoInstallation> {
  const found = await findMoto({ toolsDirectory, environment });
  if (found) {
    log.write('aws', `Using moto ${found.version}.`);
    return found;
  }
  const python = await newEnoughPython(environment);
  log.write('aws', `Installing moto ${pinnedVersion} (about 300 MB, once).`);
  await installEnvironment(python, path.resolve(toolsDirectory), environment);
  const installed = await findMoto({ toolsDirectory, environment });
  if (!installed) throw new Error('moto was installed but cannot be used: its packages are incomplete.');
  log.write('aws', `Installed moto ${installed.version}.`);
  return installed;
}

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
  const child = spawn(python, ['-u', '-c', serverProgram], { stdio: ['pipe', 'pipe', 'pipe'], env });
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

interface Inspection {
  readonly executable: string;
  readonly python: readonly [major: number, minor: number];
  readonly moto: string | null;
  readonly missing: readonly string[];
}

/** undefined: there is no such Python, or it does not run. */
async function inspect(python: string, environment: NodeJS.ProcessEnv): Promise<Inspection | undefined> {
  try {
    const { stdout } = await execute(python, ['-c', inspectionProgram], {
      env: environment,
      timeout: 60_000,
    });
    return JSON.parse(stdout) as Inspection;
  } catch {
    return undefined;
  }
}

function isUsable({ moto, missing }: Inspection): boolean {
  return moto !== null && missing.length === 0 && atLeast(moto.split('.').map(Number), lowestVersion);
}

function atLeast(
  [major = 0, minor = 0]: readonly number[],
  [lowestMajor, lowestMinor]: readonly [number, number],
): boolean {
  return major > lowestMajor || (major === lowestMajor && minor >= lowestMinor);
}

async function newEnoughPython(environment: NodeJS.ProcessEnv): Promise<string> {
  for (const command of pythonCommands) {
    const found = await inspect(command, environment);
    if (found && atLeast(found.python, lowestPython)) return found.executable;
  }
  throw new Error(
    `Local Aurora's AWS endpoint needs Python ${lowestPython.join('.')} or newer (https://www.python.org/downloads/): no python3 on the PATH is one.`,
  );
}

function environmentDirectory(toolsDirectory: string): string {
  return path.join(path.resolve(toolsDirectory), `moto-${pinnedVersion}`);
}

function pythonOf(directory: string): string {
  return path.join(directory, 'bin', 'python');
}

/**
 * Complete or absent: the environment is made in a sibling and shown by a rename, so neither a killed installation nor
 * a second run at the same time leaves half of one. It works after the move because only `bin/python` of it is used.
 */
async function installEnvironment(
  python: string,
  toolsDirectory: string,
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const home = environmentDirectory(toolsDirectory);
  await mkdir(toolsDirectory, { recursive: true });
  const unfinished = await mkdtemp(`${home}.`);
  try {
    const made = path.join(unfinished, 'environment');
    await step(
      `${python} cannot make a virtual environment (on Debian and Ubuntu: apt install python3-venv)`,
      execute(python, ['-m', 'venv', made], { env, timeout: 300_000 }),
    );
    const options = ['--quiet', '--disable-pip-version-check', '--no-input'];
    await step(
      `pip could not install moto; with network or a mirror, this does the same: python3 -m pip install "moto[server]==${pinnedVersion}"`,
      execute(pythonOf(made), ['-m', 'pip', 'install', ...options, `moto[server]==${pinnedVersion}`], {
        env,
        timeout: 1_200_000,
        maxBuffer: 64 * 1024 * 1024,
      }),
    );
    // What is there and was not found usable, its Python gone by an upgrade, say, makes room.
    if ((await exists(home)) && !(await isUsableEnvironment(home, env))) {
      await rename(home, path.join(unfinished, 'broken')).catch(() => {});
    }
    await rename(made, home).catch(async (error) => {
      // Another process was first: its copy is as good as ours.
      if (!(await isUsableEnvironment(home, env))) throw error;
    });
  } finally {
    await rm(unfinished, { recursive: true, force: true });
  }
}

async function isUsableEnvironment(directory: string, env: NodeJS.ProcessEnv): Promise<boolean> {
  const found = await inspect(pythonOf(directory), env);
  return found !== undefined && isUsable(found);
}

async function step(complaint: string, command: Promise<unknown>): Promise<void> {
  await command.catch((error: { stderr?: string; stdout?: string; message: string }) => {
    // The last line that is not a hint carries the reason, in pip's and in venv's output.
    const lines = `${error.stdout ?? ''}\n${error.stderr ?? ''}`.split('\n').map((line) => line.trim());
    const reason =
      lines.findLast((line) => /^ERROR:|^Error:|ensurepip/.test(line)) ?? error.message.split('\n')[0];
    throw new Error(`${complaint}: ${reason}`);
  });
}

function timeLimit(milliseconds: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, milliseconds).unref();
  });
}

async function exists(file: string): Promise<boolean> {
  return access(file).then(
    () => true,
    () => false,
  );
}
