import { Token } from 'cdktf';
import { isLoginName } from '../environment/names';

/** Where a database user is: everything an `rds-db` ARN needs besides the login. */
export interface DatabaseTarget {
  readonly partition: string;
  readonly region: string;
  readonly account: string;
  /** The *resource id*: `cluster-` and capitals and digits. Not the identifier, which no policy ever matches. */
  readonly resourceId: string;
}

/** `cluster-…` of Aurora, as RE2 and JavaScript read it alike: Terraform checks the resolved value with it too. */
export const RESOURCE_ID_PATTERN = '^cluster-[A-Z0-9]+$';

/**
 * The ARN that `rds-db:connect` is decided on.
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrdsiamauthentication.html
 * Parts that Terraform resolves later pass unchecked: the look-up's postconditions stand in for them.
 * @throws Error if the resource id is not one, or the login could match another one.
 */
export function dbuserArn(target: DatabaseTarget, login: string): string {
  const { partition, region, account, resourceId } = target;
  if (!Token.isUnresolved(resourceId) && !new RegExp(RESOURCE_ID_PATTERN).test(resourceId))
    throw new Error(
      `"${resourceId}" is not a cluster resource id (cluster- and capitals and digits). The cluster's identifier ` +
        'never matches in a policy: take DbClusterResourceId of `aws rds describe-db-clusters`.',
    );
  if (!Token.isUnresolved(login) && !isLoginName(login))
    throw new Error(
      `"${login}" is not a login name that a policy may carry: * and ? in it would match other logins.`,
    );
  return `arn:${partition}:rds-db:${region}:${account}:dbuser:${resourceId}/${login}`;
}
