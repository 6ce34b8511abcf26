import { isResourceId, OWN_NAME, partitionOf } from '../names/arn';
import { nameFault } from '../names/postgresql';
import { PolicyDocumentError, parsePolicyDocument } from './evaluator/parse-policy-document';
import { conditionKey, UNSUPPORTED_AT_LOGIN } from './evaluator/request-context';
import { lowerCase, matches, wildcardPattern } from './evaluator/wildcard';
import type { OneOrMany, PolicyDocument, PolicyStatement } from './policy-document';
import { MAXIMUM_POLICY_SIZE } from './policy-document';

/** Something in a policy document that does not do what its author most likely means. */
export interface Finding {
  /** The Sid, or the number from 1; `document` for what concerns all of it. */
  readonly statement: string;
  /** Stable: for scripts. */
  readonly rule: string;
  /** What is wrong, and the way out, in one line. */
  readonly message: string;
}

type Report = (rule: string, message: string) => void;

/** What the checks of one part of a statement need to know of the rest. */
interface Surroundings {
  /** A Deny may be wide: only what makes it deny nothing is a fault. */
  readonly allows: boolean;
  readonly actions: readonly string[];
  readonly resources: readonly string[];
  /** Whether `${…}` is replaced in this document, or taken literally. */
  readonly variables: boolean;
}

/**
 * Looks for the mistakes that end in `PAM authentication failed`, or in more access than was meant.
 * It knows the rules of rds-db:connect and judges nothing of other actions; it never throws for what the text says:
 * a document that IAM would refuse is one finding.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
 * https://docs.aws.amazon.com/service-authorization/latest/reference/list_amazonrdsiamauthentication.html
 */
export function lintPolicy(text: string): Finding[] {
  // By its text: many ARNs with the same wrong id are one mistake.
  const findings = new Map<string, Finding>();
  const reportAt =
    (statement: string): Report =>
    (rule, message) => {
      const finding = { statement, rule, message: oneLine(message) };
      findings.set(JSON.stringify(finding), finding);
    };
  let document: PolicyDocument | undefined;
  try {
    document = parsePolicyDocument(text);
  } catch (error) {
    if (!(error instanceof PolicyDocumentError)) throw error;
    reportAt('document')('malformed', `${error.message}; IAM refuses it, so mend it first`);
  }
  if (document) lintDocument(document, text, reportAt);
  return [...findings.values()];
}

function lintDocument(document: PolicyDocument, text: string, reportAt: (statement: string) => Report): void {
  const size = text.replace(/[\t\n\r ]/g, '').length;
  if (size > MAXIMUM_POLICY_SIZE)
    reportAt('document')(
      'too-long',
      `has ${size} characters, and a managed policy at most ${MAXIMUM_POLICY_SIZE}; divide it`,
    );
  const variables = document.Version === '2012-10-17';
  [document.Statement].flat().forEach((statement, index) => {
    lintStatement(statement, variables, reportAt(statement.Sid || String(index + 1)));
  });
}

function lintStatement(statement: PolicyStatement, variables: boolean, report: Report): void {
  const around: Surroundings = {
    allows: statement.Effect === 'Allow',
    actions: list(statement.Action),
    resources: list(statement.Resource),
    variables,
  };
  const listed = list(statement.Action ?? statement.NotAction).some((action) =>
    matches(wildcardPattern(lowerCase(action)), 'rds-db:connect'),
  );
  const connects = statement.Action ? listed : !listed;
  for (const action of around.actions) lintAction(action, around, report);
  if (around.allows && connects) lintNegations(statement, report);
  for (const resource of around.resources)
    if (connects || isDatabaseUser(resource)) lintResource(resource, around, report);
  if (!connects) return;
  for (const key of Object.values(statement.Condition ?? {}).flatMap((keys) => Object.keys(keys)))
    lintCondition(key, around, report);
}

/** Both list what is left out, and so allow what nobody thought of. */
function lintNegations({ NotAction, NotResource }: PolicyStatement, report: Report): void {
  if (NotAction)
    report(
      'not-action',
      'allows rds-db:connect by NotAction, with everything else that it does not name; write Action: rds-db:connect',
    );
  if (NotResource && !list(NotResource).some(isEveryDatabaseUser))
    report(
      'not-resource',
      'allows to connect as every login that NotResource does not name; list the ARNs in Resource',
    );
}

