/**
 * What became of a login by token, in the terms of RDS's log and metrics.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.Troubleshooting.html
 */
export type LoginOutcome =
  | 'success'
  | 'invalid-token'
  | 'expired-token'
  | 'not-authorized'
  | 'internal-error';

/** A login that got as far as its token. One that is refused before, by pg_hba.conf say, is none of IAM's. */
export interface JudgedLogin {
  readonly outcome: LoginOutcome;
  readonly user: string;
  /** `cluster-…` */
  readonly resourceId: string;
  /** ARN of the identity that signed; absent: not known. */
  readonly caller?: string;
  readonly at: Date;
}
