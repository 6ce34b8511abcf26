import { Token } from 'cdktf';
import { isLoginName } from './postgresql';

/** Where a database user is: everything an `rds-db` ARN needs besides the login. */
export interface DatabaseTarget {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
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
 * The ARN that `rds-db:connect` is decided on.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrdsiamauthentication.html
 * Parts that Terraform resolves later pass unchecked: the look-up's postconditions stand in for them.
 * @throws Error if the resource id is not one, or the login could match another one.
 */
export function dbuserArn(target: DatabaseTarget, login: string): string {
  const { partition, region, account, resourceId } = target;
  if (!Token.isUnresolved(resourceId) && !isResourceId(resourceId))
    throw new Error(
      `"${resourceId}" is not a resource id (cluster-, db- and capitals and digits, or prx-…). An identifier ` +
        'never matches in a policy: take DbClusterResourceId of `aws rds describe-db-clusters`.',
    );
  if (!Token.isUnresolved(login) && login !== OWN_NAME && !isLoginName(login))
    throw new Error(
      `"${login}" is not a login name that a policy may carry: * and ? in it would match other logins.`,
    );
  return `arn:${partition}:rds-db:${region}:${account}:dbuser:${resourceId}/${login}`;
}

/** What `dbuserArn` was made from; undefined for whatever could be more than one login in one place. */
export function dbuserParts(arn: string): { target: DatabaseTarget; login: string } | undefined {
  const [, partition = '', region = '', account = '', resourceId = '', login = ''] =
    /^arn:([a-z-]+):rds-db:([a-z0-9-]+):(\d{12}):dbuser:([^/*?$]+)\/([^*?]+)$/.exec(arn) ?? [];
  const isOne = login === OWN_NAME || !login.includes('${');
  return isResourceId(resourceId) && isOne
    ? { target: { partition, region, account, resourceId }, login }
    : undefined;
}

export function isResourceId(text: string): boolean {
  return Object.values(RESOURCE_ID_PATTERNS).some((pattern) => new RegExp(pattern).test(text));
}

/**
 * As `dbuserArn`, before the resource id is known: the same login on every cluster (or instance) of the account and region.
 * @throws Error if the login could match another one
 */
export function dbuserPattern(
  target: Omit<DatabaseTarget, 'resourceId'>,
  kind: 'cluster' | 'instance',
  login: string,
): string {
  const any = { cluster: 'cluster-A', instance: 'db-A' }[kind];
  return dbuserArn({ ...target, resourceId: any }, login).replace(`${any}/`, `${any.slice(0, -1)}*/`);
}

/**
 * A resource of RDS, by the name it is given (of a proxy: its resource id).
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrds.html#amazonrds-resources-for-iam-policies
 */
export function rdsArn(
  { partition, region, account }: Omit<DatabaseTarget, 'resourceId'>,
  type: 'cluster' | 'db' | 'cluster-pg' | 'pg' | 'og' | 'subgrp' | 'cluster-snapshot' | 'db-proxy',
  name: string,
): string {
  return `arn:${partition}:rds:${region}:${account}:${type}:${name}`;
}

/** IAM has no regions. `name` is preceded by its path, if it has one. */
export function iamArn(
  { partition, account }: Pick<DatabaseTarget, 'partition' | 'account'>,
  type: 'role' | 'user' | 'group' | 'policy' | 'instance-profile',
  name: string,
): string {
  return `arn:${partition}:iam::${account}:${type}/${name}`;
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference-arns.html */
export function partitionOf(region: string): string {
  if (region.startsWith('cn-')) return 'aws-cn';
  return region.startsWith('us-gov-') ? 'aws-us-gov' : 'aws';
}
