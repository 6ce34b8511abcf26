import { ModifyDBClusterCommand } from '@aws-sdk/client-rds';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import type { AwsAnswer } from '../../local/aws/aws-protocol';
import type { RuleId } from '../../modules/findings/catalogue';
import type { Decision } from './aws-edge';
import { type Question, REGION, type Stage, USER } from './fault-stage';

/** One cause of a refused login, and how it is built. */
export interface Fault {
  /** In the list of causes that the bench goes through; several may have one number. */
  readonly number: number;
  readonly what: string;
  readonly id: RuleId;
  /** Nobody can build it on Local Aurora: AWS's answers are written from its API reference. */
  readonly atTheEdge?: true;
  build(stage: Stage): Promise<Built>;
}

export interface Built extends Question {
  undo?(): Promise<void>;
}

const allow = (...Resource: string[]) => ({ Effect: 'Allow', Action: 'rds-db:connect', Resource });
const deny = (...Resource: string[]) => ({ Effect: 'Deny', Action: 'rds-db:connect', Resource });
const PAM = `FATAL:  PAM authentication failed for user "${USER}"`;

/** Roles are made once: each fault that needs one has its own. */
const made = new WeakMap<Stage, Map<string, Promise<AwsCredentialIdentity>>>();

function role(stage: Stage, name: string, ...statements: object[]): Promise<AwsCredentialIdentity> {
  const known = made.get(stage) ?? new Map<string, Promise<AwsCredentialIdentity>>();
  made.set(stage, known);
  const own = known.get(name) ?? stage.role(name, statements);
  known.set(name, own);
  return own;
}

/** Changes something inside of PostgreSQL for the length of one question. */
async function inside(
  stage: Stage,
  statement: string,
  undo: string,
  question: Question = {},
): Promise<Built> {
  await stage.sql(statement);
  return { ...question, undo: () => stage.sql(undo) };
}

/** A user of its own, made once. */
const users = new WeakMap<Stage, Set<string>>();

async function user(stage: Stage, name: string, ...statements: string[]): Promise<Built> {
  const known = users.get(stage) ?? new Set<string>();
  users.set(stage, known);
  if (!known.has(name)) {
    known.add(name);
    for (const statement of [`CREATE ROLE "${name}" LOGIN`, ...statements]) await stage.sql(statement);
  }
  const credentials = await role(stage, 'everybody', allow(stage.dbuser('*')));
  return { options: { user: name }, credentials };
}

async function switchedOff(stage: Stage): Promise<Built> {
  const set = (on: boolean) =>
    stage.rds.send(
      new ModifyDBClusterCommand({
        DBClusterIdentifier: 'orders',
        EnableIAMDatabaseAuthentication: on,
        ApplyImmediately: true,
      }),
    );
  await set(false);
  return { undo: async () => void (await set(true)) };
}

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

