import type { PolicySet } from '../../../../../modules/iam/policy-set';

/**
 * The answer of the IAM manual. `invalid`: its grammar does not allow the document, so IAM stores none such; nothing may
 * be allowed by it. `open`: the manual allows it, or is silent or at odds with itself, and "cannot judge" is the honest
 * answer here.
 */
export type Answer = 'allow' | 'deny' | 'invalid' | 'open';

export interface Case {
  readonly what: string;
  readonly answer: Answer;
  readonly policies: PolicySet;
  readonly resource: string;
  readonly context: Readonly<Record<string, string | readonly string[]>>;
}

export const CLUSTER = 'arn:aws:rds-db:eu-west-1:111111111111:dbuser:cluster-ABCDEFGHIJKLMNOPQRSTUVWXYZ';
export const APP = `${CLUSTER}/app`;

const now = {
  'aws:PrincipalAccount': '111111111111',
  'aws:CurrentTime': '2026-03-01T12:00:00Z',
  'aws:EpochTime': '1772366400',
};
/** An IAM user with a long-term key. */
export const ALICE = {
  ...now,
  'aws:username': 'alice',
  'aws:userid': 'AIDAEXAMPLE',
  'aws:PrincipalArn': 'arn:aws:iam::111111111111:user/staff/alice',
  'aws:PrincipalType': 'User',
};
/** A session of a role, half an hour old. */
export const SESSION = {
  ...now,
  'aws:userid': 'AROAEXAMPLE:session',
  'aws:PrincipalArn': 'arn:aws:iam::111111111111:role/orders-api',
  'aws:PrincipalType': 'AssumedRole',
  'aws:TokenIssueTime': '2026-03-01T11:30:00Z',
};

type Json = Readonly<Record<string, unknown>>;
type Over = Partial<Pick<Case, 'resource' | 'context'>>;

export function allow(over: Json = {}): Json {
  const action = 'NotAction' in over || 'Action' in over ? {} : { Action: 'rds-db:connect' };
  const resource = 'NotResource' in over || 'Resource' in over ? {} : { Resource: APP };
  return { Effect: 'Allow', ...action, ...resource, ...over };
}
export function deny(over: Json = {}): Json {
  return { ...allow(over), Effect: 'Deny' };
}

/** One text as the only policy of the identity. */
export function text(what: string, answer: Answer, document: string, over: Over = {}): Case {
  return layers(what, answer, { identity: [{ name: 'p', document }] }, over);
}
/** Statements in a document of 2012. */
export function statements(
  what: string,
  answer: Answer,
  list: Json | readonly Json[],
  over: Over = {},
): Case {
  return text(what, answer, document(list), over);
}
/** One Allow with a condition. */
export function under(what: string, answer: Answer, Condition: Json, over: Over = {}): Case {
  return statements(what, answer, allow({ Condition }), over);
}
/** An unconditional Allow, and a Deny with a condition. */
export function denyUnder(what: string, answer: Answer, Condition: Json, over: Over = {}): Case {
  return statements(what, answer, [allow(), deny({ Condition })], over);
}
export function layers(what: string, answer: Answer, policies: PolicySet, over: Over = {}): Case {
  return { what, answer, policies, resource: APP, context: ALICE, ...over };
}
export function document(list: Json | readonly Json[], Version: string | undefined = '2012-10-17'): string {
  return JSON.stringify({ Version, Statement: list });
}
export function policy(list: Json | readonly Json[], name = 'p') {
  return { name, document: document(list) };
}
