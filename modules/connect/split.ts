import { MAXIMUM_POLICY_SIZE, type PolicyDocument, type PolicyStatement } from '../iam/policy-document';

/** As few documents as the size of a managed policy allows, in the order of the statements. */
export function divided(statements: readonly PolicyStatement[]): PolicyDocument[] {
  const document = (Statement: readonly PolicyStatement[]) => ({ Version: '2012-10-17', Statement });
  const fits = (some: readonly PolicyStatement[]) =>
    JSON.stringify(document(some)).length <= MAXIMUM_POLICY_SIZE;
  const parts: PolicyStatement[][] = [[]];
  for (const statement of statements.flatMap((each) => pieces(each, fits))) {
    const last = parts.at(-1) as PolicyStatement[];
    if (fits([...last, statement])) last.push(statement);
    else parts.push([statement]);
  }
  return parts.map(document);
}

/** The statement, or several of the same that have its resources among them. */
function pieces(
  statement: PolicyStatement,
  fits: (statements: readonly PolicyStatement[]) => boolean,
): PolicyStatement[] {
  const all: PolicyStatement[] = [];
  for (const resource of [statement.Resource ?? []].flat()) {
    const last = all.at(-1);
    const longer = { ...statement, ...last, Resource: [...[last?.Resource ?? []].flat(), resource] };
    if (last === undefined || fits([longer])) all[Math.max(0, all.length - 1)] = longer;
    else all.push({ ...statement, Sid: `${statement.Sid}${all.length + 1}`, Resource: [resource] });
  }
  return all;
}
