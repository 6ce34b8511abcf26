import { type TrustStatement, trustsEverybody } from '../../iam/trust-statements';
import { oidcProviderParts, rootParts } from '../../names/arn';
import { code } from '../markdown';
import { plannedPolicies } from '../planned-policies';
import type { TerraformPlan } from '../terraform-plan';
import { acts } from '../values';
import { fault, type Rule } from './rule';

export interface AddedStatement {
  readonly address: string;
  readonly type: string;
  readonly name: string;
  readonly statement: TrustStatement;
}

/** Statements about principals that were not there before. */
export function addedStatements(plan: TerraformPlan): AddedStatement[] {
  return plannedPolicies(plan).flatMap(({ address, name, resource, before, after }) => {
    if (!acts(resource) || after === undefined || after === 'unknown' || after.kind !== 'trust') return [];
    const was = before?.kind === 'trust' ? before.statements.map((each) => JSON.stringify(each)) : [];
    return after.statements
      .filter((statement) => !was.includes(JSON.stringify(statement)))
      .map((statement) => ({ address, type: resource.type, name, statement }));
  });
}

/** Services that a role is made for here. */
const SERVICES = /^(lambda|ecs-tasks|ec2|pods\.eks)\.amazonaws\.com(\.cn)?$/;
/** Those of them that say for which account they act. */
const ACTING_FOR_AN_ACCOUNT = /^(lambda|ecs-tasks)\./;
/** Whom `newRole` takes tokens from, and the subjects that it names: one environment, branch, tag or service account. */
const SUBJECTS: readonly (readonly [issuer: RegExp, subject: RegExp])[] = [
  [
    /^token\.actions\.githubusercontent\.com$/,
    /^repo:[^:*?]+:(environment:|ref:refs\/(heads|tags)\/)[^:*?]+$/,
  ],
  [
    /^oidc\.eks\.[a-z0-9-]+\.amazonaws\.com(\.cn)?\/id\/[A-Z0-9]+$/,
    /^system:serviceaccount:[^:*?]+:[^:*?]+$/,
  ],
];
const ASSUMING = ['sts:AssumeRole', 'sts:TagSession'];

/** A trust policy of another shape than those of `newRole`: told, and not let through without a word. */
export const foreignTrust: Rule<'foreign-trust'> = (plan, isAllowed) =>
  addedStatements(plan)
    .filter(
      ({ address, type, statement }) =>
        !isAllowed(address, type) &&
        statement.effect === 'Allow' &&
        !(type === 'aws_iam_role' && isOfNewRole(statement)) &&
        !trustsEverybody(statement),
    )
    .map(({ address, name, statement }) =>
      fault(
        'foreign-trust',
        address,
        `${code(name)} has a statement of a different shape from those that these stacks write`,
        `if it is intended, allow it: --allow-foreign ${code(address)}`,
        statement,
      ),
    );

function isOfNewRole(statement: TrustStatement): boolean {
  const { principals, isEverybodyBut, isEveryActionBut, actions, conditions, resources } = statement;
  const [principal, ...others] = principals;
  if (!principal || others.length > 0 || isEverybodyBut || isEveryActionBut || resources.length > 0)
    return false;
  const keys = conditions.map(({ key }) => key).sort();
  const areExact = conditions.every(
    ({ operator, values }) =>
      operator === 'StringEquals' && values.every((value) => value !== '' && !value.includes('${')),
  );
  const does = (allowed: readonly string[]) => actions.every((action) => allowed.includes(action));
  if (!areExact) return false;
  switch (principal.kind) {
    case 'Service':
      return (
        SERVICES.test(principal.name) &&
        does(ASSUMING) &&
        keys.join() === (ACTING_FOR_AN_ACCOUNT.test(principal.name) ? 'aws:SourceAccount' : '') &&
        conditions.every(({ values }) => values.length === 1)
      );
    case 'AWS':
      return (
        rootParts(principal.name) !== undefined &&
        does(['sts:AssumeRole']) &&
        ['', 'sts:ExternalId'].includes(keys.join())
      );
    case 'Federated': {
      const issuer = oidcProviderParts(principal.name)?.issuer;
      const subjects = conditions.find(({ key }) => key === `${issuer}:sub`)?.values ?? [];
      return (
        does(['sts:AssumeRoleWithWebIdentity']) &&
        keys.join() === `${issuer}:aud,${issuer}:sub` &&
        subjects.length === 1 &&
        SUBJECTS.some(
          ([from, subject]) => from.test(issuer ?? '') && subjects.every((each) => subject.test(each)),
        )
      );
    }
    case 'CanonicalUser':
      return false;
  }
}
