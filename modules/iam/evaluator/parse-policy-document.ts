import type { OneOrMany, PolicyDocument, PolicyStatement } from '../policy-document';

/** A document that IAM would not accept as a policy of an identity. The message is one line and names the fault. */
export class PolicyDocumentError extends Error {
  override readonly name = 'PolicyDocumentError';
}

type JsonObject = Readonly<Record<string, unknown>>;
type Condition = NonNullable<PolicyStatement['Condition']>;

/**
 * The document of an identity-based policy, a permissions boundary or a session policy. Numbers and booleans among
 * the values of conditions become strings, as the grammar takes them for the same.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html
 * @throws PolicyDocumentError
 */
export function parsePolicyDocument(text: string): PolicyDocument {
  const document = object(json(text), 'the document');
  only(document, ['Version', 'Id', 'Statement'], 'the document');
  const { Version, Id, Statement } = document;
  if (Version !== undefined && Version !== '2012-10-17' && Version !== '2008-10-17')
    throw new PolicyDocumentError('Version is neither 2012-10-17 nor 2008-10-17');
  if (Id !== undefined && typeof Id !== 'string') throw new PolicyDocumentError('Id is not a string');
  if (Statement === undefined) throw new PolicyDocumentError('it has no Statement');
  const statements = [Statement].flat();
  if (statements.length === 0) throw new PolicyDocumentError('Statement is empty');
  const parsed = statements.map((statement, index) => parseStatement(statement, `statement ${index + 1}`));
  const sids = parsed.flatMap(({ Sid }) => Sid || []);
  const twice = sids.find((sid, index) => sids.indexOf(sid) < index);
  if (twice !== undefined) throw new PolicyDocumentError(`two statements have the Sid ${twice}`);
  return { ...(Version && { Version }), ...(Id !== undefined && { Id }), Statement: parsed };
}

function json(text: string): unknown {
  // https://docs.aws.amazon.com/IAM/latest/APIReference/API_CreatePolicy.html, pattern of PolicyDocument
  if (/[^\t\n\r\u0020-\u00FF]/.test(text))
    throw new PolicyDocumentError('it has a character that IAM does not accept (only U+0020 to U+00FF)');
  let parsed: unknown;
  try {
    parsed = JSON.parse(text);
  } catch {
    throw new PolicyDocumentError('it is not JSON');
  }
  const twice = duplicateKey(text);
  if (twice !== undefined) throw new PolicyDocumentError(`the key ${twice} is given twice in one place`);
  return parsed;
}

/** JSON.parse silently keeps the last of two equal keys, which could hide a Deny. Expects valid JSON. */
function duplicateKey(text: string): string | undefined {
  const seen: Set<string>[] = [];
  let latest = '';
  for (const [token] of text.matchAll(/"(?:[^"\\]|\\.)*"|[{}[\]:]/g)) {
    if (token === '{' || token === '[') seen.push(new Set());
    else if (token === '}' || token === ']') seen.pop();
    else if (token !== ':') latest = JSON.parse(token);
    else if (seen.at(-1)?.has(latest)) return JSON.stringify(latest);
    else seen.at(-1)?.add(latest);
  }
  return undefined;
}

function parseStatement(value: unknown, at: string): PolicyStatement {
  const statement = object(value, at);
  if ('Principal' in statement || 'NotPrincipal' in statement)
    throw new PolicyDocumentError(`${at} has a Principal, which belongs in policies of resources only`);
  only(statement, ['Sid', 'Effect', 'Action', 'NotAction', 'Resource', 'NotResource', 'Condition'], at);
  const { Sid, Effect, Action, NotAction, Resource, NotResource, Condition } = statement;
  if (Sid !== undefined && (typeof Sid !== 'string' || !/^[A-Za-z0-9]*$/.test(Sid)))
    throw new PolicyDocumentError(`the Sid of ${at} is not made of letters and digits`);
  if (Effect !== 'Allow' && Effect !== 'Deny')
    throw new PolicyDocumentError(`the Effect of ${at} is neither Allow nor Deny`);
  if ((Action === undefined) === (NotAction === undefined))
    throw new PolicyDocumentError(`${at} needs either Action or NotAction`);
  if ((Resource === undefined) === (NotResource === undefined))
    throw new PolicyDocumentError(`${at} needs either Resource or NotResource`);
  return {
    ...(Sid !== undefined && { Sid }),
    Effect,
    ...(Action !== undefined && { Action: actions(Action, `the Action of ${at}`) }),
    ...(NotAction !== undefined && { NotAction: actions(NotAction, `the NotAction of ${at}`) }),
    ...(Resource !== undefined && { Resource: resources(Resource, `the Resource of ${at}`) }),
    ...(NotResource !== undefined && { NotResource: resources(NotResource, `the NotResource of ${at}`) }),
    ...(Condition !== undefined && { Condition: conditions(Condition, `the Condition of ${at}`) }),
  };
}

function actions(value: unknown, at: string): OneOrMany {
  return strings(value, at, (text) =>
    text === '*' || /^[A-Za-z0-9-]+:./.test(text) ? undefined : 'is neither * nor service:action',
  );
}

function resources(value: unknown, at: string): OneOrMany {
  return strings(value, at, (text) =>
    text === '*' || text.startsWith('arn:') ? undefined : 'is neither * nor an ARN',
  );
}

function strings(value: unknown, at: string, faultOf: (text: string) => string | undefined): OneOrMany {
  const list: unknown[] = [value].flat();
  if (list.length === 0) throw new PolicyDocumentError(`${at} is empty`);
  const checked = list.map((item) => {
    if (typeof item !== 'string') throw new PolicyDocumentError(`${at} is not a string or a list of strings`);
    const fault = faultOf(item);
    if (fault) throw new PolicyDocumentError(`${at} ${fault}: ${JSON.stringify(item)}`);
    return item;
  });
  return Array.isArray(value) ? checked : (checked[0] ?? checked);
}

function conditions(value: unknown, at: string): Condition {
  return mapValues(object(value, at), (keys, operator) => {
    const where = `${operator} in ${at}`;
    const parsed = mapValues(object(keys, where), (values, key) =>
      conditionValues(values, `${key} in ${where}`),
    );
    // No key would hold always, and make a statement apply to more than its author wrote.
    if (Object.keys(parsed).length === 0) throw new PolicyDocumentError(`${where} is empty`);
    return parsed;
  });
}

function conditionValues(value: unknown, at: string): OneOrMany {
  const list: unknown[] = [value].flat();
  if (list.length === 0) throw new PolicyDocumentError(`${at} is empty`);
  return list.map((item) => {
    if (typeof item === 'string' || typeof item === 'number' || typeof item === 'boolean')
      return String(item);
    throw new PolicyDocumentError(`${at} is not a string, a number, a boolean or a list of them`);
  });
}

function mapValues<T>(from: JsonObject, change: (value: unknown, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(from).map(([key, value]) => [key, change(value, key)]));
}

function object(value: unknown, at: string): JsonObject {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    throw new PolicyDocumentError(`${at} is not a JSON object`);
  return value as JsonObject;
}

function only(value: JsonObject, known: readonly string[], at: string): void {
  const other = Object.keys(value).find((key) => !known.includes(key));
  if (other !== undefined)
    throw new PolicyDocumentError(
      `${at} has an element that is not in the grammar: ${JSON.stringify(other)}`,
    );
}
