import { CONNECT, DESCRIBE, isAction } from '../iam/actions';
import { PolicyDocumentError, parsePolicyDocument } from '../iam/evaluator/parse-policy-document';
import type { OneOrMany, PolicyStatement } from '../iam/policy-document';
import { concreteRdsParts, dbuserParts } from '../names/arn';
import type { Place } from '../names/place';

/** One thing that a policy allows or denies. */
export type Right = (
  | ({ readonly kind: 'connect' } & ConnectGrant)
  | { readonly kind: 'lookUp'; readonly arn: string }
  /** In words: everything else that is allowed. */
  | { readonly kind: 'beyond'; readonly what: string }
  | { readonly kind: 'denied'; readonly what: string }
) & {
  /** In words: only if all of these hold. */
  readonly conditions: readonly string[];
};

/** A login that is named, with where: an exact ARN, or `…/${aws:username}`, `…/${saml:sub}`. */
export interface ConnectGrant extends Omit<Place, 'partition'> {
  readonly login: string;
  readonly resourceId: string;
}

/** What a policy of an identity comes to, as a whole. @returns undefined where IAM would refuse the document */
export function policyContents(text: string): readonly Right[] | undefined {
  try {
    const { Statement, Version } = parsePolicyDocument(text);
    const expands = Version === '2012-10-17';
    const rights = [Statement].flat().flatMap((statement) => rightsOf(statement, expands));
    return [...new Map(rights.map((right) => [JSON.stringify(right), right])).values()];
  } catch (error) {
    if (error instanceof PolicyDocumentError) return undefined;
    throw error;
  }
}

/** @param expands whether `${…}` is a variable, which in the older version it is not */
function rightsOf(statement: PolicyStatement, expands: boolean): Right[] {
  const { Effect, Action, NotAction, Resource, NotResource } = statement;
  const conditions = conditionWords(statement.Condition ?? {});
  const kind = Effect === 'Deny' ? 'denied' : 'beyond';
  const actions = Action === undefined ? [`everything but ${list(NotAction).join(', ')}`] : list(Action);
  const resources =
    Resource === undefined ? [`everything but ${list(NotResource).join(', ')}`] : list(Resource);
  return actions.flatMap((action) =>
    resources.map((resource): Right => {
      const grant =
        Effect === 'Allow' && Action !== undefined && Resource !== undefined
          ? grantOf(action, resource, expands)
          : undefined;
      return { ...(grant ?? { kind, what: `${action} on ${resource}` }), conditions };
    }),
  );
}

type Grant =
  | ({ readonly kind: 'connect' } & ConnectGrant)
  | { readonly kind: 'lookUp'; readonly arn: string };

/** What the policies of this project allow. */
function grantOf(action: string, resource: string, expands: boolean): Grant | undefined {
  if (isLookUp(action, resource)) return { kind: 'lookUp', arn: resource };
  if (!isAction(action, CONNECT) || (!expands && resource.includes('${'))) return undefined;
  const parts = dbuserParts(resource);
  if (!parts) return undefined;
  const { resourceId, region, account } = parts.target;
  return { kind: 'connect', login: parts.login, resourceId, region, account };
}

function isLookUp(action: string, resource: string): boolean {
  const { type, name = '' } = concreteRdsParts(resource) ?? {};
  // RDS keeps identifiers in small letters.
  if (/[A-Z]/.test(name)) return false;
  return (
    (type === 'cluster' && isAction(action, DESCRIBE.cluster)) ||
    (type === 'db' && isAction(action, DESCRIBE.instance))
  );
}

function conditionWords(condition: NonNullable<PolicyStatement['Condition']>): string[] {
  return Object.entries(condition)
    .flatMap(([operator, keys]) =>
      Object.entries(keys).map(
        ([key, values]) => `${operator} ${key}: ${[...list(values)].sort().join(', ')}`,
      ),
    )
    .sort();
}

function list(values: OneOrMany | undefined): readonly string[] {
  return values === undefined ? [] : [values].flat();
}
