import { adminOf } from '../environment/admin';
import { masterLogsInByIam, masterUsernameOf } from '../environment/cluster';
import type { Environment } from '../environment/environment';
import { type Finding, fault, note } from '../findings/finding';
import { CONNECT } from '../iam/actions';
import { evaluate } from '../iam/evaluator/evaluate';
import { PolicyDocumentError, parsePolicyDocument } from '../iam/evaluator/parse-policy-document';
import {
  hasVariable,
  hasWildcard,
  type LintedResource,
  namesDatabaseUsers,
} from '../iam/lint/linted-resource';
import { type LintedStatement, lintedStatement, statementName } from '../iam/lint/linted-statement';
import type { PolicyDocument } from '../iam/policy-document';
import { type DatabaseTarget, dbuserArn, isOwnName } from '../names/arn';
import { nearest } from '../names/nearest';
import { isLoginName } from '../names/postgresql';
import { type DescribedTarget, whoseId } from './whose-id';

/** The ids of what lint finds beside its own rules, where it is given an environment. */
export const COMPARISON_RULES = ['wrong-id', 'other-database', 'no-such-login'] as const;
export type ComparisonRule = (typeof COMPARISON_RULES)[number];

/**
 * Compares a policy document with what AWS says of an environment's targets, and with the environment's logins. What lint
 * finds without them is not told again. A document that cannot be read has no findings: lint says why.
 * @param environment absent: no login is compared
 */
export function comparePolicy(
  text: string,
  described: readonly DescribedTarget[],
  environment?: Environment,
): Finding<ComparisonRule>[] {
  let document: PolicyDocument;
  try {
    document = parsePolicyDocument(text);
  } catch (error) {
    if (!(error instanceof PolicyDocumentError)) throw error;
    return [];
  }
  const variables = document.Version === '2012-10-17';
  const findings = [document.Statement].flat().flatMap((statement, index) => {
    const where = statementName(statement, index);
    return namedResources(lintedStatement(statement, variables)).flatMap((resource) => [
      ...idFindings(resource, described, where),
      ...(environment ? loginFindings(resource, described, environment, where) : []),
    ]);
  });
  return [...new Map(findings.map((each) => [JSON.stringify(each), each])).values()];
}

/** The resources that name one cluster, instance or proxy. */
function namedResources({ linted }: LintedStatement): LintedResource[] {
  return linted.filter(
    (resource) =>
      namesDatabaseUsers(resource) &&
      resource.resourceId !== undefined &&
      resource.resourceId !== '' &&
      !hasWildcard(resource.name) &&
      !hasVariable(resource.name),
  );
}

function idFindings(
  resource: LintedResource,
  described: readonly DescribedTarget[],
  where: string,
): Finding<ComparisonRule>[] {
  const written = resource.resourceId ?? '';
  const whose = whoseId(written, described);
  if (!whose)
    return [
      note(
        'other-database',
        where,
        `"${written}" is no resource id of this environment: ${described.map(targetWords).join(', ')}`,
        'take one of these, if a database of this environment is meant',
      ),
    ];
  const right = rightArn(whose.target.target, resource.login ?? '');
  if (whose.wrong !== undefined)
    return [
      fault('wrong-id', where, `"${written}" ${whose.wrong}, so nothing ever matches`, `write ${right}`),
    ];
  const elsewhere = (['partition', 'region', 'account'] as const).filter(
    (part) => !hasWildcard(resource[part]) && resource[part] !== whose.target.target[part],
  );
  if (elsewhere.length === 0) return [];
  const { kind, identifier, target } = whose.target;
  const differences = elsewhere.map((part) => `the ${part} "${resource[part]}"`).join(' and ');
  const true_ = elsewhere.map((part) => target[part]).join(' and ');
  return [
    fault(
      'wrong-id',
      where,
      `"${resource.text}" names ${differences}, and ${kind} ${identifier} is in ${true_}, so nothing ever matches`,
      `write ${right}`,
    ),
  ];
}

