import { spawnSync } from 'node:child_process';
import { databaseScripts, psqlScript } from '../../../modules';
import { accessModel } from '../../../modules/access/model';
import { psqlRemoval, removalStatements, schemaScripts } from '../../../modules/access/sql';
import {
  type DatabaseServer,
  MASTER,
  MASTER_PASSWORD,
  startDatabaseServer,
} from '../../support/database-server';
import { exampleEnvironment } from '../../support/example';
import { describeWith } from '../../support/machine';

// Whoever may create in a schema of the admin's search path plants what matches better than PostgreSQL's own (CVE-2018-1058).

const environment = exampleEnvironment({ lockDown: true });
const model = accessModel(environment);

/** Every function that a statement of the export calls, and some that its operators could be taken for. */
const called = [
  ...new Set(
    [
      ...databaseScripts(model).flatMap(({ statements }) => statements),
      ...schemaScripts(model).flatMap(({ statements }) => statements),
      psqlRemoval(environment, 'analyst'),
    ]
      .join('\n')
      .match(/\b[a-z_0-9]+(?=\()/g),
  ),
];

/** As a login that may create in `public`: overloads with PostgreSQL's own arguments, and with text and name for all of them. */
const PLANT = `
  CREATE TABLE public.executed (what text, who name);
  GRANT INSERT ON public.executed TO PUBLIC;
  DO $plant$
  DECLARE
    r record;
    planted int := 0;
    body text := $body$ BEGIN INSERT INTO public.executed VALUES ('%s', current_user); RETURN NULL; END $body$;
  BEGIN
    FOR r IN
      SELECT DISTINCT proname, args, result FROM (
        SELECT proname, pg_get_function_identity_arguments(oid) AS args, pg_get_function_result(oid) AS result, pronargs FROM pg_proc
          WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY (ARRAY[${called.map((name) => `'${name}'`).join(', ')}])
        UNION ALL SELECT proname, array_to_string(array_fill(type, ARRAY[n]), ', '), CASE WHEN prorettype::regtype::text ~ 'any|trigger|internal' THEN 'text' ELSE prorettype::regtype::text END, n
          FROM pg_proc, unnest(ARRAY['text', 'name', 'oid', 'text[]', 'jsonb', 'unknown']) AS type, generate_series(1, 5) AS n
          WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY (ARRAY[${called.map((name) => `'${name}'`).join(', ')}])
        UNION ALL SELECT 'format', 'text' || repeat(', name', n), 'text', n FROM generate_series(1, 5) AS n
        UNION ALL SELECT 'pg_has_role', a || ', ' || b || ', text', 'boolean', 3 FROM unnest(ARRAY['text', 'name', 'oid']) a, unnest(ARRAY['text', 'name', 'oid']) b
      ) AS functions WHERE result NOT LIKE 'SETOF%'
    LOOP
      BEGIN
        EXECUTE format('CREATE FUNCTION public.%I(%s) RETURNS %s LANGUAGE plpgsql AS %L', r.proname, r.args, r.result, format(body, r.proname));
        planted := planted + 1;
      EXCEPTION WHEN OTHERS THEN NULL; -- pseudo-types
      END;
    END LOOP;
    FOR r IN
      SELECT DISTINCT oprname, l, rt, result FROM (
        SELECT oprname, oprleft::regtype::text AS l, oprright::regtype::text AS rt, oprresult::regtype::text AS result FROM pg_operator
          WHERE oprname IN ('=', '<>', '||', '->>', '@>', '<@', '>=', '~~') AND oprleft <> 0
        UNION ALL SELECT o, a, b, CASE WHEN o = '||' THEN 'text' ELSE 'boolean' END
          FROM unnest(ARRAY['=', '<>', '||', '->>', '@>', '<@', '>=', '~~']) o, unnest(ARRAY['text', 'name', 'oid', 'text[]', 'name[]', 'jsonb', 'integer', '"char"', 'regclass']) a,
            unnest(ARRAY['text', 'name', 'oid', 'text[]', 'name[]', 'jsonb', 'integer', '"char"', 'regclass']) b
      ) AS operators
    LOOP
      BEGIN
        EXECUTE format('CREATE FUNCTION public.%I(%s, %s) RETURNS %s LANGUAGE plpgsql AS %L', 'planted_' || planted, r.l, r.rt, r.result, format(body, 'operator ' || r.oprname));
        EXECUTE format('CREATE OPERATOR public.%s (leftarg = %s, rightarg = %s, function = public.%I)', r.oprname, r.l, r.rt, 'planted_' || planted);
        planted := planted + 1;
      EXCEPTION WHEN OTHERS THEN NULL;
      END;
    END LOOP;
    IF planted < 500 THEN RAISE EXCEPTION 'only % planted', planted; END IF;
  END $plant$;
  CREATE VIEW public.pg_roles AS SELECT * FROM pg_catalog.pg_roles WHERE false;
  CREATE VIEW public.pg_auth_members AS SELECT * FROM pg_catalog.pg_auth_members WHERE false;
  CREATE TABLE public.pg_namespace (); CREATE TABLE public.pg_class (); CREATE TABLE public.pg_database ();
  CREATE DOMAIN public.name AS int; CREATE DOMAIN public.text AS int; CREATE DOMAIN public.jsonb AS int;
`;

describe.each([15, 16, 17, 18] as const)('planted in public, on PostgreSQL %i', (major) => {
  let server: DatabaseServer;
  beforeAll(async () => {
    server = await startDatabaseServer(major);
    await server.asMaster('CREATE ROLE planter LOGIN; GRANT CREATE ON SCHEMA public TO planter');
    await server.as('planter', PLANT);
    // As the owner of the database or the admin's own settings may have it.
    await server.as('rdsadmin', 'ALTER DATABASE orders SET search_path = public, pg_catalog');
    await server.as('rdsadmin', "ALTER DATABASE orders SET plpgsql.extra_errors = 'all'");
  }, 60_000);
  afterAll(() => server?.stop(), 60_000);
  const executed = () => server.as('rdsadmin', 'SELECT pg_catalog.count(1) AS n FROM public.executed');

  test('it is executed by who looks there', async () => {
    await server.asMaster("SELECT format('x'::pg_catalog.text, 'a'::pg_catalog.name)").catch(() => {});
    expect(await executed()).not.toEqual([{ n: '0' }]);
    await server.as('rdsadmin', 'TRUNCATE public.executed');
  });

  test('no statement of the export, of schemas and of the removal does', async () => {
    await server.applySql(model);
    await server.applySql(model);
    for (const { statements } of schemaScripts(model))
      await server.asMaster(['BEGIN;', ...statements, 'COMMIT;'].join('\n'));
    // Alone: revoke sends them without the script around.
    const { lock, endSessions, drop } = removalStatements('analyst');
    for (const statement of [lock, endSessions, drop]) await server.asMaster(statement);
    expect(await executed()).toEqual([{ n: '0' }]);
    const planted = await server.as(
      'rdsadmin',
      "SELECT pg_catalog.pg_has_role('orders_api', 'orders_write', 'USAGE') AS member",
    );
    expect(planted).toEqual([{ member: true }]);
  });

  describeWith(['psql'], 'by psql', () => {
    const psql = (input: string, variables: Record<string, string> = {}) =>
      spawnSync('psql', ['-X', '-q', '-f', '-'], {
        input,
        encoding: 'utf8',
        env: {
          ...process.env,
          PGHOST: server.host,
          PGPORT: String(server.port),
          PGUSER: MASTER,
          PGPASSWORD: MASTER_PASSWORD,
          PGDATABASE: 'orders',
          ...variables,
        },
      });

    test('nor do the scripts', async () => {
      for (const script of [psqlScript(environment), psqlRemoval(environment, 'orders_api')]) {
        const { status, stderr } = psql(script);
        expect({ status, stderr: stderr.replace(/^.*NOTICE: .*\n/gm, '') }).toEqual({
          status: 0,
          stderr: '',
        });
      }
      expect(await executed()).toEqual([{ n: '0' }]);
    });

    test.each(['LATIN1', 'SJIS', 'WIN1252'])(
      "names are UTF-8, whatever the client's encoding: %s",
      async (encoding) => {
        const name = `größe_${encoding}`;
        const access = { groups: { [name]: { preset: 'readOnly' as const } }, logins: {} };
        expect(
          psql(psqlScript({ ...environment, access, principals: {} }), { PGCLIENTENCODING: encoding }).status,
        ).toBe(0);
        expect(
          await server.as(
            'rdsadmin',
            `SELECT FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) '${name}'`,
          ),
        ).toHaveLength(1);
      },
    );
  });
});

test('every statement of a transaction comes after its search path, and every connection of psql begins with it', () => {
  for (const { statements } of [...databaseScripts(model), ...schemaScripts(model)])
    expect(statements[0]).toBe('SET LOCAL search_path = pg_catalog;');
  for (const script of [psqlScript(environment), psqlRemoval(environment, 'analyst')]) {
    const lines = script.split('\n');
    const connections = lines.flatMap((line, index) =>
      line.startsWith('\\connect') ? [lines.slice(index + 1, index + 3)] : [],
    );
    expect(connections.length).toBeGreaterThan(0);
    for (const next of connections)
      expect(next).toEqual(['SET search_path = pg_catalog;', "SET client_encoding = 'UTF8';"]);
  }
});

test('a database whose name breaks a line of psql is not written, whoever asks', () => {
  const cluster = { ...environment.cluster, databaseName: 'a\nCREATE ROLE injected;--' };
  expect(() => psqlScript({ ...environment, cluster })).toThrow('control characters');
  expect(() => psqlRemoval({ ...environment, cluster }, 'x')).toThrow('control characters');
});
