import { isKnownLater } from './later';
import type { Account, Place } from './place';
import { isLoginName } from './postgresql';

/** The parts of an ARN. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export interface ArnParts extends Place {
  readonly service: string;
  /** All that follows the fifth colon; it may hold further ones. */
  readonly resource: string;
}

/** The only place where an ARN is put together. Parts that have none are empty: the region of IAM, say. */
export function formatArn({ partition, service, region, account, resource }: ArnParts): string {
  return `arn:${partition}:${service}:${region}:${account}:${resource}`;
}

/** What `formatArn` was made from; undefined where the text has fewer than six fields, or another beginning. */
export function splitArn(text: string): ArnParts | undefined {
  const [, partition, service, region, account, resource] =
    /^arn:([^:]*):([^:]*):([^:]*):([^:]*):(.*)$/s.exec(text) ?? [];
  return partition === undefined
    ? undefined
    : ({ partition, service, region, account, resource } as ArnParts);
}

/** Where a database user is: everything an `rds-db` ARN needs besides the login. */
export interface DatabaseTarget extends Place {
  /** The *resource id*: `cluster-…`, `db-…` or `prx-…`. Not the identifier, which no policy ever matches. */
  readonly resourceId: string;
}

/**
 * Resource ids, as RE2 and JavaScript read the patterns alike: Terraform checks the resolved values with them too.
 * A name may begin like an id, which is why case and shape count: no name of a cluster or instance has a capital.
 */
export const RESOURCE_ID_PATTERNS = {
  cluster: '^cluster-[A-Z0-9]+$',
  instance: '^db-[A-Z0-9]+$',
  proxy: '^prx-[A-Za-z0-9]+$',
} as const;

/** In the place of a login: the name of the IAM user who connects. Roles have none.
 *  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
export const OWN_NAME = '${aws:username}';

/**
 * In the place of a login: who connects by SAML, IAM Identity Center included, as the identity provider names that person.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_iam-condition-keys.html#condition-keys-saml
 */
export const OWN_SAML_NAME = '${saml:sub}';

/** Whether a login is whoever asks, by the own name. */
export function isOwnName(login: string): boolean {
  return login === OWN_NAME || login === OWN_SAML_NAME;
}

/**
 * The ARN that `rds-db:connect` is decided on.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrdsiamauthentication.html
 * Parts that Terraform resolves later pass unchecked: the look-up's postconditions stand in for them.
 * @throws Error if the resource id or the login is not one.
 */
export function dbuserArn(target: DatabaseTarget, login: string): string {
  const { partition, region, account, resourceId } = target;
  if (!isKnownLater(resourceId) && !isResourceId(resourceId))
    throw new Error(
      `"${resourceId}" is not a resource id (cluster-, db- and capitals and digits, or prx-…). An identifier ` +
        'never matches in a policy: take DbClusterResourceId of `aws rds describe-db-clusters`.',
    );
  if (!isKnownLater(login) && !isOwnName(login) && !isLoginName(login))
    throw new Error(
      `"${login}" is not a login name: it begins with a letter or _, goes on with letters, digits and _ . @ -, ` +
        'and has at most 63 characters. A * or ? would match other logins in a policy.',
    );
  return formatArn({
    partition,
    service: 'rds-db',
    region,
    account,
    resource: `dbuser:${resourceId}/${login}`,
  });
}

/** What `dbuserArn` was made from; undefined for whatever it does not make. */
export function dbuserParts(arn: string): { target: DatabaseTarget; login: string } | undefined {
  const { service, resource = '', ...place } = splitArn(arn) ?? {};
  const [, resourceId = '', login = ''] = /^dbuser:([^/]+)\/([^/]+)$/.exec(resource) ?? [];
  return service === 'rds-db' &&
    isPlace(place) &&
    isResourceId(resourceId) &&
    (isOwnName(login) || isLoginName(login))
    ? { target: { ...place, resourceId }, login }
    : undefined;
}

export function isResourceId(text: string): boolean {
  return Object.values(RESOURCE_ID_PATTERNS).some((pattern) => new RegExp(pattern).test(text));
}

/**
 * As `dbuserArn`, before the resource id is known: the same login on every cluster (or instance) of the account and region.
 * @throws Error if the login is not one
 */
