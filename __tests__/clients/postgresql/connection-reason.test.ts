import { DatabaseError } from 'pg';
import { connectionReason } from '../../../clients/postgresql/connection-reason';

// The errors are those that pg (8.23) threw when it was made to fail in each of these ways.

const dialled = { host: 'shop.example', port: 5432, database: 'shop' };
const tunnel = { host: 'localhost', port: 15432, database: 'shop', isTunnel: true };
const thrown = (message: string, code?: string) => Object.assign(new Error(message), code ? { code } : {});
const said = (message: string, code: string) =>
  Object.assign(new DatabaseError(message, message.length, 'error'), { code });

test.each<[string, Error, object, string | RegExp]>([
  [
    'an unknown name',
    thrown('getaddrinfo ENOTFOUND shop.example', 'ENOTFOUND'),
    dialled,
    /^getaddrinfo ENOTFOUND shop.example\. No name server .*--through <host:port>$/,
  ],
  [
    'an unknown tunnel',
    thrown('getaddrinfo ENOTFOUND bastion', 'ENOTFOUND'),
    tunnel,
    /No name server knows the host of the tunnel$/,
  ],
  [
    'a closed port',
    thrown('connect ECONNREFUSED 10.0.0.1:5432', 'ECONNREFUSED'),
    dialled,
    /Nothing listens at shop.example:5432.*--port/,
  ],
  [
    'a closed tunnel',
    thrown('connect ECONNREFUSED 127.0.0.1:15432', 'ECONNREFUSED'),
    tunnel,
    /open the tunnel/,
  ],
  [
    'a name with several addresses',
    Object.assign(new AggregateError([]), { code: 'ECONNREFUSED' }),
    dialled,
    /^ECONNREFUSED\. Nothing listens/,
  ],
  ['no answer', thrown('timeout expired'), dialled, /security group.*--through/],
  [
    'no answer of the system',
    thrown('connect ETIMEDOUT 10.0.0.1:5432', 'ETIMEDOUT'),
    dialled,
    /security group.*--through/,
  ],
  ['no answer behind a tunnel', thrown('timeout expired'), tunnel, /nothing answers behind it/],
  [
    'a foreign authority',
    thrown('unable to verify the first certificate', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'),
    dialled,
    /--ca <file>$/,
  ],
  [
    'a certificate signed by itself',
    thrown('self-signed certificate', 'DEPTH_ZERO_SELF_SIGNED_CERT'),
    dialled,
    /--ca <file>$/,
  ],
  [
    'a certificate of another',
    thrown(
      "Hostname/IP does not match certificate's altnames: Host: localhost.",
      'ERR_TLS_CERT_ALTNAME_INVALID',
    ),
    dialled,
    /give the endpoint itself with --host/,
  ],
  ['no TLS', thrown('The server does not support SSL connections'), dialled, /something else listens there/],
  ['an end without a word', thrown('Connection terminated unexpectedly'), dialled, /leads nowhere/],
  [
    'a wrong password',
    said('password authentication failed for user "postgres"', '28P01'),
    dialled,
    /This is not its password.*docs\/admin\.md/,
  ],
  [
    'a token that is refused',
    said('PAM authentication failed for user "iam_admin"', '28000'),
    dialled,
    /rds-db:connect/,
  ],
  ['no database', said('database "shop" does not exist', '3D000'), dialled, /CREATE DATABASE/],
  ['no free connection', said('sorry, too many clients already', '53300'), dialled, /try again later/],
  [
    'a pooler',
    said('unsupported startup parameter in options: search_path', '08P01'),
    dialled,
    /Poolers and RDS Proxy/,
  ],
  ['anything else', said('strange.', 'XX000'), dialled, 'strange'],
])('%s is told with the way out', (_what, error, given, reason) => {
  const told = connectionReason(error, given as typeof dialled);
  if (typeof reason === 'string') expect(told).toBe(reason);
  else expect(told).toMatch(reason);
});
