import type * as net from 'node:net';
import * as tls from 'node:tls';
import {
  AUTHENTICATION_CLEARTEXT_PASSWORD,
  type FirstPacket,
  readPasswordMessage,
  type StartupMessage,
} from '../../clients/wire/messages';
import { settleProtocol } from '../../clients/wire/protocol-version';
import { type DatabaseTarget, dbuserArn } from '../../modules/names/arn';
import type { RecordedCluster } from '../aws/login-records';
import { refuse } from './farewell';
import type { GateOptions } from './gate';
import type { LoginOutcome } from './judged-login';
import { verifyToken } from './verify-token';

/** The cluster behind the gate, as the AWS endpoint describes it now. */
export interface GateCluster extends DatabaseTarget {
  /** Host names a token may be signed for: writer, reader, instances. */
  readonly endpoints: readonly string[];
  /** The port of the endpoints, which stands in tokens. The gate itself may listen on another one. */
  readonly port: number;
  readonly iamAuthenticationEnabled: boolean;
  readonly masterUsername: string;
  /** Where its logins are recorded. */
  readonly records?: RecordedCluster;
}

/** The way on for a client that is not refused here: the packet goes to PostgreSQL, and then everything else. */
export interface Route {
  readonly to: net.NetConnectOpts;
  readonly raw: Buffer;
}

/** Decides which way a client may go. It is refused and answered here if there is none: then undefined. */
export async function routeFor(
  packet: FirstPacket,
  stream: net.Socket,
  options: GateOptions,
): Promise<Route | undefined> {
  const { log, backend } = options;
  if (packet.kind === 'refused') {
    refuse(stream, packet.sqlstate, packet.message);
    return undefined;
  }
  const passwordDoor: Route = { to: { host: backend.host, port: backend.port }, raw: packet.raw };
  const trustDoor = (raw: Buffer): Route => ({ to: { path: backend.socketPath }, raw });
  // PostgreSQL judges the key of a cancel request; what is not understood it answers before any authentication.
  if (packet.kind === 'cancel-request') return trustDoor(packet.raw);
  if (packet.kind === 'not-understood') return passwordDoor;

  const cluster = await options.cluster();
  if (!cluster) throw new Error('there is no cluster yet');
  const { user, database } = packet;
  if (packet.userIsNoText) {
    // The catalog is asked in UTF-8: it could find another role than the server does.
    log.write(
      'gate',
      `the name of a user is no UTF-8, as far as the server reads it: ${JSON.stringify(user)}`,
    );
    refuse(stream, '28P01', `password authentication failed for user "${user}"`);
    return undefined;
  }
  const membership = await options.isIamUser(user, cluster);
  const iamUser = membership.member && cluster.iamAuthenticationEnabled;
  if (membership.member && !iamUser)
    log.write(
      'gate',
      `${JSON.stringify(user)} is in rds_iam, but IAM database authentication is off: treated as a password user`,
    );
  if (stream.destroyed) return undefined;

  // The server behind the passwords' door says this itself.
  const settled = settleProtocol(packet.raw, backend.major);
  const host = stream.remoteAddress ?? '';
  if (settled.answer && (iamUser || !(stream instanceof tls.TLSSocket))) stream.write(settled.answer);
  if (!(stream instanceof tls.TLSSocket)) {
    const who = `host "${host}", user "${user}", database "${database}", no encryption`;
    if (iamUser) {
      logRefusal(options, packet, membership.reason, 'the connection is not encrypted');
      refuse(stream, '28000', `pg_hba.conf rejects connection for ${who}`);
    } else refuse(stream, '28000', `no pg_hba.conf entry for ${who}`);
    return undefined;
  }
  if (!iamUser) return passwordDoor;

  const verdict = await judgeLogin(packet, cluster, stream, options);
  if (!verdict || stream.destroyed) return undefined;
  if (verdict.allowed) {
    log.write('gate', `${JSON.stringify(user)} passes: ${verdict.reason}`);
    return trustDoor(settled.raw);
  }
  logRefusal(options, packet, membership.reason, verdict.reason);
  if (verdict.empty) refuse(stream, '28P01', 'empty password returned by client');
  else refuse(stream, '28000', `PAM authentication failed for user "${user}"`);
  return undefined;
}

interface LoginVerdict {
  readonly allowed: boolean;
  readonly reason: string;
  /** PostgreSQL refuses an empty password before it asks anybody else. */
  readonly empty?: true;
}

/** Asks for the token and judges it. undefined: the client went away, as psql does before it prompts. */
async function judgeLogin(
  { user, replication }: StartupMessage,
  cluster: GateCluster,
  stream: net.Socket,
  options: GateOptions,
): Promise<LoginVerdict | undefined> {
  stream.write(AUTHENTICATION_CLEARTEXT_PASSWORD);
  const password = await readPasswordMessage(stream);
  if (password === undefined) {
    stream.destroy();
    return undefined;
  }
  if (password === '') return { allowed: false, reason: 'the password is empty', empty: true };
  const now = options.now?.() ?? new Date();
  const token = await verifyToken(password, { user, cluster, credentials: options.credentials, now });
  const signer = [
    ...(token.caller ? [`caller ${token.caller.arn}`] : []),
    ...(token.parts ? [`access key ${token.parts.accessKeyId}`] : []),
  ].join(', ');
  const judged = (outcome: LoginOutcome, reason: string): LoginVerdict => {
    const { resourceId } = cluster;
    options.onLogin?.({ outcome, user, resourceId, caller: token.caller?.arn, at: now }, cluster);
    return { allowed: outcome === 'success', reason: signer === '' ? reason : `${reason}; ${signer}` };
  };
  if (!token.ok) return judged(token.expired ? 'expired-token' : 'invalid-token', token.reason);
  try {
    const verdict = await options.authorize(token.caller, dbuserArn(cluster, user));
    // Who may not replicate at all is told so by PostgreSQL.
    if (verdict.allowed && replication && (await options.mayReplicate(user)))
      return judged('not-authorized', 'a replication connection, and rds.iam_auth_for_replication is off');
    return judged(verdict.allowed ? 'success' : 'not-authorized', verdict.reason);
  } catch (error) {
    return judged('internal-error', `the policies cannot be judged: ${messageOf(error)}`);
  }
}

function logRefusal(
  { log }: GateOptions,
  { user, database }: StartupMessage,
  membership: string,
  reason: string,
): void {
  const who = `user ${JSON.stringify(user)} (${membership}), database ${JSON.stringify(database)}`;
  log.write('iam-db-auth-error', `${who}: ${reason}`);
}

export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : 'for a reason that is no Error';
}
