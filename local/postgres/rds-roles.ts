import { createHash, createHmac, pbkdf2, randomBytes } from 'node:crypto';
import { promisify } from 'node:util';
import { escapeIdentifier, escapeLiteral } from 'pg';
import { RDS_IAM } from '../../modules/names/postgresql';
import type { PostgresMajor } from './postgres-binaries';

/** One statement as the superuser `rdsadmin`, over the Unix socket: `(text, values) => client.query(text, values)`. */
export type Query = (text: string, values?: unknown[]) => Promise<{ rows: Record<string, unknown>[] }>;

/** The first user of a cluster, as `CreateDBCluster` names it. */
export interface Master {
  readonly username: string;
  /** Printable ASCII, as RDS demands; it leaves this process only as a SCRAM verifier. Absent: the master logs in by IAM. */
  readonly password?: string;
  /** Created if it is missing; belongs to the master afterwards. */
  readonly databaseName: string;
  readonly serverMajor: PostgresMajor;
}

const rdsRoles = ['rds_superuser', RDS_IAM, 'rds_ad', 'rds_password', 'rds_replication'];

/** Predefined roles that rds_superuser is a member of, and since when: https://www.postgresql.org/docs/18/predefined-roles.html */
const predefinedRoles: readonly (readonly [role: string, since: number])[] = [
  ['pg_monitor', 10],
  ['pg_signal_backend', 10],
  ['pg_read_all_data', 14],
  ['pg_write_all_data', 14],
  ['pg_checkpoint', 15],
  ['pg_create_subscription', 16],
  ['pg_use_reserved_connections', 16],
  ['pg_maintain', 17],
  ['pg_signal_autovacuum_worker', 18],
];

/** What rds_superuser may hand on: https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/Appendix.PostgreSQL.CommonDBATasks.Roles.rds_superuser.html */
const grantedToSuperuser = ['rds_password', 'rds_replication'];

/** What a master with a password may hand on without being a member of it: a member of rds_iam cannot log in by password. */
const administeredByMaster = [RDS_IAM, 'rds_ad'];

/** Creates the roles that a fresh Aurora PostgreSQL cluster has, as far as access depends on them. May be repeated. */
export async function createRdsRoles(query: Query, serverMajor: PostgresMajor): Promise<void> {
  for (const role of rdsRoles) {
    if (!(await exists(query, 'pg_roles', 'rolname', role)))
      await query(`CREATE ROLE ${escapeIdentifier(role)} NOLOGIN`);
  }
  const predefined = predefinedRoles.filter(([, since]) => serverMajor >= since).map(([role]) => role);
  for (const role of [...predefined, ...grantedToSuperuser]) {
    await query(`GRANT ${escapeIdentifier(role)} TO rds_superuser WITH ADMIN OPTION`);
  }
}

/**
 * Creates the master, as RDS describes it (LOGIN NOSUPERUSER CREATEDB CREATEROLE, member of rds_superuser), and its
 * database. May be repeated: an existing master gets the new password. The clear password reaches neither the server nor
 * its log. Refuses names that RDS reserves and passwords that RDS would not take; such an error never shows the password.
 */
export async function createMaster(
  query: Query,
  { username, password, databaseName, serverMajor }: Master,
): Promise<void> {
  // An ALTER ROLE of these would take the server's own superuser away.
  if (/^(rdsadmin$|rds_|pg_)/.test(username))
    throw new Error(`"${username}" is reserved: choose another master username.`);
  const master = escapeIdentifier(username);
  const verifier = password === undefined ? 'NULL' : escapeLiteral(await scramVerifier(password));
  const verb = (await exists(query, 'pg_roles', 'rolname', username)) ? 'ALTER' : 'CREATE';
  await query(
    `${verb} ROLE ${master} WITH LOGIN NOSUPERUSER INHERIT CREATEDB CREATEROLE NOREPLICATION PASSWORD ${verifier} VALID UNTIL 'infinity'`,
  );
  await query(`GRANT rds_superuser TO ${master} WITH ADMIN OPTION`);
  // Up to 15, CREATEROLE alone may grant any role, and a membership could not be of ADMIN only.
  if (serverMajor >= 16) {
    for (const role of administeredByMaster) {
      await query(`GRANT ${escapeIdentifier(role)} TO ${master} WITH ADMIN TRUE, INHERIT FALSE, SET FALSE`);
    }
  }
  // A master by IAM is a full member. Back to a password, it is not: from 16 on the options above say so.
  if (password === undefined)
    await query(
      `GRANT ${RDS_IAM} TO ${master} WITH ADMIN ${serverMajor >= 16 ? 'TRUE, INHERIT TRUE, SET TRUE' : 'OPTION'}`,
    );
  else if (serverMajor < 16) await query(`REVOKE ${RDS_IAM} FROM ${master}`);
  const database = escapeIdentifier(databaseName);
  if (!(await exists(query, 'pg_database', 'datname', databaseName)))
    await query(`CREATE DATABASE ${database}`);
  await query(`ALTER DATABASE ${database} OWNER TO ${master}`);
}

async function exists(query: Query, catalog: string, column: string, name: string): Promise<boolean> {
  return (await query(`SELECT FROM ${catalog} WHERE ${column} = $1`, [name])).rows.length > 0;
}

/**
 * What PostgreSQL stores for a password: `SCRAM-SHA-256$<iterations>:<salt>$<StoredKey>:<ServerKey>`
 * (https://www.postgresql.org/docs/17/catalog-pg-authid.html, RFC 5803). ASCII needs no SASLprep.
 */
async function scramVerifier(password: string): Promise<string> {
  if (!/^[\x20-\x7e]+$/.test(password)) {
    throw new Error('The master password must be printable ASCII and not empty, as on RDS.');
  }
  const iterations = 4096;
  const salt = randomBytes(16);
  const salted = await promisify(pbkdf2)(password, salt, iterations, 32, 'sha256');
  const key = (name: string) => createHmac('sha256', salted).update(name).digest();
  const storedKey = createHash('sha256').update(key('Client Key')).digest('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${storedKey}:${key('Server Key').toString('base64')}`;
}
