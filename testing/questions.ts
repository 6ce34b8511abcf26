import { MAIN_TARGET } from '../modules/environment/principals';
import { CONNECT } from '../modules/iam/actions';
import { type Caller, contextOf } from '../modules/iam/caller';
import { type Decision, evaluate, parsePolicyDocument } from '../modules/iam/evaluator/evaluate';
import type { RequestKeys } from '../modules/iam/evaluator/request-context';
import type { PolicyStatement } from '../modules/iam/policy-document';
import {
  type DatabaseTarget,
  dbuserArn,
  iamArn,
  OWN_NAME,
  OWN_SAML_NAME,
  partitionOf,
  placeIn,
  sessionArn,
  splitArn,
} from '../modules/names/arn';
import type { Place } from '../modules/names/place';
import { listOf } from '../modules/names/text';
import { STAND_IN_ACCOUNT, STAND_IN_REGION, type StandInTarget } from '../planning/stand-ins';
import type { PolicyHolder, SynthesizedPolicies } from './synthesized-policies';
import { CannotJudgeError } from './terraform-expressions';

/** One way in: who, as whom, where. */
export interface ConnectQuestion {
  /**
   * Who. In an `aurora-iam` stack the principal's key; in any stack the name of the role, user or group as its
   * attachments write it, `role/<name>`, `user/<name>` or `group/<name>` where two share a name, or `policy/<id>` for
   * an `aws_iam_policy` that the stack attaches to nobody. Left out where there is only one; a lone document has one.
   */
  readonly principal?: string;
  /** The PostgreSQL login. `${aws:username}` (OWN_NAME): each IAM user as the login of its own name; `${saml:sub}` (OWN_SAML_NAME): each person who comes by SAML. */
  readonly login: string;
  /**
   * Where, in a stack: `cluster`, a key of the environment's `targets`, or the Terraform address of a cluster,
   * instance or proxy, or the last part of it. @default 'cluster', or the only one there is
   */
  readonly target?: string;
  /** Where, if the policies write it out: `cluster-…`, `db-…` or `prx-…`. Never the cluster's name. */
  readonly resourceId?: string;
  /** @default what the provider block says, or wherever the policies have that resource id */
  readonly region?: string;
  /** 12 digits. @default as `region` */
  readonly account?: string;
  /** Name of the IAM user who connects, for `${aws:username}` in policies of groups and in lone documents. */
  readonly asUser?: string;
  /** The persistent name of the person who connects by SAML (IAM Identity Center), for `${saml:sub}` in documents and in policies of roles. */
  readonly asPerson?: string;
  /**
   * ARNs of policies that are attached but not in the stack, as the attachment writes them, or `group/<name>` for a
   * group of which nothing is in the stack, of which you know that they say nothing about rds-db. Any other such policy makes the matcher fail: it cannot see what it allows.
   */
  readonly ignorePolicies?: readonly string[];
}

export interface Answer {
  readonly holder: PolicyHolder;
  readonly login: string;
  readonly allowed: boolean;
  /** More than one only where `region` and `account` are left open. */
  readonly asked: readonly { readonly arn: string; readonly decision: Decision }[];
}

/** An IAM user, and a login, that no policy is expected to name. */
export const UNLISTED = 'unlisted.probe';

/**
 * Decides a question as IAM does. It is allowed if it is on any of the ARNs asked.
 * @throws CannotJudgeError where policies cannot be judged
 * @throws Error where the question names nobody, or nothing, that is there
 */
export function ask(policies: SynthesizedPolicies, question: ConnectQuestion): Answer {
  const holder = holderOf(policies, question.principal);
  refuseUnknownPolicies(holder, question.ignorePolicies);
  const { login, context } = concrete(holder, question);
  const asked = placesOf(policies, holder, question).map((place) => {
    const arn = dbuserArn(place, login);
    return { arn, decision: decide(holder, CONNECT, arn, context) };
  });
  const allowed = asked.some(({ decision }) => decision.allowed);
  const doubtful = asked.find(({ decision }) => decision.cannotJudge);
  if (!allowed && doubtful)
    throw new CannotJudgeError(`${nameOf(holder)} as ${login}: ${doubtful.decision.reason}`);
  return { holder, login, allowed, asked };
}

export function decide(
  { policies, boundary }: Pick<PolicyHolder, 'policies' | 'boundary'>,
  action: string,
  resource: string,
  context: RequestKeys,
): Decision {
  return evaluate({ action, resource, context }, { identity: policies, ...(boundary ? { boundary } : {}) });
}

