import { evaluate } from '../iam/evaluator/evaluate';
import { loginRequest } from '../iam/login-request';
import type { PolicySet } from '../iam/policy-set';
import { type DatabaseTarget, dbuserArn, iamParts } from '../names/arn';
import { isLoginName } from '../names/postgresql';
import type { Holder } from './facts';

/** A role or user of the account, with its policies. */
export interface Candidate {
  readonly kind: Holder['kind'];
  readonly name: string;
  readonly arn: string;
  readonly id: string;
  readonly policies: PolicySet;
  /** Undefined for a user. */
  readonly trustPolicy: string | undefined;
}

/** A login that no policy names: who may connect as it, may connect as everybody. */
const NOBODY = 'aurora_iam_nobody_has_this_name';

/** Those who may connect as a login, those first who are meant to: who may connect as everybody comes last. */
export function holdersAmong(
  candidates: readonly Candidate[],
  target: DatabaseTarget,
  login: string,
  now: Date,
): Holder[] {
  if (!isLoginName(login)) return [];
  return candidates
    .filter((candidate) => mayConnect(candidate, dbuserArn(target, login), now))
    .map((candidate) => ({
      kind: candidate.kind,
      name: candidate.name,
      services: servicesIn(candidate.trustPolicy),
      broad: mayConnect(candidate, dbuserArn(target, NOBODY), now),
    }))
    .sort((one, other) => Number(one.broad) - Number(other.broad));
}

function mayConnect({ kind, name, arn, id, policies }: Candidate, resource: string, now: Date): boolean {
  const caller = {
    kind: kind === 'role' ? 'assumed-role' : 'user',
    arn,
    account: iamParts(arn)?.account ?? '',
    principalArn: arn,
    name,
    userId: kind === 'role' ? `${id}:aurora-iam` : id,
    ...(kind === 'role' ? { issuedAt: now } : {}),
    sessionPolicies: [],
    sessionPolicyArns: [],
  } as const;
  return evaluate(loginRequest(caller, resource, now), policies).allowed;
}

function servicesIn(trustPolicy: string | undefined): string[] {
  return [...new Set(trustPolicy?.match(/[a-z0-9-]+\.amazonaws\.com(?:\.cn)?/g) ?? [])];
}
