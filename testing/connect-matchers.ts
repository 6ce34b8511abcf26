import { TerraformStack, Testing } from 'cdktf';
import { CONNECT } from '../modules/iam/actions';
import { type Block, home, type SynthesizedStack } from '../planning/stand-ins';
import { type AllowedConnect, type Comparison, compare } from './nothing-but';
import { type Answer, ask, type ConnectQuestion, nameOf } from './questions';
import { referencesOf } from './references';
import { type PolicyHolder, type SynthesizedPolicies, synthesizedPolicies } from './synthesized-policies';
import { renderTemplate } from './terraform-expressions';

/**
 * What the matchers take: a stack, what `Testing.synth` or `cdktf synth` made of one (text or parsed), or a policy
 * document (text, possibly with Terraform's expressions in it, or parsed).
 */
export type PoliciesUnderTest = TerraformStack | string | object;

export interface NothingButOptions {
  /** As in `ConnectQuestion`, for all principals. */
  readonly ignorePolicies?: readonly string[];
}

/** What jest and vitest expect of a matcher. */
export interface MatcherResult {
  readonly pass: boolean;
  readonly message: () => string;
}

/**
 * Whether the policies let `principal` connect as `login`. Decides as IAM does on what would be deployed, with
 * stand-ins for what Terraform resolves later. Not looked at: service control policies, session policies, what
 * Terraform modules make, and a permissions boundary that is not in the stack.
 * @throws CannotJudgeError, with `.not` as well, where that cannot be decided
 * @throws Error, with `.not` as well, where there is no such principal or target
 */
export function toAllowConnect(received: PoliciesUnderTest, question: ConnectQuestion): MatcherResult {
  const answer = ask(policiesOf(received), question);
  return { pass: answer.allowed, message: () => answerMessage(answer) };
}

/**
 * Whether the policies allow exactly `list`: over all principals, logins and targets, nothing is missing and nothing
 * more is allowed, be it by a wildcard or by another action. What only a condition or a conditional Deny holds back
 * counts as allowed; a wildcard is too much even where a Deny takes something back.
 * @throws as toAllowConnect
 */
export function toAllowNothingBut(
  received: PoliciesUnderTest,
  list: readonly AllowedConnect[],
  options: NothingButOptions = {},
): MatcherResult {
  const policies = policiesOf(received);
  const comparison = compare(policies, list, options.ignorePolicies);
  return {
    pass: comparison.beyond.length === 0 && comparison.missing.length === 0,
    message: () => comparisonMessage(comparison, policies.holders),
  };
}

/** For `expect.extend` of any runner. */
export const connectMatchers = { toAllowConnect, toAllowNothingBut };

function policiesOf(received: PoliciesUnderTest): SynthesizedPolicies {
  if (TerraformStack.isStack(received)) return policiesOf(Testing.synth(received));
  const parsed = typeof received === 'string' ? parsedJson(received) : received;
  if (typeof parsed === 'object' && parsed !== null && !Array.isArray(parsed)) {
    // The text as it stands, so that a key that is given twice is seen.
    if ('Statement' in parsed) return documentPolicies(received);
    if ('terraform' in parsed || 'resource' in parsed || 'output' in parsed)
      return synthesizedPolicies(parsed as SynthesizedStack);
  }
  // With expressions in it, a document is JSON only once they have values.
  if (typeof received === 'string' && parsed === undefined && received.includes('"Statement"'))
    return documentPolicies(received);
  throw new Error(WHAT_IS_TAKEN);
}

const WHAT_IS_TAKEN =
  'This is no stack, no synthesized stack (JSON with terraform, resource or output) and no policy document (JSON with Statement).';

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function documentPolicies(received: string | object): SynthesizedPolicies {
  const text = typeof received === 'string' ? received : JSON.stringify(received);
  const data: Record<string, Record<string, Block>> = {};
  const resource: Record<string, Record<string, Block>> = {};
  const references = /(?<![\w.-])(data\.)?(aws_rds_cluster|aws_db_instance|aws_db_proxy)\.([A-Za-z_][\w-]*)/g;
  for (const [, isData, type = '', id = ''] of text.matchAll(references)) {
    const blocks = isData ? data : resource;
    blocks[type] = { ...blocks[type], [id]: {} };
  }
  const stack: SynthesizedStack = { data, resource };
  // In a finished document `${aws:username}` is IAM's own: then Terraform does not read it any more.
  const render = (part: string) => (hasExpressions(text) ? renderTemplate(part, referencesOf(stack)) : part);
  const document =
    typeof received === 'string'
      ? render(received)
      : JSON.stringify(received, (_, value) => (typeof value === 'string' ? render(value) : value));
  const name = 'the document';
  const holder: PolicyHolder = {
    kind: 'document',
    name,
    called: [name],
    policies: [{ name, document }],
    unknownPolicies: [],
    ...home(stack),
  };
  return { ...synthesizedPolicies(stack), holders: [holder] };
}

function hasExpressions(text: string): boolean {
  return /\$\$\{/.test(text) || /\$\{(?!\s*(?:[a-z0-9-]+:|[*?$]\}))/.test(text);
}

function answerMessage({ holder, login, allowed, asked }: Answer): string {
  const decision = (asked.find((each) => each.decision.allowed) ?? asked[0])?.decision;
  return [
    `Expected ${nameOf(holder)} ${allowed ? 'not ' : ''}to be allowed ${CONNECT} as ${login}.`,
    'Asked:',
    ...asked.map(({ arn }) => `  ${arn}`),
    `Decision: ${decision?.reason}`,
    ...(decision?.decidedBy
      ? [`by this statement of ${decision.decidedBy.policy}:`, pretty(decision.decidedBy.statement)]
      : [
          'No statement decided. Policies looked at:',
          ...holder.policies.map(({ name }) => `  ${name}`),
          ...(holder.policies.length === 0 ? ['  none'] : []),
        ]),
    ...notLookedAt([holder]),
  ].join('\n');
}

function comparisonMessage({ beyond, missing }: Comparison, holders: readonly PolicyHolder[]): string {
  if (beyond.length === 0 && missing.length === 0)
    return 'Expected something to be missing or allowed beyond the list, but the policies allow exactly that.';
  const statements = new Map<string, { readonly heading: string; readonly whats: Set<string> }>();
  for (const { who, what, policy, statement } of beyond) {
    const heading = `  by this statement of ${policy}:\n${pretty(statement)}`;
    const key = `${who}\n${heading}`;
    const known = statements.get(key) ?? { heading, whats: new Set<string>() };
    statements.set(key, known);
    known.whats.add(`  ${who}: ${what}`);
  }
  return [
    ...(beyond.length > 0 ? ['Allowed beyond the list:'] : []),
    ...[...statements.values()].flatMap(({ heading, whats }) => [...whats, heading]),
    ...(missing.length > 0 ? ['In the list, but not allowed:'] : []),
    ...missing.map((line) => `  ${line}`),
    ...notLookedAt(holders),
  ].join('\n');
}

function notLookedAt(holders: readonly PolicyHolder[]): string[] {
  return holders.flatMap((holder) =>
    holder.unknownBoundary === undefined
      ? []
      : [
          `Not looked at: the permissions boundary ${holder.unknownBoundary} of ${nameOf(holder)}, whose document is not here.`,
        ],
  );
}

function pretty(statement: object): string {
  return JSON.stringify(statement, null, 2).replace(/^/gm, '    ');
}
