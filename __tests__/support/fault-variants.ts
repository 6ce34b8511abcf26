import {
  allow,
  deny,
  type Fault,
  inside,
  replaced,
  role,
  SIMULATED_BY_ORGANIZATION,
  switchedOff,
  user,
  xml,
} from './fault';
import { USER } from './fault-stage';

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
