import { iamParts, isAccount } from '../names/arn';
import { listOf } from '../names/text';
import { PolicyDocumentError, parsePolicyDocument } from './evaluator/parse-policy-document';
import type { PolicyStatement } from './policy-document';

/** A statement of a policy that names who: of a role's trust policy, or of a resource's. */
export interface TrustStatement {
  readonly effect: 'Allow' | 'Deny';
  readonly principals: readonly TrustPrincipal[];
  /** `NotPrincipal`: everybody but these. */
  readonly isEverybodyBut: boolean;
  /** `sts:AssumeRole`; with `NotAction`, everything but these. */
  readonly actions: readonly string[];
  readonly isEveryActionBut: boolean;
  /** Of a resource's policy; a trust policy has none. */
  readonly resources: readonly string[];
  readonly conditions: readonly TrustCondition[];
}

export interface TrustPrincipal {
  readonly kind: 'AWS' | 'Federated' | 'Service' | 'CanonicalUser';
  readonly name: string;
}

export interface TrustCondition {
  readonly operator: string;
  readonly key: string;
  readonly values: readonly string[];
}

const KINDS: readonly string[] = ['AWS', 'Federated', 'Service', 'CanonicalUser'];

/**
 * The statements of a document with principals. The grammar is that of an identity's policy, but for the Principal.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_principal.html
 * @throws PolicyDocumentError
 */
export function trustStatements(text: string): TrustStatement[] {
  const document = principalDocument(text);
  return document.statements.map(({ statement, principals, isEverybodyBut }) => ({
    effect: statement.Effect,
    principals,
    isEverybodyBut,
    actions: listOf(statement.Action ?? statement.NotAction),
    isEveryActionBut: statement.NotAction !== undefined,
    resources: document.isTrust ? [] : listOf(statement.Resource ?? statement.NotResource),
    conditions: Object.entries(statement.Condition ?? {}).flatMap(([operator, keys]) =>
      Object.entries(keys).map(([key, values]) => ({ operator, key, values: listOf(values) })),
    ),
  }));
}

/** A document with principals, in the form that the evaluator judges. */
export interface PrincipalDocument {
  readonly statements: readonly PrincipalStatement[];
  /** No statement has a resource: it is a role's trust policy. */
  readonly isTrust: boolean;
  /** Whether `${…}` is a variable, which in the older version it is not. */
  readonly variables: boolean;
}

export interface PrincipalStatement extends Pick<TrustStatement, 'principals' | 'isEverybodyBut'> {
  /** All but who. In a trust policy its resource is `*`: the role itself. */
  readonly statement: PolicyStatement;
}

/** As `trustStatements`, for whoever judges them. @throws PolicyDocumentError */
export function principalDocument(text: string): PrincipalDocument {
  let document: unknown;
  try {
    document = JSON.parse(text);
  } catch {
    throw new PolicyDocumentError('it is not JSON');
  }
  // JSON.parse keeps the last of two equal keys, which could hide a Deny.
  if (colons(text) !== colons(JSON.stringify(document)))
    throw new PolicyDocumentError('a key is given twice in one place');
  if (!isObject(document)) throw new PolicyDocumentError('the document is not a JSON object');
  const given: unknown[] = [document['Statement'] ?? []].flat();
  const isTrust = !given.some(
    (statement) => isObject(statement) && ('Resource' in statement || 'NotResource' in statement),
  );
  const who: Omit<PrincipalStatement, 'statement'>[] = [];
  const rest = given.map((statement, index) => {
    const at = `statement ${index + 1}`;
    if (!isObject(statement)) throw new PolicyDocumentError(`${at} is not a JSON object`);
    const { Principal, NotPrincipal, ...others } = statement;
    if ((Principal === undefined) === (NotPrincipal === undefined))
      throw new PolicyDocumentError(`${at} needs either Principal or NotPrincipal`);
    who.push({
      principals: principalsOf(Principal ?? NotPrincipal, at),
      isEverybodyBut: Principal === undefined,
    });
    return isTrust ? { ...others, Resource: '*' } : others;
  });
  const { Statement, Version } = parsePolicyDocument(JSON.stringify({ ...document, Statement: rest }));
  return {
    statements: [Statement].flat().map((statement, index) => ({
      statement,
      ...(who[index] as Omit<PrincipalStatement, 'statement'>),
    })),
    isTrust,
    variables: Version === '2012-10-17',
  };
}

