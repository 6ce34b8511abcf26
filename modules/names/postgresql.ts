/** NAMEDATALEN - 1: PostgreSQL cuts a longer identifier silently. */
export const MAXIMUM_NAME_BYTES = 63;

/** Whose members log in by token, and by no password: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.DBAccounts.html */
export const RDS_IAM = 'rds_iam';

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

/** As `nameFault`, for a database: its name also stands in commands of psql, which end with their line. */
export function databaseNameFault(name: string): string | undefined {
  const fault = nameFault(name);
  if (fault) return fault;
  if (/\p{Cc}/u.test(name))
    return 'contains a control character such as a line break, which psql cannot connect to safely; rename the database';
  return undefined;
}

/** As `nameFault`, for a role (group or login): some names belong to PostgreSQL or to RDS. */
export function roleNameFault(name: string, masterUsername: string): string | undefined {
  const fault = nameFault(name);
  if (fault) return fault;
  if (isKeyword(name)) return 'is a keyword of PostgreSQL, not a role; choose another name';
  if (name.startsWith('pg_')) return 'begins with pg_, which PostgreSQL reserves; choose another name';
  if (isReservedRole(name)) return 'is reserved by RDS; choose another name';
  if (name === masterUsername)
    return `is the cluster's master, which could be locked out or dropped if it were managed here; choose another name`;
  return undefined;
}

/** What PostgreSQL reads as everybody, or as nobody, where a role may stand. */
export function isKeyword(name: string): boolean {
  return name === 'public' || name === 'none';
}

/** A role of PostgreSQL's or RDS's own. */
export function isReservedRole(name: string): boolean {
  return /^(pg|rds)_/.test(name) || RDS_ROLES.includes(name);
}

/** As `roleNameFault`, for a login: its name also stands in ARNs, tokens and policies, where * and ? are wildcards. */
export function loginNameFault(
  name: string,
  masterUsername: string,
  caseSensitive: boolean,
): string | undefined {
  const fault = roleNameFault(name, masterUsername);
  if (fault) return fault;
  if (!isLoginName(name)) return loginCharactersFault(name);
  if (/[A-Z]/.test(name) && !caseSensitive)
    return `has a capital letter, so every client must write it in exactly this case; write ${name.toLowerCase()}, or say caseSensitive: true`;
  return undefined;
}

/** Why `isLoginName` refuses a name. */
export function loginCharactersFault(name: string): string {
  const fault = nameFault(name);
  if (fault) return fault;
  const wayOut = 'begin with a letter or _, and go on with letters, digits and _ . @ -';
  const [other] = /[^A-Za-z0-9_.@-]/u.exec(name) ?? [];
  if (other === '*' || other === '?')
    return `is not a login name: ${other} is a wildcard in a policy and would match other logins, too; ${wayOut}`;
  return other === undefined
    ? `is not a login name: it begins with "${name[0]}"; ${wayOut}`
    : `is not a login name: it contains ${JSON.stringify(other)}; ${wayOut}`;
}

export function isLoginName(name: string): boolean {
  return /^[A-Za-z_][A-Za-z0-9_.@-]*$/.test(name) && name.length <= MAXIMUM_NAME_BYTES;
}
