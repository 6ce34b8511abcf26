import { listOf } from '../../names/text';
import { isAboutAction } from '../actions';
import type { PolicyStatement } from '../policy-document';
import { judgeConditions } from './conditions';
import { expand } from './policy-variables';
import type { RequestContext } from './request-context';
import { every, NO, not, some, unknown, type Verdict, verdict } from './verdict';
import { matchesResource, mayMatchResource } from './wildcard';

/**
 * Whether a statement, Allow or Deny, applies to a request.
 * @param variables whether the document's Version has policy variables
 */
export function judgeStatement(
  statement: PolicyStatement,
  request: { readonly action: string; readonly resource: string },
  variables: boolean,
  context: RequestContext,
): Verdict {
  // A statement about another action or resource is irrelevant, whatever its conditions: a `no` decides.
  return every([
    verdict(isAboutAction(statement, request.action)),
    judgeResource(statement, request.resource, variables, context),
    judgeConditions(statement.Condition, variables, context),
  ]);
}

function judgeResource(
  { Effect, Resource, NotResource }: PolicyStatement,
  arn: string,
  variables: boolean,
  context: RequestContext,
): Verdict {
  const expansions = listOf(Resource ?? NotResource).map((text) =>
    expand(text, { variables, wildcards: true, afterFifthColon: true }, context),
  );
  const faults = expansions.flatMap(({ pattern, missing, unclear }) => {
    // A pattern with a fault is widened: what it does not match even so, it does not match.
    const fault = unclear ?? missing;
    return fault ? [{ fault, unclear, mayMatch: mayMatchResource(pattern, arn) }] : [];
  });
  const sound = expansions.filter(({ missing, unclear }) => !missing && !unclear);
  const listed = some([
    ...sound.map(({ pattern }) => matchesResource(pattern, arn)),
    ...faults.map(({ fault, mayMatch }) => (mayMatch ? unknown(fault) : NO)),
  ]);
  const about = Resource ? listed : not(listed);
  // "If AWS cannot resolve a variable, this might cause the entire statement to be invalid": then a resource that
  // stands beside it does not count either. An Allow that had nothing else to match surely allows nothing.
  // https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
  const [first] = faults;
  if (first && about.is === 'yes') return unknown(first.fault);
  const onlyMissing =
    sound.every(({ pattern }) => !mayMatchResource(pattern, arn)) &&
    faults.every(({ unclear, mayMatch }) => !(unclear && mayMatch));
  if (first && about.is === 'unknown' && Resource && Effect === 'Allow' && onlyMissing)
    return { is: 'no', because: about.because };
  return about;
}
