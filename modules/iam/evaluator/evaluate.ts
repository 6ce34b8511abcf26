import type { PolicyDocument, PolicyStatement } from '../policy-document';
import type { NamedPolicy, PolicySet } from '../policy-set';
import { PolicyDocumentError, parsePolicyDocument } from './parse-policy-document';
import { type ConditionKey, type RequestKeys, requestContext } from './request-context';
import { judgeStatement } from './statement';
import type { Verdict } from './verdict';
import { isIncompleteArn } from './wildcard';

export { PolicyDocumentError, parsePolicyDocument };

export interface AccessRequest {
  /** `rds-db:connect`; not case-sensitive. */
  readonly action: string;
  /** A whole ARN, taken literally. */
  readonly resource: string;
  /** Keys such as `aws:username`, in any case. An absent key is not in the request context. */
  readonly context: RequestKeys;
  /** Condition keys of the action's own service, besides those that every signed request has. @default none */
  readonly keys?: readonly ConditionKey[];
}

export interface Decision {
  readonly allowed: boolean;
  /** One line: the policy and the statement that decided, or the layer that does not allow. */
  readonly reason: string;
  readonly decidedBy?: { readonly policy: string; readonly statement: PolicyStatement };
  /** Refused because something could not be judged, not because a policy surely refuses. */
  readonly cannotJudge?: true;
}

/**
 * Decides as IAM does within one account: an explicit Deny anywhere wins, and every layer that is present must
 * allow. What cannot be judged (a condition key, a spelling the manual is silent on, a malformed document) never
 * allows: an Allow that rests on it does not count, and a Deny that rests on it refuses.
 * Service control policies are no part of a PolicySet, so they are not looked at.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_evaluation-logic.html
 */
export function evaluate(request: AccessRequest, policies: PolicySet): Decision {
  const layers = layersOf(policies).map((layer) => ({ ...layer, ...judgeLayer(layer, request) }));
  const judged = layers.flatMap((layer) => layer.judged);
  const malformed = layers.flatMap((layer) => layer.malformed)[0];

  const denies = judged.filter(({ statement }) => statement.Effect === 'Deny');
  const denied = denies.find(({ applies }) => applies.is === 'yes');
  if (denied) return { allowed: false, reason: `explicit Deny: ${named(denied)}`, ...decidedBy(denied) };
  if (malformed) return { allowed: false, reason: malformed, cannotJudge: true };

  const answers = layers.map(({ requirement, judged: inLayer }) =>
    answerOf(`${requirement} ${request.action} on ${request.resource}`, inLayer),
  );
  // A layer that surely does not allow decides, whatever could not be judged elsewhere.
  const refused = answers.find(({ allowed, cannotJudge }) => !allowed && !cannotJudge);
  if (refused) return refused;
  const doubtful = denies.find(({ applies }) => applies.is === 'unknown');
  if (doubtful)
    return {
      allowed: false,
      reason: `cannot judge whether a Deny applies: ${named(doubtful)}: ${because(doubtful)}`,
      ...decidedBy(doubtful),
      cannotJudge: true,
    };
  return answers.reduce((decision, answer) => (answer.allowed ? decision : answer));
}

interface Layer {
  /** Begins the sentence that says this layer does not allow. */
  readonly requirement: string;
  readonly policies: readonly NamedPolicy[];
  /** Incomplete ARNs are completed in policies of identities, and make a session policy malformed. */
  readonly completesArns: boolean;
}

/** The identity's layer comes first: it is its statement that a decision to allow names. */
function layersOf({ identity, boundary, session }: PolicySet): Layer[] {
  return [
    { requirement: 'no policy of the principal allows', policies: identity, completesArns: true },
    ...(boundary
      ? [
          {
            requirement: `the permissions boundary ${boundary.name} does not allow`,
            policies: [boundary],
            completesArns: true,
          },
        ]
      : []),
    ...(session
      ? [{ requirement: 'no session policy allows', policies: session, completesArns: false }]
      : []),
  ];
}

interface JudgedStatement {
  readonly policy: string;
  readonly statement: PolicyStatement;
  /** Counted from 1, as people do. */
  readonly number: number;
  readonly applies: Verdict;
}

function judgeLayer(
  { policies, completesArns }: Layer,
  request: AccessRequest,
): { readonly judged: JudgedStatement[]; readonly malformed: string[] } {
  const context = requestContext(request.action, request.context, request.keys);
  const judged: JudgedStatement[] = [];
  const malformed: string[] = [];
  for (const { name, document } of policies) {
    try {
      const { Version, Statement } = documentOfIdentity(document, completesArns);
      const variables = Version === '2012-10-17';
      for (const [index, statement] of [Statement].flat().entries())
        judged.push({
          policy: name,
          statement,
          number: index + 1,
          applies: judgeStatement(statement, request, variables, context),
        });
    } catch (error) {
      if (!(error instanceof PolicyDocumentError)) throw error;
      const fault = error.because === 'grammar' ? 'is malformed' : 'cannot be judged';
      malformed.push(`the policy ${name} ${fault}: ${error.message}`);
    }
  }
  return { judged, malformed };
}

/** Characters, white space aside, of all inline policies of a role: no policy of an identity is larger.
 *  https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_iam-quotas.html */
const LARGEST_POLICY_SIZE = 10_240;

/** @throws PolicyDocumentError also for what the grammar allows, and not in a policy of an identity or a session */
function documentOfIdentity(text: string, completesArns: boolean): PolicyDocument {
  const document = parsePolicyDocument(text);
  if (document.Id !== undefined)
    throw new PolicyDocumentError('it has an Id, which belongs in policies of resources only');
  const size = text.replace(/[\t\n\r ]/g, '').length;
  if (size > LARGEST_POLICY_SIZE)
    throw new PolicyDocumentError(
      `it has ${size} characters, and the largest policy of an identity has ${LARGEST_POLICY_SIZE}`,
    );
  const incomplete = [document.Statement]
    .flat()
    .flatMap(({ Resource, NotResource }) => [Resource ?? NotResource ?? []].flat())
    .find(isIncompleteArn);
  if (incomplete !== undefined && !completesArns)
    throw new PolicyDocumentError(
      `an ARN in a session policy needs all six fields: ${JSON.stringify(incomplete)}`,
    );
  return document;
}

/** What one layer says, Deny statements aside. */
function answerOf(refusal: string, statements: readonly JudgedStatement[]): Decision {
  const allows = statements.filter(({ statement }) => statement.Effect === 'Allow');
  const allowing = allows.find(({ applies }) => applies.is === 'yes');
  if (allowing) return { allowed: true, reason: `allowed by ${named(allowing)}`, ...decidedBy(allowing) };
  const doubtful = allows.find(({ applies }) => applies.is === 'unknown');
  if (doubtful)
    return {
      allowed: false,
      reason: `${refusal}; cannot judge ${named(doubtful)}: ${because(doubtful)}`,
      ...decidedBy(doubtful),
      cannotJudge: true,
    };
  const nearly = allows.find(because);
  return { allowed: false, reason: nearly ? `${refusal}; ${named(nearly)}: ${because(nearly)}` : refusal };
}

function because({ applies }: JudgedStatement): string | undefined {
  return 'because' in applies ? applies.because : undefined;
}

function named({ policy, statement, number }: JudgedStatement): string {
  return `statement ${statement.Sid || number} of ${policy}`;
}

function decidedBy({ policy, statement }: JudgedStatement): Pick<Decision, 'decidedBy'> {
  return { decidedBy: { policy, statement } };
}
