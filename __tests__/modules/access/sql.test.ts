import { databaseScripts, defineAccess, psqlScript, readOnly } from '../../../modules';
import { accessModel } from '../../../modules/access/model';
import { quoteIdentifier, quoteLiteral } from '../../../modules/names/sql';
import { exampleEnvironment } from '../../support/example';

test('the script of a small environment', () => {
  const access = defineAccess({
    groups: { reader: readOnly() },
    logins: { analyst: { memberOf: ['reader'] } },
  });
  expect(psqlScript(exampleEnvironment({ access, principals: {} }))).toMatchInlineSnapshot(`
"-- Access of environment test to cluster orders, made by \`aurora-iam sql test\`.
-- Run it as the master: psql -v ON_ERROR_STOP=1 -f <this file>. Running it again changes nothing.
\\set ON_ERROR_STOP on

\\connect -reuse-previous=on 'dbname=''orders'''
BEGIN;
DO $do$
DECLARE
  missing text;
BEGIN
  SELECT name INTO missing FROM pg_catalog.unnest(ARRAY['orders']::text[]) AS name
    WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_database WHERE datname = name);
  IF FOUND THEN RAISE EXCEPTION 'database % does not exist: create it first', pg_catalog.quote_ident(missing); END IF;
END
$do$;
-- Group reader
DO $do$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'reader') THEN CREATE ROLE "reader" NOLOGIN VALID UNTIL 'infinity'; END IF;
  IF pg_catalog.pg_has_role('reader', 'rds_iam', 'MEMBER') THEN
    RAISE EXCEPTION 'group reader is a member of rds_iam: take it out first';
  END IF;
END
$do$;
-- Privileges in database orders
DO $do$
DECLARE
  owner text;
  owned text;
  borrowed text[] := ARRAY[]::text[];
BEGIN
  FOR owner, owned IN
    SELECT rolname, NULL FROM pg_catalog.pg_roles WHERE rolname = ANY (ARRAY[]::text[])
    UNION SELECT owners.rolname, min(objects.name) FROM (
      SELECT nspowner AS owner, pg_catalog.format('schema %I', nspname) AS name, nspname AS schema FROM pg_catalog.pg_namespace
      UNION ALL SELECT relowner, pg_catalog.format('%I.%I', nspname, relname), nspname
        FROM pg_catalog.pg_class JOIN pg_catalog.pg_namespace n ON n.oid = relnamespace
        WHERE relkind IN ('r', 'p', 'v', 'm', 'f', 'S')
      UNION ALL SELECT proowner, pg_catalog.format('%I.%I()', nspname, proname), nspname
        FROM pg_catalog.pg_proc JOIN pg_catalog.pg_namespace n ON n.oid = pronamespace
    ) AS objects JOIN pg_catalog.pg_roles AS owners ON owners.oid = objects.owner
    WHERE NOT owners.rolsuper AND owners.rolname <> 'pg_database_owner'
      AND objects.schema = ANY (ARRAY['public']::text[]) GROUP BY 1
  LOOP
    IF pg_catalog.pg_has_role(current_user, owner, 'USAGE') THEN CONTINUE; END IF;
    BEGIN
      EXECUTE pg_catalog.format('GRANT %I TO %I', owner, current_user);
    EXCEPTION WHEN insufficient_privilege THEN
      RAISE EXCEPTION '% belongs to %, which % cannot be a member of: run GRANT % TO % as a superuser or an ADMIN member of it, or leave that schema out',
        coalesce(owned, 'the role'), pg_catalog.quote_ident(owner), current_user, pg_catalog.quote_ident(owner), pg_catalog.quote_ident(current_user);
    END;
    borrowed := borrowed || owner;
  END LOOP;
  PERFORM pg_catalog.set_config('aurora_iam.borrowed', borrowed::text, true);
END
$do$;
REVOKE ALL PRIVILEGES ON DATABASE "orders" FROM "reader";
GRANT CONNECT ON DATABASE "orders" TO "reader";
REVOKE ALL PRIVILEGES ON SCHEMA "public" FROM "reader";
GRANT USAGE ON SCHEMA "public" TO "reader";
REVOKE ALL PRIVILEGES ON ALL TABLES IN SCHEMA "public" FROM "reader";
GRANT SELECT ON ALL TABLES IN SCHEMA "public" TO "reader";
REVOKE ALL PRIVILEGES ON ALL SEQUENCES IN SCHEMA "public" FROM "reader";
GRANT SELECT ON ALL SEQUENCES IN SCHEMA "public" TO "reader";
DO $do$
DECLARE
  owner text;
BEGIN
  FOREACH owner IN ARRAY pg_catalog.current_setting('aurora_iam.borrowed')::text[] LOOP
    EXECUTE pg_catalog.format('REVOKE %I FROM %I', owner, current_user);
  END LOOP;
END
$do$;
-- Login analyst
DO $do$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'analyst') THEN
    CREATE ROLE "analyst" LOGIN VALID UNTIL 'infinity';
  ELSIF NOT pg_catalog.pg_has_role('analyst', 'rds_iam', 'MEMBER') THEN
    RAISE EXCEPTION 'login analyst exists and is not in rds_iam: as a member it could no longer log in by password. Name a second login beside it, or say cutover: true';
  END IF;
END
$do$;
DO $do$
DECLARE
  granted text;
BEGIN
  FOR granted IN SELECT r.rolname FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles r ON r.oid = m.roleid
    WHERE m.member = (SELECT oid FROM pg_catalog.pg_roles WHERE rolname = 'analyst') AND r.rolname <> ALL (ARRAY['rds_iam', 'reader']::text[])
  LOOP
    EXECUTE pg_catalog.format('REVOKE %I FROM %I', granted, 'analyst');
  END LOOP;
END
$do$;
GRANT "rds_iam", "reader" TO "analyst";
ALTER ROLE "analyst" LOGIN INHERIT NOCREATEROLE NOCREATEDB CONNECTION LIMIT -1;
ALTER ROLE "analyst" RESET search_path;
ALTER ROLE "analyst" RESET statement_timeout;
ALTER ROLE "analyst" RESET role;
COMMIT;
"
`);
});

