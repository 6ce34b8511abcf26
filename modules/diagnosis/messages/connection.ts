import type { Message } from './message';

/** What a client says that did not get as far as the login. */
export const CONNECTION_MESSAGES: readonly Message[] = [
  {
    kind: 'unknown-host',
    patterns: [
      /could not translate host name/i,
      /ENOTFOUND|EAI_AGAIN|UnknownHostException/,
      /Name or service not known|nodename nor servname|No such host is known/i,
    ],
    codes: ['ENOTFOUND', 'EAI_AGAIN'],
    shown: 'could not translate host name "shop.cluster-abc.eu-west-1.rds.amazonaws.com" to address',
    proves: 'The name has no address where the client runs. Nothing was sent to the database.',
    leaves: 'Everything about the login.',
    causes: ['unknown-host'],
  },
  {
    kind: 'connection-refused',
    patterns: [/ECONNREFUSED/, /Connection refused/i],
    codes: ['ECONNREFUSED'],
    shown: 'connection to server at "…" (10.0.0.5), port 5432 failed: Connection refused',
    proves:
      'The address was reached, and nothing listens on this port. A security group does not answer like this.',
    leaves: 'Everything about the login.',
    causes: ['connection-refused'],
  },
  {
    kind: 'connection-timeout',
    patterns: [
      /ETIMEDOUT|EHOSTUNREACH|ENETUNREACH/,
      /timed? ?out|timeout expired/i,
      /No route to host|Network is unreachable/i,
    ],
    codes: ['ETIMEDOUT', 'EHOSTUNREACH', 'ENETUNREACH'],
    shown: 'connection to server at "…" (10.0.0.5), port 5432 failed: timeout expired',
    proves: 'The address does not answer: a security group, a network ACL or the route drops the packets.',
    leaves: 'Everything about the login.',
    causes: ['connection-timeout'],
  },
  {
    kind: 'certificate-name',
    patterns: [
      /server certificate for .* does not match host name/i,
      /ERR_TLS_CERT_ALTNAME_INVALID|Hostname\/IP does not match|hostname mismatch/i,
      /No subject alternative .* found/i,
    ],
    codes: ['ERR_TLS_CERT_ALTNAME_INVALID'],
    shown: 'server certificate for "shop.cluster-abc…" does not match host name "localhost"',
    proves: 'The certificate is genuine, and it is for another name than the one that was dialled.',
    leaves: 'Everything about the login.',
    causes: ['certificate-name'],
  },
  {
    kind: 'certificate-authority',
    patterns: [
      /certificate verify failed/i,
      /self[- ]signed certificate/i,
      /unable to (verify the first certificate|get (local )?issuer certificate)/i,
      /SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_(VERIFY|GET)/,
      /root certificate file .* does not exist/i,
      /PKIX path building failed/i,
      /certificate has expired|CERT_HAS_EXPIRED/i,
    ],
    codes: [
      'SELF_SIGNED_CERT_IN_CHAIN',
      'DEPTH_ZERO_SELF_SIGNED_CERT',
      'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
      'UNABLE_TO_GET_ISSUER_CERT',
      'UNABLE_TO_GET_ISSUER_CERT_LOCALLY',
      'CERT_HAS_EXPIRED',
    ],
    shown: 'SSL error: certificate verify failed',
    proves: 'The client does not trust the authority that signed the certificate of the server.',
    leaves:
      'Everything about the login. Either the client lacks the authorities of RDS, or it is not talking to RDS.',
    causes: ['certificate-authority'],
  },
  {
    kind: 'no-tls',
    patterns: [/server does not support SSL/i],
    shown: 'server does not support SSL, but SSL was required',
    proves: 'What answers is not RDS: every cluster offers TLS.',
    leaves: 'Everything about the login.',
    causes: ['not-encrypted'],
  },
  {
    kind: 'connection-closed',
    patterns: [
      /server closed the connection unexpectedly/i,
      /Connection terminated unexpectedly/i,
      /ECONNRESET|socket hang up|Connection reset/i,
      /(unexpected|SSL) (EOF|SYSCALL)/i,
    ],
    codes: ['ECONNRESET', 'EPIPE'],
    shown: 'server closed the connection unexpectedly',
    proves: 'Something accepted the connection and ended it before PostgreSQL answered.',
    leaves: 'Everything about the login. A tunnel or a proxy whose other end is not there does this.',
    causes: ['connection-closed'],
  },
];
