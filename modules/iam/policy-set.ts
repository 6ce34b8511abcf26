/** The policies that decide one request, by the layer that IAM evaluates them in.
 *  Documents are the raw JSON texts, so that whoever evaluates them can say which one is malformed.
 *  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html */
export interface PolicySet {
  /** Policies of the principal itself: attached, inline, and of its groups. */
  readonly identity: readonly NamedPolicy[];
  /** Absent: the principal has no permissions boundary. */
  readonly boundary?: NamedPolicy;
  /** Absent: the session was made without session policies. Present: at least one of them must allow. */
  readonly session?: readonly NamedPolicy[];
}

export interface NamedPolicy {
  /** An ARN, or `inline policy <name> of role <role>`. Shown to people. */
  readonly name: string;
  readonly document: string;
}
