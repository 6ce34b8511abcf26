import {
  allow,
  awsError,
  type Fault,
  inside,
  logging,
  PAM,
  PROXY_WITH_SECRETS,
  switchedOff,
  xml,
} from './fault';
import { REGION, USER } from './fault-stage';

/** The causes of docs/troubleshooting.md that refuse a login, one of each kind. */
export const FAULTS: readonly Fault[] = [
  { number: 1, what: 'IAM authentication is off', id: 'authentication-off', build: switchedOff },
  {
    number: 2,
    what: 'the user is not in rds_iam',
    id: 'not-in-rds-iam',
    build: (stage) => inside(stage, `REVOKE rds_iam FROM ${USER}`, `GRANT rds_iam TO ${USER}`),
  },
  {
    number: 3,
    what: 'the role has NOLOGIN',
    id: 'no-login',
    build: (stage) => inside(stage, `ALTER ROLE ${USER} NOLOGIN`, `ALTER ROLE ${USER} LOGIN`),
  },
  {
    number: 4,
    what: 'the user is written in another case',
    id: 'other-case',
    build: async () => ({ options: { user: 'Orders_Api' } }),
  },
  {
    number: 5,
    what: 'the policy names the identifier',
    id: 'policy-other-cluster',
    build: async (stage) => {
      await stage.policy('orders-api', [allow(stage.dbuser(USER, 'orders'))]);
      return { undo: () => stage.policy('orders-api', [allow(stage.dbuser())]) };
    },
  },
  {
    number: 6,
    what: 'no policy allows it',
    id: 'policy-missing',
    build: async (stage) => {
      await stage.policy('orders-api', undefined);
      return { undo: () => stage.policy('orders-api', [allow(stage.dbuser())]) };
    },
  },
  {
    number: 7,
    what: 'signed for another region',
    id: 'region-mismatch',
    build: async ({ host, aurora }) => ({ options: { host, port: aurora.port, region: 'us-east-1' } }),
  },
  {
    number: 8,
    what: 'signed for localhost, behind a tunnel',
    id: 'token-other-host',
    build: async (stage) => ({ token: await stage.token({ host: 'localhost' }) }),
  },
  {
    number: 9,
    what: 'a token that is older than 15 minutes',
    id: 'token-expired',
    build: async (stage) => ({ token: await stage.token({ at: new Date(Date.now() - 1_200_000) }) }),
  },
  {
    number: 10,
    what: 'the credentials are over',
    id: 'credentials-expired',
    // STS answers like this; the gate has never handed out such a key.
    build: async () => ({
      credentials: { accessKeyId: 'ASIAEXPIREDEXPIRED01', secretAccessKey: 'x', sessionToken: 'y' },
      edge: ({ service }) =>
        service === 'sts' || service === 'iam' || service === 'rds'
          ? awsError(403, 'ExpiredToken', 'The security token included in the request is expired')
          : undefined,
    }),
  },
  {
    number: 11,
    what: 'the clock is 20 minutes behind',
    id: 'clock-skew',
    build: async () => ({ clock: -1200 }),
  },
  {
    number: 12,
    what: 'the token is URL-encoded in a password field',
    id: 'token-encoded',
    build: async (stage) => ({ token: encodeURIComponent(await stage.token()) }),
  },
  {
    number: 13,
    what: 'the token is cut off',
    id: 'token-damaged',
    build: async (stage) => ({ token: (await stage.token()).slice(0, -30) }),
  },
  {
    number: 14,
    what: 'a token for another user',
    id: 'token-other-user',
    build: async (stage) => ({ token: await stage.token({ user: 'somebody_else' }) }),
  },
  {
    number: 15,
    what: 'the client asks without TLS',
    id: 'not-encrypted',
    build: async () => ({
      options: {
        message: `FATAL:  pg_hba.conf rejects connection for host "10.0.0.9", user "${USER}", database "orders", no encryption`,
      },
    }),
  },
  {
    number: 16,
    what: 'too many new connections per second',
    id: 'throttled',
    atTheEdge: true,
    build: async () => ({
      options: { message: PAM },
      edge: logging(
        'iam-db-auth-error',
        `[ERROR] Failed to authorize the connection request for user ${USER} due to IAM DB authentication throttling. (Status Code: 429, Error Code: ThrottlingException)`,
      ),
    }),
  },
  {
    number: 17,
    what: 'the host is short of memory',
    id: 'short-of-memory',
    atTheEdge: true,
    build: async () => ({
      options: { message: PAM },
      edge: logging('postgresql', 'rdsauthproxy: authentication request failed with status 503'),
    }),
  },
  {
    number: 18,
    what: 'an RDS Proxy that logs in with a secret',
    id: 'proxy-with-secrets',
    atTheEdge: true,
    build: async (stage) => ({
      token: await stage.token({ host: `pooled.proxy-abcdef.${REGION}.rds.amazonaws.com` }),
      options: {
        env: undefined,
        host: `pooled.proxy-abcdef.${REGION}.rds.amazonaws.com`,
        port: stage.aurora.port,
        message: PAM,
      },
      edge: ({ action }) =>
        action === 'DescribeDBProxies' ? xml('DescribeDBProxies', PROXY_WITH_SECRETS) : undefined,
    }),
  },
  {
    number: 19,
    what: 'the master has become a member of rds_iam',
    id: 'password-login-in-rds-iam',
    build: (stage) =>
      inside(
        stage,
        'CREATE ROLE everyone_in_iam; GRANT rds_iam TO everyone_in_iam; GRANT everyone_in_iam TO postgres',
        'REVOKE everyone_in_iam FROM postgres; DROP ROLE everyone_in_iam',
        { options: { user: 'postgres' } },
      ),
  },
  {
    number: 20,
    what: 'the user is in rds_ad',
    id: 'in-rds-ad',
    build: (stage) =>
      inside(
        stage,
        `REVOKE rds_iam FROM ${USER}; GRANT rds_ad TO ${USER}`,
        `REVOKE rds_ad FROM ${USER}; GRANT rds_iam TO ${USER}`,
      ),
  },
  {
    number: 21,
    what: 'a replication connection',
    id: 'replication-by-token',
    build: async ({ aurora }) => {
      await aurora.asSuperuser(`ALTER ROLE ${USER} REPLICATION`);
      return {
        options: { replication: true },
        undo: () => aurora.asSuperuser(`ALTER ROLE ${USER} NOREPLICATION`),
      };
    },
  },
  {
    number: 22,
    what: 'the limit of connections is reached',
    id: 'connection-limit',
    build: (stage) =>
      inside(stage, `ALTER ROLE ${USER} CONNECTION LIMIT 0`, `ALTER ROLE ${USER} CONNECTION LIMIT -1`),
  },
];