/** @throws Error if `principal` names nobody or several: a misspelt name must not pass under `.not`. */
export function holderOf({ holders }: SynthesizedPolicies, principal?: string): PolicyHolder {
  const known = holders.map(({ called }) => called[0]).join(', ') || 'none';
  const found =
    principal === undefined ? holders : holders.filter(({ called }) => called.includes(principal));
  // The key of a principal comes before the name that another one may have.
  const byKey = found.filter(({ called }) => called[0] === principal);
  const [holder, ...others] = byKey.length === 1 ? byKey : found;
  if (!holder)
    throw new Error(
      principal === undefined
        ? 'Nobody has a policy in this stack. Is it the right one?'
        : `Nobody here is called ${JSON.stringify(principal)}. These have policies: ${known}.`,
    );
  if (others.length > 0)
    throw new Error(
      principal === undefined
        ? `Say which principal: ${known}.`
        : `${JSON.stringify(principal)} may be ${found.map((each) => `${each.kind}/${each.name}`).join(' or ')}: write one of these.`,
    );
  return holder;
}

export function nameOf({ kind, name, called }: PolicyHolder): string {
  const identity = kind === 'document' ? name : `${kind}/${name}`;
  return called[0] === name || called[0] === identity ? identity : `${called[0]} (${identity})`;
}

/** @throws CannotJudgeError for a policy that is attached, not in the stack, and not said to be harmless */
export function refuseUnknownPolicies(holder: PolicyHolder, ignored: readonly string[] = []): void {
  const unknown = holder.unknownPolicies.find((reference) => !ignored.includes(reference));
  if (unknown !== undefined)
    throw new CannotJudgeError(
      `${nameOf(holder)} also has ${unknown.startsWith('group/') ? `what ${unknown} has` : `the policy ${unknown}`}, and its document is not in the stack. ` +
        `If it says nothing about rds-db: ignorePolicies: [${JSON.stringify(unknown)}]`,
    );
}

/** The login and the request context; OWN_NAME becomes the user's name, OWN_SAML_NAME the person's.
 *  @throws Error where `asUser` or `asPerson` cannot be */
export function concrete(
  holder: PolicyHolder,
  { login, asUser, asPerson }: Pick<ConnectQuestion, 'login' | 'asUser' | 'asPerson'>,
): { readonly login: string; readonly context: RequestKeys } {
  const { kind, name } = holder;
  if (asUser !== undefined && kind === 'role')
    throw new Error(`${nameOf(holder)} is a role, which has no aws:username: leave asUser out.`);
  if (asUser !== undefined && kind === 'user' && asUser !== name)
    throw new Error(`${nameOf(holder)} is an IAM user of its own, and never ${asUser}.`);
  if (asPerson !== undefined && (asUser !== undefined || kind === 'user' || kind === 'group'))
    throw new Error(`${nameOf(holder)}: an IAM user does not come by SAML: leave asPerson out.`);
  const now = new Date();
  if (asPerson !== undefined || login === OWN_SAML_NAME) {
    const sub = asPerson ?? UNLISTED;
    const caller: Caller = {
      ...standInCaller(holder, now, kind === 'user' || kind === 'group' ? UNLISTED : undefined),
      saml: kind === 'user' || kind === 'group' ? 'none' : { sub, subType: 'persistent' },
    };
    return { login: login === OWN_SAML_NAME ? sub : login, context: contextOf(caller, now) };
  }
  const ownName = login === OWN_NAME;
  const user =
    kind === 'user'
      ? name
      : (asUser ?? (kind === 'group' || (ownName && kind === 'document') ? UNLISTED : undefined));
  return {
    login: ownName && user !== undefined ? user : login,
    context: contextOf(standInCaller(holder, now, user), now),
  };
}

/** Ids and times are made up, and a path is not known: nothing that an environment writes depends on them.
 *  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_condition-keys.html */
function standInCaller({ kind, name, ...home }: PolicyHolder, now: Date, user?: string): Caller {
  const policies = { sessionPolicies: [], sessionPolicyArns: [] };
  const { account } = home;
  if (user !== undefined) {
    const arn = iamArn(home, 'user', user);
    const userId = 'AIDASTANDINSTANDIN00';
    return { kind: 'user', arn, account, principalArn: arn, name: user, userId, ...policies };
  }
  const role = kind === 'role' ? name : 'stand-in';
  return {
    kind: 'assumed-role',
    arn: sessionArn(home, role, 'session'),
    account,
    principalArn: iamArn(home, 'role', role),
    name: role,
    userId: 'AROASTANDINSTANDIN00:session',
    issuedAt: now,
    saml: 'none',
    ...policies,
  };
}

