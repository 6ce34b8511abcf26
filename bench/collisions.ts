import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresqlProvider } from '@cdktf/provider-postgresql/lib/provider';
import { App, TerraformStack } from 'cdktf';
import { Client } from 'pg';
import { type PostgresMajor, postgresBinaries } from '../local/postgres/postgres-binaries';
import { type PostgresServer, startPostgres } from '../local/postgres/postgres-server';
import { createMaster, createRdsRoles } from '../local/postgres/rds-roles';
import { LOCAL_DIRECTORY } from '../local/project-directory';
import { type Access, existingCluster, readOnly, readWrite } from '../modules';
import { type AccessModel, accessModel } from '../modules/access/model';
import { accessResources } from '../modules/stacks/access-resources';
import { findTerraform, whyProviderMissing } from '../planning/find-terraform';
import { terraformBinary } from '../planning/terraform-binary';

// `npm run bench -- collisions`: whether the real provider collides with itself, on real servers.

const password = 'bench-password-1';

/** What `name` numbers from `first` are: half of them read, half write, in ten groups. */
function access(groups: readonly string[], logins: readonly string[]): Access {
  return {
    groups: Object.fromEntries(
      groups.map((name, index) => [name, index % 2 === 0 ? readOnly() : readWrite()]),
    ),
    logins: Object.fromEntries(
      logins.map((name, index) => [name, { memberOf: [groups[index % groups.length] as string] }]),
    ),
  };
}

const numbered = (prefix: string, first: number, count: number) =>
  Array.from({ length: count }, (_, index) => `${prefix}_${first + index}`);

const modelOf = (groups: readonly string[], logins: readonly string[]): AccessModel =>
  accessModel({
    access: access(groups, logins),
    cluster: existingCluster({ identifier: 'orders', databaseName: 'orders' }),
    lockDown: true,
  });

interface Run {
  terraform(
    command: string,
    model: AccessModel | undefined,
    parallelism?: number,
  ): Promise<string | undefined>;
  remove(): void;
}

/** @returns the output of a failed command, undefined if it succeeded */
function runIn(server: PostgresServer, environment: NodeJS.ProcessEnv): Run {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-bench-'));
  const call = (...commandArguments: string[]) =>
    new Promise<string | undefined>((resolve) => {
      execFile(
        terraformBinary(),
        commandArguments,
        { cwd: folder, env: environment, maxBuffer: 1 << 27 },
        (error, stdout, stderr) => resolve(error ? stdout + stderr : undefined),
      );
    });
  let initialized = false;
  return {
    async terraform(command, model, parallelism) {
      if (model) {
        const stack = new TerraformStack(new App({ skipValidation: true, outdir: folder }), 'bench');
        new PostgresqlProvider(stack, 'postgresql', {
          scheme: 'postgres',
          host: server.host,
          port: server.port,
          username: 'postgres',
          database: 'orders',
          superuser: false,
          sslmode: 'disable',
          maxConnections: 1,
        });
        stack.addOverride('terraform.required_providers.postgresql.version', '>= 1.26.0');
        stack.addOverride('terraform.backend', { local: { path: 'terraform.tfstate' } });
        accessResources(stack, model);
        writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(stack.toTerraform()));
      }
      if (!initialized) {
        const failed = await call('init', '-input=false');
        if (failed) throw new Error(failed);
        initialized = true;
      }
      return call(
        command,
        '-input=false',
        '-no-color',
        ...(command === 'plan' ? [] : ['-auto-approve']),
        ...(parallelism ? [`-parallelism=${parallelism}`] : []),
      );
    },
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

/** @throws where a part of the machine is missing */
export async function collisions(): Promise<void> {
  const found = await findTerraform(join(LOCAL_DIRECTORY, 'tools', 'terraform'));
  if ('missing' in found) throw new Error(found.missing);
  const missing = await whyProviderMissing(found, 'postgresql');
  if (missing) throw new Error(missing);
  const environment = { ...process.env, ...found.environment, PGPASSWORD: password };
  for (const major of [15, 17] as const) {
    await withServer(major, (server) => rounds(server, environment));
    await withServer(major, (server) => ordinaryChanges(server, environment));
  }
}

/** Ten rounds, one after the other, of 50 logins and 10 groups: made, half replaced, removed. */
async function rounds(server: PostgresServer, environment: NodeJS.ProcessEnv): Promise<void> {
  const run = runIn(server, environment);
  let failures = 0;
  try {
    for (let round = 0; round < 10; round++) {
      const steps: readonly (readonly [string, AccessModel | undefined])[] = [
        ['apply', modelOf(numbered('g', 0, 10), numbered('l', 0, 50))],
        ['apply', modelOf([...numbered('g', 5, 5), ...numbered('h', 0, 5)], numbered('l', 25, 50))],
        ['destroy', undefined],
      ];
      for (const [command, model] of steps) {
        const failed = await run.terraform(command, model, 1);
        if (failed) {
          failures++;
          console.error(failed.slice(-2000));
        }
      }
    }
  } finally {
    run.remove();
  }
  console.log(
    `PostgreSQL ${server.version}, parallelism 1: 10 rounds of 50 logins and 10 groups, ${failures} errors`,
  );
  if (failures > 0) process.exitCode = 1;
}

/** Five logins more, or fewer, or in other groups, at Terraform's own parallelism. */
async function ordinaryChanges(server: PostgresServer, environment: NodeJS.ProcessEnv): Promise<void> {
  const run = runIn(server, environment);
  let failures = 0;
  try {
    const groups = numbered('g', 0, 10);
    const failed = await run.terraform('apply', modelOf(groups, numbered('l', 0, 40)), 1);
    if (failed) throw new Error(failed);
    for (let attempt = 0; attempt < 20; attempt++) {
      // In turn: five come, five others change their groups, five go.
      const model =
        attempt % 3 === 0
          ? modelOf(groups, numbered('l', 0, 45))
          : attempt % 3 === 1
            ? modelOf(groups, [...numbered('l', 0, 40), ...numbered('l', 40, 5).reverse()])
            : modelOf(groups, numbered('l', 0, 40));
      const problem = await run.terraform('apply', model);
      if (problem) {
        failures++;
        console.error(problem.slice(-2000));
      }
    }
  } finally {
    run.remove();
  }
  console.log(
    `PostgreSQL ${server.version}, default parallelism: 20 ordinary changes of 5 logins, ${failures} errors`,
  );
  if (failures > 0) process.exitCode = 1;
}

async function withServer(
  major: PostgresMajor,
  use: (server: PostgresServer) => Promise<void>,
): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-bench-'));
  const log = { write: () => {} };
  const binaries = await postgresBinaries(major, { toolsDirectory: join(LOCAL_DIRECTORY, 'tools'), log });
  const server = await startPostgres({ binaries, directory: join(folder, 'data'), log });
  try {
    const client = new Client({
      host: server.socketDirectory,
      port: server.port,
      user: server.superuser,
      database: 'postgres',
    });
    await client.connect();
    const query = (text: string, values?: unknown[]) => client.query(text, values);
    await createRdsRoles(query, major);
    await createMaster(query, { username: 'postgres', password, databaseName: 'orders', serverMajor: major });
    await client.end();
    await use(server);
  } finally {
    await server.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
