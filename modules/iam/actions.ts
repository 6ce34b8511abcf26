import { lowerCase, matches, wildcardPattern } from './evaluator/wildcard';
import type { PolicyStatement } from './policy-document';

/** Logging in to a database with a token. */
export const CONNECT = 'rds-db:connect';

/** The actions that read an endpoint, each for one kind of thing. */
export const DESCRIBE = {
  cluster: 'rds:DescribeDBClusters',
  instance: 'rds:DescribeDBInstances',
  proxy: 'rds:DescribeDBProxies',
} as const;

/** Actions are not case-sensitive. */
export function isAction(written: string, action: string): boolean {
  return lowerCase(written) === lowerCase(action);
}

/** Whether an action as a policy writes it, wildcards and all, is or matches this one. */
export function coversAction(written: string, action: string): boolean {
  return matches(wildcardPattern(lowerCase(written)), lowerCase(action));
}

/** Whether a statement is about an action: among its `Action`, or not among its `NotAction`. */
export function isAboutAction(
  { Action, NotAction }: Pick<PolicyStatement, 'Action' | 'NotAction'>,
  action: string,
): boolean {
  const listed = [Action ?? NotAction ?? []].flat().some((written) => coversAction(written, action));
  return Action === undefined ? !listed : listed;
}
