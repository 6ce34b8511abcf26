/** Where something of AWS is. */
export interface Place {
  /** `aws`, `aws-cn`, `aws-us-gov`, … */
  readonly partition: string;
  readonly region: string;
  /** 12 digits. */
  readonly account: string;
}

/** IAM has no regions: where an identity or a policy is. */
export type Account = Omit<Place, 'region'>;