export function dbuserPattern(target: Place, kind: 'cluster' | 'instance', login: string): string {
  const any = { cluster: 'cluster-A', instance: 'db-A' }[kind];
  return dbuserArn({ ...target, resourceId: any }, login).replace(`${any}/`, `${any.slice(0, -1)}*/`);
}

/**
 * A resource of RDS, by the name it is given (of a proxy: its resource id).
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html#amazonrds-resources-for-iam-policies
 */
export function rdsArn(
  { partition, region, account }: Place,
  type: 'cluster' | 'db' | 'cluster-pg' | 'pg' | 'og' | 'subgrp' | 'cluster-snapshot' | 'db-proxy',
  name: string,
): string {
  return formatArn({ partition, service: 'rds', region, account, resource: `${type}:${name}` });
}

/** What `rdsArn` was made from: its place, and the name. */
export function rdsParts(
  arn: string,
): (Place & { readonly type: string; readonly name: string }) | undefined {
  const { partition = '', service, region = '', account = '', resource = '' } = splitArn(arn) ?? {};
  const [type = '', name = '', ...more] = resource.split(':');
  return service === 'rds' && name !== '' && more.length === 0
    ? { partition, region, account, type, name }
    : undefined;
}

/** A global database: it belongs to no region. */
export function globalClusterArn({ partition, account }: Account, name: string): string {
  return formatArn({ partition, service: 'rds', region: '', account, resource: `global-cluster:${name}` });
}

/** @param name of the secret, with the six characters that Secrets Manager adds, or a pattern */
export function secretArn(place: Place, name: string): string {
  return formatArn({ ...place, service: 'secretsmanager', resource: `secret:${name}` });
}

/** What `secretArn` was made from. */
export function secretParts(arn: string): (Place & { readonly name: string }) | undefined {
  const { service, resource = '', ...place } = splitArn(arn) ?? {};
  const [, name] = /^secret:(.+)$/s.exec(resource) ?? [];
  return service === 'secretsmanager' && name !== undefined ? { ...(place as Place), name } : undefined;
}

/** @param id of the key, or a pattern */
export function kmsKeyArn(place: Place, id: string, type: 'key' | 'alias' = 'key'): string {
  return formatArn({ ...place, service: 'kms', resource: `${type}/${id}` });
}

/** What `kmsKeyArn` was made from. */
export function kmsKeyParts(
  arn: string,
): (Place & { readonly type: 'key' | 'alias'; readonly id: string }) | undefined {
  const { service, resource = '', ...place } = splitArn(arn) ?? {};
  const [, type, id] = /^(key|alias)\/(.+)$/s.exec(resource) ?? [];
  return service === 'kms' && id !== undefined
    ? { ...(place as Place), type: type as 'key' | 'alias', id }
    : undefined;
}

/** Buckets have names of their own in all regions and accounts. */
export function bucketArn({ partition }: Pick<Place, 'partition'>, bucket: string): string {
  return formatArn({ partition, service: 's3', region: '', account: '', resource: bucket });
}

/** All of an account: as the principal of a trust policy, whoever the account's administrators allow. */
export function rootArn({ partition, account }: Account): string {
  return formatArn({ partition, service: 'iam', region: '', account, resource: 'root' });
}

/** What `rootArn` was made from; undefined where its account or partition is not written out. */
export function rootParts(arn: string): Account | undefined {
  const { partition = '', service, region, account = '', resource } = splitArn(arn) ?? {};
  return service === 'iam' && region === '' && resource === 'root' && isAccount({ partition, account })
    ? { partition, account }
    : undefined;
}

/** @param issuer without `https://` */
export function oidcProviderArn({ partition, account }: Account, issuer: string): string {
  return iamArn({ partition, account }, 'oidc-provider', issuer);
}

/** What `oidcProviderArn` was made from; undefined where the account is not written out, or the issuer is a pattern. */
export function oidcProviderParts(arn: string): (Account & { readonly issuer: string }) | undefined {
  const parts = iamParts(arn);
  if (parts?.type !== 'oidc-provider' || !isAccount(parts) || /[*?]/.test(parts.name)) return undefined;
  return { partition: parts.partition, account: parts.account, issuer: parts.name };
}

