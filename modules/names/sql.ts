/** The only way of a name into SQL.
 *  https://www.postgresql.org/docs/current/sql-syntax-lexical.html#SQL-SYNTAX-IDENTIFIERS */
export function quoteIdentifier(name: string): string {
  return `"${name.replaceAll('"', '""')}"`;
}

/** The only way of a text into SQL. The E form reads backslashes the same under every setting of the server. */
export function quoteLiteral(text: string): string {
  const quoted = `'${text.replaceAll("'", "''")}'`;
  return text.includes('\\') ? `E${quoted.replaceAll('\\', '\\\\')}` : quoted;
}

/** `ARRAY['a', 'b']::text[]` */
export function textArray(texts: readonly string[]): string {
  return `ARRAY[${texts.map(quoteLiteral).join(', ')}]::text[]`;
}

/** `RAISE EXCEPTION '…'`, which takes its text for a format. */
export function raise(text: string): string {
  return `RAISE EXCEPTION ${quoteLiteral(text.replaceAll('%', '%%'))};`;
}

/** A comment of one line, whatever the names in it hold. */
export function comment(text: string): string {
  return `-- ${text.replace(/\p{Cc}/gu, ' ')}`;
}

/** A DO block, in a dollar quote that no name inside can end. */
export function block(lines: readonly string[], ...declarations: readonly string[]): string {
  const body = [
    ...(declarations.length > 0 ? ['DECLARE', ...declarations.map((line) => `  ${line}`)] : []),
    'BEGIN',
    ...lines.map((line) => `  ${line}`),
    'END',
  ].join('\n');
  let tag = '$do$';
  for (let number = 1; body.includes(tag); number++) tag = `$do${number}$`;
  return `DO ${tag}\n${body}\n${tag};`;
}