function targetWords({ key, kind, identifier, target }: DescribedTarget): string {
  return `${target.resourceId} (${kind} ${identifier}, target ${key})`;
}

/** The ARN to write, with the login as it stands there, if it can be one. */
function rightArn(target: DatabaseTarget, login: string): string {
  return isLoginName(login) || isOwnName(login)
    ? dbuserArn(target, login)
    : `dbuser:${target.resourceId}/<login> in ${target.region} of account ${target.account}`;
}

function loginFindings(
  { resourceId = '', login = '' }: LintedResource,
  described: readonly DescribedTarget[],
  environment: Environment,
  where: string,
): Finding<ComparisonRule>[] {
  // Of another database, the environment knows no logins.
  if (!whoseId(resourceId, described) || login === '' || hasWildcard(login) || hasVariable(login)) return [];
  const known = knownLogins(environment);
  if (known.includes(login)) return [];
  const otherCase = known.find((each) => each.toLowerCase() === login.toLowerCase());
  if (otherCase !== undefined)
    return [
      fault(
        'no-such-login',
        where,
        `the login "${login}" differs from "${otherCase}" of environment ${environment.name} in upper and lower case, and both count`,
        `write ${otherCase}`,
      ),
    ];
  const close = nearest(login, known);
  return [
    fault(
      'no-such-login',
      where,
      `environment ${environment.name} has no login "${login}"`,
      close === undefined ? 'remove it, or add it under access.logins' : `did you mean ${close}?`,
    ),
  ];
}

/** Who can log in by IAM: the environment's logins, its admin and master, and those that somebody else manages. */
function knownLogins(environment: Environment): readonly string[] {
  const { access, otherIamLogins = [], cluster } = environment;
  const admin = adminOf(environment);
  return [
    ...Object.keys(access.logins),
    ...otherIamLogins,
    ...(admin.kind === 'iam' ? [admin.username] : []),
    ...(masterLogsInByIam(cluster) ? [masterUsernameOf(cluster)] : []),
  ];
}

/**
 * What lint finds in a document and what the comparison adds, without what both say.
 * @param found by `lintPolicy`
 */
export function withComparison(
  found: readonly Finding[],
  text: string,
  described: readonly DescribedTarget[],
  environment: Environment,
): Finding[] {
  const compared = comparePolicy(text, described, environment);
  // Whose identifier it is says more than that it is one.
  const toldBetter = ({ rule, where, message }: Finding) =>
    rule === 'identifier-as-resource-id' &&
    compared.some(
      (each) =>
        each.rule === 'wrong-id' &&
        each.where === where &&
        each.message.split(' ')[0] === message.split(' ')[0],
    );
  const kept = found.filter((finding) => !toldBetter(finding));
  const isSaid = kept.some(({ rule, severity }) => rule === 'lets-nobody-in' && severity === 'fault');
  if (isSaid || letsSomebodyIn(text, described, environment)) return [...kept, ...compared];
  return [
    ...kept.filter(({ rule }) => rule !== 'lets-nobody-in'),
    ...compared,
    fault(
      'lets-nobody-in',
      'document',
      `lets nobody into a database of environment ${environment.name}: it allows no login of the environment on any of its targets`,
      `allow rds-db:connect on an ARN such as ${described
        .slice(0, 1)
        .map(({ target }) => rightArn(target, Object.keys(environment.access.logins)[0] ?? ''))
        .join('')}`,
    ),
  ];
}

/** Whether anybody could connect as a login of the environment: a role, or a user of the login's own name. */
function letsSomebodyIn(
  document: string,
  described: readonly DescribedTarget[],
  environment: Environment,
): boolean {
  return described.some(({ target }) =>
    knownLogins(environment)
      .filter(isLoginName)
      .some((login) => {
        const { allowed, cannotJudge } = evaluate(
          {
            action: CONNECT,
            resource: dbuserArn(target, login),
            context: { 'aws:username': login, 'saml:sub': login, 'saml:sub_type': 'persistent' },
          },
          { identity: [{ name: 'the document', document }] },
        );
        return allowed || cannotJudge === true;
      }),
  );
}
