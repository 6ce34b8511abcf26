import type { RuleId } from '../../findings/catalogue';

export type MessageKind =
  | 'pam'
  | 'password'
  | 'empty-password'
  | 'no-encryption'
  | 'no-login'
  | 'no-such-role'
  | 'no-such-database'
  | 'no-connect'
  | 'too-many-connections'
  | 'no-replication'
  | 'not-available'
  | 'unknown-host'
  | 'connection-refused'
  | 'connection-timeout'
  | 'connection-closed'
  | 'certificate-authority'
  | 'certificate-name'
  | 'no-tls'
  | 'channel-binding'
  | 'token-in-uri'
  | 'no-credentials'
  | 'expired-credentials'
  | 'no-assume-role'
  | 'no-describe'
  | 'log-invalid-token'
  | 'log-expired-token'
  | 'log-not-authorized'
  | 'log-throttled'
  | 'log-internal-error'
  | 'log-short-of-memory'
  | 'unknown';

/** What a client, the server or the log of RDS says, and what follows from it. */
export interface Message {
  readonly kind: MessageKind;
  readonly patterns: readonly RegExp[];
  /** SQLSTATEs, and codes of Node, that mean this and nothing else. */
  readonly codes?: readonly string[];
  /** As it is printed. */
  readonly shown: string;
  /** In Markdown. */
  readonly proves: string;
  /** What it leaves open. */
  readonly leaves: string;
  /** In order of frequency. */
  readonly causes: readonly RuleId[];
}
