import { spawnSync } from 'node:child_process';
import {
  type ClientConnection,
  connectionUri,
  notInFile,
  pgpassLine,
  psqlCommand,
  serviceSection,
  shellVariables,
} from '../../../modules/connect/client-connection';
import { shellWord } from '../../../modules/names/commands';

// psql reads what these write in cli/token-formats.machine.test.ts; here is what no example there has.

const connection: ClientConnection = {
  host: 'orders.cluster-abc.eu-west-1.rds.amazonaws.com',
  port: 5432,
  database: 'it\'s 100%/\\ "mine"',
  user: 'jane@x',
  certificateAuthorityFile: "/home/o'neil/my ca.pem",
};
const token = 'orders:5432/?Action=connect&DBUser=jane%40x&X-Amz-Security-Token=a%2Fb%2B%3D';

test('nothing that stands in a URI is taken for a part of it', () => {
  const uri = connectionUri(connection, token);
  const { username, password, hostname, port, pathname, searchParams } = new URL(uri);
  expect([username, password, pathname.slice(1)].map(decodeURIComponent)).toEqual([
    connection.user,
    token,
    connection.database,
  ]);
  expect([hostname, port]).toEqual([connection.host, '5432']);
  expect(Object.fromEntries(searchParams)).toEqual({
    sslmode: 'verify-full',
    sslrootcert: connection.certificateAuthorityFile,
  });
});

test('a shell takes the variables as they are', () => {
  const names = ['PGDATABASE', 'PGUSER', 'PGPASSWORD', 'PGSSLROOTCERT'];
  const script = `${shellVariables(connection, token)}printf '%s\\n' ${names.map((name) => `"$${name}"`).join(' ')}`;
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  const { database, user, certificateAuthorityFile } = connection;
  expect(stdout.trimEnd().split('\n')).toEqual([database, user, token, certificateAuthorityFile]);
});

test('in .pgpass a colon and a backslash are escaped, and nothing else', () => {
  expect(pgpassLine(connection, 'a:b\\c%')).toBe(
    `${connection.host}:5432:it's 100%/\\\\ "mine":jane@x:a\\:b\\\\c%\n`,
  );
});

test('in .pgpass a user or database called * is not everybody and everything', () => {
  expect(pgpassLine({ ...connection, database: '*', user: '*' }, 'a*')).toBe(
    `${connection.host}:5432:\\*:\\*:a*\n`,
  );
});

test.each([
  ['service', 'orders\nhost=evil.example', 'a line break ends it'],
  ['service', 'orders ', 'blanks at its end are lost'],
  ['pgpass', 'orders\n*:*:*:*:x', 'a line break ends it'],
  ['pgpass', 'orders ', undefined],
  ['service', '  # a=b ', 'blanks'],
  ['service', '# a=b', undefined],
] as const)('in a %s file a database called %j: %s', (format, database, why) => {
  const found = notInFile({ ...connection, database }, format);
  if (why === undefined) expect(found).toBeUndefined();
  else expect(found).toContain(why);
});

test('a service has no password', () => {
  expect(serviceSection('orders', { ...connection, database: 'orders' }, 'the command')).toBe(
    [
      '# PGPASSWORD="$(the command)" psql service=orders',
      '[orders]',
      `host=${connection.host}`,
      'port=5432',
      'dbname=orders',
      'user=jane@x',
      'sslmode=verify-full',
      `sslrootcert=${connection.certificateAuthorityFile}`,
      '',
    ].join('\n'),
  );
});

test('psql gets its arguments as words of their own, and the token by a command', () => {
  const command = psqlCommand(connection, 'printf %s secret', ['-c', "select 'x'"]);
  const script = `psql() { printf '%s\\n' "$PGPASSWORD" "$@"; }; ${command}`;
  const { stdout } = spawnSync('sh', ['-c', script], { encoding: 'utf8' });
  expect(stdout.trimEnd().split('\n')).toEqual([
    'secret',
    expect.stringContaining(`dbname='it\\'s 100%/\\\\ "mine"' user=jane@x sslmode=verify-full`),
    '-c',
    "select 'x'",
  ]);
});

test.each(['', ' ', "a'b", '$(id)', 'a\nb', '~', '*', '-x', 'plain'])('%j is one word of a shell', (text) => {
  const { stdout } = spawnSync('sh', ['-c', `printf %s ${shellWord(text)}x`], { encoding: 'utf8' });
  expect(stdout).toBe(`${text}x`);
});
