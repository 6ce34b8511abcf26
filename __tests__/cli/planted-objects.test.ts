import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  defineAccess,
  type Environment,
  environmentPassword,
  existingCluster,
  owner,
  readOnly,
} from '../../modules';
import { accessModel } from '../../modules/database/access-model';
import { readLiveAccess } from '../../modules/database/live-access';
import { type CliProject, cliProject, ended } from '../cli-project';
import { type DatabaseDoor, openDoor } from '../database-door';
import { type DatabaseServer, MASTER, MASTER_PASSWORD, startDatabaseServer } from '../database-server';
import { exampleEnvironment } from '../example';
import { describeWith } from '../machine';
import { calledBy, pathAttempts, plantings } from '../planted-objects';

// A login that may create in a schema plants, under every name that the tools use, what matches better than PostgreSQL's own.
// Nothing of it may run as the admin, whatever tool the admin runs. (CVE-2018-1058)

/** Who plants, and what makes it possible. Each has a database of its own. */
const attackers = [
  { name: 'migrate', database: 'of_owner_group', may: 'a member of an owner group' },
  { name: 'reader', database: 'of_everybody', may: 'a reader, where PUBLIC may create in public' },
  { name: 'dba', database: 'of_database_owner', may: 'a member of the owner of the database' },
] as const;

function environmentOf({ name, database }: (typeof attackers)[number]): Environment {
  return exampleEnvironment({
    name: name,
    cluster: existingCluster({ identifier: 'orders', databaseName: database }),
    admin: environmentPassword(),
    principals: {},
    access: defineAccess({
      groups: { [`${name}_owner`]: owner({ schemas: ['public', 'later'] }), [`${name}_read`]: readOnly() },
      logins: {
        [name]: name === 'reader' ? { memberOf: ['reader_read'] } : { actsAs: `${name}_owner` },
        [`${name}_victim`]: { memberOf: [`${name}_read`] },
        [`${name}_leaver`]: { memberOf: [`${name}_read`] },
      },
    }),
  });
}

describeWith(['psql'], 'planted objects', () => {
  describe.each([15, 16, 17, 18] as const)('on PostgreSQL %i', (major) => {
    let server: DatabaseServer;
    let door: DatabaseDoor;
    let project: CliProject;
    const log: string[] = [];

    beforeAll(async () => {
      const write = (_source: string, line: string) => {
        log.push(line);
      };
      server = await startDatabaseServer(
        major,
        attackers.map(({ database }) => database),
        { write },
      );
      door = await openDoor(server, 'rds');
      project = cliProject(attackers.map(environmentOf), door);
      for (const attacker of attackers) await script(attacker, 'sql', attacker.name);
    }, 120_000);
    afterAll(async () => {
      project?.remove();
      await door?.close();
      await server?.stop();
    });

    /** Runs what `aurora-iam sql` prints, as the master. */
    async function script({ database }: { database: string }, ...command: string[]) {
      const { stdout, stderr } = await project.run(...command);
      expect(stderr).toBe('');
      const file = join(project.folder, 'script.sql');
      writeFileSync(file, stdout);
      const { PATH } = process.env;
      const way = ['-h', server.host, '-p', String(server.port), '-U', MASTER, '-d', database];
      return ended('psql', ['-X', '-v', 'ON_ERROR_STOP=1', ...way, '-f', file], {
        cwd: project.folder,
        env: { PATH, PGPASSWORD: MASTER_PASSWORD },
      });
    }

    /** Every tool that logs in as the admin, and the scripts that it runs. */
    async function everyTool(attacker: (typeof attackers)[number], leaver: string) {
      const { name } = attacker;
      return {
        preflight: await project.asAdmin('preflight', name),
        schemas: await project.asAdmin('schemas', name),
        check: await project.asAdmin('check', name),
        sql: await script(attacker, 'sql', name),
        revoke: await project.asAdmin('revoke', name, `${name}_${leaver}`),
        remove: await script(attacker, 'sql', name, '--remove', `${name}_${leaver}`),
      };
    }

    const plantedRuns = () =>
      log.filter((line) => line.includes('PLANTED') && line.includes(`run as ${MASTER}`));

    /** What the tools sent, from the server's own log. */
    async function recordStatements(): Promise<string[]> {
      await server.as('rdsadmin', `ALTER ROLE ${MASTER} SET log_statement = 'all'`, 'postgres');
      const before = log.length;
      for (const attacker of attackers) await everyTool(attacker, 'leaver');
      await server.as('rdsadmin', `ALTER ROLE ${MASTER} RESET log_statement`, 'postgres');
      const statements: string[] = [];
      for (const line of log.slice(before)) {
        const [, start] = /:\[\d+\]:LOG: {2}(?:statement|execute [^:]*): (.*)$/.exec(line) ?? [];
        if (start !== undefined) statements.push(start);
        else if (line.startsWith('\t') && statements.length > 0) statements.push(line);
      }
      return statements;
    }

    test('none runs as the admin, whoever planted it, and they would without a fixed search path', async () => {
      const statements = await recordStatements();
      const called = await calledBy(statements, server);
      // The list is derived; that it is not empty where it matters is worth a look.
      expect(called.functions).toEqual(expect.arrayContaining(['format', 'quote_ident', 'pg_has_role']));
      expect(called.operators).toEqual(expect.arrayContaining(['=', '<>', '!~']));
      expect(called.relations).toEqual(expect.arrayContaining(['pg_roles', 'pg_class', 'pg_auth_members']));

      await server.as('rdsadmin', 'GRANT CREATE ON SCHEMA public TO PUBLIC', 'of_everybody');
      await server.as('rdsadmin', 'ALTER DATABASE of_database_owner OWNER TO dba_owner', 'postgres');
      await server.as('rdsadmin', 'CREATE ROLE accomplice LOGIN', 'postgres');
      const planted = await plantings(called, server, 'accomplice');
      for (const { name, database } of attackers) {
        const session = await server.session(name, database);
        let made = 0;
        for (const statement of [...planted, ...pathAttempts(database)])
          await session.query(statement).then(
            () => made++,
            () => {},
          );
        await session.end();
        expect(made).toBeGreaterThan(planted.length / 2);
      }

      for (const attacker of attackers) {
        const results = await everyTool(attacker, 'victim');
        expect([attacker.name, plantedRuns()]).toEqual([attacker.name, []]);
        for (const tool of ['preflight', 'check'] as const)
          expect(results[tool].stdout).toMatch(/\d+ faults?, \d+ notes?\n$/);
        expect(results.schemas).toMatchObject({ status: 0 });
        expect(results.revoke).toMatchObject({
          status: 0,
          stdout: expect.stringContaining('may not log in'),
        });
      }
      const [taken] = await server.as(
        'rdsadmin',
        "SELECT pg_has_role('accomplice', 'rds_superuser', 'MEMBER') AS taken",
        'postgres',
      );
      expect(taken).toEqual({ taken: false });

      // The proof that the plants bite: the same statements in a session as PostgreSQL gives it.
      for (const attacker of attackers) {
        const before = plantedRuns().length;
        const model = accessModel(environmentOf(attacker));
        await readLiveAccess(
          async (database, use) => {
            const session = await server.session(MASTER, database);
            const query = (text: string, values?: unknown[]) =>
              session.query(text, values).catch(() => ({ rows: [] as unknown[] }));
            try {
              return await use(query);
            } finally {
              await session.end();
            }
          },
          { master: MASTER, databases: model.databases, roles: model.logins.map(({ name }) => name) },
        );
        expect(plantedRuns().length).toBeGreaterThan(before);
      }
    }, 300_000);
  });
});
