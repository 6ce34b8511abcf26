import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { environmentPassword, iamAdmin } from '../../modules';
import { accessModel } from '../../modules/access/model';
import { type CliProject, cliProject } from '../support/cli-project';
import { type DatabaseDoor, openDoor } from '../support/database-door';
import { type DatabaseServer, startDatabaseServer } from '../support/database-server';
import { exampleEnvironment } from '../support/example';

// Each test runs the command several times.
jest.setTimeout(30_000);

const byPassword = exampleEnvironment({ admin: environmentPassword() });
const byToken = exampleEnvironment({ name: 'iam', admin: iamAdmin('iam_admin') });

describe.each([15, 17] as const)('revoke on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  let door: DatabaseDoor;
  let project: CliProject;
  beforeAll(async () => {
    server = await startDatabaseServer(major);
    door = await openDoor(server, 'rds');
    project = cliProject([byPassword, byToken], door, { variables: door.variables });
    await server.applySql(accessModel(byPassword));
    // docs/admin.md, without pg_signal_backend
    const admin = major >= 16 ? 'WITH ADMIN TRUE, INHERIT FALSE, SET FALSE' : 'WITH ADMIN OPTION';
    await server.asMaster(`
      CREATE ROLE iam_admin LOGIN CREATEROLE CREATEDB;
      GRANT orders_owner, orders_read, orders_write, orders_api, orders_migrate TO iam_admin ${admin};
      GRANT rds_iam TO iam_admin WITH ADMIN OPTION;
      CREATE ROLE legacy LOGIN PASSWORD 'legacy'; CREATE ROLE another_admin LOGIN CREATEROLE PASSWORD 'another';`);
    // Up to 15 CREATEROLE is enough, and ADMIN would be membership, which may end sessions.
    if (major >= 16) await server.asMaster(`GRANT analyst TO iam_admin, another_admin ${admin}`);
  }, 60_000);
  afterAll(async () => {
    project?.remove();
    await door?.close();
    await server?.stop();
  });
  beforeEach(async () => {
    await server.asMaster('ALTER ROLE analyst LOGIN');
  });

  const mayLogIn = async () =>
    (await server.asMaster("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'analyst'"))[0]?.['rolcanlogin'];

  test('shuts a login out, ends its sessions, and says what still names it', async () => {
    const session = await server.session('analyst');
    const ended = new Promise<void>((resolve) => session.on('end', () => resolve()));
    expect(await project.asAdmin('revoke', 'test', 'analyst')).toEqual({
      status: 0,
      stderr: '',
      stdout: `analyst may not log in any more.
1 open session ended.
The policy of principal analysts still names analyst.
Environment test still has the login: take it out and deploy test-policies and test-database, or the next deploy lets it log in again.
`,
    });
    await ended;
  });

  test('an IAM admin that may not end sessions says so, and what to run', async () => {
    const session = await server.session('analyst');
    const { status, stdout, stderr } = await project.asAdmin('revoke', 'iam', 'analyst');
    expect({ status, stdout }).toEqual({ status: 2, stdout: 'analyst may not log in any more.\n' });
    expect(stderr).toContain(
      'analyst may not log in any more, but its open session goes on: iam_admin may not end it (',
    );
    expect(stderr).toContain(
      'As the master, run GRANT pg_signal_backend TO "iam_admin"; and then this command again.',
    );
    expect(stderr).not.toMatch(/^\s+at /m);
    expect(await mayLogIn()).toBe(false);
    expect((await session.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);

    const ended = new Promise<void>((resolve) => session.on('end', () => resolve()));
    await server.asMaster('GRANT pg_signal_backend TO "iam_admin"');
    expect(await project.asAdmin('revoke', 'iam', 'analyst')).toMatchObject({
      status: 0,
      stdout: expect.stringContaining('1 open session ended.'),
    });
    await ended;
    await server.asMaster('REVOKE pg_signal_backend FROM iam_admin');
  });

  test.each([
    ['the master', 'test', 'postgres', 'postgres is the master of this cluster: not touched'],
    ['the master, for another admin', 'iam', 'postgres', 'postgres is the master of this cluster'],
    ['the admin itself', 'iam', 'iam_admin', 'iam_admin is the admin of this environment: not touched'],
    ['a group', 'test', 'orders_read', 'orders_read is a group'],
    [
      'a password login',
      'test',
      'legacy',
      'legacy is not an IAM login (not a member of rds_iam): not touched',
    ],
    [
      'a login that is not there',
      'test',
      'Analyst',
      'There is no role Analyst on this cluster. Upper and lower',
    ],
    ...(major < 16
      ? []
      : [
          [
            'an admin with a password, who made an IAM login',
            'test',
            'another_admin',
            'another_admin is not an IAM login (its only way to rds_iam is ADMIN without INHERIT and SET)',
          ],
        ]),
  ])('does not touch %s', async (_what, environment, login, message) => {
    const logins = () => server.asMaster('SELECT rolname FROM pg_roles WHERE rolcanlogin ORDER BY 1');
    const before = await logins();
    const { status, stderr } = await project.asAdmin('revoke', environment as string, login as string);
    expect(status).toBe(2);
    expect(stderr).toContain(message);
    expect(await logins()).toEqual(before);
  });

  describe('where the project does not build', () => {
    const broken = (build: string, environments = [byPassword]) =>
      cliProject(environments, door, { build, variables: door.variables });

    test('it goes on with what was built before, and says so; other tools stop', async () => {
      const one = broken('echo "environments/test.ts(1,1): error" && exit 2');
      const { status, stdout, stderr } = await one.asAdmin('revoke', 'test', 'analyst');
      expect(status).toBe(0);
      expect(stdout).toContain('analyst may not log in any more.');
      expect(stderr).toMatch(
        /^environments\/test\.ts\(1,1\): error\naurora-iam: The project does not build: .* failed\. Going on with .*environments\.js, written \d{4}-.*Z\.\n$/,
      );
      expect(await mayLogIn()).toBe(false);
      expect(await one.asAdmin('check', 'test')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('The project does not build'),
      });
      one.remove();
    });

    test('--no-build does not try', async () => {
      const one = broken('echo built; exit 2');
      const { status, stderr } = await one.asAdmin('revoke', 'test', 'analyst', '--no-build');
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      one.remove();
    });

    test('a fault in another environment does not stop it; one in its own does', async () => {
      const wrong = { ...byToken, name: 'wrong', region: 'nowhere', account: '1' } as typeof byToken;
      const one = broken('true', [byPassword, wrong]);
      expect(await one.asAdmin('revoke', 'test', 'analyst')).toMatchObject({ status: 0 });
      expect(await one.asAdmin('revoke', 'wrong', 'analyst')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('account: '),
      });
      one.remove();
    });

    test('with nothing built, it is refused', async () => {
      const one = broken('false');
      rmSync(join(one.folder, 'environments.js'));
      expect(await one.asAdmin('revoke', 'test', 'analyst')).toMatchObject({
        status: 2,
        stdout: '',
        stderr: expect.stringContaining('is not there, so nothing says which cluster is meant.'),
      });
      expect(await one.asAdmin('revoke', 'test', 'analyst', '--no-build')).toMatchObject({
        status: 2,
        stderr: expect.stringContaining('is not there. Build the project first.'),
      });
      one.remove();
    });
  });
});

describe('a project that cannot be read', () => {
  test.each([
    ['cdktf.json', '{', /cdktf\.json cannot be read as JSON: /],
    ['cdktf.json', 'null', /cdktf\.json does not say where the environments are/],
    ['environments.js', 'throw new Error("too soon")', /environments\.js cannot be loaded: too soon/],
    ['environments.js', 'module.exports = null', /has no list of environments/],
    ['environments.js', 'exports.default = [null]', /^aurora-iam: /],
  ])('%s: %s', async (file, text, message) => {
    const project = cliProject([byPassword]);
    writeFileSync(join(project.folder, file), text);
    const { status, stderr } = await project.run('check', 'test');
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
    project.remove();
  });

  test('--port alone is refused', async () => {
    const project = cliProject([byPassword]);
    expect(await project.run('check', 'test', '--port', '5433')).toMatchObject({
      status: 2,
      stderr: expect.stringContaining('--port goes with --host'),
    });
    project.remove();
  });
});
