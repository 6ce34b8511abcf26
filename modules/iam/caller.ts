import { iamArn, sessionParts } from '../names/arn';
import type { RequestKeys } from './evaluator/request-context';

/** Whose credentials signed something: what STS and IAM said when they handed the credentials out. */
export interface Caller {
  readonly kind: 'assumed-role' | 'user';
  /** `arn:aws:sts::…:assumed-role/<role>/<session>` or `arn:aws:iam::…:user/<name>`. */
  readonly arn: string;
  readonly account: string;
  /** What policies see as `aws:PrincipalArn`: of an assumed role the role's ARN, path included. */
  readonly principalArn: string;
  /** The role's or the user's name, without its path. */
  readonly name: string;
  /** The part of GetCallerIdentity's UserId that policies see as `aws:userid`. */
  readonly userId: string;
  /** When STS issued the credentials; absent: a long-term key. Policies see it as `aws:TokenIssueTime`. */
  readonly issuedAt?: Date;
  /** The person whom an identity provider named by SAML; `none`: the session is not by SAML. Absent: that is not known. */
  readonly saml?: { readonly sub: string; readonly subType: string } | 'none';
  /** Session policies given inline to AssumeRole*, as JSON texts. */
  readonly sessionPolicies: readonly string[];
  /** Session policies given by ARN to AssumeRole*. */
  readonly sessionPolicyArns: readonly string[];
}

/** Credentials as they were handed out. Only the gate reads the secret, to check a signature. */
export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly sessionToken?: string;
  /** Absent: a long-term key. */
  readonly expiration?: Date;
  readonly caller: Caller;
}

/**
 * The condition keys of a request that a caller signs, as far as they are certain. Of what only STS knows about a session
 * (MFA, tags, and for a tool the identity provider, too) there is nothing here, and the evaluator judges no such key.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html
 */
export function contextOf(caller: Caller, now: Date): RequestKeys {
  const role = caller.kind === 'assumed-role';
  // A federated user has a user's policies and not its name.
  const user = caller.arn.includes(':user/');
  return {
    ...clockKeys(now),
    'aws:PrincipalAccount': caller.account,
    'aws:PrincipalType': role ? 'AssumedRole' : user ? 'User' : 'FederatedUser',
    'aws:userid': caller.userId,
    'aws:PrincipalArn': caller.principalArn,
    ...(user ? { 'aws:username': caller.name } : {}),
    ...samlKeys(caller),
    ...(caller.issuedAt ? { 'aws:TokenIssueTime': caller.issuedAt.toISOString() } : {}),
  };
}

function samlKeys({ saml }: Caller): RequestKeys {
  if (saml === undefined) return {};
  return saml === 'none'
    ? { 'saml:sub': [], 'saml:sub_type': [] }
    : { 'saml:sub': saml.sub, 'saml:sub_type': saml.subType };
}

/** Of a request that nobody signs, too. */
export function clockKeys(now: Date): Record<string, string> {
  return {
    'aws:CurrentTime': now.toISOString(),
    'aws:EpochTime': String(Math.floor(now.getTime() / 1000)),
  };
}

/**
 * What GetCallerIdentity says, as a caller. Session policies and the time of issue are not in it, and of an assumed role not the path.
 * https://docs.aws.amazon.com/STS/latest/APIReference/API_GetCallerIdentity.html
 */
export function callerFromIdentity(identity: {
  readonly Arn: string;
  readonly UserId: string;
  readonly Account: string;
}): Caller {
  const { Arn: arn, UserId: userId, Account: account } = identity;
  const common = { arn, account, userId, sessionPolicies: [], sessionPolicyArns: [] };
  const session = sessionParts(arn);
  if (session)
    return {
      ...common,
      kind: 'assumed-role',
      name: session.role,
      principalArn: iamArn(session, 'role', session.role),
    };
  return { ...common, kind: 'user', name: arn.split('/').at(-1) ?? arn, principalArn: arn };
}
