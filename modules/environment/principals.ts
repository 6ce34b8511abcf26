/** An IAM identity, and as whom it may connect. */
export type Principal<Login extends string = string> = RolePrincipal<Login> | DocumentPrincipal<Login>;

export interface PrincipalOptions<Login extends string = string> {
  /** Logins of the environment's access. The principal's policy names these and no others. */
  readonly connectsAs: readonly Login[];
  /** Adds `rds:DescribeDBClusters` on this one cluster, for programs that look its endpoint up. @default false */
  readonly mayLookUpCluster?: boolean;
}

export interface RolePrincipal<Login extends string = string> extends PrincipalOptions<Login> {
  readonly kind: 'role';
  /** Name or ARN of a role that exists in the environment's account. */
  readonly role: string;
}

/** No IAM identity of ours: the policy is only an output, to be pasted or referenced (Identity Center). */
export interface DocumentPrincipal<Login extends string = string> extends PrincipalOptions<Login> {
  readonly kind: 'document';
}

export function iamRole<const Login extends string>(
  role: string,
  options: PrincipalOptions<Login>,
): RolePrincipal<Login> {
  return { kind: 'role', role, ...options };
}

export function documentOnly<const Login extends string>(
  options: PrincipalOptions<Login>,
): DocumentPrincipal<Login> {
  return { kind: 'document', ...options };
}

/** The name by which IAM's API takes a role, from its name or ARN (which may carry a path). */
export function roleNameOf(role: string): string {
  return role.startsWith('arn:') ? role.slice(role.lastIndexOf('/') + 1) : role;
}
