import type { Message } from './message';

/** What programs say that make tokens, or put them into a connection string. */
export const SIGNING_MESSAGES: readonly Message[] = [
  {
    kind: 'token-in-uri',
    patterns: [/invalid URI query parameter/i, /invalid port number: ".*Action/i],
    shown: 'invalid URI query parameter: "Action"',
    proves: 'The token stands in the connection URI as it is. Its `?` and `&` ended the password.',
    leaves: 'Everything about the login.',
    causes: ['token-encoded'],
  },
  {
    kind: 'expired-credentials',
    patterns: [
      /security token included in the request is expired/i,
      /\bExpiredToken(Exception)?\b/,
      /SSO session .*(expired|invalid)/i,
    ],
    shown: 'ExpiredToken: The security token included in the request is expired',
    proves:
      'The temporary credentials that sign have expired. A token that they sign is refused, too, however new it is.',
    leaves: 'Everything about the login.',
    causes: ['credentials-expired'],
  },
  {
    kind: 'no-credentials',
    patterns: [
      /Unable to locate credentials/i,
      /Could not load credentials from any providers/i,
      /NoCredentialProviders|Unable to load (AWS )?credentials/i,
    ],
    shown: 'Unable to locate credentials',
    proves: 'Nothing was signed: the program found no AWS credentials where it runs.',
    leaves: 'Everything about the login.',
    causes: ['no-credentials'],
  },
  {
    kind: 'no-assume-role',
    patterns: [/not authorized to perform: sts:AssumeRole/i],
    shown:
      'User: arn:aws:iam::111111111111:user/jane is not authorized to perform: sts:AssumeRole on resource: …',
    proves: 'Nothing was signed: the role that should sign may not be assumed by this identity.',
    leaves: 'Everything about the login.',
    causes: ['no-credentials'],
  },
  {
    kind: 'no-describe',
    patterns: [/not authorized to perform: rds:Describe/i],
    shown: 'User: … is not authorized to perform: rds:DescribeDBClusters on resource: …',
    proves:
      'A program could not look the cluster up. Logging in does not need that permission: `rds-db:connect` alone is enough.',
    leaves: 'Everything about the login. Give the program the endpoint instead.',
    causes: [],
  },
];
