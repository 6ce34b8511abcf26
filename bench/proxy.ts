import { spawn } from 'node:child_process';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { spread } from './measure';
import {
  has,
  LOGIN,
  type MeasuredProxy,
  PASSWORD,
  type Server,
  startMeasuredProxy,
  startPgBouncer,
  startServer,
} from './proxy-servers';

// What the proxy costs, beside PgBouncer in session mode and beside no proxy at all. All three lead to one PostgreSQL over TLS,
// which is verified in full; all ask for a password. The client speaks to both proxies without TLS, and to the server with it.

const ROUNDS = Number(process.env['BENCH_ROUNDS'] ?? 3);
const SECONDS = Number(process.env['BENCH_SECONDS'] ?? 5);
const CONNECTIONS = 200;
const MEBIBYTE = 1024 * 1024;

type Way = 'direct' | 'pgbouncer' | 'proxy';

export async function proxy(): Promise<void> {
  for (const program of ['pgbench', 'psql'])
    if (!has(program))
      throw new Error(`${program} is not on the PATH (Debian: postgresql-contrib, postgresql-client).`);
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-bench-'));
  // The servers are not run as root, where this is.
  chmodSync(folder, 0o711);
  const started: Server[] = [];
  const start = async <T extends Server>(server: Promise<T>): Promise<T> => {
    started.unshift(await server);
    return server;
  };
  try {
    const server = await start(startServer(folder));
    const ours = await start(startMeasuredProxy(server));
    const bouncer = has('pgbouncer') ? await start(startPgBouncer(folder, server)) : undefined;
    if (!bouncer)
      console.log('pgbouncer is not on the PATH (Debian: pgbouncer): nothing is compared with it.\n');
    const ca = server.certificateAuthorityFile;
    const direct = { PGPORT: String(server.port), PGSSLMODE: 'verify-full', PGSSLROOTCERT: ca };
    const ways: Partial<Record<Way, Record<string, string>>> = {
      direct,
      ...(bouncer ? { pgbouncer: { PGPORT: String(bouncer.port), PGSSLMODE: 'disable' } } : {}),
      proxy: { PGPORT: String(ours.port), PGSSLMODE: 'disable' },
    };
    await run('pgbench', ['-i', '-q', '-s', '10'], direct);
    await compare(ways, ours);
  } finally {
    for (const each of started) await each.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}

async function compare(
  ways: Partial<Record<Way, Record<string, string>>>,
  ours: MeasuredProxy,
): Promise<void> {
  console.log(
    `${ROUNDS} rounds of each in turn; medians. Ratios: round by round, so that 1.00 is as good.\n`,
  );
  const tps = (options: readonly string[]) => async (variables: Record<string, string>) =>
    Number(
      /tps = ([\d.]+)/.exec(await run('pgbench', [...options, '-T', String(SECONDS), '-n'], variables))?.[1],
    );

  const select = await inTurn(ways, tps(['-S', '-c', '8', '-j', '2', '-M', 'prepared']));
  report('pgbench -S, 8 clients', 'tps', select, { direct: undefined, pgbouncer: 0.95 });
  const connecting = await inTurn(ways, tps(['-S', '-C', '-c', '2']));
  // PgBouncer has its connections to the server already: beside a new one each time, that is another thing.
  report('pgbench -C, 2 clients', 'tps', connecting, { direct: 1 / 1.5, pgbouncer: undefined });
  const copy = await inTurn(ways, async (variables) => {
    const begin = performance.now();
    await run(
      'psql',
      ['-qXc', "COPY (SELECT repeat('x', 1023) FROM generate_series(1, 1048576)) TO STDOUT"],
      variables,
    );
    return 1024 / ((performance.now() - begin) / 1000);
  });
  report('COPY of 1 GB', 'MiB/s', copy, { direct: 0.8, pgbouncer: 0.95 });

  const { signing } = await ours.ask();
  line('token, median', `${signing.toFixed(2)} ms`, '≤ 1 ms', signing <= 1);
  const clients = Array.from({ length: CONNECTIONS }, () => new Client({ ...client(ways.proxy) }));
  for (const each of clients) each.on('error', () => {});
  for (const each of clients) await each.connect();
  await Promise.all(clients.map((each) => each.query('SELECT 1')));
  const { rss, connections } = await ours.ask();
  await Promise.all(clients.map((each) => each.end()));
  line(`${connections} connections`, `${(rss / MEBIBYTE).toFixed(0)} MiB`, '< 120 MB', rss < 120e6);
}

async function inTurn(
  ways: Partial<Record<Way, Record<string, string>>>,
  measure: (variables: Record<string, string>) => Promise<number>,
): Promise<Map<Way, number[]>> {
  const figures = new Map<Way, number[]>();
  const names = Object.keys(ways) as Way[];
  for (let round = 0; round < ROUNDS; round++)
    for (let turn = 0; turn < names.length; turn++) {
      // Each round begins with another one, so that none always runs after the same one.
      const name = names[(round + turn) % names.length] as Way;
      figures.set(name, [...(figures.get(name) ?? []), await measure(ways[name] ?? {})]);
    }
  return figures;
}

function report(
  title: string,
  unit: string,
  figures: ReadonlyMap<Way, readonly number[]>,
  targets: Readonly<Record<Exclude<Way, 'proxy'>, number | undefined>>,
): void {
  const ours = figures.get('proxy') ?? [];
  console.log(
    `${title}: ${[...figures].map(([name, values]) => `${name} ${spread(values).median.toFixed(0)} ${unit}`).join(', ')}`,
  );
  for (const other of ['direct', 'pgbouncer'] as const) {
    const values = figures.get(other);
    if (!values) continue;
    const ratio = spread(ours.map((value, round) => value / (values[round] as number)));
    const target = targets[other];
    line(
      `  proxy / ${other}`,
      `${ratio.median.toFixed(2)} (${ratio.minimum.toFixed(2)} – ${ratio.maximum.toFixed(2)})`,
      target === undefined ? '–' : `≥ ${target.toFixed(2)}`,
      target === undefined ? undefined : Number(ratio.median.toFixed(2)) >= Number(target.toFixed(2)),
    );
  }
}

function line(title: string, figure: string, target: string, good: boolean | undefined): void {
  const verdict = good === undefined ? '' : good ? 'met' : 'MISSED';
  console.log(`${title.padEnd(24)}${figure.padStart(22)}${target.padStart(12)}  ${verdict}`.trimEnd());
}

function client(variables: Record<string, string> | undefined) {
  return {
    host: '127.0.0.1',
    port: Number(variables?.['PGPORT']),
    user: LOGIN,
    password: PASSWORD,
    database: LOGIN,
  };
}

/** @returns standard output. @throws Error with what the program says */
function run(
  program: string,
  options: readonly string[],
  variables: Record<string, string>,
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, options, {
      env: {
        ...process.env,
        PGHOST: 'localhost',
        PGHOSTADDR: '127.0.0.1',
        PGUSER: LOGIN,
        PGPASSWORD: PASSWORD,
        PGDATABASE: LOGIN,
        PGGSSENCMODE: 'disable',
        ...variables,
      },
      stdio: ['ignore', program === 'psql' ? 'ignore' : 'pipe', 'pipe'],
    });
    let [said, complained] = ['', ''];
    child.stdout?.on('data', (part) => {
      said += part;
    });
    child.stderr?.on('data', (part) => {
      complained += part;
    });
    child.on('error', reject);
    child.on('close', (code) =>
      code === 0 ? resolve(said) : reject(new Error(`${program}: ${complained.trim()}`)),
    );
  });
}
