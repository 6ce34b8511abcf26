import { defineAccess, owner, readOnly } from '../../../modules';
import { checkAccess } from '../../../modules/access/check';
import { accessModel } from '../../../modules/access/model';
import { type DatabaseDoor, openDoor } from '../../support/database-door';
import {
  type DatabaseServer,
  MASTER,
  MASTER_PASSWORD,
  startDatabaseServer,
} from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';
import { terraformDatabase } from '../../support/terraform-database';

// Who is refused by password, at the gate, in both of its modes: as pg_hba of vanilla PostgreSQL takes memberships, and as
// RDS is believed to. Each title says the mode.

const access = defineAccess({
  groups: { orders_owner: owner(), orders_read: readOnly() },
  logins: { orders_migrate: { actsAs: 'orders_owner' }, analyst: { memberOf: ['orders_read'] } },
});
const model = accessModel(exampleEnvironment({ access, principals: {} }));
const refused = 'PAM authentication failed';

describe.each([15, 17] as const)('PostgreSQL %i', (major) => {
  describe.each(['vanilla', 'rds'] as const)('mode %s', (mode) => {
    let server: DatabaseServer;
    let door: DatabaseDoor;
    beforeEach(async () => {
      server = await startDatabaseServer(major);
      door = await openDoor(server, mode);
      await server.asMaster("CREATE ROLE legacy LOGIN PASSWORD 'legacy'");
    }, 60_000);
    afterEach(async () => {
      await door?.close();
      await server?.stop();
    });
    const masterEnters = () => door.logIn(MASTER, MASTER_PASSWORD);

    test('the hazard: a group in rds_iam shuts its members with passwords out, at once', async () => {
      await door.logIn('legacy', 'legacy');
      await server.asMaster('CREATE ROLE people; GRANT rds_iam TO people; GRANT people TO legacy');
      await expect(door.logIn('legacy', 'legacy')).rejects.toThrow(refused);
    });

    test('the hazard: whoever is given an IAM login, as a database owner is by the provider, is shut out', async () => {
      // From 16 on vanilla shuts the master out with the first of these; the superuser goes on for it.
      await server.as('rdsadmin', 'CREATE ROLE app LOGIN; GRANT rds_iam TO app; GRANT app TO postgres');
      await expect(masterEnters()).rejects.toThrow(refused);
    });

    // What the project does, and what no project can help on vanilla 16 and later: whoever may grant rds_iam, or makes a
    // role, is an ADMIN-only member of it.
    const shutOut = mode === 'vanilla' && major >= 16;
    test(`deployed by this project, the master ${shutOut ? 'is an ADMIN-only member, and shut out' : 'enters by password'}`, async () => {
      await server.applySql(model);
      await server.as('orders_migrate', 'CREATE TABLE things ()');
      await server.applySql(model);
      if (shutOut) await expect(masterEnters()).rejects.toThrow(refused);
      else await masterEnters();
      await door.logIn('legacy', 'legacy');
      await door.logInByToken('analyst');
      const findings = checkAccess(
        { model, master: MASTER, masterByIam: false, adminByIam: false, otherIamLogins: [] },
        await server.live(model),
      );
      expect(findings.filter(({ severity }) => severity === 'fault')).toEqual([]);
      expect(findings.some(({ rule }) => rule === 'admin-only')).toBe(major >= 16);
    });
  });

  describeWith(['terraform', 'postgresql-provider'], 'an admin that logs in by IAM (mode rds)', () => {
    let server: DatabaseServer;
    let door: DatabaseDoor;
    beforeAll(async () => {
      server = await startDatabaseServer(major);
      door = await openDoor(server, 'rds');
    }, 60_000);
    afterAll(async () => {
      await door?.close();
      await server?.stop();
    });

    test('takes over from the master, who still enters by password', async () => {
      const locked = accessModel(exampleEnvironment({ access, principals: {}, lockDown: true }));
      const asMaster = terraformDatabase(server);
      const asIamAdmin = terraformDatabase(server, {
        connection: {
          host: 'localhost',
          port: door.port,
          username: 'iam_admin',
          sslmode: 'verify-full',
          sslrootcert: door.certificateAuthorityFile,
          awsRdsIamAuth: true,
          awsRdsIamRegion: 'eu-west-1',
        },
        // The region of the process is another one, and must not count.
        variables: { ...door.variables, AWS_REGION: 'us-east-1', PGPASSWORD: '' },
      });
      try {
        await asMaster.apply(locked);
        // docs/admin.md
        const admin = major >= 16 ? 'WITH ADMIN TRUE, INHERIT FALSE, SET FALSE' : 'WITH ADMIN OPTION';
        await server.asMaster(`
          CREATE ROLE iam_admin LOGIN CREATEROLE CREATEDB;
          CREATE ROLE database_admins;
          GRANT database_admins TO iam_admin, postgres;
          GRANT pg_signal_backend TO iam_admin;
          ALTER ROLE iam_admin SET search_path = pg_catalog;
          ALTER DATABASE orders OWNER TO database_admins;
          GRANT orders_owner, orders_read, orders_migrate, analyst TO iam_admin ${admin};
          GRANT rds_iam TO iam_admin WITH ADMIN OPTION;`);
        await expect(door.logIn('iam_admin', 'any password')).rejects.toThrow(refused);
        await door.logInByToken('iam_admin');
        asIamAdmin.adoptState(asMaster);
        expect((await asIamAdmin.plan(locked)).changes).toBe(false);
        const more = accessModel(
          exampleEnvironment({
            lockDown: true,
            principals: {},
            access: {
              groups: access.groups,
              logins: { ...access.logins, another: { memberOf: ['orders_read'] } },
            },
          }),
        );
        await asIamAdmin.apply(more);
        expect((await asIamAdmin.plan(more)).changes).toBe(false);
        await door.logInByToken('another');
        await door.logIn(MASTER, MASTER_PASSWORD);
        await asIamAdmin.apply(locked);
        expect(await server.asMaster("SELECT FROM pg_roles WHERE rolname = 'another'")).toEqual([]);
        // The way back: the master again.
        asMaster.adoptState(asIamAdmin);
        expect((await asMaster.plan(locked)).changes).toBe(false);
      } finally {
        asMaster.remove();
        asIamAdmin.remove();
      }
    }, 120_000);
  });
});
