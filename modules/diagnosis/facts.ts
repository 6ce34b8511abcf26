import type { MembershipPath } from '../access/rds-iam-membership';
import type { Caller } from '../iam/caller';
import type { PolicySet } from '../iam/policy-set';
import type { Endpoint, NoEndpoint } from '../names/endpoint';
import type { Seen } from './seen';
import type { TokenReading } from './token-reading';

/** Something that was looked at, or why it was not: the permission that is missing, or what stood in the way. */
export type Fact<T> = { readonly value: T } | { readonly notKnown: string };

export function known<T>(value: T): Fact<T> {
  return { value };
}

export function notKnown(why: string): { readonly notKnown: string } {
  return { notKnown: why };
}

/** Undefined where it is not known. */
export function knownOf<T>(fact: Fact<T>): T | undefined {
  return 'value' in fact ? fact.value : undefined;
}

/** All that was found out about one login. Nothing in it is secret. */
export interface Facts {
  readonly now: Date;
  readonly asked: Asked;
  readonly endpoint: Fact<EndpointLook>;
  readonly signer: Fact<Signer>;
  readonly cluster: Fact<ClusterLook>;
  /** The clock of AWS, and this machine's at the same moment. */
  readonly clock: Fact<{ readonly there: Date; readonly here: Date }>;
  readonly token: Fact<TokenReading>;
  readonly permission: Permission;
  readonly inside: Fact<InsideLook>;
  /** What became of the login that was tried now. */
  readonly tried: Fact<Seen>;
  /** What somebody's client has said. */
  readonly told: Seen | undefined;
  /** Of this login, in the last hour, newest last. */
  readonly log: Fact<readonly LogLine[]>;
  /** Sums of the last hour. */
  readonly metrics: Fact<Readonly<Record<string, number>>>;
}

/** What the person has said. */
export interface Asked {
  readonly user: string | undefined;
  readonly database: string;
  readonly environment?: AskedEnvironment;
  /** The connection that fails is a replication connection. */
  readonly replication: boolean;
  /** `host:port` of a tunnel. */
  readonly through?: string;
  /** A principal that an administrator asks about, as it was written. */
  readonly as?: string;
  /** The token is somebody's own: other credentials signed it than those at hand. */
  readonly ownToken: boolean;
}

/** What an environment says of the login. */
export interface AskedEnvironment {
  readonly name: string;
  readonly isLogin: boolean;
  readonly logins: readonly string[];
  /** Who may connect as it: the key, and the name of the IAM role, user or group; undefined for a document only. */
  readonly principals: readonly AskedPrincipal[];
  readonly admin: { readonly username: string; readonly byToken: boolean };
}

export interface AskedPrincipal {
  readonly key: string;
  readonly identity: string | undefined;
  readonly kind: 'role' | 'user' | 'group' | undefined;
}

/** What was given as the host. */
export interface EndpointLook {
  readonly given: string;
  /** A name of somebody's own that leads to the endpoint. */
  readonly alias: boolean;
  readonly endpoint: Endpoint | NoEndpoint;
  readonly port: number;
  /** That a token is signed for; undefined: nothing says it. */
  readonly region: string | undefined;
  /** Given beside an endpoint that names its own. */
  readonly regionGiven: string | undefined;
}

/** Whose credentials sign. */
export interface Signer {
  /** What GetCallerIdentity says; undefined: AWS was not reached. */
  readonly caller: Caller | undefined;
  readonly accessKeyId: string | undefined;
  /** Where the credentials come from, in words: `profile dev (IAM Identity Center)`. */
  readonly source: string;
  readonly expires: Date | undefined;
  /** Other credentials that are at hand and are not used here, in words. */
  readonly beside: string | undefined;
  /** Why there are none, or why AWS does not take them. */
  readonly fault: { readonly kind: 'none' | 'expired' | 'refused'; readonly message: string } | undefined;
}

/** What AWS says of the cluster, the instance or the proxy. */
export interface ClusterLook {
  readonly kind: 'cluster' | 'instance' | 'proxy';
  readonly identifier: string;
  readonly region: string;
  /** Undefined: there is none of that name. */
  readonly found: FoundCluster | undefined;
}

export interface FoundCluster {
  readonly arn: string;
  /** `cluster-…`, `db-…` or `prx-…`: what a policy names. */
  readonly resourceId: string;
  /** `available`, `stopped`, … */
  readonly status: string;
  readonly engine: string;
  readonly endpoints: readonly string[];
  readonly port: number | undefined;
  readonly iamAuthentication: boolean;
  /** What a change that waits for the maintenance window will make of it. */
  readonly iamAuthenticationPending: boolean | undefined;
  readonly masterUsername: string | undefined;
  /** RDS manages its password. Where it does not, AWS does not say whether there is one. */
  readonly masterHasPassword: boolean;
  readonly logExports: readonly string[];
  /** RDS says these two of clusters with express configuration only. Undefined: it does not say. */
  readonly internetAccessGateway: boolean | undefined;
  readonly vpcNetworking: boolean | undefined;
  /** Of a proxy: it logs in with a secret. */
  readonly proxyWithSecrets: boolean;
  /** Of a cluster; in a policy their ids match nothing. */
  readonly instances: readonly { readonly identifier: string; readonly resourceId: string }[];
}

/** What IAM has to say about `rds-db:connect`. */
export interface Permission {
  /** The documents of the signer, or of the principal that was asked about. */
  readonly policies: Fact<{ readonly caller: Caller; readonly policies: PolicySet }>;
  readonly simulation: Fact<Simulation>;
  /** Other identities of the account that may connect. */
  readonly others: Fact<readonly Holder[]>;
}

/** https://docs.aws.amazon.com/IAM/latest/APIReference/API_EvaluationResult.html */
export interface Simulation {
  readonly decision: 'allowed' | 'explicitDeny' | 'implicitDeny';
  /** Undefined: the account belongs to no organization, or IAM does not say. */
  readonly allowedByOrganization: boolean | undefined;
  readonly allowedByBoundary: boolean | undefined;
}

export interface Holder {
  readonly kind: 'role' | 'user';
  readonly name: string;
  /** Services that may assume the role: `ecs-tasks.amazonaws.com`. */
  readonly services: readonly string[];
  /** It may connect as everybody: an administrator. */
  readonly broad: boolean;
}

/** What the catalogs say, read by `by`. */
export interface InsideLook {
  readonly by: string;
  readonly role: InsideRole | undefined;
  /** Names that are the same but for upper and lower case. */
  readonly alike: readonly string[];
  readonly paths: readonly MembershipPath[];
  readonly inRdsAd: boolean;
  readonly database: InsideDatabase | undefined;
  readonly databases: readonly string[];
  /** `rds.iam_auth_for_replication`; undefined: the server does not know it. */
  readonly iamForReplication: string | undefined;
}

export interface InsideRole {
  readonly login: boolean;
  readonly replication: boolean;
  /** -1: none. */
  readonly connectionLimit: number;
  readonly connections: number;
}

export interface InsideDatabase {
  readonly name: string;
  readonly mayConnect: boolean;
  readonly allowsConnections: boolean;
  /** -1: none. */
  readonly connectionLimit: number;
  readonly connections: number;
}

/** One line of `iam-db-auth-error`, or of `rdsauthproxy` in the log of PostgreSQL. */
export interface LogLine {
  readonly at: Date;
  readonly text: string;
}