/**
 * As `rdsParts`; undefined for whatever is not one resource in one place: with a wildcard, or a field that is no value.
 * IAM would match several by it.
 */
export function concreteRdsParts(arn: string): ReturnType<typeof rdsParts> {
  const parts = rdsParts(arn);
  return parts &&
    isPlace(parts) &&
    /^[a-z-]+$/.test(parts.type) &&
    /^[A-Za-z][A-Za-z0-9-]{0,62}$/.test(parts.name)
    ? parts
    : undefined;
}

/** IAM has no regions. `name` is preceded by its path, if it has one. */
export function iamArn({ partition, account }: Account, type: IamType, name: string): string {
  return formatArn({ partition, service: 'iam', region: '', account, resource: `${type}/${name}` });
}

export type IamType =
  | 'role'
  | 'user'
  | 'group'
  | 'policy'
  | 'instance-profile'
  | 'oidc-provider'
  | 'saml-provider';

/** What `iamArn` was made from. The account of a policy of AWS's own is `aws`. */
export function iamParts(
  arn: string,
): (Account & { readonly type: string; readonly name: string }) | undefined {
  const { partition = '', service, region, account = '', resource = '' } = splitArn(arn) ?? {};
  const [, type = '', name = ''] = /^([^/]+)\/(.+)$/s.exec(resource) ?? [];
  return service === 'iam' && region === '' && name !== '' ? { partition, account, type, name } : undefined;
}

/** What AssumeRole answers with: an assumed role has no path. */
export function sessionArn({ partition, account }: Account, role: string, session: string): string {
  const resource = `assumed-role/${role}/${session}`;
  return formatArn({ partition, service: 'sts', region: '', account, resource });
}

/** What `sessionArn` was made from. */
export function sessionParts(
  arn: string,
): (Account & { readonly role: string; readonly session: string }) | undefined {
  const { partition = '', service, region, account = '', resource = '' } = splitArn(arn) ?? {};
  const [, role, session] = /^assumed-role\/([^/]+)\/([^/]+)$/.exec(resource) ?? [];
  return service === 'sts' && region === '' && role !== undefined && session !== undefined
    ? { partition, account, role, session }
    : undefined;
}

/** Whether partition and account are written out, so that no other ones can be meant. */
export function isAccount(given: Partial<Account>): given is Account {
  return /^aws(-[a-z]+)*$/.test(given.partition ?? '') && /^\d{12}$/.test(given.account ?? '');
}

/** As `isAccount`, for a policy: those of AWS's own stand in the account `aws`. */
export function isPolicyHome({ partition, account }: Account): boolean {
  return isAccount({ partition, account: account === 'aws' ? '0'.repeat(12) : account });
}

/** As `isAccount`, and the region. */
export function isPlace(given: Partial<Place>): given is Place {
  const { region = '' } = given;
  return isAccount(given) && /^[a-z]+(-[a-z]+)+-\d+$/.test(region);
}

/** Whether a text can be the name of a role, user, group or policy, with its path before it.
 *  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html#reference_iam-quotas-names */
export function isIamName(name: string, longest: number): boolean {
  const [, own] = /^(?:[!-.0-~]+\/)*([\w+=,.@-]+)$/.exec(name) ?? [];
  return own !== undefined && own.length <= longest;
}

/** How the regions of a partition begin, as in the partitions of the AWS SDK (@aws-sdk/core). All others are in `aws`. */
const PARTITION_OF_PREFIX: Readonly<Record<string, string>> = {
  'cn-': 'aws-cn',
  'us-gov-': 'aws-us-gov',
  'eusc-': 'aws-eusc',
  'us-iso-': 'aws-iso',
  'us-isob-': 'aws-iso-b',
  'eu-isoe-': 'aws-iso-e',
  'us-isof-': 'aws-iso-f',
};

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function partitionOf(region: string): string {
  const [, partition = 'aws'] =
    Object.entries(PARTITION_OF_PREFIX).find(([prefix]) => region.startsWith(prefix)) ?? [];
  return partition;
}

/** Where something of an account is in a region. */
export function placeIn(region: string, account: string): Place {
  return { partition: partitionOf(region), region, account };
}
