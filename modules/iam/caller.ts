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
