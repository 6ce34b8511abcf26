import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { RunLog } from '../run-log';
import { initialize, makeDataDirectory, makeSocketDirectory, superuser } from './data-directory';
import { answeringVersion, launch, remove } from './launch';
import type { PostgresBinaries, PostgresMajor } from './postgres-binaries';
import { reachablePrograms, serverUser } from './server-user';

/** A running PostgreSQL: the Unix socket trusts whoever can enter its folder, TCP asks for a password (SCRAM). */
export interface PostgresServer {
  readonly major: PostgresMajor;
  /** As the server says it: `17.10`. */
  readonly version: string;
  readonly host: '127.0.0.1';
  readonly port: number;
  readonly dataDirectory: string;
  /** Only this user, the server's user and root can enter it. */
  readonly socketDirectory: string;
  /** `<socketDirectory>/.s.PGSQL.<port>` */
  readonly socketPath: string;
  readonly superuser: 'rdsadmin';
  /** Ends every session and the server, and removes what it left on the disk. May be called twice. */
  stop(): Promise<void>;
}

export interface PostgresServerOptions {
  readonly binaries: PostgresBinaries;
  /** Where the data goes: an empty or missing folder, or with `keepData` one that an earlier server kept. */
  readonly directory: string;
  readonly log: RunLog;
  /** @default false: `stop()` removes `directory` */
  readonly keepData?: boolean;
  /** Settings of PostgreSQL, such as `max_connections`. @default those of a database for one run */
  readonly settings?: Readonly<Record<string, string>>;
}

/** TLS and IAM are the gate's, in front of the server. Nothing else may come in. */
const hostBasedAuthentication = ['all', 'replication']
  .map((databases) => `local ${databases} all trust\nhost ${databases} all 127.0.0.1/32 scram-sha-256\n`)
  .join('');

/**
 * Makes a data directory, starts the server on a free port of 127.0.0.1 and waits until it answers.
 * As root it runs as the user `postgres` or `nobody` (PostgreSQL refuses root); what that user cannot reach is put below
 * the system's folder for temporary files instead. The server ends with this process, however this process ends.
 * Fails in one line with the server's own reason.
 */
export async function startPostgres(options: PostgresServerOptions): Promise<PostgresServer> {
  const { binaries, log, keepData = false } = options;
  const user = await serverUser();
  const socketDirectory = await makeSocketDirectory(user);
  const leftovers = [socketDirectory];
  try {
    const programs = await reachablePrograms(binaries.directory, user, socketDirectory);
    const { dataDirectory, isNew } = await makeDataDirectory(
      path.resolve(options.directory),
      keepData,
      user,
      socketDirectory,
    );
    if (!keepData) leftovers.push(dataDirectory);
    if (isNew) await initialize(programs, binaries.version, dataDirectory, user, socketDirectory);
    await writeFile(path.join(dataDirectory, 'pg_hba.conf'), hostBasedAuthentication);

    const { port, stop } = await launch({
      programs,
      dataDirectory,
      socketDirectory,
      leftovers,
      user,
      log,
      ...(options.settings ? { changes: options.settings } : {}),
    });
    const version = await answeringVersion(socketDirectory, port).catch(async (error) => {
      await stop();
      throw error;
    });
    return {
      major: Number.parseInt(version, 10) as PostgresMajor,
      version,
      host: '127.0.0.1',
      port,
      dataDirectory,
      socketDirectory,
      socketPath: path.join(socketDirectory, `.s.PGSQL.${port}`),
      superuser,
      stop,
    };
  } catch (error) {
    await remove(leftovers);
    throw error;
  }
}