function lintAction(action: string, { allows, resources }: Surroundings, report: Report): void {
  const name = lowerCase(action);
  const [prefix = ''] = name.split(':');
  const onDatabaseUsers = resources.some(isDatabaseUser);
  const nothing = allows ? 'grants nothing' : 'denies nothing';
  if (prefix === 'rds-db' && !matches(wildcardPattern(name), 'rds-db:connect'))
    report('no-such-action', `${quoted(action)} is no action, so it ${nothing}; write rds-db:connect`);
  else if (prefix === 'rds-db' && name !== 'rds-db:connect' && allows)
    report(
      'any-action',
      `${quoted(action)} also allows what rds-db may have later, and needs only one action; write rds-db:connect`,
    );
  else if (name === 'rds:connect' || (name.endsWith(':connect') && prefix !== 'rds-db' && onDatabaseUsers))
    report('wrong-prefix', `${quoted(action)} lets nobody into a database; write rds-db:connect`);
  // Beside the ARN of a cluster, or beside *, such an action has something to work on.
  else if (prefix === 'rds' && onDatabaseUsers && !resources.some((each) => mayBeOf('rds', each)))
    report(
      'describe-on-dbuser',
      `${quoted(action)} takes no dbuser resource, so it ${nothing} here, and connecting does not need it; remove it, or for ` +
        'a program that looks the cluster up allow rds:DescribeDBClusters on arn:<partition>:rds:<region>:<account>:cluster:<identifier>',
    );
}

function lintResource(resource: string, around: Surroundings, report: Report): void {
  if (isEveryDatabaseUser(resource)) {
    if (around.allows)
      report(
        'every-database',
        `${quoted(resource)} allows to connect to every database as every login; name dbuser ARNs`,
      );
    return;
  }
  const { service, scope, rest } = arnParts(resource);
  if (service !== 'rds-db') lintService(resource, service, around, report);
  else {
    lintVariables(resource, around, report);
    lintScope(resource, scope, around, report);
    lintDatabaseUser(resource, rest, around, report);
  }
}

/** The ARN of something else. Fine beside a dbuser ARN if another action of the statement is about it. */
function lintService(resource: string, service: string, around: Surroundings, report: Report): void {
  const { actions, resources } = around;
  if (hasWildcard(service)) {
    // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_elements_resource.html
    report(
      'any-service',
      `${quoted(resource)} has a wildcard in the place of the service, where the IAM manual allows none; write rds-db`,
    );
    return;
  }
  if (!actions.some((action) => /^(rds-db:|rds:connect$)/i.test(action))) return;
  const ofAnother = actions.some((action) => lowerCase(action).startsWith(`${service}:`));
  if (ofAnother && resources.some((each) => mayBeOf('rds-db', each))) return;
  report(
    'wrong-service',
    `${quoted(resource)} is an ARN of the service ${quoted(service)}, and rds-db:connect is decided on others; ` +
      'write arn:<partition>:rds-db:<region>:<account>:dbuser:<resource id>/<login>',
  );
}

/** Partition, region and account. */
function lintScope(
  resource: string,
  scope: readonly [string, string, string],
  { allows }: Surroundings,
  report: Report,
): void {
  const [partition, region, account] = scope;
  if (scope.some(hasWildcard)) {
    if (allows)
      report('any-account', `${quoted(resource)} leaves partition, region or account open; write them`);
    return;
  }
  if (scope.some(hasVariable)) return;
  if (!/^aws(-[a-z]+)*$/.test(partition) || !/^[a-z0-9-]+$/.test(region) || !/^\d{12}$/.test(account))
    report(
      'incomplete-arn',
      `${quoted(resource)} needs a partition, a region and an account of 12 digits, or nothing ever matches; write them`,
    );
  // Regions of partitions that `partitionOf` does not know are not judged.
  else if (['aws', 'aws-cn', 'aws-us-gov'].includes(partition) && !/-iso|^eusc-/.test(region)) {
    const right = partitionOf(region);
    if (partition !== right)
      report(
        'partition',
        `${quoted(resource)} has the partition ${partition}, and ${region} is in ${right}, so nothing ever matches; write arn:${right}:`,
      );
  }
}

/** `dbuser:<resource id>/<login>`. */
function lintDatabaseUser(resource: string, rest: string, around: Surroundings, report: Report): void {
  const [name = '', ...loginParts] = outsideVariables(rest, '/');
  const resourceId = name.startsWith('dbuser:') ? name.slice('dbuser:'.length) : undefined;
  if (hasWildcard(name)) {
    const logins = loginParts.length === 0 ? ', and every login' : '';
    if (around.allows)
      report(
        'any-cluster',
        `${quoted(resource)} means more than one cluster${logins}; write the resource id and the login`,
      );
  } else if (resourceId === undefined) {
    report(
      'resource-type',
      `${quoted(name)} does not begin with dbuser:, so nothing ever matches; write dbuser:<resource id>/<login>`,
    );
    return;
  } else if (!isResourceId(resourceId) && !hasVariable(resourceId))
    report(
      'identifier-as-resource-id',
      `${quoted(resourceId)} is not a resource id, so nothing ever matches; take DbClusterResourceId of aws rds ` +
        'describe-db-clusters (cluster- and capitals and digits), not the identifier; ' +
        'db-… is right for an RDS instance outside of Aurora only, prx-… for a proxy',
    );
  // A wildcard at the end of what has no / matches the logins, too, and is told already.
  if (loginParts.length > 0 || !hasWildcard(name)) lintLogin(loginParts.join('/'), around, report);
}

