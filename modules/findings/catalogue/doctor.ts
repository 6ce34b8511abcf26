import { doctor, type RuleEntry } from './entry';

/** Why a login is refused, in the order that a login takes: up to the token. */
export const DOCTOR_ENTRIES = {
  'no-credentials': doctor(
    'No AWS credentials to sign a token with',
    'A token is signed on your machine with AWS credentials. The default chain found none, or the role that should sign cannot be assumed.',
    'Log in (`aws sso login`), choose a profile (`AWS_PROFILE`, `--profile`), or run where the role is: a task, a pod, an instance.',
  ),
  'credentials-expired': doctor(
    'Temporary credentials that have expired',
    'Anybody can sign with old credentials; nothing complains until RDS checks the token. A token is refused when the credentials that signed it expire, even if the token itself is a minute old.',
    'Get new credentials, then sign a new token.',
  ),
  'no-endpoint': doctor(
    'A host that a token cannot be signed for',
    'A token is valid for one host name: the endpoint that RDS shows. RDS compares it with its own name, so a token for an alias of your own, for `localhost` or for an IP address is refused.',
    'Sign for the real endpoint and connect through the tunnel: `--host <endpoint> --through localhost:15432`. With libpq: `host=<endpoint> hostaddr=127.0.0.1`.',
  ),
  'custom-endpoint': doctor(
    'A custom endpoint of a cluster',
    'AWS documents that custom endpoints do not take tokens.',
    'Use the endpoint of the cluster, of its readers, or of an instance.',
  ),
  'region-mismatch': doctor(
    'A region that is not the region of the endpoint',
    'The region is part of what is signed. A client that takes it from its own configuration signs for the wrong one as soon as the database is elsewhere.',
    'Sign for the region in the name of the endpoint. Of a global database, that is the region of today’s primary cluster.',
  ),
  'unknown-host': doctor(
    'A host name without an address',
    'Nothing was sent to the database. The name has a slip, the cluster is deleted, or the name is only known inside of a VPC.',
    'Compare the name with `aws rds describe-db-clusters`. From outside of the VPC, use a tunnel: `--through <host:port>`.',
  ),
  'connection-refused': doctor(
    'A port on which nothing listens',
    'The address answered and refused. A security group never answers, so it is not the reason. Usually the port is wrong, or the tunnel is not running.',
    'Compare the port with that of the cluster, and start the tunnel.',
  ),
  'connection-timeout': doctor(
    'An address that does not answer',
    'Packets are dropped on the way: by the security group of the cluster, a network ACL, or a missing route. Nothing about the login was tried.',
    'Allow the address or the security group of the client in the security group of the cluster, on its port. From outside of the VPC, use a tunnel.',
  ),
  'connection-closed': doctor(
    'A connection that is ended before PostgreSQL answers',
    'Something accepts the connection and has no way on to the database: a tunnel whose other end is gone, or a proxy without a target.',
    'Look at the tunnel or the proxy. From the VPC itself, connect to the endpoint directly.',
  ),
  'not-encrypted': doctor(
    'A connection without TLS',
    'RDS admits members of `rds_iam` only with TLS. With `sslmode=prefer`, psql asks with TLS first and repeats a refused login without it, so the line about encryption comes second and hides the reason.',
    'Set `sslmode=verify-full` (`PGSSLMODE`) and the authorities of RDS.',
  ),
  'certificate-authority': doctor(
    'A certificate that the client cannot verify',
    'The client lacks the authorities of RDS, or it is talking to something else than RDS. A token must not be sent to an unknown server.',
    'Give the client the authorities of RDS (`global-bundle.pem`). `aurora-iam connect` brings them along. On an express cluster, it is not known which authority signs: get it from AWS, and name the file with `--ca`.',
  ),
  'certificate-name': doctor(
    'A certificate for another name than the one that was dialled',
    'Through a tunnel, the client dials `localhost`, and the certificate carries the name of the endpoint. A token for `localhost` would be refused as well.',
    'Dial the endpoint by name and the tunnel by address: `--host <endpoint> --through localhost:15432`; with libpq `host=<endpoint> hostaddr=127.0.0.1 port=15432`.',
  ),
  'no-such-cluster': doctor(
    'A cluster, instance or proxy that does not exist in this account and region',
    'The look-up asked for exactly this identifier. Another account or region may have it.',
    'Compare the identifier, the region and the account of the credentials.',
  ),
  'cluster-not-available': doctor(
    'A cluster that is stopped, starting or being changed',
    'While a cluster is not available, logins are refused for reasons that have nothing to do with IAM.',
    'Start it (`aws rds start-db-cluster`), or wait.',
  ),
  'other-engine': doctor(
    'A cluster that is not PostgreSQL',
    'Its protocol is another one, and so is the way in which a token is sent.',
    'Use the identifier of the Aurora PostgreSQL cluster.',
  ),
  'authentication-off': doctor(
    'IAM authentication that is off on the cluster',
    'It is off by default, a change waits for the maintenance window unless it is applied immediately, and a cluster that is restored from a snapshot takes the setting of the snapshot. While it is off, no token is admitted.',
    'Turn it on, and apply it immediately.',
    'aws rds modify-db-cluster --db-cluster-identifier orders --enable-iam-database-authentication --apply-immediately',
  ),
  'proxy-with-secrets': doctor(
    'An RDS Proxy in standard mode',
    'In standard mode the proxy logs in to the database with a secret. A login in `rds_iam` has no password, so the proxy cannot log in for it.',
    'Put the proxy into end-to-end IAM mode (`DefaultAuthScheme=IAM_AUTH`), or connect to the cluster itself.',
  ),
  'clock-skew': doctor(
    'A clock that differs from that of AWS by more than five minutes',
    'A token carries the time at which it was signed. Signed with a clock that is behind, it is old from the beginning; with one that is ahead, it is not yet valid.',
    'Set the clock: turn on NTP (on Windows with WSL or in a virtual machine, after each sleep).',
  ),
} satisfies Record<string, RuleEntry>;
