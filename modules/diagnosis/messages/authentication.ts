import type { Message } from './message';

/** What PostgreSQL says, and its clients on its behalf: https://www.postgresql.org/docs/current/client-authentication-problems.html */
export const AUTHENTICATION_MESSAGES: readonly Message[] = [
  {
    kind: 'pam',
    patterns: [/PAM authentication failed/i],
    shown: 'PAM authentication failed for user "analyst" (28000)',
    proves:
      'TLS is on. The role exists under exactly this name and is a member of `rds_iam`, so the server expected a token and IAM or RDS refused what it got.',
    leaves:
      'Whether the token, the identity that signed it, its policies or the service was the reason. It can also be a user with a password that has become a member of `rds_iam`: the password no longer counts.',
    causes: [
      'policy-other-cluster',
      'policy-missing',
      'other-identity',
      'token-expired',
      'password-login-in-rds-iam',
      'token-other-host',
      'token-other-region',
      'token-encoded',
      'token-damaged',
      'not-a-token',
      'token-other-user',
      'token-other-service',
      'credentials-expired',
      'policy-other-login',
      'policy-denied',
      'boundary-without-connect',
      'session-policy',
      'organization-policy',
      'custom-endpoint',
      'no-endpoint',
      'region-mismatch',
      'clock-skew',
      'authentication-off',
      'proxy-with-secrets',
      'replication-by-token',
      'in-rds-ad',
      'token-cut-by-client',
      'throttled',
      'short-of-memory',
      'service-error',
    ],
  },
  {
    kind: 'password',
    patterns: [/password authentication failed/i],
    codes: ['28P01'],
    shown: 'password authentication failed for user "analyst" (28P01)',
    proves:
      'The server treated the login as a user with a password and refused the password. It did not look at a token.',
    leaves:
      'Whether the role is not in `rds_iam`, does not exist, is written in another case, or IAM authentication is off on the cluster. PostgreSQL deliberately gives the same answer for a role that does not exist.',
    causes: [
      'not-in-rds-iam',
      'no-such-role',
      'other-case',
      'authentication-off',
      'proxy-with-secrets',
      'in-rds-ad',
    ],
  },
  {
    kind: 'empty-password',
    patterns: [
      /empty password returned by client/i,
      /no password supplied/i,
      /client password must be a (non-empty )?string/i,
      /password-based authentication, but no password was provided/i,
      /SCRAM-based authentication, but (the password is an empty string|no password was provided)/i,
    ],
    shown: 'empty password returned by client (28P01); fe_sendauth: no password supplied',
    proves: 'The server asked for a password or a token, and the client had none.',
    leaves:
      'Why there was none: often the command that makes the token failed, and its output was used anyway.',
    causes: ['not-a-token', 'no-credentials'],
  },
  {
    kind: 'no-encryption',
    patterns: [
      /pg_hba\.conf rejects connection .*(no encryption|SSL off)/i,
      /no pg_hba\.conf entry .*(no encryption|SSL off)/i,
    ],
    shown:
      'pg_hba.conf rejects connection for host "10.0.0.9", user "analyst", database "shop", no encryption (28000)',
    proves: 'The connection reached the server without TLS. A member of `rds_iam` is only admitted with TLS.',
    leaves:
      'With `sslmode=prefer`, psql tries once more without TLS after any refusal and prints this line second. Then the first line names the reason, and TLS is not it.',
    causes: ['not-encrypted'],
  },
  {
    kind: 'no-login',
    patterns: [/is not permitted to log in/i],
    shown: 'role "analyst" is not permitted to log in (28000)',
    proves: 'Authentication succeeded: token, identity and policy are right. The role has NOLOGIN.',
    leaves:
      'Nothing about the login itself. `revoke` sets NOLOGIN, and the provider creates roles with it by default.',
    causes: ['no-login'],
  },
  {
    kind: 'no-such-database',
    patterns: [/database ".*" does not exist/i],
    codes: ['3D000'],
    shown: 'database "shop" does not exist (3D000)',
    proves:
      'Authentication succeeded: token, identity and policy are right. The cluster has no database of this name.',
    leaves: 'Which database was meant. Without a name, most clients take the name of the user.',
    causes: ['no-such-database'],
  },
  {
    kind: 'no-connect',
    patterns: [/permission denied for database/i, /User does not have CONNECT privilege/i],
    shown: 'permission denied for database "shop" (42501)',
    proves:
      'Authentication succeeded: token, identity and policy are right. The role has no CONNECT privilege on this database.',
    leaves: 'Nothing about the login itself.',
    causes: ['no-connect-privilege'],
  },
  {
    kind: 'no-replication',
    patterns: [/permission denied to start WAL sender/i, /must be superuser or (a )?replication role/i],
    shown: 'permission denied to start WAL sender (42501)',
    proves: 'Authentication succeeded: token, identity and policy are right. The role may not replicate.',
    leaves: 'Nothing about the login itself.',
    causes: ['no-replication-privilege'],
  },
  {
    kind: 'too-many-connections',
    patterns: [
      /too many connections for (role|database)/i,
      /too many clients already/i,
      /remaining connection slots are reserved/i,
      /is not currently accepting connections/i,
    ],
    codes: ['53300'],
    shown: 'too many connections for role "analyst" (53300)',
    proves:
      'Authentication succeeded: token, identity and policy are right. A limit of the role, the database or the server is reached.',
    leaves: 'Who holds the connections.',
    causes: ['connection-limit'],
  },
  {
    kind: 'no-such-role',
    patterns: [/role ".*" does not exist/i],
    shown: 'role "analyst" does not exist (28000)',
    proves: 'There is no role of exactly this name, upper and lower case included.',
    leaves: 'Nothing.',
    causes: ['other-case', 'no-such-role'],
  },
  {
    kind: 'not-available',
    patterns: [
      /the database system is (starting up|shutting down|in recovery mode|not available|not accepting connections|not yet accepting)/i,
    ],
    codes: ['57P03', '57P01'],
    shown: 'the database system is starting up (57P03)',
    proves: 'The server was reached and cannot let anybody in now.',
    leaves: 'Everything about the login.',
    causes: ['cluster-not-available'],
  },
  {
    kind: 'channel-binding',
    patterns: [/channel binding (is )?required/i, /authentication method requirement ".*" failed/i],
    shown: 'channel binding required, but server authenticated client without channel binding',
    proves:
      'The client demands something of the login that a token cannot give. A token is sent as a clear-text password inside TLS.',
    leaves:
      'Everything about the login. Remove `channel_binding=require` and `require_auth` (PGCHANNELBINDING, PGREQUIREAUTH).',
    causes: [],
  },
];
