import { isLoginName } from '../environment/names';
import { isResourceId, OWN_NAME, partitionOf } from './arn';
import { MAXIMUM_POLICY_SIZE } from './document';
import { PolicyDocumentError, parsePolicyDocument } from './evaluator/parse-policy-document';
import { conditionKey, UNSUPPORTED_AT_LOGIN } from './evaluator/request-context';
import { lowerCase, matches, wildcardPattern } from './evaluator/wildcard';
import type { OneOrMany, PolicyDocument, PolicyStatement } from './policy-document';

/** Something in a policy document that does not do what its author most likely means. */
export interface Finding {
  /** The Sid, or the number from 1; `document` for what concerns all of it. */
  readonly statement: string;
  /** Stable: for scripts. */
  readonly rule: string;
  /** What is wrong, and the way out. */
  readonly message: string;
}

type Report = (rule: string, message: string) => void;

/**
 * Looks for the mistakes that end in `PAM authentication failed`, or in more access than was meant.
 * It knows the rules of rds-db:connect and nothing of other actions.
 * https://docs.aws.amazon.com/AmazonRDS/latest/AuroraUserGuide/UsingWithRDS.IAMDBAuth.IAMPolicy.html
 */
export function lintPolicy(text: string): Finding[] {
  const findings: Finding[] = [];
  const reportAt =
    (statement: string): Report =>
    (rule, message) =>
      findings.push({ statement, rule, message });
  let document: PolicyDocument;
  try {
    document = parsePolicyDocument(text);
  } catch (error) {
    if (!(error instanceof PolicyDocumentError)) throw error;
    reportAt('document')('malformed', `${error.message}; IAM refuses it, so mend it first`);
    return findings;
  }
  lintText(text, reportAt('document'));
  [document.Statement].flat().forEach((statement, index) => {
    lintStatement(statement, document.Version, reportAt(statement.Sid ?? String(index + 1)));
  });
  return findings;
}

function lintText(text: string, report: Report): void {
  const size = text.replace(/\s/g, '').length;
  if (size > MAXIMUM_POLICY_SIZE)
    report(
      'too-long',
      `has ${size} characters, and a managed policy at most ${MAXIMUM_POLICY_SIZE}; divide it`,
    );
}

function lintStatement(statement: PolicyStatement, version: string | undefined, report: Report): void {
  if (statement.Effect !== 'Allow') return;
  const actions = list(statement.Action);
  const resources = list(statement.Resource);
  const connects = statement.NotAction
    ? !list(statement.NotAction).some((action) => covers(action, 'rds-db:connect'))
    : actions.some((action) => covers(action, 'rds-db:connect'));

  for (const action of actions) lintAction(action, resources, report);
  if (statement.NotAction && connects)
    report(
      'not-action',
      'allows rds-db:connect by NotAction, with everything else that it does not name; write Action: rds-db:connect',
    );
  if (!connects) return;
  if (statement.NotResource)
    report(
      'not-resource',
      'allows to connect as every login that NotResource does not name; list the ARNs in Resource',
    );
  for (const resource of resources) lintResource(resource, version, report);
  for (const key of Object.values(statement.Condition ?? {}).flatMap((keys) => Object.keys(keys)))
    lintCondition(key, report);
}

function lintAction(action: string, resources: readonly string[], report: Report): void {
  const name = lowerCase(action);
  if (name === 'rds:connect') report('wrong-prefix', '"rds:connect" is no action; write rds-db:connect');
  else if (name.startsWith('rds-db:') && name !== 'rds-db:connect')
    report('action', `"${action}" is not the one action there is; write rds-db:connect`);
  else if (name.startsWith('rds:') && resources.some((resource) => resource.includes(':dbuser:')))
    report(
      'describe-on-dbuser',
      `"${action}" takes no dbuser resource, so it grants nothing here, and connecting does not need it; remove it, or for a ` +
        'program that looks the cluster up allow rds:DescribeDBClusters on arn:<partition>:rds:<region>:<account>:cluster:<identifier>',
    );
}

function lintResource(resource: string, version: string | undefined, report: Report): void {
  if (resource === '*') {
    report('every-database', 'allows to connect to every database as every login; name dbuser ARNs');
    return;
  }
  const [, partition = '', service = '', region = '', account = '', type = '', ...rest] = resource.split(':');
  if (service === 'rds') {
    report(
      'wrong-service',
      `"${resource}" is an ARN of the service rds; rds-db:connect is decided on arn:…:rds-db:…:dbuser:<resource id>/<login>`,
    );
    return;
  }
  if (service !== 'rds-db' || type !== 'dbuser') return;
  const [resourceId = '', ...loginParts] = rest.join(':').split('/');
  const login = loginParts.join('/');
  if (/[*?]/.test(region + account))
    report('any-account', `"${resource}" leaves region or account open; write them`);
  else if (region !== '' && partition !== partitionOf(region))
    report(
      'partition',
      `"${resource}" has the partition ${partition}, and ${region} is in ${partitionOf(region)}; write that`,
    );
  if (/[*?]/.test(resourceId))
    report('any-cluster', `"${resource}" means more than one cluster; write the resource id`);
  else if (!isResourceId(resourceId))
    report(
      'identifier-as-resource-id',
      `"${resourceId}" is not a resource id, so nothing ever matches; take DbClusterResourceId of aws rds describe-db-clusters ` +
        '(cluster- and capitals and digits), not the identifier',
    );
  lintLogin(login, version, report);
}

function lintLogin(login: string, version: string | undefined, report: Report): void {
  if (login === OWN_NAME) {
    if (version !== '2012-10-17')
      report(
        'old-version',
        `${OWN_NAME} is replaced only in documents with "Version": "2012-10-17"; write that`,
      );
  } else if (/[*?]/.test(login))
    report(
      'any-login',
      `"${login}" matches other logins too, the master among them if it is in rds_iam; name each login`,
    );
  else if (!login.includes('${') && !isLoginName(login))
    report(
      'login',
      `"${login}" cannot be a login (letters, digits and _ . @ -, at most 63); write its exact name`,
    );
}

function lintCondition(key: string, report: Report): void {
  const unsupported = UNSUPPORTED_AT_LOGIN.find((each) => lowerCase(each) === lowerCase(key));
  if (unsupported)
    report(
      'unsupported-condition',
      `the condition key ${unsupported} is not supported for rds-db:connect; remove it and limit the network by security groups`,
    );
  else if (!conditionKey(key))
    report(
      'unknown-condition',
      `what the condition key ${key} does for rds-db:connect is not known; do not rely on it`,
    );
}

function list(values: OneOrMany | undefined): readonly string[] {
  return values === undefined ? [] : [values].flat();
}

function covers(action: string, wanted: string): boolean {
  return matches(wildcardPattern(lowerCase(action)), wanted);
}
