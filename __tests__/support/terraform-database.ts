import { execFile, spawn } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { PostgresqlProvider, type PostgresqlProviderConfig } from '@cdktf/provider-postgresql/lib/provider';
import { App, TerraformStack } from 'cdktf';
import type { AccessModel } from '../../modules/access/model';
import { schemaScripts } from '../../modules/access/sql';
import { address, STACK_FILE } from '../../modules/names/terraform';
import type { TerraformPlan } from '../../modules/plan/terraform-plan';
import { accessResources } from '../../modules/stacks/access-resources';
import { terraformBinary } from '../../planning/terraform-binary';
import { type DatabaseServer, MASTER, MASTER_PASSWORD } from './database-server';

/** The resources of a model, deployed by the real Terraform and the real provider, without AWS. */
export interface TerraformDatabase {
  /** @throws with Terraform's output */
  apply(model: AccessModel, parallelism?: number): Promise<string>;
  /** Whether a plan would change anything, and what it says. */
  plan(model: AccessModel): Promise<{ changes: boolean; output: string }>;
  /** The plan as Terraform shows it to programs. */
  planJson(model: AccessModel): Promise<TerraformPlan>;
  destroy(): Promise<string>;
  /**
   * An apply that is killed, with its providers or without, some time after its first change began.
   * @returns false if it had ended before
   */
  applyKilled(
    model: AccessModel,
    kill: { readonly after: number; readonly withProviders: boolean },
  ): Promise<boolean>;
  /** From now on, providers in this version only, as Terraform constrains it. */
  useProvider(version: string): void;
  /** The state as Terraform keeps it. */
  readonly folder: string;
  /** The state, to go on with it by another way in. */
  adoptState(from: TerraformDatabase): void;
  remove(): void;
}

