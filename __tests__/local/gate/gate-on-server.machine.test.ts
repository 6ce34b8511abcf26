import { readFileSync } from 'node:fs';
import { Client } from 'pg';
import { type DatabaseDoor, openDoor } from '../../support/database-door';
import { type DatabaseServer, startDatabaseServer } from '../../support/database-server';

jest.setTimeout(60_000);

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
    await server.as('rdsadmin', 'CREATE ROLE replica LOGIN REPLICATION IN ROLE rds_iam');
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

  describe.each(['true', 'database'])('replication=%s', (replication) => {
    async function replicate(user: string, password: string | (() => Promise<string>)) {
      const options = {
        host: 'localhost',
        port: door.port,
        user,
        password,
        database: 'orders',
        ssl: { ca: readFileSync(door.certificateAuthorityFile, 'utf8') },
        // Not in the types: https://github.com/brianc/node-postgres/blob/master/packages/pg/lib/client.js
        replication,
      };
      const client = new Client(options);
      client.on('error', () => {});
      await client.connect();
      await client.end();
    }

    test('an IAM login without REPLICATION passes with its token, and is told by PostgreSQL', async () => {
      const [user = ''] = NAMES;
      await expect(replicate(user, 'no token')).rejects.toMatchObject({ code: '28000' });
      await expect(replicate(user, () => door.token(user))).rejects.toMatchObject({ code: '42501' });
    });

    test('with REPLICATION it is refused all the same', async () => {
      await expect(replicate('replica', () => door.token('replica'))).rejects.toMatchObject({
        code: '28000',
        message: 'PAM authentication failed for user "replica"',
      });
    });

    test('a password user is asked for the password, and then told', async () => {
      const user = 'p'.repeat(63);
      await expect(replicate(user, 'wrong')).rejects.toMatchObject({ code: '28P01' });
      await expect(replicate(user, 'its own')).rejects.toMatchObject({ code: '42501' });
    });
  });
});
