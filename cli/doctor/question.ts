import type { CredentialOptions } from '../../clients/aws/credentials';
import type { Wanted } from '../../clients/aws/diagnosis/cluster';
import { UserError } from '../../clients/error';
import { connectModel, roleNamed, roleOfPrincipal } from '../../modules/connect/model';
import type { AskedEnvironment } from '../../modules/diagnosis/facts';
import { adminOf, adminUsernameOf } from '../../modules/environment/admin';
import type { Environment } from '../../modules/environment/environment';
import { MAIN_TARGET } from '../../modules/environment/principals';
import { iamArn, iamParts, partitionOf, sessionParts } from '../../modules/names/arn';
import type { Endpoint, NoEndpoint } from '../../modules/names/endpoint';
import type { DoctorOptions } from '../doctor';

/** What a command line asks, once the project has been read. */
export interface Question {
  readonly user: string;
  readonly database: string;
  readonly environment: Environment | undefined;
  readonly asked: AskedEnvironment | undefined;
  /** Who signs. */
  readonly signing: CredentialOptions;
  /** Who looks everything up: a role that is to sign need not be allowed to. */
  readonly looking: CredentialOptions;
  /** ARN of the role or user that an administrator asks about; nothing is signed then. */
  readonly principal: string | undefined;
}

/** @throws UserError if the command line does not say what is meant */
export async function questionOf(options: DoctorOptions): Promise<Question> {
  const { env, host, profile } = options;
  if (env === undefined && host === undefined)
    throw new UserError(
      'Say what is refused: an environment and a login (`aurora-iam list` shows them), or --host and --user. ' +
        '--token - explains a token, --message "…" an error.',
    );
  const environment = env === undefined ? undefined : (await import('../project')).loadEnvironment(env);
  const user = userOf(options, environment);
  const looking = profile === undefined ? {} : { profile };
  return {
    user,
    database: options.database ?? environment?.cluster.databaseName ?? 'postgres',
    environment,
    asked: environment && askedOf(environment, user),
    looking,
    signing: { ...looking, ...roleOf(options, environment) },
    principal: options.as === undefined ? undefined : principalArn(options.as, environment),
  };
}

function userOf({ user, as, role }: DoctorOptions, environment: Environment | undefined): string {
  if (user !== undefined) return user;
  const found =
    environment && as !== undefined
      ? roleOfPrincipal(environment, as)
      : environment && role !== undefined
        ? roleNamed(environment, role)
        : undefined;
  const logins = environment ? Object.keys(environment.access.logins) : [];
  const own = typeof found === 'object' ? found.logins : logins;
  const [only] = own;
  if (only !== undefined && own.length === 1) return only;
  throw new UserError(
    `Say which login is refused: ${own.length === 0 ? 'give --user' : `write one of ${own.join(', ')} after the environment`}.`,
  );
}

/** The role that is to sign. @throws UserError if nobody knows which is meant */
function roleOf({ role }: DoctorOptions, environment: Environment | undefined): CredentialOptions {
  if (role === undefined) return {};
  if (environment === undefined) {
    if (iamParts(role)?.type === 'role') return { role };
    throw new UserError(
      `--role ${role}: only an environment says which account the role is in. Beside --host, give its ARN.`,
    );
  }
  const found = roleNamed(environment, role);
  if (typeof found === 'string') throw new UserError(`--role: ${found}.`);
  return { role: found.roleArn };
}

/** A key of the environment, an ARN, or the name of a role; `user/<name>` for a user. @throws UserError */
function principalArn(as: string, environment: Environment | undefined): string {
  const session = sessionParts(as);
  if (session) return iamArn(session, 'role', session.role);
  const parts = iamParts(as);
  if (parts && (parts.type === 'role' || parts.type === 'user')) return as;
  const home = {
    partition: partitionOf(environment?.region ?? 'us-east-1'),
    // IAM is asked by the name alone, in the account of whoever asks.
    account: environment?.account ?? '000000000000',
  };
  const [, type, name] = /^(user|role)\/(.+)$/.exec(as) ?? [];
  if (name !== undefined) return iamArn(home, type as 'user' | 'role', name);
  if (environment === undefined) return iamArn(home, 'role', as);
  const key = connectModel(environment).principals.find((each) => each.key === as);
  if (key?.identity?.kind === 'user') return iamArn(home, 'user', key.identity.name);
  if (key?.identity?.kind === 'group')
    throw new UserError(
      `Principal ${as} is the IAM group ${key.identity.name}: ask about one of its users, with --as user/<name>.`,
    );
  if (key && key.identity === undefined)
    throw new UserError(
      `Principal ${as} is a document only: give the role that has it (of IAM Identity Center: AWSReservedSSO_…), with --as <role>.`,
    );
  const found = roleNamed(environment, as);
  if (typeof found === 'string') throw new UserError(`--as: ${found}.`);
  return found.roleArn;
}

export function askedOf(environment: Environment, user: string): AskedEnvironment {
  const model = connectModel(environment);
  const keys = model.principalsOf.get(user) ?? [];
  return {
    name: environment.name,
    isLogin: Object.hasOwn(environment.access.logins, user),
    logins: Object.keys(environment.access.logins),
    principals: model.principals
      .filter(({ key }) => keys.includes(key))
      .map(({ key, identity }) => ({ key, identity: identity?.name, kind: identity?.kind })),
    admin: { username: adminUsernameOf(environment), byToken: adminOf(environment).kind === 'iam' },
  };
}

/** What AWS is asked for: what the environment names, or what the host says of itself. @returns in words, why nothing */
export function wantedOf(
  { environment }: Question,
  { target: key = MAIN_TARGET, region }: DoctorOptions,
  endpoint: Endpoint | NoEndpoint | undefined,
): Wanted | string {
  if (environment) {
    const { cluster, targets = {} } = environment;
    const target = Object.hasOwn(targets, key) ? targets[key] : undefined;
    if (key !== MAIN_TARGET && !target)
      throw new UserError(
        `Environment ${environment.name} has no target "${key}"; it has ${[MAIN_TARGET, ...Object.keys(targets)].join(', ')}.`,
      );
    if (target?.kind === 'proxy')
      return { kind: 'proxy', identifier: target.name, region: environment.region };
    if (target) return { kind: 'cluster', identifier: target.identifier, region: target.region };
    const kind = cluster.kind === 'instance' ? 'instance' : 'cluster';
    return { kind, identifier: cluster.identifier, region: environment.region };
  }
  if (!endpoint || endpoint.kind === 'none')
    return 'the host is not an endpoint of RDS, so it does not tell which cluster it belongs to';
  const { kind, name: identifier } = endpoint;
  const where = endpoint.region ?? region;
  if (where === undefined) return 'the region of the global database is not known: give --region';
  switch (kind) {
    case 'writer':
    case 'readers':
      return { kind: 'cluster', identifier, region: where };
    case 'instance':
    case 'proxy':
      return { kind, identifier, region: where };
    default:
      return `a ${kind === 'shardGroup' ? 'shard group' : `${kind} endpoint`} does not name its cluster`;
  }
}
