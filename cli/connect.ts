import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { signToken } from '../clients/aws/token';
import { UserError } from '../clients/error';
import { rdsCertificateAuthorities } from '../modules/connect/certificate-authorities';
import { psqlCommand } from '../modules/connect/client-connection';
import { clientConnection, passwordCommandFor, type WayOptions, wayTo } from './client-connection';
import { done, type Outcome } from './outcome';
import { resolveTarget, type Target, type TargetOptions } from './target';

export interface ConnectOptions extends TargetOptions, WayOptions {
  /** Show the command, and do not run it. */
  readonly print?: boolean;
}

/** Runs psql with everything set, on this terminal; or prints the command.
 *  @param remark is called with what a person should know of the target
 *  @returns no text, and psql's exit code
 *  @throws UserError */
export async function connect(
  options: ConnectOptions,
  psqlArguments: readonly string[],
  remark: (line: string) => void,
): Promise<Outcome> {
  const target = await resolveTarget(options, remark);
  if (options.print) {
    const connection = await clientConnection(target, options);
    return done(`${psqlCommand(connection, passwordCommandFor(options), psqlArguments)}\n`);
  }
  const token = await signToken(target, target.credentials);
  const { certificateAuthorityFile: certificateFile, ...way } = await wayTo(target, options);
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-'));
  try {
    const bundle = join(folder, 'certificate-authorities.pem');
    if (certificateFile === undefined) writeFileSync(bundle, rdsCertificateAuthorities());
    const said = localGate(process.env['LOCAL_AURORA_LOG']);
    const whole = { ...way, certificateAuthorityFile: certificateFile ?? bundle };
    const exit = await runPsql(psqlVariables(process.env, target, { token, ...whole }), psqlArguments);
    // What psql exits with if it is not let in, or has lost its connection.
    if (exit === 2) {
      for (const line of said()) remark(line);
      const { afterRefusal } = await import('./doctor/after-refusal');
      for (const line of await afterRefusal(target, token, whole)) remark(`aurora-iam: ${line}`);
    }
    return { text: '', exit };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * On Local Aurora, the true reason of a refusal, which no client is told. AWS has it in CloudWatch.
 * @param log where the gate writes; absent: this is not Local Aurora
 * @returns what was written since
 */
function localGate(log: string | undefined): () => string[] {
  if (log === undefined) return () => [];
  const read = () => (existsSync(log) ? readFileSync(log, 'utf8') : '');
  const before = read().length;
  return () => {
    const lines = read().slice(before).split('\n').filter(Boolean);
    // PostgreSQL itself refused whom the gate let in: it has told the client why.
    return lines.length === 0 ? [] : [...lines, `(${log})`].map((line) => `Local Aurora: ${line}`);
  };
}

/** Settings of the shell that would lead the token elsewhere, or that no login with a token can meet. */
const MISLEADING = [
  'PGSERVICE',
  'PGSERVICEFILE',
  'PGHOSTADDR',
  'PGREQUIREAUTH',
  'PGCHANNELBINDING',
  'PGSSLNEGOTIATION',
  'PGSSLCERT',
  'PGSSLKEY',
  'PGSSLCERTMODE',
];

/**
 * The variables psql takes its connection from. The token goes this way and never into the arguments, which every
 * user of the machine can read. https://www.postgresql.org/docs/current/libpq-envars.html
 */
export function psqlVariables(
  inherited: NodeJS.ProcessEnv,
  target: Pick<Target, 'host' | 'port' | 'user'>,
  way: {
    readonly token: string;
    readonly certificateAuthorityFile: string;
    readonly database: string;
    readonly hostaddr?: string;
    readonly port?: number;
  },
): NodeJS.ProcessEnv {
  const rest = Object.fromEntries(Object.entries(inherited).filter(([name]) => !MISLEADING.includes(name)));
  return {
    ...rest,
    PGHOST: target.host,
    ...(way.hostaddr ? { PGHOSTADDR: way.hostaddr } : {}),
    PGPORT: String(way.port ?? target.port),
    PGUSER: target.user,
    PGDATABASE: way.database,
    PGPASSWORD: way.token,
    PGSSLMODE: 'verify-full',
    PGSSLROOTCERT: way.certificateAuthorityFile,
    PGGSSENCMODE: 'disable',
  };
}

function runPsql(environment: NodeJS.ProcessEnv, psqlArguments: readonly string[]): Promise<number> {
  return new Promise((resolve, reject) => {
    const child = spawn('psql', psqlArguments, { env: environment, stdio: 'inherit' });
    // Ctrl-C ends a query in psql, not psql: the terminal sends it to both of us.
    const ignore = () => {};
    process.on('SIGINT', ignore);
    child.on('error', (error: NodeJS.ErrnoException) => {
      process.off('SIGINT', ignore);
      reject(
        error.code === 'ENOENT'
          ? new UserError(
              'psql is not on the PATH: install the PostgreSQL client (Debian: postgresql-client; macOS: libpq).',
            )
          : error,
      );
    });
    child.on('exit', (code) => {
      process.off('SIGINT', ignore);
      resolve(code ?? 1);
    });
  });
}
