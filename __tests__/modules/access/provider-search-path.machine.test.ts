import { accessModel } from '../../../modules/access/model';
import { type DatabaseServer, MASTER, startDatabaseServer } from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';
import { calledBy, plant, plantedRuns, plantings, statementsIn } from '../../support/planted-objects';
import { type TerraformDatabase, terraformDatabase } from '../../support/terraform-database';

// docs/admin.md: what the provider's own queries leave open, and the cure.

describeWith(['terraform', 'postgresql-provider'], 'the postgresql provider and planted objects', () => {
  const model = accessModel(exampleEnvironment());
  const log: string[] = [];
  let server: DatabaseServer;
  let terraform: TerraformDatabase;
  beforeAll(async () => {
    server = await startDatabaseServer(17, ['orders'], {
      write: (_source, line) => {
        log.push(line);
      },
    });
    terraform = terraformDatabase(server);
  }, 60_000);
  afterAll(async () => {
    terraform?.remove();
    await server?.stop();
  });

  const setPath = () => server.asMaster(`ALTER ROLE ${MASTER} SET search_path = pg_catalog`);

  test('with the search path pg_catalog, the provider does what it did before', async () => {
    await setPath();
    await terraform.apply(model);
    await server.as('orders_migrate', 'CREATE TABLE public.things (id int)');
    expect((await terraform.plan(model)).changes).toBe(false);
    await terraform.destroy();
    await server.asMaster(`ALTER ROLE ${MASTER} RESET search_path`);
  }, 120_000);

  test('without it, a plan runs what a member of an owner group planted', async () => {
    await terraform.apply(model);
    await server.as('rdsadmin', `ALTER ROLE ${MASTER} SET log_statement = 'all'`);
    await terraform.plan(model);
    await server.as('rdsadmin', `ALTER ROLE ${MASTER} RESET log_statement; CREATE ROLE accomplice LOGIN`);
    const statements = await plantings(await calledBy(statementsIn(log), server), server, 'accomplice');
    await plant(server, { login: 'orders_migrate', database: 'orders', statements });
    await terraform.plan(model).catch(() => {});
    expect(plantedRuns(log, MASTER)).not.toEqual([]);
  }, 120_000);

  test('and with it, neither a plan nor an apply does', async () => {
    await setPath();
    const before = plantedRuns(log, MASTER).length;
    expect((await terraform.plan(model)).changes).toBe(false);
    const { access } = exampleEnvironment();
    const more = accessModel(
      exampleEnvironment({
        principals: {},
        access: { ...access, logins: { ...access.logins, another: { memberOf: ['orders_read'] } } },
      }),
    );
    await terraform.apply(more);
    expect((await terraform.plan(more)).changes).toBe(false);
    expect(plantedRuns(log, MASTER).slice(before)).toEqual([]);
  }, 120_000);
});
