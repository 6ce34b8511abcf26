import { createHash } from 'node:crypto';

/** NAMEDATALEN - 1: PostgreSQL cuts a longer identifier silently. */
export const MAXIMUM_NAME_BYTES = 63;

/** Roles that RDS keeps for itself. */
const RDS_ROLES = ['rdsadmin', 'rdsrepladmin', 'rdsproxyadmin', 'rdstopmgr', 'rdswriteforwarduser'];

/** What is wrong with `name` as the name of a database, schema or role, and the way out; `undefined` if nothing. */
export function nameFault(name: string): string | undefined {
  if (name === '') return 'is empty; a PostgreSQL name has at least one character';
  if (name.includes('\0'))
    return 'contains the character NUL, which no PostgreSQL name may hold; leave it out';
  // Lone surrogates have no UTF-8 form: they would become another name on their way to the server.
  if (/\p{Surrogate}/u.test(name)) return 'is not well-formed Unicode; leave the lone surrogate out';
  const bytes = Buffer.byteLength(name);
  if (bytes > MAXIMUM_NAME_BYTES)
    return `is ${bytes} bytes long; PostgreSQL cuts names at ${MAXIMUM_NAME_BYTES} bytes, so choose a shorter one`;
  return undefined;
}

/** As `nameFault`, for a role (group or login): some names belong to PostgreSQL or to RDS. */
export function roleNameFault(name: string, masterUsername: string): string | undefined {
  const fault = nameFault(name);
  if (fault) return fault;
  if (name === 'public' || name === 'none')
    return `is a keyword of PostgreSQL, not a role; choose another name`;
  if (name.startsWith('pg_')) return 'begins with pg_, which PostgreSQL reserves; choose another name';
  if (name.startsWith('rds_') || RDS_ROLES.includes(name)) return 'is reserved by RDS; choose another name';
  if (name === masterUsername)
    return `is the cluster's master; a master in rds_iam can no longer log in by password, so choose another name`;
  return undefined;
}

/** As `roleNameFault`, for a login: its name also stands in ARNs, tokens and policies, where * and ? are wildcards. */
export function loginNameFault(
  name: string,
  masterUsername: string,
  caseSensitive: boolean,
): string | undefined {
  const fault = roleNameFault(name, masterUsername);
  if (fault) return fault;
  if (!isLoginName(name))
    return 'is not a login name; it begins with a letter or _ and goes on with letters, digits and _ . @ -';
  if (/[A-Z]/.test(name) && !caseSensitive)
    return `has a capital letter, so every client must write it in exactly this case; write ${name.toLowerCase()}, or say caseSensitive: true`;
  return undefined;
}

export function isLoginName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_.@-]*$/.test(name) && name.length <= MAXIMUM_NAME_BYTES;
}

/**
 * The id of a construct, and so the address of its resource: an injective function of `kind` and `parts`.
 * Parts of letters, digits and _ stand as they are, joined by -. Any other character becomes _ and a hash of
 * all parts is added, because CDKTF drops such characters and would make one resource of `a b` and `ab`.
 * A `kind` always has the same number of parts, which keeps a hash from being taken for a part.
 */
export function address(kind: string, ...parts: string[]): string {
  const plain = parts.map((part) => part.replace(/[^A-Za-z0-9_]/gu, '_'));
  const id = [kind, ...plain].join('-');
  if (plain.every((part, index) => part === parts[index])) return id;
  return `${id}-${createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 8)}`;
}

/** The only way of a name into Terraform: `${` and `%{` are code there.
 *  https://developer.hashicorp.com/terraform/language/expressions/strings#escape-sequences */
export function terraformText(text: string): string {
  return text.replace(/[$%](?=\{)/g, '$&$&');
}

/** Tags, keys and values. */
export function terraformTexts(texts: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(
    Object.entries(texts).map(([key, value]) => [terraformText(key), terraformText(value)]),
  );
}
