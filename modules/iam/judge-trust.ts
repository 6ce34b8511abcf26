import { isAccount, rootParts, splitArn } from '../names/arn';
import type { Account } from '../names/place';
import { PolicyDocumentError } from './evaluator/parse-policy-document';
import { type ConditionKey, type RequestKeys, requestContext } from './evaluator/request-context';
import { judgeStatement } from './evaluator/statement';
import { every, NO, some, unknown, type Verdict, verdict, YES } from './evaluator/verdict';
import { type PrincipalDocument, principalDocument, type TrustPrincipal } from './trust-statements';

/** Somebody asks STS for a session of a role. */
export interface AssumeRequest {
  /** `sts:AssumeRole`, `sts:AssumeRoleWithWebIdentity`, `sts:AssumeRoleWithSAML` */
  readonly action: string;
  readonly by: FederatedIdentity | AccountIdentity;
  /** Values of `sts:ExternalId`, `<issuer>:sub` and so on, which this kind of request can have; undefined: it has not. */
  readonly keys: Readonly<Record<string, string | undefined>>;
  /** Values of `aws:…` keys. */
  readonly context: RequestKeys;
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
  let document: PrincipalDocument;
  try {
    document = principalDocument(trustPolicyText);
  } catch (error) {
    if (!(error instanceof PolicyDocumentError)) throw error;
    return refused(`the trust policy is malformed: ${error.message}`);
  }
  if (!document.isTrust)
    return refused('the trust policy is malformed: it has a Resource, which a trust policy must not have');
  const context = requestContext(
    request.action,
    { ...request.context, ...given(request.keys) },
    keysOf(request),
  );
  const judged = document.statements.map(({ statement, principals, isEverybodyBut }, index) => {
    const who = isEverybodyBut ? NOT_JUDGED : judgePrincipals(principals, request.by);
    const rest = judgeStatement(
      statement,
      { action: request.action, resource: ITSELF },
      document.variables,
      context,
    );
    return {
      effect: statement.Effect,
      named: who.named,
      applies: every([who.applies, rest]),
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

/** A trust policy is the role's own: its statements are about the role, which they do not name. */
const ITSELF = '*';

/** The keys of this kind of request are strings with one value or none. */
function keysOf({ keys }: AssumeRequest): ConditionKey[] {
  return Object.keys(keys).map((name) => ({ name, worksWith: ['String'], inEveryRequest: false }));
}

function given(keys: AssumeRequest['keys']): Record<string, string> {
  return Object.fromEntries(
    Object.entries(keys).flatMap(([name, value]) => (value === undefined ? [] : [[name, value]])),
  );
}

interface JudgedPrincipals {
  readonly applies: Verdict;
  readonly named: boolean;
}

const NOT_JUDGED: JudgedPrincipals = { applies: unknown('NotPrincipal is not judged here'), named: false };

function judgePrincipals(principals: readonly TrustPrincipal[], by: AssumeRequest['by']): JudgedPrincipals {
  const accounts = principals.flatMap(({ kind, name }) => (kind === 'AWS' ? [name] : []));
  if ('provider' in by) {
    // No wildcards: a provider is named in full.
    if (principals.some(({ kind, name }) => kind === 'Federated' && name === by.provider))
      return { applies: YES, named: true };
    return {
      applies: accounts.includes('*')
        ? unknown('whether * means federated identities, too, is not documented')
        : NO,
      named: false,
    };
  }
  return {
    applies: some(accounts.map((each) => judgeAccountPrincipal(each, by))),
    named: accounts.some((each) => by.arns.includes(each)),
  };
}

function judgeAccountPrincipal(listed: string, { partition, account, arns }: AccountIdentity): Verdict {
  if (listed === '*' || listed === account || arns.includes(listed)) return YES;
  if (/^\d{12}$/.test(listed)) return NO;
  const root = rootParts(listed);
  if (root) return verdict(root.partition === partition && root.account === account);
  return isPrincipalArn(listed)
    ? NO
    : unknown(`${JSON.stringify(listed)} is not the ARN of a principal, nor an account, nor *`);
}

/** Of one role, user or session, written out. */
function isPrincipalArn(arn: string): boolean {
  const { partition, service = '', region, account, resource = '' } = splitArn(arn) ?? {};
  return (
    ['iam', 'sts'].includes(service) &&
    region === '' &&
    isAccount({ partition, account }) &&
    /^(user|role|assumed-role|federated-user)\/[^*?]+$/.test(resource)
  );
}

function because(applies: Verdict): string {
  return ('because' in applies && applies.because) || 'it is not known';
}
