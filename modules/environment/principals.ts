/** An IAM identity, and as whom it may connect. */
export type Principal<Login extends string = string> =
  | RolePrincipal<Login>
  | UserPrincipal<Login>
  | GroupPrincipal<Login>
  | NewRolePrincipal<Login>
  | DocumentPrincipal<Login>;

export interface PrincipalOptions<Login extends string = string> {
  /** Logins of the environment's access. The principal's policy names these and no others. */
  readonly connectsAs: readonly Login[];
  /** Keys of the environment's `targets`, or `cluster`: where it may connect. @default ['cluster'] */
  readonly targets?: readonly string[];
  /** Adds `rds:DescribeDBClusters` on this one cluster, for programs that look its endpoint up. @default false */
  readonly mayLookUpCluster?: boolean;
}

/** For people, who may also connect under their own names. */
export interface UserPrincipalOptions<Login extends string = string>
  extends Omit<PrincipalOptions<Login>, 'connectsAs'> {
  readonly connectsAs: readonly Login[] | OwnName<Login>;
}

/**
 * Each person as the login of the own name. Of IAM users and groups that is the user's name, `dbuser:<resource id>/${aws:username}`;
 * of a document only, which stands in a permission set, the name by which IAM Identity Center knows the person,
 * `…/${saml:sub}`, if it is persistent.
 */
export interface OwnName<Login extends string = string> {
  /** The people. For each there must be a login of exactly this name. */
  readonly ownName: readonly Login[];
}

export interface RolePrincipal<Login extends string = string> extends PrincipalOptions<Login> {
  readonly kind: 'role';
  /** Name or ARN of a role that exists in the environment's account. */
  readonly role: string;
}

export interface UserPrincipal<Login extends string = string> extends UserPrincipalOptions<Login> {
  readonly kind: 'user';
  /** Name or ARN of an IAM user that exists in the environment's account. */
  readonly user: string;
}

export interface GroupPrincipal<Login extends string = string> extends UserPrincipalOptions<Login> {
  readonly kind: 'group';
  /** Name or ARN of an IAM group that exists in the environment's account. */
  readonly group: string;
}

/** A role that the policies stack creates, for a program. */
export interface NewRolePrincipal<Login extends string = string> extends PrincipalOptions<Login> {
  readonly kind: 'newRole';
  readonly name: string;
  readonly trust: Trust;
  /** @default '/' */
  readonly path?: string;
  readonly permissionsBoundaryArn?: string;
  /** Seconds, 3,600 to 43,200. @default 3600 */
  readonly maxSessionDuration?: number;
  readonly tags?: Readonly<Record<string, string>>;
}

/** No IAM identity of ours: the policy is only an output, to be pasted or referenced (Identity Center). */
export interface DocumentPrincipal<Login extends string = string> extends UserPrincipalOptions<Login> {
  readonly kind: 'document';
}

/** Who may assume a new role. */
export type Trust = ServiceTrust | EksTrust | GithubTrust | AccountTrust;

export const TRUSTED_SERVICES = ['lambda', 'ecsTasks', 'ec2', 'podIdentity'] as const;

export interface ServiceTrust {
  readonly kind: 'service';
  readonly service: (typeof TRUSTED_SERVICES)[number];
}

/** IAM roles for service accounts: exactly one service account of one EKS cluster. */
export interface EksTrust {
  readonly kind: 'eks';
  /** The cluster's OIDC issuer without `https://`: `oidc.eks.eu-west-1.amazonaws.com/id/EXAMPLE`. */
  readonly issuer: string;
  readonly namespace: string;
  readonly serviceAccount: string;
}

/** GitHub Actions: exactly one environment, branch or tag of one repository. */
export interface GithubTrust {
  readonly kind: 'github';
  /**
   * `owner@<owner id>/name@<repository id>`, as in the subject of its tokens; `owner/name` only for a repository whose subjects
   * have no ids. Names alone can pass to somebody else.
   * https://docs.github.com/en/actions/reference/security/oidc#immutable-subject-claims
   */
  readonly repository: string;
  readonly environment?: string;
  readonly branch?: string;
  readonly tag?: string;
}

export interface AccountTrust {
  readonly kind: 'account';
  /** 12 digits, not the environment's own. Its administrators decide who of it may assume the role. */
  readonly account: string;
  readonly externalId?: string;
}

export function iamRole<const Login extends string>(
  role: string,
  options: PrincipalOptions<Login>,
): RolePrincipal<Login> {
  return { kind: 'role', role, ...options };
}

export function iamUser<const Login extends string>(
  user: string,
  options: UserPrincipalOptions<Login>,
): UserPrincipal<Login> {
  return { kind: 'user', user, ...options };
}

export function iamGroup<const Login extends string>(
  group: string,
  options: UserPrincipalOptions<Login>,
): GroupPrincipal<Login> {
  return { kind: 'group', group, ...options };
}

export function newRole<const Login extends string>(
  name: string,
  options: Omit<NewRolePrincipal<Login>, 'kind' | 'name'>,
): NewRolePrincipal<Login> {
  return { kind: 'newRole', name, ...options };
}

export function documentOnly<const Login extends string>(
  options: UserPrincipalOptions<Login>,
): DocumentPrincipal<Login> {
  return { kind: 'document', ...options };
}

/** `connectsAs: ownName(['jane'])`: each of these people as the login of the own name. */
export function ownName<const Login extends string>(people: readonly Login[]): OwnName<Login> {
  return { ownName: people };
}

/** An AWS service that runs programs. */
export function service(name: ServiceTrust['service']): ServiceTrust {
  return { kind: 'service', service: name };
}

export function eksServiceAccount(trust: Omit<EksTrust, 'kind'>): EksTrust {
  return { kind: 'eks', ...trust };
}

export function githubActions(trust: Omit<GithubTrust, 'kind'>): GithubTrust {
  return { kind: 'github', ...trust };
}

export function otherAccount(trust: Omit<AccountTrust, 'kind'>): AccountTrust {
  return { kind: 'account', ...trust };
}

/** The name by which IAM's API takes a role, user or group, from its name or ARN (which may carry a path). */
export function identityNameOf(nameOrArn: string): string {
  return nameOrArn.startsWith('arn:') ? nameOrArn.slice(nameOrArn.lastIndexOf('/') + 1) : nameOrArn;
}

/** The logins that a principal is listed with, under whatever names of its own. */
export function loginsOf(principal: Pick<UserPrincipalOptions, 'connectsAs'>): readonly string[] {
  return 'ownName' in principal.connectsAs ? principal.connectsAs.ownName : principal.connectsAs;
}

/** Keys of the targets that a principal may use. */
export function targetsOf(principal: Pick<PrincipalOptions, 'targets'>): readonly string[] {
  return principal.targets ?? [MAIN_TARGET];
}

/** The key of the environment's own cluster or instance among its targets. */
export const MAIN_TARGET = 'cluster';
