import type { Environment } from '../environment/environment';
import { identityNameOf, loginsOf, type Principal, targetsOf } from '../environment/principals';
import { iamArn, iamParts, isIamName, partitionOf, splitArn } from '../names/arn';

/**
 * Who may come in as whom, and where: what access/model.ts is for PostgreSQL, for IAM. Plain data, made from a valid
 * environment; policies, deploying role, warnings and tools are functions of it.
 */
export interface ConnectModel {
  /** In the order of the environment file. */
  readonly principals: readonly ConnectPrincipal[];
  /** Login -> the keys of the principals that connect as it. A login that nobody can use has none. */
  readonly principalsOf: ReadonlyMap<string, readonly string[]>;
}

export interface ConnectPrincipal {
  /** Its key in the environment. */
  readonly key: string;
  /** Undefined for a document only: it is nobody in IAM. */
  readonly identity: ConnectIdentity | undefined;
  /** Sorted as in the environment file. */
  readonly logins: readonly string[];
  /** Each person connects as the login of the own name: `logins` lists the people. */
  readonly ownName: boolean;
  /** Keys of targets; `cluster` is the environment's own. */
  readonly targets: readonly string[];
  readonly mayLookUpCluster: boolean;
  /** What the environment says of it. */
  readonly principal: Principal;
}

export interface ConnectIdentity {
  readonly kind: 'role' | 'user' | 'group';
  /** As IAM's API takes it: without a path. */
  readonly name: string;
  /** As the environment writes it: a name, or an ARN. Of a role that the stack creates, its name. */
  readonly written: string;
  /** The policies stack creates it. */
  readonly isNew: boolean;
}

/** What the model is made from: an environment, or the properties of a construct. */
export type Connects = Pick<Environment, 'access' | 'principals'>;

export function connectModel({ access, principals }: Connects): ConnectModel {
  const all = Object.entries(principals).map(([key, principal]) => connectPrincipal(key, principal));
  const principalsOf = new Map<string, string[]>(Object.keys(access.logins).map((login) => [login, []]));
  for (const { key, logins } of all)
    for (const login of logins) principalsOf.set(login, [...(principalsOf.get(login) ?? []), key]);
  return { principals: all, principalsOf };
}

export function connectPrincipal(key: string, principal: Principal): ConnectPrincipal {
  return {
    key,
    identity: identityOf(principal),
    logins: loginsOf(principal),
    ownName: 'ownName' in principal.connectsAs,
    targets: targetsOf(principal),
    mayLookUpCluster: principal.mayLookUpCluster ?? false,
    principal,
  };
}

/** Logins that no principal connects as: only administrators of the account can use them. */
export function unusedLogins({ principalsOf }: ConnectModel): string[] {
  return [...principalsOf].filter(([, keys]) => keys.length === 0).map(([login]) => login);
}

/** A principal as which a person can connect: the role to assume, and as whom then. */
export interface RoleOfPrincipal {
  readonly roleArn: string;
  readonly logins: readonly string[];
}

/**
 * The role behind a principal's key.
 * @returns in words, why there is none to assume: an unknown key, a user or group, a document
 */
export function roleOfPrincipal(
  { principals, account, region }: Pick<Environment, 'principals' | 'account' | 'region'>,
  key: string,
): RoleOfPrincipal | string {
  const principal = Object.hasOwn(principals, key) ? principals[key] : undefined;
  if (!principal) return `there is no principal "${key}"; there is ${Object.keys(principals).join(', ')}`;
  const { identity, logins } = connectPrincipal(key, principal);
  if (identity === undefined)
    return `principal ${key} is a document only: give the role of its permission set with --role`;
  if (identity.kind !== 'role')
    return `principal ${key} is the IAM ${identity.kind} ${identity.name}: sign with the credentials of a user, by --profile`;
  if (identity.written !== identity.name) return { roleArn: identity.written, logins };
  const path = principal.kind === 'newRole' ? (principal.path ?? '/').slice(1) : '';
  return {
    roleArn: iamArn({ partition: partitionOf(region), account }, 'role', path + identity.name),
    logins,
  };
}

/**
 * The role that somebody names: by its ARN, by the key of a principal, or by its name (with its path, if it has one).
 * `logins` are those of all principals that are this role.
 * @returns in words, why it cannot be told which role is meant
 */
export function roleNamed(
  environment: Pick<Environment, 'principals' | 'account' | 'region'>,
  given: string,
): RoleOfPrincipal | string {
  const known = Object.keys(environment.principals).map((key) => ({
    key,
    found: roleOfPrincipal(environment, key),
  }));
  const roles = known.flatMap(({ key, found }) => (typeof found === 'string' ? [] : [{ key, ...found }]));
  const asRole = (roleArn: string) => ({
    roleArn,
    logins: [...new Set(roles.filter((role) => role.roleArn === roleArn).flatMap(({ logins }) => logins))],
  });
  if (iamParts(given)?.type === 'role') return asRole(given);
  if (splitArn(given)) return `${given} is not the ARN of a role`;
  const named = roles.filter(
    ({ roleArn }) => iamParts(roleArn)?.name === given || identityNameOf(roleArn) === given,
  );
  const byKey = roles.find(({ key }) => key === given);
  const meant = new Set([...(byKey ? [byKey] : []), ...named].map(({ roleArn }) => roleArn));
  if (meant.size > 1)
    return `"${given}" is the key of a principal and the name of another role: give one of ${[...meant].join(', ')}`;
  const [only] = meant;
  if (only !== undefined) return asRole(only);
  const { found } = known.find(({ key }) => key === given) ?? {};
  if (typeof found === 'string') return found;
  return isIamName(given, 64)
    ? asRole(
        iamArn({ partition: partitionOf(environment.region), account: environment.account }, 'role', given),
      )
    : `"${given}" is neither an ARN nor the name of a role`;
}

/** Where an environment still has a login: until it is taken out there, the next deploy lets it in again. */
export interface StillNamed {
  /** Keys of the principals whose policies name it. */
  readonly principals: readonly string[];
  /** Among the environment's own logins. */
  readonly isLogin: boolean;
}

export function stillNamed(connects: Connects, login: string): StillNamed {
  return {
    principals: connectModel(connects).principalsOf.get(login) ?? [],
    isLogin: Object.hasOwn(connects.access.logins, login),
  };
}

function identityOf(principal: Principal): ConnectIdentity | undefined {
  switch (principal.kind) {
    case 'document':
      return undefined;
    case 'newRole':
      return { kind: 'role', name: principal.name, written: principal.name, isNew: true };
    case 'role':
      return existing('role', principal.role);
    case 'user':
      return existing('user', principal.user);
    case 'group':
      return existing('group', principal.group);
  }
}

function existing(kind: ConnectIdentity['kind'], written: string): ConnectIdentity {
  return { kind, name: identityNameOf(written), written, isNew: false };
}
