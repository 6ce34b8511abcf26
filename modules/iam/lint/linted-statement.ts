import { listOf } from '../../names/text';
import { CONNECT, isAboutAction } from '../actions';
import type { PolicyStatement } from '../policy-document';
import { type LintedResource, lintedResource } from './linted-resource';

/** A statement, and what the rules ask of it. */
export interface LintedStatement {
  /** A Deny may be wide: only what makes it deny nothing is a mistake. */
  readonly allows: boolean;
  /** Whether rds-db:connect is among its actions. */
  readonly connects: boolean;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** The resources that the rules for database users look at. */
  readonly linted: readonly LintedResource[];
  /** Whether `${…}` is replaced in this document, or taken literally. */
  readonly variables: boolean;
  readonly statement: PolicyStatement;
}

/** Its Sid, or its number from 1. */
export function statementName({ Sid }: PolicyStatement, index: number): string {
  return `statement ${Sid || index + 1}`;
}

export function lintedStatement(statement: PolicyStatement, variables: boolean): LintedStatement {
  const connects = isAboutAction(statement, CONNECT);
  const resources = listOf(statement.Resource);
  return {
    allows: statement.Effect === 'Allow',
    connects,
    actions: listOf(statement.Action),
    resources,
    linted: resources.map(lintedResource).filter(({ isDatabaseUser }) => connects || isDatabaseUser),
    variables,
    statement,
  };
}