function lintLogin(login: string, { allows }: Surroundings, report: Report): void {
  if (hasWildcard(login)) {
    if (allows)
      report(
        'any-login',
        `${quoted(login)} matches other logins too, the master among them if it is in rds_iam; name each login`,
      );
    return;
  }
  if (hasVariable(login)) return;
  const fault = nameFault(login);
  if (fault) report('login', `the login ${quoted(login)} ${fault}`);
  // PostgreSQL allows anything in double quotes; what stands here is far more often a database name or a slip.
  else if (!/^[\p{L}\d_$+=,.@-]+$/u.test(login))
    report(
      'login',
      `the login ${quoted(login)} has a character that is hardly meant; write the name alone, as rolname of pg_roles has it`,
    );
}

/** https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html */
function lintVariables(resource: string, { variables }: Surroundings, report: Report): void {
  const found = resource.match(VARIABLE) ?? [];
  if (found.length === 0) return;
  if (!variables) {
    report(
      'old-version',
      `${found[0]} is taken literally in a document without "Version": "2012-10-17"; write that`,
    );
    return;
  }
  const { scope } = arnParts(resource);
  const early = found.find((variable) => scope.some((part) => part.includes(variable)));
  if (early)
    report(
      'variable-place',
      `${early} stands before the fifth colon of the ARN, where no policy variable may; write the value`,
    );
  for (const variable of found) {
    // Without a default: `${key, 'default'}`.
    const key = variable.slice(2, -1).split(',')[0] ?? '';
    if (['*', '?', '$'].includes(key) || conditionKey(key)) continue;
    report(
      'unknown-variable',
      `what ${variable} holds at a login is not known; name the logins, or for IAM users write ${OWN_NAME}`,
    );
  }
}

function lintCondition(key: string, { actions, resources }: Surroundings, report: Report): void {
  const unsupported = UNSUPPORTED_AT_LOGIN.find((each) => lowerCase(each) === lowerCase(key));
  if (unsupported)
    report(
      'unsupported-condition',
      `the condition key ${unsupported} is not supported for rds-db:connect; leave it out for this action, and limit the network by security groups`,
    );
  // A statement about everything has its keys for other actions.
  else if (
    !conditionKey(key) &&
    (actions.some((action) => lowerCase(action).startsWith('rds-db:')) || resources.some(isDatabaseUser))
  )
    report(
      'unknown-condition',
      `what the condition key ${quoted(key)} does for rds-db:connect is not known; do not rely on it`,
    );
}

const VARIABLE = /\$\{[^{}]*\}/g;

function hasVariable(text: string): boolean {
  return text.search(VARIABLE) >= 0;
}

function hasWildcard(text: string): boolean {
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

/** `scope`: partition, region, account. `rest`: all that follows the fifth colon. */
function arnParts(arn: string) {
  const [, partition = '', service = '', region = '', account = '', ...rest] = outsideVariables(arn, ':');
  return { service, scope: [partition, region, account] as const, rest: rest.join(':') };
}

/** Whether the author surely had a database user in mind. */
function isDatabaseUser(resource: string): boolean {
  return lowerCase(arnParts(resource).service) === 'rds-db';
}

/** Whether a resource can be one of this service, by what stands in the place of the service. */
function mayBeOf(service: string, resource: string): boolean {
  return resource === '*' || matches(wildcardPattern(arnParts(resource).service), service);
}

/** A pattern that matches even a database user made of names that no policy would name. */
function isEveryDatabaseUser(resource: string): boolean {
  return ['aws', 'aws-cn', 'aws-us-gov'].some((partition) =>
    matches(wildcardPattern(resource), `arn:${partition}:rds-db:#:#:dbuser:#/#`),
  );
}

function quoted(text: string): string {
  return `"${text}"`;
}

/** What a document says reaches a terminal: control characters in it are shown, not obeyed. */
function oneLine(text: string): string {
  return text.replace(
    /\p{Cc}|\p{Surrogate}/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}

function list(values: OneOrMany | undefined): readonly string[] {
  return values === undefined ? [] : [values].flat();
}
