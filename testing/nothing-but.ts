import { CONNECT, DESCRIBE, isAction } from '../modules/iam/actions';
import { parsePolicyDocument } from '../modules/iam/evaluator/evaluate';
import { isIncompleteArn } from '../modules/iam/evaluator/wildcard';
import type { PolicyStatement } from '../modules/iam/policy-document';
import type { NamedPolicy } from '../modules/iam/policy-set';
import { type DatabaseTarget, dbuserArn, OWN_NAME, OWN_SAML_NAME, rdsArn } from '../modules/names/arn';
import { listOf } from '../modules/names/text';
import { STAND_IN_ACCOUNT, STAND_IN_REGION } from '../planning/stand-ins';
import {
  allowStatements,
  ask,
  type ConnectQuestion,
  concrete,
  decide,
  holderOf,
  lookUpOf,
  nameOf,
  placesOf,
  refuseUnknownPolicies,
} from './questions';
import type { PolicyHolder, SynthesizedPolicies } from './synthesized-policies';
import { CannotJudgeError } from './terraform-expressions';

/** One way in that should be open. */
export interface AllowedConnect extends ConnectQuestion {
  /** Also asks for the permission to look this one cluster up (`rds:DescribeDBClusters`, of an instance
   *  `rds:DescribeDBInstances`), which is refused otherwise. @default false */
  readonly lookUp?: boolean;
}

export interface Excess {
  readonly who: string;
  readonly what: string;
  readonly policy: string;
  readonly statement: PolicyStatement;
}

export interface Comparison {
  /** Allowed, and not in the list. */
  readonly beyond: readonly Excess[];
  /** In the list, and not allowed: one line each. */
  readonly missing: readonly string[];
}

/**
 * Compares what the policies allow with a list. What is beyond is judged as if every condition of an Allow held and
 * no conditional Deny did, because another request can be in such a case; so a wildcard is always beyond, too.
 * @throws CannotJudgeError where policies cannot be judged
 * @throws Error where an entry names nobody, or nothing, that is there
 */
export function compare(
  policies: SynthesizedPolicies,
  list: readonly AllowedConnect[],
  ignorePolicies: readonly string[] = [],
): Comparison {
  const entries = list.map((entry) => ({
    entry: { ...entry, ignorePolicies: [...(entry.ignorePolicies ?? []), ...ignorePolicies] },
    holder: holderOf(policies, entry.principal),
  }));
  const missing = entries.flatMap(({ entry, holder }) => missingOf(policies, holder, entry));
  const beyond = policies.holders.flatMap((holder) => {
    const own = entries.filter((each) => each.holder === holder).map(({ entry }) => entry);
    refuseUnknownPolicies(holder, [...ignorePolicies, ...own.flatMap((entry) => entry.ignorePolicies)]);
    return beyondOf(policies, holder, own);
  });
  return { beyond, missing };
}

function missingOf(policies: SynthesizedPolicies, holder: PolicyHolder, entry: AllowedConnect): string[] {
  const { allowed, asked } = ask(policies, entry);
  const missing = allowed
    ? []
    : asked.map(({ arn, decision }) => `${nameOf(holder)}: ${CONNECT} on ${arn}\n    ${decision.reason}`);
  if (!entry.lookUp) return missing;
  const { context } = concrete(holder, entry);
  const lookUps = acceptedLookUps(policies, holder, entry);
  const granted = lookUps.some(({ action, arn }) => decide(holder, action, arn, context).allowed);
  const [first] = lookUps;
  return granted
    ? missing
    : [
        ...missing,
        `${nameOf(holder)}: ${first ? `${first.action} on ${first.arn}` : 'the look-up of one cluster'}`,
      ];
}

function beyondOf(
  policies: SynthesizedPolicies,
  holder: PolicyHolder,
  entries: readonly AllowedConnect[],
): Excess[] {
  const who = nameOf(holder);
  const widest = { policies: holder.policies.map(withoutConditions) };
  // Of a lone document a user, too, may be the holder: only users have all variables.
  const { context } = concrete(holder, { login: OWN_NAME });
  const statements = allowStatements(holder);
  const listed = new Set(
    entries.flatMap((entry) =>
      placesOf(policies, holder, entry).map((place) =>
        // A user's own name is one name; anybody else's is whoever asks.
        dbuserArn(place, holder.kind === 'user' ? concrete(holder, entry).login : entry.login),
      ),
    ),
  );
  const lookUps = new Set(
    entries.flatMap((entry) =>
      entry.lookUp
        ? acceptedLookUps(policies, holder, entry).map(({ action, arn }) => `${action} ${arn}`)
        : [],
    ),
  );
  const tooWide = statements.flatMap(({ policy, statement }) =>
    tooMuchIn(statement, holder, listed, lookUps).map((what) => ({ who, what, policy, statement })),
  );
  const written = statements.flatMap(({ statement }) => listOf(statement.Resource));
  const asked = new Set([
    ...written.flatMap((resource) => instancesOf(resource, holder)),
    ...probes(policies),
  ]);
  const open = [...asked].flatMap((arn): Excess[] => {
    if (listed.has(arn) || !arn.startsWith('arn:')) return [];
    const { allowed, decidedBy, cannotJudge, reason } = decide(widest, CONNECT, arn, context);
    if (cannotJudge) throw new CannotJudgeError(`${who}: ${reason}`);
    return allowed && decidedBy ? [{ who, what: `${CONNECT} on ${arn}`, ...decidedBy }] : [];
  });
  return [...open, ...tooWide];
}