/** @param way another way in than the master's password, and the variables that it takes; another folder */
export function terraformDatabase(
  server: DatabaseServer,
  way: {
    readonly connection?: Partial<PostgresqlProviderConfig>;
    readonly variables?: Record<string, string>;
    /** Of a stack below `cdktf.out/stacks`. */
    readonly folder?: string;
  } = {},
): TerraformDatabase {
  const folder = way.folder ?? mkdtempSync(join(tmpdir(), 'aurora-iam-terraform-'));
  mkdirSync(folder, { recursive: true });
  const env = { ...process.env, PGPASSWORD: MASTER_PASSWORD, ...way.variables };
  let initialized = false;
  let providerVersion = '>= 1.26.0';

  function write(model: AccessModel): void {
    const app = new App({ outdir: join(folder, 'out'), skipValidation: true });
    const stack = new TerraformStack(app, 'database');
    const connection = {
      scheme: 'postgres',
      host: server.host,
      port: server.port,
      username: MASTER,
      superuser: false,
      sslmode: 'disable',
      maxConnections: 1,
      ...way.connection,
    };
    new PostgresqlProvider(stack, 'postgresql', { ...connection, database: model.databases[0] ?? '' });
    const others = new Map<string, PostgresqlProvider>();
    stack.addOverride('terraform.required_providers.postgresql.version', providerVersion);
    writeFileSync(join(folder, 'schemas.cjs'), schemasProgram(model, server));
    accessResources(stack, model, {
      createSchemasCommand: `node ${JSON.stringify(join(folder, 'schemas.cjs'))}`,
      providerOf: (database) => {
        if (database === model.databases[0]) return undefined;
        const alias = address('database', database);
        const provider =
          others.get(database) ??
          new PostgresqlProvider(stack, `postgresql-${alias}`, { ...connection, alias, database });
        others.set(database, provider);
        return provider;
      },
    });
    writeFileSync(join(folder, STACK_FILE), JSON.stringify(withoutBackend(stack.toTerraform())));
  }

  async function terraform(...commandArguments: string[]): Promise<{ code: number; output: string }> {
    return new Promise((resolve) => {
      execFile(
        terraformBinary(),
        commandArguments,
        {
          cwd: folder,
          env,
          maxBuffer: 1 << 26,
        },
        (error, stdout, stderr) =>
          resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
      );
    });
  }

  async function run(...commandArguments: string[]): Promise<string> {
    const { code, output } = await terraform(...commandArguments);
    if (code !== 0) throw new Error(`terraform ${commandArguments[0]} failed:\n${errorIn(output)}`);
    return output;
  }

  async function prepare(model: AccessModel): Promise<void> {
    write(model);
    if (!initialized) await run('init', '-upgrade', '-input=false', '-no-color');
    initialized = true;
  }

  return {
    folder,
    async apply(model, parallelism = 1) {
      await prepare(model);
      return run('apply', '-auto-approve', '-input=false', '-no-color', `-parallelism=${parallelism}`);
    },
    async applyKilled(model, { after, withProviders }) {
      await prepare(model);
      // A group of its own, in which the providers are, too.
      const child = spawn(
        terraformBinary(),
        ['apply', '-auto-approve', '-input=false', '-no-color', '-parallelism=1'],
        { cwd: folder, env, detached: true, stdio: ['ignore', 'pipe', 'ignore'] },
      );
      const { pid } = child;
      if (pid === undefined) throw new Error('Terraform does not start.');
      const ended = new Promise<boolean>((resolve) =>
        child.on('exit', (_code, signal) => resolve(signal === 'SIGKILL')),
      );
      const begun = new Promise<void>((resolve) => {
        child.stdout.setEncoding('utf8').on('data', (text: string) => {
          if (/: (Creating|Modifying|Destroying)\.\.\./.test(text)) resolve();
        });
      });
      await Promise.race([begun, ended]);
      await sleep(after);
      signal(withProviders ? -pid : pid);
      const killed = await ended;
      // Providers whose Terraform is gone bring their call to its end, and then wait for ever.
      await sleep(500);
      signal(-pid);
      return killed;
    },
    async plan(model) {
      await prepare(model);
      const { code, output } = await terraform('plan', '-detailed-exitcode', '-input=false', '-no-color');
      if (code !== 0 && code !== 2) throw new Error(`terraform plan failed:\n${errorIn(output)}`);
      return { changes: code === 2, output };
    },
    async planJson(model) {
      await prepare(model);
      await run('plan', '-input=false', '-no-color', '-out=saved.tfplan');
      const text = await run('show', '-json', 'saved.tfplan');
      rmSync(join(folder, 'saved.tfplan'));
      return JSON.parse(text) as TerraformPlan;
    },
    destroy: () => run('destroy', '-auto-approve', '-input=false', '-no-color', '-parallelism=1'),
    useProvider(version) {
      providerVersion = version;
      initialized = false;
    },
    adoptState: (from) =>
      copyFileSync(join(from.folder, 'terraform.tfstate'), join(folder, 'terraform.tfstate')),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
}

function signal(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended by itself.
  }
}

/** From the first error on, without the line of JSON that Terraform quotes. */
function errorIn(output: string): string {
  return output
    .slice(Math.max(0, output.indexOf('Error: ')))
    .split('\n')
    .filter((line) => line.length < 500)
    .join('\n');
}

// biome-ignore lint/suspicious/noExplicitAny: CDKTF's own type of a synthesized stack
function withoutBackend(stack: any): unknown {
  const { backend: _backend, ...settings } = stack.terraform;
  return { ...stack, terraform: settings };
}

/** What `aurora-iam schemas` does, for a server without TLS. */
function schemasProgram(model: AccessModel, { host, port }: DatabaseServer): string {
  const settings = { host, port, user: MASTER, password: MASTER_PASSWORD };
  return `const { Client } = require(${JSON.stringify(require.resolve('pg'))});
(async () => {
  for (const { database, statements } of ${JSON.stringify(schemaScripts(model))}) {
    const client = new Client({ ...${JSON.stringify(settings)}, database });
    await client.connect();
    await client.query(['BEGIN;', ...statements, 'COMMIT;'].join('\\n'));
    await client.end();
  }
})();
`;
}
