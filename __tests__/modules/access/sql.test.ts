import { databaseScripts, defineAccess, psqlScript, readOnly } from '../../../modules';
import { accessModel } from '../../../modules/access/model';
import { quoteIdentifier, quoteLiteral } from '../../../modules/names/sql';
import { exampleEnvironment } from '../../support/example';

test('the script of a small environment', () => {
  const access = defineAccess({
    groups: { reader: readOnly() },
    logins: { analyst: { memberOf: ['reader'] } },
  });
  const script = psqlScript(exampleEnvironment({ access, principals: {} }));
  // What a reader of the script looks for: the PL/pgSQL around is tested on servers.
  const statements = script.replace(/^DO \$do\$\n[\s\S]*?\n\$do\$;$/gm, (text) => {
    const first = text.match(/^ {2}-- .*|^ {2}(IF|FOR|SELECT|FOREACH) .{0,60}/m)?.[0] ?? '';
    return `DO … ${first.trim()}`;
  });
  expect(statements).toMatchInlineSnapshot(`
"-- Access of environment test to cluster orders, made by \`aurora-iam sql test\`.
-- Run it as the master: psql -X -v ON_ERROR_STOP=1 -f <this file>. Running it again changes nothing.
-- 1. Refuses what it cannot work with. 2. Takes away what the environment does not give to its groups and logins.
-- 3. Grants what it gives. 4. Looks at what is so then, and fails if that is anything else.
\\set ON_ERROR_STOP on

\\connect -reuse-previous=on 'dbname=''orders'''
SET search_path = pg_catalog;
SET client_encoding = 'UTF8';
SET ROLE NONE;
SET statement_timeout = 0;
SET idle_session_timeout = 0;
SET idle_in_transaction_session_timeout = 0;
SET default_transaction_read_only = off;
SET client_min_messages = notice;
BEGIN;
SET LOCAL search_path = pg_catalog;
DO … SELECT name INTO missing FROM unnest(ARRAY['orders']::text[]) AS na
DO … -- What exists under these names must be what the environment takes it for.
-- What the environment does not give to its own groups and logins
DO … FOR login, powers IN
DO … FOR extra IN
-- What the environment does not give in database orders
DO … -- Again, if something is left: a grant option goes only after what was granted by it.
COMMIT;

BEGIN;
SET LOCAL search_path = pg_catalog;
DO … IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'reader') T
-- What the environment gives in database orders
DO … -- Owners that this transaction needs to be a member of. It leaves them again before it ends.
GRANT CONNECT ON DATABASE "orders" TO "reader";
GRANT USAGE ON SCHEMA "public" TO "reader";
GRANT SELECT ON ALL TABLES IN SCHEMA "public" TO "reader";
GRANT SELECT ON ALL SEQUENCES IN SCHEMA "public" TO "reader";
DO … -- The memberships that this transaction needed go again.
DO … -- What the groups can do is what they were granted, or nothing of this transaction stays.
-- Login analyst
DO … IF NOT EXISTS (SELECT FROM pg_roles WHERE rolname = 'analyst')
ALTER ROLE "analyst" LOGIN INHERIT NOCREATEROLE NOCREATEDB CONNECTION LIMIT -1;
ALTER ROLE "analyst" RESET search_path;
ALTER ROLE "analyst" RESET statement_timeout;
ALTER ROLE "analyst" RESET role;
DO … FOR missing IN
COMMIT;

BEGIN;
SET LOCAL search_path = pg_catalog;
SET TRANSACTION READ ONLY;
-- Is it so now?
DO … SELECT string_agg(format(E'\\n  %s; -- granted by %I', command, gran
DO … SELECT string_agg(format(E'\\n  %s; -- as %I, or a superuser', comma
DO … FOR guest IN
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
  const scripts = databaseScripts(accessModel(exampleEnvironment({ access, principals: {} })));
  const block = scripts
    .flatMap(({ statements }) => statements)
    .find((statement) => statement.includes('CREATE ROLE'));
  expect(block).toMatch(/^DO \$do1\$\n[\s\S]*\n\$do1\$;$/);
});

test('each database has a transaction of its own, and roles are made once', () => {
  const access = defineAccess({
    groups: { reader: readOnly(), other_reader: readOnly({ database: 'other' }) },
    logins: {},
  });
  const scripts = databaseScripts(accessModel(exampleEnvironment({ access, principals: {} })));
  // Taken away, granted, the logins made, looked at.
  expect(scripts.map(({ database }) => database)).toEqual([
    ...['orders', 'other'],
    ...['orders', 'other'],
    ...['orders', 'orders', 'other'],
  ]);
  const making = scripts.map(
    ({ statements }) => statements.filter((statement) => statement.includes('CREATE ROLE')).length,
  );
  expect(making).toEqual([0, 0, 2, 0, 0, 0, 0]);
});
