import {
  AddUserToGroupCommand,
  CreateAccessKeyCommand,
  CreateGroupCommand,
  CreateUserCommand,
  PutGroupPolicyCommand,
  PutUserPolicyCommand,
} from '@aws-sdk/client-iam';
import type { AwsCredentialIdentity } from '@aws-sdk/types';
import { OWNER_CREDENTIALS } from '../../local/local-aurora';
import type { Built } from './fault';
import { ACCOUNT, type Level, type Stage, USER } from './fault-stage';

/** A login that is right, in a way that looks odd. */
export interface Healthy {
  readonly what: string;
  /** @default 'read' */
  readonly level?: Level;
  build(stage: Stage): Promise<Built>;
}

const allow = (...Resource: string[]) => ({ Effect: 'Allow', Action: 'rds-db:connect', Resource });
const document = (...Statement: object[]) => JSON.stringify({ Version: '2012-10-17', Statement });

/** A login of its own, and a role that may connect as it. */
async function login(stage: Stage, name: string, ...statements: string[]): Promise<Built> {
  for (const statement of [`CREATE ROLE "${name}" LOGIN`, `GRANT rds_iam TO "${name}"`, ...statements])
    await stage.sql(statement);
  const credentials = await stage.role(`for-${name.replace(/\W/g, '-').slice(0, 40)}`, [
    allow(stage.dbuser(name)),
  ]);
  return { credentials, options: direct(stage, { user: name }) };
}

/** Without the environment, which knows no such login. */
function direct({ host, aurora }: Stage, more: object = {}) {
  return { env: undefined, host, port: aurora.port, database: 'orders', ...more };
}

async function iamUser(stage: Stage, UserName: string, policy?: string): Promise<AwsCredentialIdentity> {
  await stage.iam.send(new CreateUserCommand({ UserName }));
  if (policy)
    await stage.iam.send(
      new PutUserPolicyCommand({ UserName, PolicyName: 'connect', PolicyDocument: policy }),
    );
  const { AccessKey } = await stage.iam.send(new CreateAccessKeyCommand({ UserName }));
  return { accessKeyId: AccessKey?.AccessKeyId ?? '', secretAccessKey: AccessKey?.SecretAccessKey ?? '' };
}

const as =
  (host: (stage: Stage) => string): Healthy['build'] =>
  async (stage) => ({ options: direct(stage, { host: host(stage) }) });

