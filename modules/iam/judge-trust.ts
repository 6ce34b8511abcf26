import type { Account } from '../names/place';
import { conditionOperator } from './evaluator/condition-operators';
import { judgeConditions } from './evaluator/conditions';
import { PolicyDocumentError, parsePolicyDocument } from './evaluator/parse-policy-document';
import { expand } from './evaluator/policy-variables';
import { type RequestContext, requestContext } from './evaluator/request-context';
import { every, NO, not, some, unknown, type Verdict, verdict, YES } from './evaluator/verdict';
import { lowerCase, matches, wildcardPattern } from './evaluator/wildcard';
import type { PolicyStatement } from './policy-document';

/** Somebody asks STS for a session of a role. */
export interface AssumeRequest {
  /** `sts:AssumeRole`, `sts:AssumeRoleWithWebIdentity`, `sts:AssumeRoleWithSAML` */
  readonly action: string;
  readonly by: FederatedIdentity | AccountIdentity;
  /** Values of `sts:ExternalId`, `<issuer>:sub` and so on, which this kind of request can have; undefined: it has not. */
  readonly keys: Readonly<Record<string, string | undefined>>;
  /** Values of `aws:…` keys. */
  readonly context: Readonly<Record<string, string>>;
}

/** Somebody whom an identity provider vouches for. */
export interface FederatedIdentity {
  /** ARN: `arn:<partition>:iam::<account>:oidc-provider/<issuer without https://>`. */
  readonly provider: string;
}

/** Somebody with credentials of an account. */
export interface AccountIdentity extends Account {
  /** What names this caller itself: of a session, the role's ARN and its own. */
  readonly arns: readonly string[];
}

export interface TrustDecision {
  readonly allowed: boolean;
  /** One line: the statement that decided, or why none allows. */
  readonly reason: string;
  /** Allowed by a statement that names the caller itself, not only its account or everybody. */
  readonly named: boolean;
}

/**
 * Whether a role's trust policy lets a request through: an explicit Deny wins, an Allow is needed, and what cannot be
 * judged refuses. Whether the caller's own policies allow it, too, is another question.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 */
export function mayAssume(request: AssumeRequest, trustPolicyText: string): TrustDecision {
  const refused = (reason: string): TrustDecision => ({ allowed: false, reason, named: false });
  let statements: readonly TrustStatement[];
  let variables: boolean;
  try {
    ({ statements, variables } = parseTrustPolicy(trustPolicyText));
  } catch (error) {
    if (!(error instanceof PolicyDocumentError)) throw error;
    return refused(`the trust policy is malformed: ${error.message}`);
  }
  const judged = statements.map(({ principal, rest }, index) => {
    const who = judgePrincipal(principal, request.by);
    const applies = every([
      who.applies,
      judgeAction(rest, request.action),
      judgeKeys(rest, variables, request),
    ]);
    return {
      effect: rest.Effect,
      named: who.named,
      applies,
      at: `statement ${index + 1} of the trust policy`,
    };
  });

  const denied = judged.find(({ effect, applies }) => effect === 'Deny' && applies.is === 'yes');
  if (denied) return refused(`explicit Deny: ${denied.at}`);
  const doubtful = judged.find(({ effect, applies }) => effect === 'Deny' && applies.is === 'unknown');
  if (doubtful)
    return refused(`cannot judge whether a Deny applies: ${doubtful.at}: ${because(doubtful.applies)}`);
  const allowing = judged.filter(({ effect, applies }) => effect === 'Allow' && applies.is === 'yes');
  const [best] = [...allowing].sort((one, other) => Number(other.named) - Number(one.named));
  if (best) return { allowed: true, reason: `allowed by ${best.at}`, named: best.named };
  const nearly = judged.find(({ effect, applies }) => effect === 'Allow' && applies.is === 'unknown');
  return refused(
    nearly
      ? `the trust policy does not allow ${request.action}; cannot judge ${nearly.at}: ${because(nearly.applies)}`
      : `no statement of the trust policy allows ${request.action} to this caller`,
  );
}

type Principals = '*' | Readonly<Record<string, readonly string[]>>;

interface TrustStatement {
  /** undefined: a NotPrincipal. */
  readonly principal: Principals | undefined;
  readonly rest: PolicyStatement;
}

/** The grammar is that of an identity's policy, but for a Principal in place of the Resource. */
function parseTrustPolicy(text: string): { statements: TrustStatement[]; variables: boolean } {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new PolicyDocumentError('it is not JSON');
  }
  // JSON.parse keeps the last of two equal keys, which could hide a Deny.
  if (colons(text) !== colons(JSON.stringify(document)))
    throw new PolicyDocumentError('a key is given twice in one place');
  if (!isObject(document)) throw new PolicyDocumentError('it is not a JSON object');
  const principals: (Principals | undefined)[] = [];
  const stripped = [document['Statement'] ?? []].flat().map((statement, index) => {
    const at = `statement ${index + 1}`;
    if (!isObject(statement)) throw new PolicyDocumentError(`${at} is not a JSON object`);
    const { Principal, NotPrincipal, ...rest } = statement;
    if ('Resource' in rest || 'NotResource' in rest)
      throw new PolicyDocumentError(`${at} has a Resource, which a trust policy must not have`);
    if ((Principal === undefined) === (NotPrincipal === undefined))
      throw new PolicyDocumentError(`${at} needs a Principal`);
    principals.push(Principal === undefined ? undefined : parsePrincipal(Principal, at));
    return { ...rest, Resource: '*' };
  });
  const { Version, Statement } = parsePolicyDocument(JSON.stringify({ ...document, Statement: stripped }));
  const statements = [Statement].flat().map((rest, index) => ({ principal: principals[index], rest }));
  return { statements, variables: Version === '2012-10-17' };
}

