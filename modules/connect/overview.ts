import { placesOf } from '../environment/access';
import { adminLogin, adminUsernameOf } from '../environment/admin';
import { masterUsernameOf } from '../environment/cluster';
import type { Environment } from '../environment/environment';
import { MAIN_TARGET } from '../environment/principals';
import { connectCommand } from '../names/commands';
import { plural } from '../names/text';
import { type ConnectPrincipal, connectModel, roleOfPrincipal } from './model';

/** An environment as `aurora-iam show` tells it: what a person needs to connect to it. */
export interface Overview {
  readonly name: string;
  readonly account: string;
  readonly region: string;
  readonly cluster: {
    /** `created`: by this environment. */
    readonly kind: Environment['cluster']['kind'];
    readonly identifier: string;
    readonly databaseName: string;
    readonly masterUsername: string;
  };
  /** Who manages groups and logins, and where its password comes from. */
  readonly admin: { readonly username: string; readonly password: string };
  readonly logins: readonly LoginOverview[];
  readonly groups: readonly {
    readonly name: string;
    readonly preset: string;
    /** Database -> schemas. */
    readonly databases: Readonly<Record<string, readonly string[]>>;
  }[];
  readonly principals: readonly {
    readonly key: string;
    /** `role orders-api`, `IAM user jane`, or a document only. */
    readonly identity: string;
    /** Where there is a role to assume. */
    readonly roleArn?: string;
    readonly connectsAs: readonly string[];
    readonly targets: readonly string[];
  }[];
  /** Besides the environment's own cluster. */
  readonly targets: readonly {
    readonly key: string;
    readonly kind: 'memberCluster' | 'proxy';
    readonly name: string;
    readonly region: string;
  }[];
}

interface LoginOverview {
  readonly name: string;
  readonly memberOf: readonly string[];
  readonly actsAs?: string;
  /** Ways to connect: one for each principal. */
  readonly connect: readonly {
    /** Undefined: whoever may manage the database may use the login. */
    readonly principal?: string;
    readonly command: string;
    /** Whose credentials it needs, where the command does not take them itself. */
    readonly needs?: string;
  }[];
}

const PASSWORD = {
  managedSecret: 'the password that RDS manages in Secrets Manager',
  secret: 'the password in a secret of your own',
  token: 'a token',
  environment: 'the password in PGPASSWORD',
} as const;

/** @param environment valid */
export function overview(environment: Environment): Overview {
  const { name, account, region, cluster, access, targets = {} } = environment;
  const { principals } = connectModel(environment);
  const admin = adminLogin(environment);
  const masterUsername = masterUsernameOf(cluster);
  return {
    name,
    account,
    region,
    cluster: {
      kind: cluster.kind,
      identifier: cluster.identifier,
      databaseName: cluster.databaseName,
      masterUsername,
    },
    admin: { username: adminUsernameOf(environment), password: PASSWORD[admin.password.from] },
    logins: Object.entries(access.logins).map(([login, { memberOf = [], actsAs }]) => ({
      name: login,
      memberOf: memberOf.map((role) => (typeof role === 'string' ? role : role.predefined)),
      ...(actsAs === undefined ? {} : { actsAs }),
      connect: principals
        .filter(({ logins }) => logins.includes(login))
        .map((principal) => wayOf(environment, principal, login)),
    })),
    groups: Object.entries(access.groups).map(([group, definition]) => ({
      name: group,
      preset: definition.preset,
      databases: Object.fromEntries(placesOf(definition, cluster.databaseName)),
    })),
    principals: principals.map((principal) => {
      const { key, logins, targets } = principal;
      const role = roleOfPrincipal(environment, key);
      return {
        key,
        identity: identityInWords(principal),
        ...(typeof role === 'string' ? {} : { roleArn: role.roleArn }),
        connectsAs: logins,
        targets,
      };
    }),
    targets: Object.entries(targets).map(([key, target]) => ({
      key,
      kind: target.kind,
      name: target.kind === 'proxy' ? target.name : target.identifier,
      region: target.kind === 'proxy' ? region : target.region,
    })),
  };
}