/** Other ways into the same causes, and the rest of what may be wrong. */
export const VARIANTS: readonly Fault[] = [
  {
    number: 1,
    what: 'turning it on waits for the maintenance window',
    id: 'authentication-off',
    build: async (stage) => ({
      ...(await switchedOff(stage)),
      edge: async ({ action }, forward) =>
        action === 'DescribeDBClusters'
          ? replaced(
              await forward(),
              '</DBCluster>',
              '<PendingModifiedValues><IAMDatabaseAuthenticationEnabled>true</IAMDatabaseAuthenticationEnabled></PendingModifiedValues></DBCluster>',
            )
          : forward(),
    }),
  },
  {
    number: 4,
    what: 'the user does not exist',
    id: 'no-such-role',
    build: async () => ({ options: { user: 'nobody_here' } }),
  },
  {
    number: 5,
    what: 'the policy names an instance of the cluster',
    id: 'policy-other-cluster',
    build: async (stage) => {
      await stage.policy('orders-api', [allow(stage.dbuser(USER, 'db-ABCDEFGHIJKLMNOPQRSTUVWXYZ'))]);
      return { undo: () => stage.policy('orders-api', [allow(stage.dbuser())]) };
    },
  },
  {
    number: 5,
    what: 'the policy names the region of another cluster',
    id: 'policy-other-cluster',
    build: async (stage) => {
      await stage.policy('orders-api', [allow(stage.dbuser(USER, stage.resourceId, 'us-east-1'))]);
      return { undo: () => stage.policy('orders-api', [allow(stage.dbuser())]) };
    },
  },
  {
    number: 6,
    what: 'the policy names another login',
    id: 'policy-other-login',
    build: async (stage) => {
      await stage.policy('orders-api', [allow(stage.dbuser('orders_migrate'))]);
      return { undo: () => stage.policy('orders-api', [allow(stage.dbuser())]) };
    },
  },
  {
    number: 6,
    what: 'another role signs than the one that has the policy',
    id: 'other-identity',
    build: async (stage) => ({ credentials: await role(stage, 'monitoring') }),
  },
  {
    number: 6,
    what: 'a Deny',
    id: 'policy-denied',
    build: async (stage) => {
      await stage.policy('orders-api', [allow(stage.dbuser()), deny('*')]);
      return { undo: () => stage.policy('orders-api', [allow(stage.dbuser())]) };
    },
  },
  {
    number: 6,
    what: 'a permissions boundary',
    id: 'boundary-without-connect',
    build: async (stage) => {
      await stage.boundary('orders-api', [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }]);
      return { undo: () => stage.boundary('orders-api', undefined) };
    },
  },
  {
    number: 6,
    what: 'a session policy, which only STS knows',
    id: 'session-policy',
    build: async (stage) => ({
      credentials: await stage.assume('orders-api', [{ Effect: 'Allow', Action: 's3:*', Resource: '*' }]),
    }),
  },
  {
    number: 6,
    what: 'the policy of the task is on its execution role',
    id: 'other-identity',
    build: async (stage) => {
      const credentials = await role(stage, 'task');
      await role(stage, 'execution', allow(stage.dbuser()));
      await stage.trust('execution', 'ecs-tasks.amazonaws.com');
      return { credentials, options: { env: undefined, host: stage.host, port: stage.aurora.port } };
    },
  },
  {
    number: 6,
    what: 'a service control policy',
    id: 'organization-policy',
    atTheEdge: true,
    // Refused as by the organization: something that the documents do not show.
    build: async (stage) => ({
      credentials: await stage.assume('orders-api', [deny('*')]),
      edge: ({ action }) =>
        action === 'SimulatePrincipalPolicy'
          ? xml('SimulatePrincipalPolicy', SIMULATED_BY_ORGANIZATION)
          : undefined,
    }),
  },
  {
    number: 12,
    what: 'the token stands raw in a URI',
    id: 'token-encoded',
    build: async () => ({ options: { message: 'psql: error: invalid URI query parameter: "Action"' } }),
  },
  {
    number: 13,
    what: 'the token stands in quotes',
    id: 'token-damaged',
    build: async (stage) => ({ token: `"${await stage.token()}"` }),
  },
  {
    number: 14,
    what: 'a token for another spelling of the user',
    id: 'token-other-user',
    build: async (stage) => ({ token: await stage.token({ user: 'Orders_Api' }) }),
  },
  {
    number: 21,
    what: 'a replication connection of a user that may not replicate',
    id: 'no-replication-privilege',
    build: async () => ({ options: { replication: true } }),
  },
  {
    number: 22,
    what: 'no CONNECT on the database',
    id: 'no-connect-privilege',
    build: (stage) =>
      inside(
        stage,
        'REVOKE CONNECT ON DATABASE orders FROM PUBLIC',
        'GRANT CONNECT ON DATABASE orders TO PUBLIC',
      ),
  },
  {
    number: 22,
    what: 'no such database',
    id: 'no-such-database',
    build: async () => ({ options: { database: 'shop' } }),
  },
  {
    number: 22,
    what: 'a user with a password that slipped into rds_iam sends its password',
    id: 'not-a-token',
    build: async (stage) => ({
      ...(await user(stage, 'legacy', 'GRANT rds_iam TO legacy')),
      token: 'my-old-password',
    }),
  },
];

