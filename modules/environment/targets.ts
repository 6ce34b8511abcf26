/** Another way into the same databases, with a resource id of its own. */
export type Target = MemberCluster | RdsProxy;

/** A member of the cluster's global database in another region. A principal that should reach it after a failover needs it. */
export interface MemberCluster {
  readonly kind: 'memberCluster';
  readonly identifier: string;
  readonly region: string;
}

/**
 * An RDS Proxy in end-to-end IAM mode, in the environment's region. In standard mode a proxy logs in with a secret,
 * which no login in rds_iam can: the plan refuses such a proxy.
 */
export interface RdsProxy {
  readonly kind: 'proxy';
  readonly name: string;
  /**
   * Name or ARN of the role that the proxy has, in the environment's account: it gets a policy for the logins that come through,
   * without which the proxy refuses them. The plan refuses another role than the proxy's own.
   * @default the role is left alone, and its document is an output
   */
  readonly role?: string;
}

export function memberCluster(target: Omit<MemberCluster, 'kind'>): MemberCluster {
  return { kind: 'memberCluster', ...target };
}

export function rdsProxy(target: Omit<RdsProxy, 'kind'>): RdsProxy {
  return { kind: 'proxy', ...target };
}

/** Why a proxy that has secrets is of no use, and the way out. */
export const STANDARD_PROXY =
  'logs in with a secret (standard mode), and a login in rds_iam has no password. Put the proxy into ' +
  'end-to-end IAM mode (DefaultAuthScheme=IAM_AUTH, no secrets), or remove it from the targets';
