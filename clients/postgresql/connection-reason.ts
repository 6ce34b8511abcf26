import { oneLine } from '../../modules/names/text';
import { isUntrusted } from '../aws/reason';

// Errors of a connection to PostgreSQL, in words that say what to do.

/** What was dialled. */
export interface Dialled {
  readonly host: string;
  readonly port: number;
  readonly database: string;
  /** It is the near end of a tunnel. @default false */
  readonly isTunnel?: boolean;
}

interface ConnectionError extends Error {
  /** Of Node, or a SQLSTATE of five characters. */
  readonly code?: string;
  /** Names in a certificate, in words. */
  readonly reason?: string;
}

type Reason = (error: ConnectionError, message: string, dialled: Dialled) => string | undefined;

/** Why there is no session, and what to do, as one sentence or two without the last full stop. */
export function connectionReason(error: unknown, dialled: Dialled): string {
  const known = (error instanceof Error ? error : new Error(String(error))) as ConnectionError;
  // A name with several addresses, none of which answers, is an error without a message.
  const message = oneLine(known.message || known.code || 'no answer').replace(/\.$/, '');
  const wayOut = REASONS.map((reason) => reason(known, message, dialled)).find(
    (found) => found !== undefined,
  );
  return wayOut === undefined ? message : `${message}. ${wayOut}`;
}

const THROUGH = 'From elsewhere, open a tunnel and name it: --through <host:port>';

const REASONS: readonly Reason[] = [
  // https://docs.aws.amazon.com/AmazonRDS/latest/UserGuide/rds-proxy-pgsql.html, and pgbouncer's "unsupported startup parameter"
  (_error, message) =>
    /startup parameter|command-line options/i.test(message)
      ? "Poolers and RDS Proxy do not take the settings that this session needs: connect to the cluster's own endpoint"
      : undefined,
  ({ code }, _message, { isTunnel }) =>
    code === 'ENOTFOUND' || code === 'EAI_AGAIN'
      ? isTunnel
        ? 'No name server knows the host of the tunnel'
        : `No name server knows this name: some networks know it only inside the VPC. ${THROUGH}`
      : undefined,
  ({ code }, _message, { host, port, isTunnel }) =>
    code === 'ECONNREFUSED'
      ? isTunnel
        ? `Nothing listens at ${host}:${port}: open the tunnel, or name another with --through <host:port>`
        : `Nothing listens at ${host}:${port}: is the port right (--port)? ${THROUGH}`
      : undefined,
  ({ code }, message, { isTunnel }) =>
    /^(ETIMEDOUT|EHOSTUNREACH|ENETUNREACH)$/.test(code ?? '') || message === 'timeout expired'
      ? isTunnel
        ? 'The tunnel is open, and nothing answers behind it: does it lead to the database, and does its security group let it in'
        : `The security group of the database, or the network, does not let this machine in. ${THROUGH}`
      : undefined,
  ({ code }) =>
    isUntrusted(code)
      ? 'Its certificate comes from an authority that is not trusted here: is this the database? If so, name the file of its authorities with --ca <file>'
      : undefined,
  ({ code }, _message, { isTunnel }) =>
    code === 'ERR_TLS_CERT_ALTNAME_INVALID'
      ? `The certificate is for other names: ${isTunnel ? 'the tunnel leads to another database, or --host names another' : 'give the endpoint itself with --host, and any other way to it with --through'}`
      : undefined,
  ({ code }) =>
    code === 'CERT_HAS_EXPIRED' || code === 'CERT_NOT_YET_VALID'
      ? 'Is the clock of this machine right? If so, the database needs a new certificate'
      : undefined,
  (_error, message) =>
    /does not support SSL/i.test(message) ? 'RDS always does: something else listens there' : undefined,
  (_error, message) =>
    /Connection terminated unexpectedly|ECONNRESET/.test(message)
      ? 'Whatever listens there ended the connection: a tunnel or load balancer that leads nowhere, or a database that is restarting'
      : undefined,
  // SQLSTATEs: https://www.postgresql.org/docs/current/errcodes-appendix.html
  ({ code }, _message) =>
    code === '28P01'
      ? 'This is not its password: docs/admin.md says where the admin has it from. A login in rds_iam has none that is accepted'
      : undefined,
  ({ code }, message) =>
    code === '28000' && /PAM authentication failed/.test(message)
      ? 'RDS refuses the token, and says no reason: the login is not in rds_iam, the identity that signed may not connect as it (rds-db:connect), or the token is for another host, port, region or login'
      : undefined,
  ({ code }, message) =>
    code === '28000' && /pg_hba\.conf/.test(message)
      ? 'The server takes no such login over such a connection; over TLS it does'
      : undefined,
  ({ code }, _message, { database }) =>
    code === '3D000'
      ? `Create it (CREATE DATABASE), or correct the environment where it names ${database}`
      : undefined,
  ({ code }) => (code === '53300' ? 'All connections are taken: end some, or try again later' : undefined),
  ({ code }) =>
    code === '57P03' ? 'The database is starting or stopping: try again in a minute' : undefined,
];
