import { type Decision, evaluate } from '../iam/evaluator/evaluate';
import { lintPolicy } from '../iam/lint';
import { loginRequest } from '../iam/login-request';
import { type NearMiss, nearMisses } from '../iam/near-misses';
import type { PolicySet } from '../iam/policy-set';
import { type DatabaseTarget, dbuserArn, splitArn } from '../names/arn';
import { isLoginName } from '../names/postgresql';
import { type Facts, knownOf, type Simulation } from './facts';
import { seenIn } from './seen';
import { newestLine, seenOf } from './words';

/** What IAM says of the login, and on which ground. */
export type PermissionVerdict =
  /** `login`: the server has let the token pass; no layer can be missing then. */
  | { readonly is: 'allowed'; readonly by: 'login' | 'documents' | 'simulation' }
  | { readonly is: 'refused'; readonly by: Refusal }
  | { readonly is: 'not known'; readonly why: string };

export type Refusal =
  | { readonly layer: 'deny' | 'boundary' | 'session'; readonly reason: string }
  /** No policy of the identity allows it. `near`: what its policies name instead, nearest first. */
  | {
      readonly layer: 'identity';
      readonly reason: string;
      readonly near: readonly NearMiss[];
      readonly lint: readonly string[];
    }
  | { readonly layer: 'organization' }
  /** SimulatePrincipalPolicy or the log of RDS says no, and the documents cannot be read. */
  | { readonly layer: 'some'; readonly says: string };

/** Where the login is, for a policy. Undefined where nobody could look the cluster up. */
export function targetOf(facts: Facts): DatabaseTarget | undefined {
  const there = knownOf(facts.cluster)?.found;
  const { partition, region, account } = splitArn(there?.arn ?? '') ?? {};
  return there && partition && region && account
    ? { partition, region, account, resourceId: there.resourceId }
    : undefined;
}

/** The ARN that must be allowed. */
export function loginArn(facts: Facts): string | undefined {
  const target = targetOf(facts);
  const { user } = facts.asked;
  return target && user !== undefined && isLoginName(user) ? dbuserArn(target, user) : undefined;
}

export function permissionVerdict(facts: Facts): PermissionVerdict {
  // Messages that come only after the token was accepted, or before it was looked at.
  const seen = seenOf(facts);
  if (
    seen &&
    [
      'admitted',
      'no-login',
      'no-such-database',
      'no-connect',
      'no-replication',
      'too-many-connections',
    ].includes(seen.kind)
  )
    return { is: 'allowed', by: 'login' };
  const { policies, simulation } = facts.permission;
  const arn = loginArn(facts);
  const simulated = knownOf(simulation);
  if ('value' in policies && arn !== undefined) {
    const { caller, policies: set } = policies.value;
    const decision = evaluate(loginRequest(caller, arn, facts.now), set);
    if (decision.allowed) {
      if (simulated?.allowedByOrganization === false) return refused({ layer: 'organization' });
      return { is: 'allowed', by: simulated === undefined ? 'documents' : 'simulation' };
    }
    const sure = decision.cannotJudge
      ? undefined
      : refusalIn(facts, decision, set, (changed) => evaluate(loginRequest(caller, arn, facts.now), changed));
    return sure
      ? refused(sure)
      : (fromSimulation(simulated) ?? logged(facts) ?? { is: 'not known', why: decision.reason });
  }
  return (
    fromSimulation(simulated) ??
    logged(facts) ?? {
      is: 'not known',
      why:
        'notKnown' in policies
          ? policies.notKnown
          : `the resource id is not known: ${'notKnown' in facts.cluster ? facts.cluster.notKnown : 'the look-up found nothing'}`,
    }
  );
}

function refused(by: Refusal): PermissionVerdict {
  return { is: 'refused', by };
}

function refusalIn(
  facts: Facts,
  decision: Decision,
  set: PolicySet,
  again: (changed: PolicySet) => Decision,
): Refusal {
  if (decision.reason.startsWith('explicit Deny')) return { layer: 'deny', reason: decision.reason };
  const { identity, boundary, session } = set;
  if (!again({ identity }).allowed)
    return {
      layer: 'identity',
      reason: decision.reason,
      near: nearMisses(identity, targetOf(facts) as DatabaseTarget, facts.asked.user ?? ''),
      lint: identity.flatMap(({ name, document }) =>
        /rds/i.test(document)
          ? lintPolicy(document).map(({ where, message }) => `${name}, ${where}: ${message}`)
          : [],
      ),
    };
  if (boundary && !again({ identity, boundary }).allowed) return { layer: 'boundary', reason: boundary.name };
  return { layer: 'session', reason: session?.map(({ name }) => name).join(', ') ?? '' };
}

function fromSimulation(simulation: Simulation | undefined): PermissionVerdict | undefined {
  if (simulation === undefined) return undefined;
  if (simulation.allowedByOrganization === false) return refused({ layer: 'organization' });
  if (simulation.decision === 'allowed') return { is: 'allowed', by: 'simulation' };
  if (simulation.decision === 'explicitDeny')
    return refused({ layer: 'deny', reason: 'explicit Deny, says SimulatePrincipalPolicy' });
  if (simulation.allowedByBoundary === false)
    return refused({ layer: 'boundary', reason: 'the boundary, says SimulatePrincipalPolicy' });
  return refused({ layer: 'some', says: 'SimulatePrincipalPolicy says that no policy allows it' });
}

/** What RDS itself has written about this login. Only the newest line counts: older ones speak of what may be mended by now. */
function logged(facts: Facts): PermissionVerdict | undefined {
  const line = newestLine(facts);
  const text =
    facts.told?.kind === 'log-not-authorized'
      ? facts.told.text
      : line && seenIn(line.text).kind === 'log-not-authorized'
        ? line.text
        : undefined;
  if (text === undefined) return undefined;
  const caller = /arn:[\w-]+:(?:sts|iam)::\d{12}:[\w+=,.@/-]+/.exec(text)?.[0];
  return refused({
    layer: 'some',
    says: `RDS has logged that ${caller ?? 'the caller'} is not authorized to perform rds-db:connect`,
  });
}

/** Nearly what is needed: mending it is the answer. Else it is about something else. */
export function isClose({ differs }: NearMiss): boolean {
  return differs.length <= 1 || !differs.includes('login');
}