export const HEALTHY: readonly Healthy[] = [
  { what: 'no permission but connect', level: 'connect', build: async () => ({}) },
  { what: 'an environment, and permission to read', build: async () => ({}) },
  { what: 'an environment, and the admin', level: 'admin', build: async () => ({}) },
  { what: 'a name like a mail address', build: (stage) => login(stage, 'jane.doe@example.com') },
  { what: 'a name with a capital', build: (stage) => login(stage, 'Jane') },
  { what: 'a name of 63 bytes', build: (stage) => login(stage, 'l'.repeat(63)) },
  { what: 'a name with a hyphen', build: (stage) => login(stage, 'app-1') },
  {
    what: 'in rds_iam through a group',
    build: (stage) =>
      login(
        stage,
        'indirect',
        'REVOKE rds_iam FROM indirect',
        'CREATE ROLE all_iam',
        'GRANT rds_iam TO all_iam',
        'GRANT all_iam TO indirect',
      ),
  },
  {
    what: 'a role whose password has expired',
    build: (stage) => login(stage, 'old', "ALTER ROLE old VALID UNTIL '2020-01-01'"),
  },
  {
    what: 'a role with a limit of connections that is not reached',
    build: (stage) => login(stage, 'few', 'ALTER ROLE few CONNECTION LIMIT 1'),
  },
  {
    what: 'a role with a search path of its own',
    build: (stage) => login(stage, 'own_path', 'ALTER ROLE own_path SET search_path = nowhere'),
  },
  {
    what: 'an IAM user with a long-term key',
    build: async (stage) => ({
      credentials: await iamUser(stage, 'jane', document(allow(stage.dbuser()))),
      options: direct(stage),
    }),
  },
  {
    what: 'an IAM user by the policy of a group',
    build: async (stage) => {
      const credentials = await iamUser(stage, 'john');
      await stage.iam.send(new CreateGroupCommand({ GroupName: 'people' }));
      await stage.iam.send(
        new PutGroupPolicyCommand({
          GroupName: 'people',
          PolicyName: 'connect',
          PolicyDocument: document(allow(stage.dbuser())),
        }),
      );
      await stage.iam.send(new AddUserToGroupCommand({ GroupName: 'people', UserName: 'john' }));
      return { credentials, options: direct(stage) };
    },
  },
  {
    what: 'an IAM user by the own name',
    build: async (stage) => {
      await stage.sql('CREATE ROLE mary LOGIN; GRANT rds_iam TO mary');
      return {
        credentials: await iamUser(stage, 'mary', document(allow(stage.dbuser('${aws:username}')))),
        options: direct(stage, { user: 'mary' }),
      };
    },
  },
  {
    what: 'several policies, most of them about something else',
    build: async (stage) => {
      const credentials = await stage.role('several', [
        allow(stage.dbuser()),
        { Effect: 'Allow', Action: 's3:*', Resource: '*' },
      ]);
      await stage.attach('several', [
        allow(stage.dbuser('other'), stage.dbuser(USER, 'orders')),
        { Effect: 'Deny', Action: 'iam:*', Resource: '*' },
      ]);
      return { credentials, options: direct(stage) };
    },
  },
  {
    what: 'a policy with a wildcard',
    build: async (stage) => ({
      credentials: await stage.role('wide', [allow(stage.dbuser('orders_*'))]),
      options: direct(stage),
    }),
  },
  {
    what: 'a policy with a condition that holds',
    build: async (stage) => ({
      credentials: await stage.role('conditional', [
        { ...allow(stage.dbuser()), Condition: { StringEquals: { 'aws:PrincipalAccount': ACCOUNT } } },
      ]),
      options: direct(stage),
    }),
  },
  {
    what: 'a permissions boundary that allows it',
    build: async (stage) => {
      const credentials = await stage.role('bounded', [allow(stage.dbuser())]);
      await stage.boundary('bounded', [allow('*')]);
      return { credentials, options: direct(stage) };
    },
  },
  {
    what: 'a session policy that allows it',
    build: async (stage) => ({ credentials: await stage.assume('orders-api', [allow('*')]) }),
  },
  {
    what: 'a role that is assumed first, by its key',
    level: 'admin',
    build: async () => ({ credentials: OWNER_CREDENTIALS, options: { role: 'api' } }),
  },
  { what: 'the endpoint in capitals', build: as(({ host }) => host.toUpperCase()) },
  { what: 'the endpoint with a dot at its end', build: as(({ host }) => `${host}.`) },
  { what: 'the endpoint of the readers', build: async () => ({ options: { reader: true } }) },
  {
    what: 'the endpoint beside the environment',
    build: async ({ host, aurora }) => ({ options: { host, port: aurora.port } }),
  },
  { what: 'a fresh token of one’s own', build: async (stage) => ({ token: await stage.token() }) },
  {
    what: 'a token with the line break of the shell',
    build: async (stage) => ({ token: `${await stage.token()}\n` }),
  },
  {
    what: 'a token that is ten minutes old',
    build: async (stage) => ({ token: await stage.token({ at: new Date(Date.now() - 600_000) }) }),
  },
  {
    what: 'settings of libpq in the shell',
    build: async () => ({
      variables: { PGHOST: 'elsewhere', PGSSLMODE: 'disable', PGUSER: 'nobody', PGSERVICE: 'none' },
    }),
  },
  {
    what: 'AWS_REGION of another region',
    build: async (stage) => ({
      variables: { AWS_REGION: 'us-east-1', AWS_DEFAULT_REGION: 'us-west-2' },
      options: direct(stage),
    }),
  },
  { what: 'a clock that is 100 seconds ahead', build: async () => ({ clock: 100 }) },
  {
    what: 'another database',
    build: async (stage) => ({ options: direct(stage, { database: 'postgres' }) }),
  },
  {
    what: 'a principal that an administrator asks about',
    level: 'admin',
    build: async () => ({ options: { as: 'api' } }),
  },
];
