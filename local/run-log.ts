/** Where the parts of Local Aurora say what they do. A line never holds a token, a password or a secret. */
export interface RunLog {
  /** `source` is the part that speaks: `postgres`, `aws`, `gate`, `iam-db-auth-error`. */
  write(source: string, line: string): void;
}