/** What a statement allows that is no list of logins on ARNs written out. */
function tooMuchIn(
  { Action, NotAction, Resource, NotResource }: PolicyStatement,
  { kind }: PolicyHolder,
  listed: ReadonlySet<string>,
  lookUps: ReadonlySet<string>,
): string[] {
  if (NotAction !== undefined) return [`everything but ${listOf(NotAction).join(', ')}`];
  if (NotResource !== undefined)
    return [`${listOf(Action).join(', ')} on everything but ${listOf(NotResource).join(', ')}`];
  return listOf(Action).flatMap((action) => {
    if (!isAction(action, CONNECT))
      return listOf(Resource).flatMap((resource) =>
        lookUps.has(`${actionAsDocumented(action)} ${resource}`) ? [] : [`${action} on ${resource}`],
      );
    return listOf(Resource).flatMap((resource) => {
      const variable = resource.includes('${');
      if (!/[*?]/.test(resource) && !variable && !isIncompleteArn(resource)) return [];
      // Of a user it is one name, which is asked; a role has none, so the statement allows nothing.
      const alone = !/[*?]|\$\{.*\$\{/.test(resource);
      const ownName = [OWN_NAME, OWN_SAML_NAME].find((name) => alone && resource.endsWith(`/${name}`));
      // Nobody who comes by SAML is an IAM user.
      const allowsNobody = ownName === OWN_NAME ? kind === 'role' : kind === 'user' || kind === 'group';
      const isOne = ownName === OWN_NAME && kind === 'user';
      if (ownName && (isOne || allowsNobody || listed.has(resource))) return [];
      return [
        ownName
          ? `${CONNECT} on ${resource}: each ${ownName === OWN_NAME ? 'IAM user' : 'person who comes by SAML'} as the login of its own name (login: '${ownName}' lists it)`
          : `${CONNECT} on ${resource}: also logins and clusters that no list can name`,
      ];
    });
  });
}

/** Actions are not case-sensitive. */
function actionAsDocumented(action: string): string {
  return LOOK_UPS.find((known) => isAction(action, known)) ?? action;
}

/** Not the user's name of `questions.ts`: a user's own name is one that can be listed. */
const UNLISTED_LOGIN = 'unlisted.login';

const LOOK_UPS: readonly string[] = [DESCRIBE.cluster, DESCRIBE.instance];

/** The one ARN that may be looked up. Where a resource id is written out, its cluster's name cannot be told from it:
 *  then the only cluster in the same place that the policies name, if it is only one. */
function acceptedLookUps(
  policies: SynthesizedPolicies,
  holder: PolicyHolder,
  entry: AllowedConnect,
): { readonly action: string; readonly arn: string }[] {
  const known = entry.resourceId === undefined ? lookUpOf(policies, entry.target) : undefined;
  if (known) return [known];
  const written = allowStatements(holder).flatMap(({ statement }) => listOf(statement.Resource));
  return placesOf(policies, holder, entry).flatMap(({ partition, region, account, resourceId }) => {
    const [action, kind] = resourceId.startsWith('db-')
      ? ([DESCRIBE.instance, 'db'] as const)
      : ([DESCRIBE.cluster, 'cluster'] as const);
    const begin = rdsArn({ partition, region, account }, kind, '');
    const named = [...new Set(written.filter((arn) => arn.startsWith(begin)))];
    const [arn] = named;
    return arn !== undefined && named.length === 1 && !/[*?$]/.test(arn) ? [{ action, arn }] : [];
  });
}

/** Logins and clusters that nobody lists: whatever lets them in is too wide. */
function probes({ targets }: SynthesizedPolicies): string[] {
  const elsewhere: DatabaseTarget = {
    partition: 'aws',
    region: STAND_IN_REGION,
    account: STAND_IN_ACCOUNT,
    resourceId: 'cluster-UNLISTEDPROBE',
  };
  return [...targets, elsewhere].map((place) => dbuserArn(place, UNLISTED_LOGIN));
}

/** A resource itself, or an ARN that its wildcards match, so that a message can name one. */
function instancesOf(resource: string, { kind, name }: PolicyHolder): string[] {
  const own = kind === 'user' ? resource.replaceAll(OWN_NAME, () => name) : resource;
  // What else a variable stands for depends on who asks; such statements are looked at as they are written.
  return own.includes('${') ? [] : [own.replaceAll('*', UNLISTED_LOGIN).replaceAll('?', 'x')];
}

function withoutConditions({ name, document }: NamedPolicy): NamedPolicy {
  let parsed: ReturnType<typeof parsePolicyDocument>;
  try {
    parsed = parsePolicyDocument(document);
  } catch {
    // Evaluating it says what is wrong with it.
    return { name, document };
  }
  const statements = [parsed.Statement]
    .flat()
    .filter(({ Effect, Condition }) => Effect === 'Allow' || Condition === undefined)
    .map(({ Condition: _, ...statement }) => statement);
  // No statement at all would be malformed: one that denies nothing of interest keeps it well-formed.
  const nothing: PolicyStatement = { Effect: 'Deny', Action: 'rds-db:none', Resource: '*' };
  return { name, document: JSON.stringify({ ...parsed, Statement: [...statements, nothing] }) };
}
