/** What the matchers cannot judge. They fail with it in both directions: `.not` must not pass on a guess. */
export class CannotJudgeError extends Error {
  override readonly name = 'CannotJudgeError';
}

export type TerraformValue =
  | string
  | number
  | boolean
  | null
  | TerraformValue[]
  | { [key: string]: TerraformValue };

/** The value of a reference such as `data.aws_rds_cluster.cluster.arn`, given as its parts; throws if it has none. */
export type ResolveReference = (path: readonly string[]) => TerraformValue;

/**
 * A string of synthesized Terraform with its expressions replaced by their values and `$${` unescaped to `${`.
 * Understood are references, strings, numbers, lists, objects, indices and the functions below; nothing is guessed.
 * https://developer.hashicorp.com/terraform/language/syntax/json#expression-mapping
 * @throws CannotJudgeError for every other expression
 */
export function renderTemplate(text: string, resolve: ResolveReference): string {
  let at = 0;

  const fail = (): never => {
    throw new CannotJudgeError(
      `cannot understand the Terraform expression at "${text.slice(at, at + 80)}" (character ${at + 1} of ` +
        `${JSON.stringify(shortened(text))}): references to clusters and the functions ` +
        `${Object.keys(FUNCTIONS).join(', ')} are understood`,
    );
  };
  const skipSpace = () => take(/\s*/y);
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at;
    const [found] = pattern.exec(text) ?? [];
    at += found?.length ?? 0;
    return found;
  };
  const accept = (mark: string): boolean => {
    skipSpace();
    if (!text.startsWith(mark, at)) return false;
    at += mark.length;
    return true;
  };
  const expect = (mark: string): void => {
    if (!accept(mark)) fail();
  };

  /** @param end the quote that closes the string, inside an expression; there backslashes escape. */
  const template = (end?: '"'): string => {
    let rendered = '';
    while (at < text.length) {
      const escaped = take(/\$\$\{|%%\{/y);
      if (escaped) rendered += escaped.slice(1);
      else if (text.startsWith('%{', at)) fail();
      else if (text.startsWith('${', at)) {
        at += 2;
        const value = expression();
        expect('}');
        rendered += asText(value) ?? fail();
      } else if (end && text.startsWith(end, at)) {
        at += 1;
        return rendered;
      } else if (end && text.startsWith('\\', at)) rendered += escapeSequence();
      else rendered += text[at++];
    }
    return end ? fail() : rendered;
  };
  const escapeSequence = (): string => {
    const sequence = take(/\\(?:["\\nrt]|u[0-9A-Fa-f]{4})/y) ?? fail();
    return JSON.parse(`"${sequence}"`) as string;
  };

  const expression = (): TerraformValue => {
    let value = primary();
    for (;;) {
      if (accept('[')) {
        const index = expression();
        expect(']');
        value = child(value, index) ?? fail();
      } else return value;
    }
  };
  const primary = (): TerraformValue => {
    if (accept('"')) return template('"');
    if (accept('(')) {
      const value = expression();
      expect(')');
      return value;
    }
    if (accept('[')) return listUntil(']');
    if (accept('{')) return object();
    const number = take(/-?\d+(?:\.\d+)?/y);
    if (number !== undefined) return Number(number);
    const start = at;
    const name = take(/[A-Za-z_][\w-]*/y) ?? fail();
    if (name === 'true' || name === 'false') return name === 'true';
    if (name === 'null') return null;
    if (accept('(')) {
      const call = FUNCTIONS[name];
      if (!call) at = start;
      return call?.(listUntil(')')) ?? fail();
    }
    const path = [name];
    for (let part = take(/\.(?:[A-Za-z_][\w-]*|\d+)/y); part; part = take(/\.(?:[A-Za-z_][\w-]*|\d+)/y))
      path.push(part.slice(1));
    return resolve(path);
  };
  const listUntil = (end: string): TerraformValue[] => {
    const items: TerraformValue[] = [];
    while (!accept(end)) {
      items.push(expression());
      if (!accept(',')) {
        expect(end);
        break;
      }
    }
    return items;
  };
  const object = (): TerraformValue => {
    const entries: [string, TerraformValue][] = [];
    while (!accept('}')) {
      const key = accept('"') ? template('"') : (take(/[A-Za-z_][\w-]*/y) ?? fail());
      if (!accept('=')) expect(':');
      entries.push([key, expression()]);
      accept(',');
    }
    return Object.fromEntries(entries);
  };

  return template();
}

/** Answers `undefined` where the arguments are not what the function takes. */
const FUNCTIONS: Record<string, (values: TerraformValue[]) => TerraformValue | undefined> = {
  element: ([list, index]) =>
    Array.isArray(list) && typeof index === 'number' && index >= 0 ? list[index % list.length] : undefined,
  split: ([separator, text]) =>
    typeof separator === 'string' && typeof text === 'string' ? text.split(separator) : undefined,
  join: ([separator, list]) =>
    typeof separator === 'string' && Array.isArray(list) && list.every((item) => asText(item) !== undefined)
      ? list.map(asText).join(separator)
      : undefined,
  jsonencode: ([value]) => (value === undefined ? undefined : JSON.stringify(value)),
  lower: ([text]) => (typeof text === 'string' ? text.toLowerCase() : undefined),
  upper: ([text]) => (typeof text === 'string' ? text.toUpperCase() : undefined),
};

function asText(value: TerraformValue): string | undefined {
  return typeof value === 'object' ? undefined : String(value);
}

function child(value: TerraformValue, index: TerraformValue): TerraformValue | undefined {
  if (Array.isArray(value)) return typeof index === 'number' ? value[index] : undefined;
  return typeof value === 'object' && value !== null && typeof index === 'string' ? value[index] : undefined;
}

function shortened(text: string): string {
  return text.length > 120 ? `${text.slice(0, 120)}…` : text;
}
