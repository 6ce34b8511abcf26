import type { DatabaseTarget } from '../names/arn';
import { listOf } from '../names/text';
import { CONNECT, isAboutAction } from './actions';
import { PolicyDocumentError, parsePolicyDocument } from './evaluator/parse-policy-document';
import { matches, wildcardPattern } from './evaluator/wildcard';
import { lintedResource } from './lint/linted-resource';
import type { PolicyStatement } from './policy-document';
import type { NamedPolicy } from './policy-set';

/** The parts of the ARN of a login. */
export type LoginArnPart = 'partition' | 'region' | 'account' | 'resource id' | 'login';

/** A resource of a statement that allows connecting, and what keeps it from meaning one login. */
export interface NearMiss {
  readonly policy: string;
  /** The Sid, or the number from 1. */
  readonly statement: string;
  /** As it is written. */
  readonly resource: string;
  /** Empty: it does match, and something else decides. */
  readonly differs: readonly LoginArnPart[];
  readonly written: Readonly<Record<LoginArnPart, string>>;
}

/**
 * Compares what policies name with one login of one target, as AWS describes that. Nearest first. Conditions are not looked at, and
 * documents that cannot be read are left out: `evaluate` says so.
 */
export function nearMisses(
  policies: readonly NamedPolicy[],
  target: DatabaseTarget,
  login: string,
): NearMiss[] {
  return policies
    .flatMap(({ name, document }) =>
      statementsOf(document).flatMap((statement, index) =>
        statement.Effect === 'Allow' && isAboutAction(statement, CONNECT)
          ? listOf(statement.Resource).flatMap((resource) =>
              compared(resource, target, login).map((compared) => ({
                policy: name,
                statement: statement.Sid || String(index + 1),
                resource,
                ...compared,
              })),
            )
          : [],
      ),
    )
    .sort((one, other) => one.differs.length - other.differs.length);
}

function statementsOf(text: string): readonly PolicyStatement[] {
  try {
    return listOf(parsePolicyDocument(text).Statement);
  } catch (error) {
    if (error instanceof PolicyDocumentError) return [];
    throw error;
  }
}

function compared(
  resource: string,
  target: DatabaseTarget,
  login: string,
): Pick<NearMiss, 'differs' | 'written'>[] {
  const {
    isDatabaseUser,
    resourceId,
    login: writtenLogin,
    partition,
    region,
    account,
  } = lintedResource(resource);
  if (!isDatabaseUser) return [];
  const written = { partition, region, account, 'resource id': resourceId ?? '', login: writtenLogin ?? '' };
  const wanted = { ...target, 'resource id': target.resourceId, login };
  const parts = ['partition', 'region', 'account', 'resource id', 'login'] as const;
  return [
    { written, differs: parts.filter((part) => !matches(wildcardPattern(written[part]), wanted[part])) },
  ];
}