test.each([
  ['plain', '"plain"'],
  ['a"b', '"a""b"'],
  ["a'b", `"a'b"`],
  ['$do$', '"$do$"'],
])('the name %s stands in SQL as %s', (name, quoted) => {
  expect(quoteIdentifier(name)).toBe(quoted);
});

test.each([
  ["o'brien", "'o''brien'"],
  ['a\\b', "E'a\\\\b'"],
])('the text %s stands in SQL as %s', (text, quoted) => {
  expect(quoteLiteral(text)).toBe(quoted);
});

test('no name ends the block that it stands in', () => {
  const access = defineAccess({ groups: { '$do$; DROP ROLE x': readOnly() }, logins: {} });
  const [script] = databaseScripts(accessModel(exampleEnvironment({ access, principals: {} })));
  const block = script?.statements.find((statement) => statement.includes('CREATE ROLE'));
  expect(block).toMatch(/^DO \$do1\$\n[\s\S]*\n\$do1\$;$/);
});

test('each database has a transaction of its own, and roles are made once', () => {
  const access = defineAccess({
    groups: { reader: readOnly(), other_reader: readOnly({ database: 'other' }) },
    logins: {},
  });
  const scripts = databaseScripts(accessModel(exampleEnvironment({ access, principals: {} })));
  expect(scripts.map(({ database }) => database)).toEqual(['orders', 'other']);
  expect(scripts[0]?.statements.filter((statement) => statement.includes('CREATE ROLE'))).toHaveLength(2);
  expect(scripts[1]?.statements.join()).not.toContain('CREATE ROLE');
});
