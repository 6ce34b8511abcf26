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
import { readLiveAccess } from '../../modules/access/catalog';
import { accessModel } from '../../modules/access/model';
import { type Finding, findingsText } from '../../modules/findings/finding';
import { type CliProject, cliProject, ended } from '../support/cli-project';
import { type DatabaseDoor, openDoor } from '../support/database-door';
import {
  type DatabaseServer,
  MASTER,
  MASTER_PASSWORD,
  startDatabaseServer,
} from '../support/database-server';
import { exampleEnvironment } from '../support/example';
import { describeWith, MAJORS } from '../support/machine';
import {
  type Called,
  calledBy,
  plant,
  plantedRuns,
  plantings,
  statementsIn,
} from '../support/planted-objects';

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
    name,
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
  describe.each(MAJORS)('on PostgreSQL %i', (major) => {
    let server: DatabaseServer;
    let door: DatabaseDoor;
    let project: CliProject;
    const log: string[] = [];

    let called: Called;

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
      called = await calledBy(await recordStatements(), server);
      await server.as('rdsadmin', 'GRANT CREATE ON SCHEMA public TO PUBLIC', 'of_everybody');
      await server.as('rdsadmin', 'ALTER DATABASE of_database_owner OWNER TO dba_owner', 'postgres');
      await server.as('rdsadmin', 'CREATE ROLE accomplice LOGIN', 'postgres');
      const planted = await plantings(called, server, 'accomplice');
      for (const { name, database } of attackers)
        expect(await plant(server, { login: name, database, statements: planted })).toBeGreaterThan(
          planted.length / 2,
        );
    }, 300_000);
    afterAll(async () => {
      project?.remove();
      await door?.close();
      await server?.stop();
    }, 60_000);

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

    /** Every tool that logs in as the admin. */
    const toolsOf = async (name: string, login: string) => ({
      preflight: await project.asAdmin('preflight', name),
      schemas: await project.asAdmin('schemas', name),
      check: await project.asAdmin('check', name),
      json: await project.asAdmin('check', name, '--json'),
      revoke: await project.asAdmin('revoke', name, login),
    });
    /** Every script that the admin is given. */
    const scriptsOf = async (attacker: (typeof attackers)[number], login: string) => ({
      sql: await script(attacker, 'sql', attacker.name),
      remove: await script(attacker, 'sql', attacker.name, '--remove', login),
    });

    const runs = () => plantedRuns(log, MASTER);

    /** What the tools sent, from the server's own log. */
    async function recordStatements(): Promise<string[]> {
      await server.as('rdsadmin', `ALTER ROLE ${MASTER} SET log_statement = 'all'`, 'postgres');
      const before = log.length;
      // The same ones for all.
      const [attacker] = attackers;
      await toolsOf(attacker.name, `${attacker.name}_leaver`);
      await scriptsOf(attacker, `${attacker.name}_leaver`);
      await server.as('rdsadmin', `ALTER ROLE ${MASTER} RESET log_statement`, 'postgres');
      return statementsIn(log.slice(before));
    }

    /** Whether a plant has made its accomplice an administrator. */
    const isTaken = async () => {
      const sql = "SELECT pg_has_role('accomplice', 'rds_superuser', 'MEMBER') AS taken";
      return (await server.as('rdsadmin', sql, 'postgres'))[0]?.['taken'];
    };

    // It is derived; that it is not empty where it matters is worth a look.
    test('what the tools call is known', () => {
      expect(called.functions).toEqual(expect.arrayContaining(['format', 'quote_ident', 'pg_has_role']));
      expect(called.operators).toEqual(expect.arrayContaining(['=', '<>', '!~']));
      expect(called.relations).toEqual(expect.arrayContaining(['pg_roles', 'pg_class', 'pg_auth_members']));
    });

    test.each(attackers)(
      'the tools run nothing of $name, $may',
      async ({ name }) => {
        const { preflight, check, json, schemas, revoke } = await toolsOf(name, `${name}_victim`);
        expect(runs()).toEqual([]);
        for (const { stdout } of [preflight, check]) expect(stdout).toMatch(/\d+ faults?, \d+ notes?\n$/);
        const { findings } = JSON.parse(json.stdout) as { findings: Finding[] };
        expect(check.stdout).toBe(findingsText(findings));
        expect(json.status).toBe(check.status);
        expect(schemas).toMatchObject({ status: 0 });
        expect(revoke).toMatchObject({
          status: 0,
          stdout: expect.stringContaining('may not log in any more'),
        });
        expect(await isTaken()).toBe(false);
        // What the queries of others leave open is noted.
        expect(preflight.stdout).toContain('note search-path ');
      },
      60_000,
    );

    test.each(attackers)(
      'the scripts run nothing of $name, $may',
      async (attacker) => {
        const before = runs().length;
        const { sql, remove } = await scriptsOf(attacker, `${attacker.name}_victim`);
        expect(runs().slice(before)).toEqual([]);
        expect(await isTaken()).toBe(false);
        // A script may refuse a database in which the attacker owns what the admin needs. It says so, and runs nothing.
        const refusal =
          attacker.name === 'migrate'
            ? /^$/
            : /^$|ERROR: {2}(.*belongs to reader|permission denied for database)/;
        for (const { status, stderr } of [sql, remove]) expect(status === 0 ? '' : stderr).toMatch(refusal);
      },
      60_000,
    );

    // The proof that the plants bite: the same statements, in a session as PostgreSQL gives it.
    test.each(attackers)(
      'without a fixed search path, those of $name run',
      async (attacker) => {
        const before = runs().length;
        const model = accessModel(environmentOf(attacker));
        await readLiveAccess(
          async (database, use) => {
            const session = await server.session(MASTER, database, '-c statement_timeout=2s');
            const fixed = await server.session(MASTER, database, '-c search_path=pg_catalog');
            // What a plant makes an error of goes on with what it should have been.
            const query = (text: string, values?: unknown[]) =>
              session.query(text, values).catch(() => fixed.query(text, values));
            try {
              return await use(query);
            } finally {
              await session.end();
              await fixed.end();
            }
          },
          { master: MASTER, databases: model.databases, roles: model.logins.map(({ name }) => name) },
        );
        const ran = runs().slice(before).join('\n');
        expect(ran).toContain('name !~ name');
        // Only the owner of a database can put its own schema before PostgreSQL's, so that its views are taken, too.
        expect(ran.includes('PLANTED a relation')).toBe(attacker.name === 'dba');
        if (attacker.name !== 'dba') expect(ran).toContain('format(text, name, name)');
      },
      60_000,
    );
  });
});
