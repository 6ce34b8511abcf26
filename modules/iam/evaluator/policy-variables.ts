import { conditionKey, type RequestContext, whyNotJudged } from './request-context';
import { ANY, type Pattern, wildcardPattern } from './wildcard';

export interface Expansion {
  /** With every variable that has no value widened to `*`, so that it can still be told what cannot match at all. */
  readonly pattern: Pattern;
  /** A variable has no value in this request and no default: the manual calls such a statement invalid. */
  readonly missing?: string;
  /** A variable cannot be judged. */
  readonly unclear?: string;
}

interface ExpansionOptions {
  /** Whether the document's `Version` has variables: 2012-10-17 has, earlier ones take `${…}` literally. */
  readonly variables: boolean;
  /** Whether `*` and `?` are wildcards here. `${*}`, `${?}` and `${$}` never are. */
  readonly wildcards: boolean;
  /** Of a `Resource`: only what follows the fifth colon may be a variable. */
  readonly afterFifthColon?: boolean;
}

/**
 * A policy's string with its variables replaced by this request's values, which are literal: a `*` in a user name
 * is no wildcard. https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_variables.html
 */
export function expand(text: string, options: ExpansionOptions, context: RequestContext): Expansion {
  const plain = (part: string): Pattern => (options.wildcards ? wildcardPattern(part) : [...part]);
  const pattern: Pattern[number][] = [];
  let missing: string | undefined;
  let unclear: string | undefined;
  let rest = text;
  for (let at = start(rest, options); at >= 0; at = start(rest, options)) {
    pattern.push(...plain(rest.slice(0, at)));
    const end = rest.indexOf('}', at);
    const variable = end < 0 ? rest.slice(at) : rest.slice(at, end + 1);
    rest = rest.slice(at + variable.length);
    const value = resolve(variable, context);
    if (options.afterFifthColon && pattern.filter((element) => element === ':').length < 5)
      unclear ??= `${variable} stands before the fifth colon of an ARN, where no policy variable may`;
    if ('literal' in value) pattern.push(...value.literal);
    else pattern.push(ANY);
    if ('missing' in value) missing ??= value.missing;
    if ('unclear' in value) unclear ??= value.unclear;
  }
  pattern.push(...plain(rest));
  return { pattern, ...(missing && { missing }), ...(unclear && { unclear }) };
}

function start(text: string, options: ExpansionOptions): number {
  return options.variables ? text.indexOf('${') : -1;
}

type VariableValue =
  | { readonly literal: string }
  | { readonly missing: string }
  | { readonly unclear: string };

function resolve(variable: string, context: RequestContext): VariableValue {
  if (variable === '${*}' || variable === '${?}' || variable === '${$}')
    return { literal: variable.slice(2, 3) };
  // ${key} or ${key, 'default'}, spelled as the manual does; nothing is said of other spellings.
  const [, name, fallback] = /^\$\{([^\s,'{}]+)(?:, '([^'*?]*)')?\}$/.exec(variable) ?? [];
  if (name === undefined)
    return { unclear: `${variable} is not a policy variable as the IAM manual spells one` };
  const key = conditionKey(name);
  if (!key) return { unclear: `${variable}: ${whyNotJudged(name, context.action)}` };
  if (!key.worksWith.includes('String'))
    return { unclear: `${variable}: how a ${key.worksWith[0]} is written as text is not documented` };
  const given = context.valuesOf(key);
  if ('unknown' in given) return { unclear: `${variable}: ${given.unknown}` };
  const [value, ...more] = given.values;
  if (more.length > 0) return { unclear: `${variable}: the key has several values` };
  if (value !== undefined) return { literal: value };
  if (fallback !== undefined) return { literal: fallback };
  return { missing: `${variable} has no value in this request` };
}
