import { PolicyDocumentError, parsePolicyDocument } from '../iam/evaluator/parse-policy-document';
import { lowerCase, matches, wildcardPattern } from '../iam/evaluator/wildcard';
import type { OneOrMany, PolicyStatement } from '../iam/policy-document';
import { dbuserParts } from '../names/arn';

/** What the Allow statements of a policy document come to. */
export interface PolicyContents {
  /** Logins that are named, each with where: exact ARNs, or `…/${aws:username}`. */
  readonly connects: readonly ConnectGrant[];
  /** Clusters and instances, by ARN, whose endpoint may be looked up. */
  readonly lookUps: readonly string[];
  /** In words: everything else. */
  readonly beyond: readonly string[];
  /** Whether anything in it, wildcards included, lets somebody connect. */
  readonly mayConnect: boolean;
}

export interface ConnectGrant {
  readonly login: string;
  readonly resourceId: string;
  readonly region: string;
}

const CONNECT = 'rds-db:connect';

/** The one action that reads the endpoint of one cluster, or of one instance. */
const LOOK_UP = /^arn:[a-z-]+:rds:[a-z0-9-]+:\d{12}:(cluster|db):[a-z][a-z0-9-]*$/;

/** @returns undefined where IAM would refuse the document */
export function policyContents(text: string): PolicyContents | undefined {
  try {
    const statements = [parsePolicyDocument(text).Statement]
      .flat()
      .filter(({ Effect }) => Effect === 'Allow');
    return {
      connects: statements.flatMap(connectsOf),
      lookUps: statements.flatMap(lookUpsOf),
      beyond: [...new Set(statements.flatMap(beyondOf))],
      mayConnect: statements.some(mayConnect),
    };
  } catch (error) {
    if (error instanceof PolicyDocumentError) return undefined;
    throw error;
  }
}

function connectsOf({ Action, Resource }: PolicyStatement): ConnectGrant[] {
  if (!list(Action).some(isConnect)) return [];
  return list(Resource).flatMap((resource) => {
    const parts = dbuserParts(resource);
    return parts
      ? [{ login: parts.login, resourceId: parts.target.resourceId, region: parts.target.region }]
      : [];
  });
}

function lookUpsOf({ Action, Resource }: PolicyStatement): string[] {
  return list(Action).flatMap((action) => list(Resource).filter((resource) => isLookUp(action, resource)));
}

function beyondOf(statement: PolicyStatement): string[] {
  const { Action, NotAction, Resource, NotResource } = statement;
  if (NotAction) return [`everything but ${list(NotAction).join(', ')}`];
  if (NotResource) return [`${list(Action).join(', ')} on everything but ${list(NotResource).join(', ')}`];
  return list(Action).flatMap((action) =>
    list(Resource)
      .filter(
        (resource) =>
          !isLookUp(action, resource) &&
          !(isConnect(action) && connectsOf({ ...statement, Action: action, Resource: resource }).length > 0),
      )
      .map((resource) => `${action} on ${resource}`),
  );
}

function mayConnect({ Action, NotAction }: PolicyStatement): boolean {
  const named = list(Action ?? NotAction).some((action) =>
    matches(wildcardPattern(lowerCase(action)), CONNECT),
  );
  return Action ? named : !named;
}

function isConnect(action: string): boolean {
  return lowerCase(action) === CONNECT;
}

function isLookUp(action: string, resource: string): boolean {
  const kind = LOOK_UP.exec(resource)?.[1];
  return (
    (kind === 'cluster' && lowerCase(action) === 'rds:describedbclusters') ||
    (kind === 'db' && lowerCase(action) === 'rds:describedbinstances')
  );
}

function list(values: OneOrMany | undefined): readonly string[] {
  return values === undefined ? [] : [values].flat();
}
