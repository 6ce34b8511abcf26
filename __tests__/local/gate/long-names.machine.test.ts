import { type DatabaseDoor, openDoor } from '../../support/database-door';
import { type DatabaseServer, startDatabaseServer } from '../../support/database-server';

/** 63 bytes, the longest name there is; the second one ends in a character of two bytes. */
const NAMES = ['l'.repeat(63), `${'l'.repeat(61)}é`];

describe.each([15, 17] as const)('PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  let door: DatabaseDoor;
  beforeAll(async () => {
    server = await startDatabaseServer(major);
    door = await openDoor(server, 'rds');
    for (const name of NAMES)
      await server.as('rdsadmin', `CREATE ROLE "${name}" LOGIN PASSWORD 'old'; GRANT rds_iam TO "${name}"`);
    await server.as('rdsadmin', `CREATE ROLE "${'p'.repeat(63)}" LOGIN PASSWORD 'its own'`);
  }, 120_000);
  afterAll(async () => {
    await door?.close();
    await server?.stop();
  });

  test.each(NAMES)(
    'the old password of the IAM login %s opens under no longer spelling of its name',
    async (name) => {
      for (const more of ['', 'x', 'é', 'x'.repeat(100)])
        await expect(door.logIn(name + more, 'old')).rejects.toMatchObject({
          code: '28000',
          message: `PAM authentication failed for user "${name}"`,
        });
    },
  );

  test('the server itself cuts the name, so a password user comes in under a longer one', async () => {
    await door.logIn('p'.repeat(63), 'its own');
    await door.logIn(`${'p'.repeat(63)}q`, 'its own');
  });

  test('a character cut in two is nobody', async () => {
    await expect(door.logIn(`${'l'.repeat(62)}é`, 'old')).rejects.toMatchObject({ code: '28P01' });
  });
});