function principalsOf(value: unknown, at: string): TrustPrincipal[] {
  if (value === '*') return [{ kind: 'AWS', name: '*' }];
  if (!isObject(value) || Object.keys(value).length === 0)
    throw new PolicyDocumentError(`the Principal of ${at} is neither * nor a list of ${KINDS.join(', ')}`);
  return Object.entries(value).flatMap(([kind, given]) => {
    const names: unknown[] = [given].flat();
    if (!KINDS.includes(kind))
      throw new PolicyDocumentError(`the Principal of ${at} has an element that is not in the grammar`);
    if (names.length === 0 || !names.every((name) => typeof name === 'string' && name !== ''))
      throw new PolicyDocumentError(`the ${kind} principal of ${at} is not a string or a list of strings`);
    return (names as string[]).map((name) => ({ kind: kind as TrustPrincipal['kind'], name }));
  });
}

/**
 * Whether a statement lets in whom nobody named: everybody, or everybody with an account at an identity provider.
 * In doubt it does: only conditions count that name a principal, an account, an organization or a subject in full.
 */
export function trustsEverybody(statement: TrustStatement): boolean {
  if (statement.effect === 'Deny') return false;
  if (statement.isEverybodyBut) return true;
  return statement.principals.some(({ kind, name }) => {
    if (kind === 'AWS') return name.includes('*') && !statement.conditions.some(namesAccount);
    if (kind !== 'Federated') return name.includes('*');
    return !isNamedByProvider(name, statement.conditions);
  });
}

/** Operators that need the key to be there, and to match one of the values. */
const POSITIVE = /^(ForAnyValue:)?(String(Equals|EqualsIgnoreCase|Like)|Arn(Equals|Like))$/;

/** Keys that say who asks, and what a value must have so that a stranger's never matches, wildcards behind it or not. */
const WHO: Readonly<Record<string, RegExp>> = {
  'aws:principalarn': /^arn:aws[a-z-]*:(iam|sts)::\d{12}:/,
  'aws:principalaccount': /^\d{12}$/,
  'aws:principalorgid': /^o-[a-z0-9]+$/,
  'aws:principalorgpaths': /^o-[a-z0-9]+\//,
};

function namesAccount({ operator, key, values }: TrustCondition): boolean {
  const pattern = WHO[key.toLowerCase()];
  return (
    pattern !== undefined &&
    POSITIVE.test(operator) &&
    values.length > 0 &&
    values.every((value) => pattern.test(value) && !value.includes('${'))
  );
}

/** Whether a provider's accounts are narrowed down to subjects that are written out, for one audience. */
function isNamedByProvider(provider: string, conditions: readonly TrustCondition[]): boolean {
  const parts = iamParts(provider);
  const issuer = parts?.type === 'oidc-provider' ? parts.name : undefined;
  const isSaml = parts?.type === 'saml-provider' && isAccount(parts) && !parts.name.includes('*');
  const isPinned = (key: string) =>
    conditions.some(
      (condition) =>
        condition.key.toLowerCase() === key.toLowerCase() &&
        /^(ForAnyValue:)?StringEquals(IgnoreCase)?$/.test(condition.operator) &&
        condition.values.length > 0 &&
        condition.values.every((value) => value !== '' && !value.includes('${')),
    );
  // A directory of one's own: whom it lets in is decided there.
  if (isSaml) return isPinned('SAML:aud');
  const name = issuer ?? provider;
  return !name.includes('*') && isPinned(`${name}:sub`) && isPinned(`${name}:aud`);
}

function colons(json: string): number {
  return [...json.matchAll(/"(?:[^"\\]|\\.)*"|:/g)].filter(([token]) => token === ':').length;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