function wayOf(
  environment: Environment,
  principal: ConnectPrincipal,
  login: string,
): LoginOverview['connect'][number] {
  const { key, identity, ownName, targets } = principal;
  const target = targets.includes(MAIN_TARGET) ? undefined : targets[0];
  const way = target === undefined ? {} : { target };
  const role = roleOfPrincipal(environment, key);
  if (typeof role !== 'string')
    return { principal: key, command: connectCommand(environment.name, login, { as: key, ...way }) };
  return {
    principal: key,
    command: connectCommand(environment.name, login, way),
    needs:
      identity === undefined
        ? `credentials that have the document of ${key}${ownName ? `, of the person ${login}` : ''}`
        : ownName
          ? `the credentials of the IAM user ${login}`
          : identity.kind === 'group'
            ? `the credentials of a member of the IAM group ${identity.name}`
            : `the credentials of the IAM user ${identity.name}`,
  };
}

function identityInWords({ identity }: ConnectPrincipal): string {
  if (!identity) return 'a document only';
  if (identity.kind === 'role')
    return `role ${identity.name}${identity.isNew ? ', which the stack creates' : ''}`;
  return `IAM ${identity.kind} ${identity.name}`;
}

/** The environment in one line, as columns. */
export function overviewRow({ name, cluster, region, account, logins, principals }: Overview): string[] {
  return [
    name,
    clusterInWords(cluster),
    region,
    account,
    `${plural(logins.length, 'login')}, ${plural(principals.length, 'principal')}`,
  ];
}

function clusterInWords({ kind, identifier }: Overview['cluster']): string {
  return {
    created: `creates cluster ${identifier}`,
    existing: `cluster ${identifier}`,
    instance: `instance ${identifier}`,
  }[kind];
}

/** The environment for a terminal. */
export function overviewText(shown: Overview): string {
  const { name, account, region, cluster, admin, logins, groups, principals, targets } = shown;
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : ['', title, ...lines.map((line) => `  ${line}`)];
  return [
    `${name}: ${clusterInWords(cluster)}, database ${cluster.databaseName}, in ${region} of account ${account}`,
    `admin: ${admin.username}, by ${admin.password}`,
    ...list('logins', logins.flatMap(loginLines)),
    ...list(
      'groups',
      groups.map(({ name: group, preset, databases }) => {
        const places = Object.entries(databases).map(
          ([database, schemas]) => `${schemas.join(', ')} of database ${database}`,
        );
        return `${group}: ${preset} in ${places.join('; ')}`;
      }),
    ),
    ...list(
      'principals',
      principals.map(
        ({ key, identity, connectsAs, targets: at }) =>
          `${key}: ${identity}, connects as ${connectsAs.join(', ')}${at.length === 1 && at[0] === MAIN_TARGET ? '' : ` to ${at.join(', ')}`}`,
      ),
    ),
    ...list(
      'targets',
      targets.map((target) => {
        const kind = target.kind === 'proxy' ? 'RDS Proxy' : 'member cluster';
        return `${target.key}: ${kind} ${target.name} in ${target.region}`;
      }),
    ),
    '',
  ].join('\n');
}

function loginLines({ name, memberOf, actsAs, connect }: LoginOverview): string[] {
  const what = [
    ...(memberOf.length > 0 ? [`member of ${memberOf.join(', ')}`] : []),
    ...(actsAs === undefined ? [] : [`acts as ${actsAs}`]),
  ];
  return [
    what.length > 0 ? `${name}: ${what.join('; ')}` : name,
    ...(connect.length === 0 ? ['    no principal connects as it'] : []),
    ...connect.map(
      ({ command, needs }) => `    ${command}${needs === undefined ? '' : `   # with ${needs}`}`,
    ),
  ];
}