/** Where a question is about; at least one place.
 *  @throws Error where that cannot be told */
export function placesOf(
  policies: SynthesizedPolicies,
  holder: PolicyHolder,
  { target, resourceId, region, account }: ConnectQuestion,
): DatabaseTarget[] {
  const given = (places: readonly DatabaseTarget[]) =>
    distinct(
      places.map((place) => ({
        ...place,
        ...(region === undefined ? {} : { region, partition: partitionOf(region) }),
        ...(account === undefined ? {} : { account }),
      })),
    );
  if (resourceId !== undefined) {
    if (target !== undefined) throw new Error('Say target or resourceId, not both.');
    const written = writtenPlaces([holder]).filter((place) => place.resourceId === resourceId);
    return given(written.length > 0 ? written : [standIn(resourceId, region, account)]);
  }
  const named = policies.targetNamed(target ?? MAIN_TARGET);
  if (named) return given([named, ...elsewhereWritten(holder, named)]);
  const written = writtenPlaces(policies.holders);
  if (target === undefined && policies.targets.length === 0 && written.length === 1) return given(written);
  const looked = new Set(policies.targets.map((each) => each.resourceId));
  const known = [
    ...policies.targets.map(({ address }) => address),
    ...written.flatMap((place) => (looked.has(place.resourceId) ? [] : [place.resourceId])),
  ];
  throw new Error(
    `${target === undefined ? 'Say where: target or resourceId.' : `There is no target ${JSON.stringify(target)}.`} ` +
      `Here are: ${[...new Set(known)].join(', ') || 'none'}.`,
  );
}

/** A policy may write the region or account of a looked-up cluster out, where no provider block says them:
 *  to compare that with a stand-in would refuse what is allowed. */
function elsewhereWritten(
  holder: PolicyHolder,
  { resourceId, known, ...stands }: StandInTarget,
): DatabaseTarget[] {
  return writtenPlaces([holder])
    .filter((place) => place.resourceId === resourceId)
    .map((place) => ({
      resourceId,
      partition: known.region ? stands.partition : place.partition,
      region: known.region ? stands.region : place.region,
      account: known.account ? stands.account : place.account,
    }));
}

function standIn(resourceId: string, region = STAND_IN_REGION, account = STAND_IN_ACCOUNT): DatabaseTarget {
  return { ...placeIn(region, account), resourceId };
}

/** The look-up that `lookUp: true` accepts: of the environment's own cluster, or of the target itself elsewhere. */
export function lookUpOf(
  policies: SynthesizedPolicies,
  target: string | undefined,
): StandInTarget['lookUp'] | undefined {
  return (policies.targetNamed(MAIN_TARGET) ?? policies.targetNamed(target ?? MAIN_TARGET))?.lookUp;
}

/** Places that the Allow statements write out. */
function writtenPlaces(holders: readonly PolicyHolder[]): DatabaseTarget[] {
  return distinct(
    holders.flatMap((holder) =>
      allowStatements(holder).flatMap(({ statement }) =>
        listOf(statement.Resource).flatMap((resource) => {
          const { service, resource: user = '', ...place } = splitArn(resource) ?? {};
          const [, resourceId] = /^dbuser:([^:*?$/]+)\//.exec(user) ?? [];
          const isWritten = Object.values(place).every((field) => /^[^*?$]+$/.test(field));
          return service === 'rds-db' && resourceId && isWritten ? [{ ...(place as Place), resourceId }] : [];
        }),
      ),
    ),
  );
}

function distinct(places: readonly DatabaseTarget[]): DatabaseTarget[] {
  return [...new Map(places.map((place) => [dbuserArn(place, UNLISTED), place])).values()];
}

/** Malformed documents have none: whoever evaluates them hears of it. */
export function allowStatements({
  policies,
}: Pick<PolicyHolder, 'policies'>): { readonly policy: string; readonly statement: PolicyStatement }[] {
  return policies.flatMap(({ name, document }) => {
    try {
      return [parsePolicyDocument(document).Statement]
        .flat()
        .flatMap((statement) => (statement.Effect === 'Allow' ? [{ policy: name, statement }] : []));
    } catch {
      return [];
    }
  });
}