/** Faults that stand in each other's way, by number. The first is the answer: it ends in what is seen. */
export const PAIRS: readonly (readonly [RuleId, number, number])[] = [
  ['authentication-off', 1, 5],
  ['authentication-off', 1, 6],
  ['authentication-off', 1, 3],
  ['authentication-off', 1, 9],
  ['not-in-rds-iam', 2, 5],
  ['not-in-rds-iam', 2, 6],
  ['not-in-rds-iam', 2, 9],
  ['not-in-rds-iam', 2, 14],
  ['other-case', 4, 6],
  ['policy-other-cluster', 5, 3],
  ['policy-other-cluster', 5, 22],
  ['policy-missing', 6, 3],
  ['policy-missing', 6, 22],
  ['region-mismatch', 7, 5],
  ['region-mismatch', 7, 6],
  ['token-other-host', 8, 9],
  ['token-other-host', 8, 3],
  ['token-expired', 9, 6],
  ['token-expired', 9, 22],
  ['token-encoded', 12, 14],
  ['token-damaged', 13, 6],
  ['token-other-user', 14, 9],
  ['clock-skew', 11, 5],
  ['in-rds-ad', 20, 6],
];

/** Two faults at once. */
export async function buildBoth(stage: Stage, first: Fault, second: Fault): Promise<Built> {
  const one = await first.build(stage);
  const other = await second.build(stage);
  const token = bothTokens(one, other, first, second, stage);
  return {
    ...other,
    ...one,
    ...(await token),
    options: { ...other.options, ...one.options },
    undo: async () => {
      await other.undo?.();
      await one.undo?.();
    },
  };
}

/** A token with both faults. */
async function bothTokens(
  one: Built,
  other: Built,
  first: Fault,
  second: Fault,
  stage: Stage,
): Promise<{ token?: string }> {
  if (one.token === undefined || other.token === undefined) return {};
  const numbers = [first.number, second.number];
  const token = await stage.token({
    ...(numbers.includes(8) ? { host: 'localhost' } : {}),
    ...(numbers.includes(9) ? { at: new Date(Date.now() - 1_200_000) } : {}),
    ...(numbers.includes(14) ? { user: 'somebody_else' } : {}),
  });
  return { token: numbers.includes(12) ? encodeURIComponent(token) : token };
}

function awsError(status: number, code: string, message: string): AwsAnswer {
  const body = `<ErrorResponse><Error><Type>Sender</Type><Code>${code}</Code><Message>${message}</Message></Error></ErrorResponse>`;
  return {
    status,
    rawHeaders: ['Content-Type', 'text/xml', 'Date', new Date().toUTCString()],
    body: Buffer.from(body),
  };
}

/**
 * One line in one of the two logs, and nothing in the other one.
 * https://docs.aws.amazon.com/AmazonCloudWatchLogs/latest/APIReference/API_FilterLogEvents.html
 */
function logging(log: string, message: string): Decision {
  return ({ action, body }) => {
    if (action !== 'FilterLogEvents') return undefined;
    const events = body.includes(`/${log}"`) ? [{ timestamp: Date.now(), message }] : [];
    return {
      status: 200,
      rawHeaders: ['Content-Type', 'application/x-amz-json-1.1'],
      body: Buffer.from(JSON.stringify({ events })),
    };
  };
}

function xml(action: string, content: string): AwsAnswer {
  const body = `<${action}Response><${action}Result>${content}</${action}Result></${action}Response>`;
  return { status: 200, rawHeaders: ['Content-Type', 'text/xml'], body: Buffer.from(body) };
}

function replaced(answer: AwsAnswer, from: string, to: string): AwsAnswer {
  return { ...answer, body: Buffer.from(answer.body.toString().replace(from, to)) };
}

/** https://docs.aws.amazon.com/AmazonRDS/latest/APIReference/API_DBProxy.html */
const PROXY_WITH_SECRETS = `<DBProxies><member><DBProxyName>pooled</DBProxyName><DBProxyArn>arn:aws:rds:${REGION}:123456789012:db-proxy:prx-0123456789abcdef0</DBProxyArn><Status>available</Status><EngineFamily>POSTGRESQL</EngineFamily><Endpoint>pooled.proxy-abcdef.${REGION}.rds.amazonaws.com</Endpoint><Auth><member><AuthScheme>SECRETS</AuthScheme><IAMAuth>REQUIRED</IAMAuth></member></Auth></member></DBProxies>`;

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html */
const SIMULATED_BY_ORGANIZATION =
  '<EvaluationResults><member><EvalActionName>rds-db:connect</EvalActionName><EvalDecision>implicitDeny</EvalDecision><OrganizationsDecisionDetail><AllowedByOrganizations>false</AllowedByOrganizations></OrganizationsDecisionDetail></member></EvaluationResults><IsTruncated>false</IsTruncated>';
