import type { TrustStatement } from '../../iam/trust-statements';
import { OWN_NAME, OWN_SAML_NAME } from '../../names/arn';
import { plural } from '../../names/text';
import { type HeldRight, type Holder, holdersOf } from '../connect-access';
import { code } from '../markdown';
import { type Document, type PlannedPolicy, plannedPolicies } from '../planned-policies';
import type { Right } from '../policy-contents';
import { type MovedRights, withoutMoved } from '../renewed-targets';
import type { TerraformPlan } from '../terraform-plan';
import type { PlanSummary } from './emitted-type';

export interface PolicyWords extends PlanSummary {
  /** By address: attributes that hold a policy whose change these words tell in full. */
  readonly told: ReadonlyMap<string, readonly string[]>;
  /** Names of documents in outputs of which that holds. */
  readonly toldDocuments: ReadonlySet<string>;
}

/** What the policies of a plan give and take, identity by identity, and who may assume which role. */
export function policyWords(plan: TerraformPlan): PolicyWords {
  const { all, rest, moved } = withoutMoved(plan);
  const { gains, loses, unknown } = all;
  const isDenial = ({ right }: HeldRight) => right.kind === 'denied';
  const isGrant = (held: HeldRight) => !isDenial(held);
  const lines = {
    gains: [
      ...rest.gains
        .filter(isGrant)
        .map(({ holder, right }) => `${holderWords(holder)} may ${rightWords(right)}`),
      ...rest.loses
        .filter(isDenial)
        .map(({ holder, right }) => `${holderWords(holder)} is no longer denied ${rightWords(right)}`),
    ],
    loses: [
      ...rest.loses
        .filter(isGrant)
        .map(({ holder, right }) => `${holderWords(holder)} may no longer ${rightWords(right)}`),
      ...rest.gains
        .filter(isDenial)
        .map(({ holder, right }) => `${holderWords(holder)} is denied ${rightWords(right)}`),
    ],
  };
  const said = new Set([...gains, ...loses].map(heldKey));
  const told = new Map<string, string[]>();
  const trusts = { gains: [] as string[], loses: [] as string[] };
  // An attribute may hold several documents: it is told if each of them is.
  const untold = new Set<string>();
  for (const policy of plannedPolicies(plan)) {
    const words = trustWords(policy);
    trusts.gains.push(...words.gains);
    trusts.loses.push(...words.loses);
    const isTold = words.isTold || isToldByRights(plan, policy, said);
    const key = JSON.stringify([policy.address, policy.attribute]);
    if (!isTold) untold.add(key);
    told.set(policy.address, [...(told.get(policy.address) ?? []), policy.attribute]);
  }
  return {
    gains: [...lines.gains, ...trusts.gains],
    loses: [...lines.loses, ...trusts.loses],
    changes: [
      ...moved.map(movedWords),
      ...unknown.map(
        (holder) =>
          `${holderWords(holder)}: the policy is known after the apply only, or is none that IAM accepts`,
      ),
    ],
    told: new Map(
      [...told].map(([address, attributes]) => [
        address,
        [...new Set(attributes)].filter(
          (attribute) => attribute !== 'inline_policy' && !untold.has(JSON.stringify([address, attribute])),
        ),
      ]),
    ),
    toldDocuments: new Set(
      [...gains, ...loses].flatMap(({ holder }) => (holder.kind === 'document' ? [holder.name] : [])),
    ),
  };
}

function movedWords({ target: { arn, before, after }, rights, holders }: MovedRights): string {
  const whose = `${plural(rights, 'right')} of ${plural(holders, 'identity', 'identities')}`;
  return `${code(arn)} has the resource id ${code(after)} instead of ${code(before)}: ${whose} to connect to it ${rights === 1 ? 'follows' : 'follow'}, as the same logins`;
}

function heldKey({ holder, right }: HeldRight): string {
  return JSON.stringify([holder, right]);
}

