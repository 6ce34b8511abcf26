import type { Message } from './message';

/**
 * Lines of the logs that RDS can export.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Troubleshooting.html
 */
export const LOG_MESSAGES: readonly Message[] = [
  {
    kind: 'log-invalid-token',
    patterns: [/token is malformed or otherwise invalid|Error Code: ?InvalidToken\b/i],
    shown:
      'iam-db-auth-error: … because the provided token is malformed or otherwise invalid. (… InvalidToken)',
    proves:
      'A token arrived at RDS, and it is damaged, or it was signed for another host, port, region or user.',
    leaves: 'Which of these. `aurora-iam doctor --token -` takes the token apart.',
    causes: [
      'token-other-host',
      'token-other-region',
      'token-encoded',
      'token-damaged',
      'not-a-token',
      'token-other-user',
      'token-other-service',
      'password-login-in-rds-iam',
      'credentials-expired',
      'token-cut-by-client',
    ],
  },
  {
    kind: 'log-expired-token',
    patterns: [/token age is longer than 15 minutes|Error Code: ?ExpiredToken\b/i],
    shown: 'iam-db-auth-error: … because the token age is longer than 15 minutes. (… ExpiredToken)',
    proves:
      'The token was whole and too old when the connection began, or the clock that dated it was behind.',
    leaves: 'Nothing.',
    causes: ['token-expired', 'clock-skew'],
  },
  {
    kind: 'log-not-authorized',
    patterns: [/is not authorized to perform `?rds-db:connect|Error Code: ?NotAuthorized\b/i],
    shown:
      'iam-db-auth-error: … the caller arn:aws:sts::…:assumed-role/… is not authorized to perform rds-db:connect … (… NotAuthorized)',
    proves:
      'The token is good. The identity in the line signed it, and IAM does not let it connect as this user.',
    leaves: 'Which policy is missing or in the way.',
    causes: [
      'policy-other-cluster',
      'policy-missing',
      'other-identity',
      'policy-other-login',
      'policy-denied',
      'boundary-without-connect',
      'session-policy',
      'organization-policy',
    ],
  },
  {
    kind: 'log-throttled',
    patterns: [/IAM DB authentication throttling|Error Code: ?ThrottlingException/i],
    shown: 'iam-db-auth-error: … due to IAM DB authentication throttling. (… ThrottlingException)',
    proves: 'More new connections per second than IAM authentication takes (200).',
    leaves: 'Nothing about the login.',
    causes: ['throttled'],
  },
  {
    kind: 'log-internal-error',
    patterns: [/internal IAM DB authentication error|Error Code: ?InternalError/i],
    shown: 'iam-db-auth-error: … due to an internal IAM DB authentication error. (… InternalError)',
    proves: 'RDS could not decide. Neither the token nor a policy was the reason.',
    leaves: 'Why.',
    causes: ['service-error', 'short-of-memory'],
  },
  {
    kind: 'log-short-of-memory',
    patterns: [/rdsauthproxy.*\b503\b/i],
    shown: 'rdsauthproxy: … 503 … (in the log of PostgreSQL)',
    proves: 'The process on the host that checks tokens did not answer in time.',
    leaves: 'Why. A host that is short of memory does this.',
    causes: ['short-of-memory'],
  },
];
