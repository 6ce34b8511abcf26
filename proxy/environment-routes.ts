import type { Way } from '../clients/aws/clusters';
import type { CredentialOptions } from '../clients/aws/credentials';
import { UserError } from '../clients/error';
import { type RoleOfPrincipal, roleNamed, roleOfPrincipal } from '../modules/connect/model';
import { placesOf } from '../modules/environment/access';
import { adminOf } from '../modules/environment/admin';
import type { Environment } from '../modules/environment/environment';
import { MAIN_TARGET, targetsOf } from '../modules/environment/principals';
import type { Endpoint, Route } from './routes';

/** What somebody asked to be served of an environment. */
export interface Asked extends CredentialOptions {
  /** `prod`; `prod.frankfurt`, `prod.readers`: that way alone. */
  readonly way?: Way;
  readonly as?: string;
  /** @default all logins that sign in this way */
  readonly users?: readonly string[];
  readonly through?: { readonly host: string; readonly port: number };
  /** PEM. */
  readonly certificateAuthority?: string;
}

export const READERS = 'readers';

/**
 * The ways into an environment: its own cluster, the readers of it, and each target. With a way that was asked for, that one
 * alone, which then needs no name.
 * @throws UserError if the environment has no such principal, login or target
 */
export function environmentRoutes(
  environment: Environment,
  asked: Asked,
  lookUp: (environment: Environment, way: Way) => Promise<Endpoint>,
): Route[] {
  const { logins, credentials, targets } = signing(environment, asked);
  return waysOf(environment, asked.way, targets).map((way) => ({
    name: routeName(environment.name, way),
    isDefault: asked.way !== undefined || (way.target === undefined && !way.reader),
    logins,
    databases: databasesOf(environment),
    to: { kind: 'looked-up', lookUp: () => lookUp(environment, way) },
    credentials,
    through: asked.through ?? environment.through,
    certificateAuthority: asked.certificateAuthority,
  }));
}

/** `prod`, `prod.readers`, `prod.frankfurt`, `prod.frankfurt.readers`. */
export function routeName(environment: string, { target, reader }: Way): string {
  return [environment, ...(target === undefined ? [] : [target]), ...(reader ? [READERS] : [])].join('.');
}

function waysOf(
  environment: Environment,
  asked: Way | undefined,
  allowed: readonly string[],
): readonly Way[] {
  const { targets = {}, cluster } = environment;
  if (asked) {
    const { target = MAIN_TARGET } = asked;
    if (target !== MAIN_TARGET && !Object.hasOwn(targets, target))
      throw new UserError(
        `Environment ${environment.name} has no target "${target}"; it has ${[MAIN_TARGET, ...Object.keys(targets)].join(', ')}.`,
      );
    if (!allowed.includes(target))
      throw new UserError(`The principal may not connect to ${target} of environment ${environment.name}.`);
    return [asked];
  }
  const ways: Way[] = allowed.includes(MAIN_TARGET)
    ? [{}, ...(cluster.kind === 'instance' ? [] : [{ reader: true }])]
    : [];
  for (const [target, { kind }] of Object.entries(targets))
    if (allowed.includes(target))
      ways.push({ target }, ...(kind === 'memberCluster' ? [{ target, reader: true }] : []));
  return ways;
}

/** Who signs, for which logins and targets. */
function signing(
  environment: Environment,
  { as, users, profile, role, externalId }: Asked,
): {
  readonly logins: readonly string[];
  readonly credentials: CredentialOptions;
  readonly targets: readonly string[];
} {
  const { access, targets = {}, principals } = environment;
  const everywhere = [MAIN_TARGET, ...Object.keys(targets)];
  const own = { ...(profile ? { profile } : {}), ...(externalId ? { externalId } : {}) };
  if (as !== undefined && role !== undefined) throw new UserError('Give either --as or --role: not both.');
  if (as === undefined && role === undefined)
    return {
      logins: chosen(environment, Object.keys(access.logins), users),
      credentials: own,
      targets: everywhere,
    };
  const found: RoleOfPrincipal | string =
    as === undefined ? roleNamed(environment, role as string) : roleOfPrincipal(environment, as);
  if (typeof found === 'string')
    throw new UserError(`${as === undefined ? '--role' : `--as ${as}`}: ${found}.`);
  const principal = as === undefined ? undefined : principals[as];
  return {
    // A role that no principal names may have its policy from elsewhere.
    logins: chosen(environment, found.logins.length > 0 ? found.logins : Object.keys(access.logins), users),
    credentials: { ...own, role: found.roleArn },
    targets: principal ? targetsOf(principal) : everywhere,
  };
}

function chosen(
  environment: Environment,
  all: readonly string[],
  users: readonly string[] = [],
): readonly string[] {
  const admin = adminOf(environment);
  const known = admin.kind === 'iam' ? [...all, admin.username] : all;
  const unknown = users.find((user) => !known.includes(user));
  if (unknown !== undefined)
    throw new UserError(
      `Environment ${environment.name} lets nobody connect so as "${unknown}"; it has ${known.join(', ')}. Upper and lower case count.`,
    );
  return users.length > 0 ? users : all;
}

/** That the environment names. */
function databasesOf({ cluster, databases = [], access }: Environment): readonly string[] {
  const named = Object.values(access.groups).flatMap((group) =>
    placesOf(group, cluster.databaseName).map(([database]) => database),
  );
  return [...new Set([cluster.databaseName, ...databases, ...named])];
}
