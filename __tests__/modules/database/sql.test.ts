import { accessModel, databaseScripts, defineAccess, psqlScript, readOnly } from '../../../modules';
import { quoteIdentifier, quoteLiteral } from '../../../modules/database/sql-text';
import { exampleEnvironment } from '../../example';

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
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'reader') THEN
    CREATE ROLE "reader" NOLOGIN;
  END IF;
  IF pg_catalog.pg_has_role('reader', 'rds_iam', 'MEMBER') THEN
    RAISE EXCEPTION 'group reader is a member of rds_iam: take it out first';
  END IF;
END
$do$;
GRANT CONNECT ON DATABASE "orders" TO "reader";
GRANT USAGE ON SCHEMA "public" TO "reader";
GRANT SELECT ON ALL TABLES IN SCHEMA "public" TO "reader";
GRANT SELECT ON ALL SEQUENCES IN SCHEMA "public" TO "reader";
DO $do$
BEGIN
  IF NOT EXISTS (SELECT FROM pg_catalog.pg_roles WHERE rolname = 'analyst') THEN
    CREATE ROLE "analyst" LOGIN;
  ELSIF NOT pg_catalog.pg_has_role('analyst', 'rds_iam', 'MEMBER') THEN
    RAISE EXCEPTION 'login analyst exists and is not in rds_iam: as a member it could no longer log in by password';
  END IF;
END
$do$;
ALTER ROLE "analyst" LOGIN;
GRANT "rds_iam", "reader" TO "analyst";
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
  expect(script?.statements[0]).toMatch(/^DO \$do1\$\n[\s\S]*\n\$do1\$;$/);
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