/** Whether each right that comes or goes with this policy comes or goes for somebody. */
function isToldByRights(plan: TerraformPlan, policy: PlannedPolicy, said: ReadonlySet<string>): boolean {
  const { before, after } = policy;
  if (!isIdentity(before) || !isIdentity(after)) return false;
  const [was, is] = [before?.rights ?? [], after?.rights ?? []];
  const has = (rights: readonly Right[], right: Right) =>
    rights.some((each) => JSON.stringify(each) === JSON.stringify(right));
  const changed = [...was.filter((right) => !has(is, right)), ...is.filter((right) => !has(was, right))];
  const holders = holdersOf(plan, policy);
  return (
    changed.length > 0 &&
    changed.every((right) =>
      [...holders.before, ...holders.after].some((holder) => said.has(heldKey({ holder, right }))),
    )
  );
}

function isIdentity(
  document: PlannedPolicy['after'],
): document is Extract<Document, { kind: 'identity' }> | undefined {
  return document === undefined || (document !== 'unknown' && document.kind === 'identity');
}

function trustWords({ name, before, after, resource }: PlannedPolicy): {
  gains: string[];
  loses: string[];
  isTold: boolean;
} {
  const nothing = { gains: [], loses: [], isTold: false };
  if (after === 'unknown' || before?.kind === 'identity' || after?.kind === 'identity') return nothing;
  const of = (document: Document | undefined) =>
    document?.kind === 'trust' ? [...new Set(document.statements.flatMap(statementWords))] : [];
  const [was, is] = [of(before), of(after)];
  const what =
    resource.type === 'aws_iam_role' ? `role ${code(name.replace(/^trust policy of /, ''))}` : code(name);
  const may = (words: string) => `${words} (${what})`;
  const more = is.filter((words) => !was.includes(words));
  const less = was.filter((words) => !is.includes(words));
  const denies = (words: string) => words.startsWith('Deny: ');
  return {
    gains: [
      ...more.filter((words) => !denies(words)).map(may),
      ...less.filter(denies).map((words) => `No longer so: ${may(words)}`),
    ],
    loses: [
      ...less.filter((words) => !denies(words)).map((words) => `No longer so: ${may(words)}`),
      ...more.filter(denies).map(may),
    ],
    isTold: more.length + less.length > 0 && before?.kind !== 'malformed' && after?.kind !== 'malformed',
  };
}

/** One line a principal: `` Allow: AWS `…` may `sts:AssumeRole` if `StringEquals` `…` is `…` ``. */
function statementWords(statement: TrustStatement): string[] {
  const { effect, principals, isEverybodyBut, actions, isEveryActionBut, resources, conditions } = statement;
  const names = principals.map(({ kind, name }) => `${kind} ${code(name)}`);
  const who = isEverybodyBut ? [`everybody but ${names.join(', ')}`] : names;
  const what = `${isEveryActionBut ? 'everything but ' : ''}${actions.map(code).join(', ')}`;
  const on = resources.length > 0 ? ` on ${resources.map(code).join(', ')}` : '';
  const only = conditions.map(
    ({ operator, key, values }) => `${code(operator)} ${code(key)} is ${values.map(code).join(' or ')}`,
  );
  const condition = only.length > 0 ? ` if ${only.join(' and ')}` : '';
  const may = effect === 'Deny' ? 'must not' : 'may';
  return who.map((each) => `${effect}: ${each} ${may} ${what}${on}${condition}`);
}

function holderWords({ kind, name }: Holder): string {
  switch (kind) {
    case 'policy':
    case 'document':
      return `every identity that is given the ${kind} ${code(name)}`;
    case 'resource':
      return `every identity that ${code(name)} gives its policy to`;
    default:
      return `${kind} ${code(name)}`;
  }
}

const OWN_NAMES_IN_WORDS: Readonly<Record<string, string>> = {
  [OWN_NAME]: 'the login of their own IAM user name',
  [OWN_SAML_NAME]: 'the login of the name that their identity provider gives them (SAML)',
};

function rightWords(right: Right): string {
  const only = right.conditions.length > 0 ? `, if ${right.conditions.map(code).join(' and ')}` : '';
  switch (right.kind) {
    case 'connect': {
      const whom = OWN_NAMES_IN_WORDS[right.login] ?? code(right.login);
      return `connect as ${whom} to ${code(right.resourceId)} in ${code(right.region)}, account ${code(right.account)}${only}`;
    }
    case 'lookUp':
      return `look up ${code(right.arn)}${only}`;
    case 'beyond':
      return `do more than connect: ${code(right.what)}${only}`;
    case 'denied':
      return `${code(right.what)}${only}`;
  }
}
