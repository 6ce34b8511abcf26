import { CAUSES } from '../../../modules/diagnosis/causes';
import { explains } from '../../../modules/diagnosis/explains';
import { messageText } from '../../../modules/diagnosis/message-answer';
import { MESSAGES } from '../../../modules/diagnosis/messages/messages';
import { seenIn, seenInOutput } from '../../../modules/diagnosis/seen';

test.each<[string, string]>([
  ['FATAL:  PAM authentication failed for user "jane"', 'pam'],
  ['FATAL: password authentication failed for user "jane"', 'password'],
  ['org.postgresql.util.PSQLException: FATAL: PAM authentication failed for user "jane"', 'pam'],
  [
    'FATAL:  pg_hba.conf rejects connection for host "1.2.3.4", user "jane", database "shop", SSL off',
    'no-encryption',
  ],
  ['fe_sendauth: no password supplied', 'empty-password'],
  ['SASL: SCRAM-SERVER-FIRST-MESSAGE: client password must be a string', 'empty-password'],
  ['FATAL:  role "jane" is not permitted to log in', 'no-login'],
  ['FATAL:  database "jane" does not exist', 'no-such-database'],
  ['FATAL:  permission denied for database "shop"', 'no-connect'],
  ['FATAL:  too many connections for role "jane"', 'too-many-connections'],
  [
    'FATAL:  remaining connection slots are reserved for roles with the SUPERUSER attribute',
    'too-many-connections',
  ],
  ['could not translate host name "shop.cluster-abc" to address: Name or service not known', 'unknown-host'],
  ['getaddrinfo ENOTFOUND shop.cluster-abc.eu-west-1.rds.amazonaws.com', 'unknown-host'],
  ['connection to server at "10.0.0.1", port 5432 failed: Connection refused', 'connection-refused'],
  ['connection to server at "10.0.0.1", port 5432 failed: timeout expired', 'connection-timeout'],
  ['SSL error: certificate verify failed', 'certificate-authority'],
  ['root certificate file "/home/jane/.postgresql/root.crt" does not exist', 'certificate-authority'],
  ['server certificate for "shop.cluster-abc" does not match host name "localhost"', 'certificate-name'],
  ['psql: error: invalid URI query parameter: "Action"', 'token-in-uri'],
  [
    'An error occurred (ExpiredToken): The security token included in the request is expired',
    'expired-credentials',
  ],
  [
    'Unable to locate credentials. You can configure credentials by running "aws configure".',
    'no-credentials',
  ],
  [
    'User: arn:aws:sts::111111111111:assumed-role/dev/jane is not authorized to perform: rds:DescribeDBClusters on resource: x',
    'no-describe',
  ],
  [
    '[ERROR] Failed to authenticate the connection request for user jane because the token age is longer than 15 minutes. (Status Code: 400, Error Code:ExpiredToken)',
    'log-expired-token',
  ],
  [
    '[ERROR] Failed to authorize the connection request for user jane due to IAM DB authentication throttling. (Status Code: 429, Error Code: ThrottlingException)',
    'log-throttled',
  ],
  ['Segmentation fault', 'unknown'],
])('%s: %s', (line, kind) => {
  expect(seenInOutput(line).kind).toBe(kind);
});

test('psql tries again without TLS and prints that second: the first line counts', () => {
  const output = [
    'psql: error: connection to server at "x" (1.2.3.4), port 5432 failed: FATAL:  PAM authentication failed for user "jane"',
    'connection to server at "x" (1.2.3.4), port 5432 failed: FATAL:  pg_hba.conf rejects connection for host "1.2.3.4", user "jane", database "shop", no encryption',
  ].join('\n');
  expect(seenInOutput(output).kind).toBe('pam');
});

test('a server that speaks another language is understood by its SQLSTATE', () => {
  expect(seenIn('Passwort-Authentifizierung für Benutzer »jane« fehlgeschlagen', '28P01').kind).toBe(
    'password',
  );
  expect(seenIn('la base de données « shop » n’existe pas', '3D000').kind).toBe('no-such-database');
});

test.each(MESSAGES.map((message) => [message.kind, message] as const))(
  '%s is recognized as it is shown, and says in sentences what it proves',
  (kind, { shown, proves, leaves }) => {
    expect(seenInOutput(shown).kind).toBe(kind);
    expect(proves).toMatch(/^[A-Z`].*\.$/);
    expect(leaves).toMatch(/^[A-Z`].*\.$/);
    expect(`${proves} ${leaves}`.replace(/`[^`]*`/g, '')).not.toContain('<');
    expect(messageText(seenInOutput(shown))).toContain('It proves: ');
  },
);

test('each cause ends in some message', () => {
  const silent = CAUSES.filter(({ id }) => !MESSAGES.some(({ causes }) => causes.includes(id)));
  // Who looks up a cluster that is not there, or not PostgreSQL, sees what its client makes of it.
  expect(silent.map(({ id }) => id)).toEqual(['no-such-cluster', 'other-engine']);
});

test('what was not understood excludes nothing', () => {
  expect(explains('policy-missing', seenIn('Segmentation fault'))).toBe(true);
  expect(explains('policy-missing', seenIn('password authentication failed for user "x"'))).toBe(false);
});
