import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client } from 'pg';
import { type PostgresMajor, postgresBinaries } from '../../local/postgres/postgres-binaries';
import { startPostgres } from '../../local/postgres/postgres-server';
import { createMaster, createRdsRoles } from '../../local/postgres/rds-roles';
import { LOCAL_DIRECTORY } from '../../local/project-directory';
import type { RunLog } from '../../local/run-log';
import { databaseScripts } from '../../modules';
import { type LiveAccess, readLiveAccess } from '../../modules/access/catalog';
import type { AccessModel } from '../../modules/access/model';

export const MASTER = 'postgres';
export const MASTER_PASSWORD = 'master-password-1';

/** A real PostgreSQL with the roles and the master of a fresh RDS cluster, and its database `orders`. */
export interface DatabaseServer {
  readonly major: PostgresMajor;
  readonly host: string;
  readonly port: number;
  /** Trusts whoever can reach it. */
  readonly socketPath: string;
  /** As a role without password, which comes through the trusted socket as an IAM login through the gate. */
  as(role: string, sql: string, database?: string): Promise<Record<string, unknown>[]>;
  /** As the master, by password. */
  asMaster(sql: string, database?: string): Promise<Record<string, unknown>[]>;
  /** An open session as a role. The caller ends it. */
  session(role: string, database?: string, options?: string): Promise<Client>;
  /** Applies the SQL export as the master. */
  applySql(model: AccessModel): Promise<void>;
  /** What the tools see. */
  live(model: AccessModel): Promise<LiveAccess>;
  stop(): Promise<void>;
}

export async function startDatabaseServer(
  major: PostgresMajor,
  databases: readonly string[] = ['orders'],
  log: RunLog = { write: () => {} },
): Promise<DatabaseServer> {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-database-'));
  const binaries = await postgresBinaries(major, { toolsDirectory: join(LOCAL_DIRECTORY, 'tools'), log });
  const server = await startPostgres({ binaries, directory: join(folder, 'data'), log });
  const open = async (user: string, database: string, password?: string, options?: string) => {
    const way = password === undefined ? { host: server.socketDirectory } : { host: server.host, password };
    const client = new Client({ ...way, port: server.port, user, database, options });
    // An ended session is what some tests want.
    client.on('error', () => {});
    await client.connect();
    return client;
  };
  const run = async (user: string, database: string, sql: string, password?: string) => {
    const client = await open(user, database, password);
    try {
      const result = await client.query(sql);
      // Of several statements, the last one's rows.
      return [result].flat().at(-1)?.rows ?? [];
    } finally {
      await client.end();
    }
  };
  const superuser = await open(server.superuser, 'postgres');
  try {
    const query = (text: string, values?: unknown[]) => superuser.query(text, values);
    await createRdsRoles(query, major);
    for (const databaseName of databases)
      await createMaster(query, {
        username: MASTER,
        password: MASTER_PASSWORD,
        databaseName,
        serverMajor: major,
      });
  } finally {
    await superuser.end();
  }
  return {
    major,
    host: server.host,
    port: server.port,
    socketPath: server.socketPath,
    as: (role, sql, database = 'orders') => run(role, database, sql),
    asMaster: (sql, database = 'orders') => run(MASTER, database, sql, MASTER_PASSWORD),
    session: (role, database = 'orders', options) => open(role, database, undefined, options),
    async applySql(model) {
      for (const { database, statements } of databaseScripts(model))
        await run(MASTER, database, ['BEGIN;', ...statements, 'COMMIT;'].join('\n'), MASTER_PASSWORD);
    },
    live: (model) =>
      readLiveAccess(
        async (database, use) => {
          const client = await open(MASTER, database, MASTER_PASSWORD, '-c search_path=pg_catalog');
          try {
            return await use((text, values) => client.query(text, values));
          } finally {
            await client.end();
          }
        },
        {
          master: MASTER,
          databases: model.databases,
          roles: [...model.groups, ...model.logins].map(({ name }) => name),
        },
      ),
    async stop() {
      await server.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