function parsePrincipal(value: unknown, at: string): Principals {
  if (value === '*') return value;
  const kinds = ['AWS', 'Federated', 'Service', 'CanonicalUser'];
  if (
    !isObject(value) ||
    Object.keys(value).length === 0 ||
    !Object.keys(value).every((kind) => kinds.includes(kind))
  )
    throw new PolicyDocumentError(`the Principal of ${at} is neither * nor a list of ${kinds.join(', ')}`);
  return Object.fromEntries(
    Object.entries(value).map(([kind, given]) => {
      const list: unknown[] = [given].flat();
      if (list.length === 0 || !list.every((item) => typeof item === 'string'))
        throw new PolicyDocumentError(`the ${kind} principal of ${at} is not a string or a list of strings`);
      return [kind, list as string[]];
    }),
  );
}

function colons(json: string): number {
  return [...json.matchAll(/"(?:[^"\\]|\\.)*"|:/g)].filter(([token]) => token === ':').length;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function judgePrincipal(
  principal: Principals | undefined,
  by: AssumeRequest['by'],
): { readonly applies: Verdict; readonly named: boolean } {
  if (principal === undefined) return { applies: unknown('NotPrincipal is not judged here'), named: false };
  if ('provider' in by) {
    if (principal === '*')
      return {
        applies: unknown('whether * means federated identities, too, is not documented'),
        named: false,
      };
    // No wildcards: a provider is named in full.
    const names = principal['Federated']?.includes(by.provider) === true;
    return { applies: verdict(names), named: names };
  }
  const listed = principal === '*' ? ['*'] : (principal['AWS'] ?? []);
  return {
    applies: some(listed.map((each) => judgeAccountPrincipal(each, by))),
    named: listed.some((each) => by.arns.includes(each)),
  };
}

const PRINCIPAL_ARN =
  /^arn:([^:*?]+):(?:iam|sts)::(\d{12}):(root|(?:user|role|assumed-role|federated-user)\/[^*?]+)$/;

function judgeAccountPrincipal(listed: string, { partition, account, arns }: AccountIdentity): Verdict {
  if (listed === '*' || listed === account || arns.includes(listed)) return YES;
  if (/^\d{12}$/.test(listed)) return NO;
  const arn = PRINCIPAL_ARN.exec(listed);
  if (!arn) return unknown(`${JSON.stringify(listed)} is not the ARN of a principal, nor an account, nor *`);
  return verdict(arn[3] === 'root' && arn[1] === partition && arn[2] === account);
}

/** Actions are not case-sensitive. */
function judgeAction({ Action, NotAction }: PolicyStatement, action: string): Verdict {
  const listed = [Action ?? NotAction ?? []]
    .flat()
    .some((pattern) => matches(wildcardPattern(lowerCase(pattern)), lowerCase(action)));
  return verdict(Action ? listed : !listed);
}

/** All conditions of a statement: those on keys of this request here, those on `aws:…` keys as for any other policy. */
function judgeKeys(statement: PolicyStatement, variables: boolean, request: AssumeRequest): Verdict {
  const context = requestContext(request.action, request.context);
  const own = new Map(Object.entries(request.keys).map(([name, value]) => [lowerCase(name), { value }]));
  return every(
    Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => {
        const given = own.get(lowerCase(key));
        if (!given) return judgeConditions({ [operator]: { [key]: values } }, variables, context);
        return judgeOwnKey(operator, key, [values].flat(), given.value, variables, context);
      }),
    ),
  );
}

/** These keys are strings with one value or none. */
function judgeOwnKey(
  operatorName: string,
  key: string,
  wanted: readonly string[],
  given: string | undefined,
  variables: boolean,
  context: RequestContext,
): Verdict {
  const operator = conditionOperator(operatorName.replace(/IfExists$/, ''));
  if (operator?.family !== 'String') return unknown(`${operatorName} on ${key} is not judged here`);
  if (given === undefined) return verdict(operator.negated || operatorName.endsWith('IfExists'));
  const expansions = wanted.map((value) =>
    expand(value, { variables, wildcards: operator.wildcards }, context),
  );
  const fault = expansions.map(({ unclear, missing }) => unclear ?? missing).find((found) => found);
  if (fault) return unknown(fault);
  const matched = some(expansions.map(({ pattern }) => operator.compare(given, pattern)));
  return operator.negated ? not(matched) : matched;
}

function because(applies: Verdict): string {
  return ('because' in applies && applies.because) || 'it is not known';
}
