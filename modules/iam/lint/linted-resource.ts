import { type ArnParts, formatArn } from '../../names/arn';
import { completedArn, isIncompleteArn, lowerCase, matches, wildcardPattern } from '../evaluator/wildcard';

/** A resource, taken apart. */
export interface LintedResource extends Omit<ArnParts, 'resource'> {
  readonly text: string;
  /** It matches even a database user made of names that no policy would name. */
  readonly isEveryDatabaseUser: boolean;
  /** Its author surely had a database user in mind. */
  readonly isDatabaseUser: boolean;
  /** Fewer than the six fields of an ARN: IAM fills the others with `*`. */
  readonly isIncomplete: boolean;
  /** Up to the first slash of what follows the fifth colon: `dbuser:<resource id>`. */
  readonly name: string;
  /** undefined: the name does not begin with dbuser: */
  readonly resourceId: string | undefined;
  /** What follows that slash; undefined: there is none. */
  readonly login: string | undefined;
}

export function lintedResource(text: string): LintedResource {
  const [, partition = '', service = '', region = '', account = '', ...rest] = outsideVariables(text, ':');
  const [name = '', ...login] = outsideVariables(rest.join(':'), '/');
  return {
    text,
    isEveryDatabaseUser: isEveryDatabaseUser(text),
    isDatabaseUser: lowerCase(service) === 'rds-db',
    isIncomplete: isIncompleteArn(text),
    partition,
    service,
    region,
    account,
    name,
    resourceId: name.startsWith('dbuser:') ? name.slice('dbuser:'.length) : undefined,
    login: login.length === 0 ? undefined : login.join('/'),
  };
}

/** The whole ARN of database users, fewer than all: what the rules on its parts look at. */
export function namesDatabaseUsers({ isEveryDatabaseUser, service, isIncomplete }: LintedResource): boolean {
  return !isEveryDatabaseUser && service === 'rds-db' && !isIncomplete;
}

export function isEveryDatabaseUser(resource: string): boolean {
  return ['aws', 'aws-cn', 'aws-us-gov'].some((partition) =>
    matches(
      completedArn(wildcardPattern(resource)),
      // No name that a policy would hold: only a wildcard matches it.
      formatArn({ partition, service: 'rds-db', region: '#', account: '#', resource: 'dbuser:#/#' }),
    ),
  );
}

/** Whether a resource can be one of this service, by what stands in the place of the service. */
export function mayBeOf(service: string, resource: string): boolean {
  return resource === '*' || matches(wildcardPattern(lintedResource(resource).service), service);
}

const VARIABLE = /\$\{[^{}]*\}/g;

export function variablesIn(text: string): readonly string[] {
  return text.match(VARIABLE) ?? [];
}

export function hasVariable(text: string): boolean {
  return variablesIn(text).length > 0;
}

export function hasWildcard(text: string): boolean {
  return /[*?]/.test(text.replace(VARIABLE, ''));
}

/** The parts between the separators; one inside `${…}` belongs to the variable. */
function outsideVariables(text: string, separator: ':' | '/'): string[] {
  const parts: string[] = [];
  let start = 0;
  for (const { 0: token, index } of text.matchAll(/\$\{[^{}]*\}|[:/]/g)) {
    if (token !== separator) continue;
    parts.push(text.slice(start, index));
    start = index + 1;
  }
  return [...parts, text.slice(start)];
}
