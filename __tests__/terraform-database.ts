import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresqlProvider } from '@cdktf/provider-postgresql/lib/provider';
import { App, TerraformStack } from 'cdktf';
import type { AccessModel } from '../modules';
import { accessResources } from '../modules/database/access-resources';
import { schemaScripts } from '../modules/database/sql';
import { address } from '../modules/environment/names';
import { type DatabaseServer, MASTER, MASTER_PASSWORD } from './database-server';

/** The resources of a model, deployed by the real Terraform and the real provider, without AWS. */
export interface TerraformDatabase {
  /** @throws with Terraform's output */
  apply(model: AccessModel, parallelism?: number): Promise<string>;
  /** Whether a plan would change anything, and what it says. */
  plan(model: AccessModel): Promise<{ changes: boolean; output: string }>;
  destroy(): Promise<string>;
  /** The state as Terraform keeps it. */
  readonly folder: string;
  remove(): void;
}

export function terraformDatabase(server: DatabaseServer): TerraformDatabase {
  const folder = mkdtempSync(join(tmpdir(), 'aurora-iam-terraform-'));
  let initialized = false;

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
    };
    new PostgresqlProvider(stack, 'postgresql', { ...connection, database: model.databases[0] ?? '' });
    const others = new Map<string, PostgresqlProvider>();
    stack.addOverride('terraform.required_providers.postgresql.version', '>= 1.26.0');
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
    writeFileSync(join(folder, 'main.tf.json'), JSON.stringify(withoutBackend(stack.toTerraform())));
  }

  async function terraform(...commandArguments: string[]): Promise<{ code: number; output: string }> {
    return new Promise((resolve) => {
      execFile(
        'terraform',
        commandArguments,
        { cwd: folder, env: { ...process.env, PGPASSWORD: MASTER_PASSWORD }, maxBuffer: 1 << 26 },
        (error, stdout, stderr) =>
          resolve({ code: error ? Number(error.code ?? 1) : 0, output: stdout + stderr }),
      );
    });
  }

  async function run(...commandArguments: string[]): Promise<string> {
    const { code, output } = await terraform(...commandArguments);
    if (code !== 0) throw new Error(`terraform ${commandArguments[0]} failed:\n${output.slice(-4000)}`);
    return output;
  }

  async function prepare(model: AccessModel): Promise<void> {
    write(model);
    if (!initialized) await run('init', '-input=false', '-no-color');
    initialized = true;
  }

  return {
    folder,
    async apply(model, parallelism = 1) {
      await prepare(model);
      return run('apply', '-auto-approve', '-input=false', '-no-color', `-parallelism=${parallelism}`);
    },
    async plan(model) {
      await prepare(model);
      const { code, output } = await terraform('plan', '-detailed-exitcode', '-input=false', '-no-color');
      if (code !== 0 && code !== 2) throw new Error(`terraform plan failed:\n${output.slice(-4000)}`);
      return { changes: code === 2, output };
    },
    destroy: () => run('destroy', '-auto-approve', '-input=false', '-no-color', '-parallelism=1'),
    remove: () => rmSync(folder, { recursive: true, force: true }),
  };
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
