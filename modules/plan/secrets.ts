import { oneLine } from '../names/text';
import { visible, withCode } from './markdown';
import type { Change, TerraformPlan } from './terraform-plan';
import { attributeOf, isObject } from './values';

/** A secret in a plan. Never what it is. */
export interface PlannedSecret {
  /** Of the resource, output, variable or provider. */
  readonly address: string;
  /** The attribute, in words. */
  readonly what: string;
}

/** What a plan without credentials writes where a provider wants a key or a password. */
export const NO_SECRET = 'offline';

const KINDS =
  'password|passwd|pwd|passphrase|secret|secrets|secret_string|secret_binary|secret_key|secret_access_key|' +
  'private_key|private_key_pem|api_key|apikey|access_token|session_token|auth_token|token|credentials?';

/** Attributes and keys that hold nothing but secrets: `password`, `db_password`, `DB_PASSWORD`, `dbPassword`. */
const SECRET_NAME = new RegExp(`(^|[_.-])(${KINDS})(_wo)?$`);

/** Texts that are secrets wherever they stand. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----[\s\S]*/, 'a private key'],
  [/X-Amz-(Signature|Security-Token)=[\w%+/=-]+/i, 'a token'],
  [/\b[a-z][a-z0-9+.-]*:\/\/[^\s:/@]*:[^\s/@]+@/i, 'a password in a connection string'],
  [/\b\w*(password|passwd|pwd|secret|token)\s*=(?!=)\s*(?!\$\{)[^\s&;]+/i, 'a password in a text'],
  [/\b(AKIA|ASIA)[0-9A-Z]{16}\b["'\s:,;=/]+[A-Za-z0-9/+]{16,}=*/, 'a secret access key'],
  [
    new RegExp(
      `"([\\w.-]*[_.-])?(${KINDS})(_wo)?\\\\?"\\s*:\\s*\\\\?"(?!${NO_SECRET}:|\\$\\{|arn:)[^"]+`,
      'i',
    ),
    'a secret in JSON',
  ],
  [/\b(gh[pousr]_[A-Za-z0-9]{30,}|github_pat_\w{30,}|xox[abpr]-[\w-]{10,})/, 'a token'],
];

/** Every secret that a plan shows in clear, wherever in it: Terraform marks sensitive values, and writes them all the same. */
export function plannedSecrets(plan: TerraformPlan): PlannedSecret[] {
  const found = new Map<string, PlannedSecret>();
  searchPlan(plan, (address, what) => found.set(`${address} ${what}`, { address, what }));
  return [...found.values()];
}

export interface Redaction {
  /** Of a name or a value by itself. */
  readonly text: (text: string) => string;
  /** Of a line with code in it. */
  readonly line: (line: string) => string;
}

/** Takes out of words whatever the plan holds as a secret. */
export function redaction(plan: TerraformPlan): Redaction {
  const values = new Set<string>();
  searchPlan(plan, (_address, _what, value) => {
    // Of a shorter one the attribute is hidden; in the middle of words it means nothing.
    if (value.length >= 6) values.add(value).add(visible(value)).add(oneLine(value));
  });
  const known = [...values].sort((one, other) => other.length - one.length);
  const text = (given: string) =>
    SECRET_TEXTS.reduce(
      (redacted, [pattern]) => redacted.replace(new RegExp(pattern, 'gi'), '(sensitive)'),
      known.reduce((redacted, value) => redacted.replaceAll(value, '(sensitive)'), given),
    );
  return { text, line: (line) => withCode(line, text) };
}

/**
 * Whether a text is a secret, by the mark of Terraform, by the name of what holds it, or by its looks.
 * @returns how, in words
 */
export function secretKind(value: string, path: readonly string[], sensitive: boolean): string | undefined {
  if (value === '' || value === NO_SECRET || value.startsWith(`${NO_SECRET}:`)) return undefined;
  const names = path.filter((step) => !/^\d+$/.test(step) && step !== 'constant_value');
  const name = names.at(-1) ?? '';
  // `{ password: { value: … } }`
  const holder = name === 'value' ? (names.at(-2) ?? name) : name;
  const isReference = /^(arn:|\$\{)/.test(value);
  if (sensitive || (isSecretName(holder) && !isReference))
    return name === '' ? 'a sensitive value' : `the value of ${name}`;
  const kind = SECRET_TEXTS.find(([pattern]) => pattern.test(value))?.[1];
  if (kind === undefined) return undefined;
  return name === '' ? kind : `${kind} in ${name}`;
}

function isSecretName(name: string): boolean {
  const snake = name.replace(/([a-z0-9])([A-Z])/g, '$1_$2').toLowerCase();
  return SECRET_NAME.test(snake);
}

type Report = (address: string, what: string, value: string) => void;

function searchPlan(plan: TerraformPlan, report: Report): void {
  const at = (address: string) => (what: string, value: string) => report(address, what, value);
  const changes: [string, Change][] = [
    ...[...(plan.resource_changes ?? []), ...(plan.resource_drift ?? [])].map(
      ({ address, change }): [string, Change] => [address, change],
    ),
    ...Object.entries(plan.output_changes ?? {}).map(([name, change]): [string, Change] => [
      `output.${name}`,
      change,
    ]),
  ];
  for (const [address, change] of changes) {
    search(change.after, change.after_sensitive, [], at(address));
    search(change.before, change.before_sensitive, [], at(address));
  }
  for (const [name, variable] of Object.entries(plan.variables ?? {}))
    search(attributeOf(variable, 'value'), false, [name], at(`var.${name}`));
  for (const [key, provider] of Object.entries(plan.configuration?.provider_config ?? {}))
    search(provider.expressions, false, [], at(`provider.${key}`));
  for (const [name, blocks] of Object.entries(plan.aurora_iam?.providers ?? {}))
    search(blocks, false, [], at(`provider.${name}`));
  search({ ...plan.aurora_iam, providers: undefined }, false, [], at('configuration'));
  searchConfiguredModule(plan.configuration?.root_module, report);
  for (const state of [attributeOf(plan.prior_state, 'values'), plan.planned_values]) {
    for (const [name, output] of entriesOf(attributeOf(state, 'outputs')))
      search(
        attributeOf(output, 'value'),
        attributeOf(output, 'sensitive') === true,
        [],
        at(`output.${name}`),
      );
    searchStateModule(attributeOf(state, 'root_module'), report);
  }
}

function searchConfiguredModule(module: unknown, report: Report): void {
  if (!isObject(module)) return;
  const { resources, module_calls: calls, ...others } = module;
  for (const resource of listOf(resources)) {
    const address = String(attributeOf(resource, 'address'));
    for (const part of ['expressions', 'provisioners'])
      search(attributeOf(resource, part), false, [], (what, value) => report(address, what, value));
  }
  for (const [name, call] of entriesOf(calls)) {
    search(attributeOf(call, 'expressions'), false, [], (what, value) =>
      report(`module.${name}`, what, value),
    );
    searchConfiguredModule(attributeOf(call, 'module'), report);
  }
  search(others, false, [], (what, value) => report('configuration', what, value));
}

function searchStateModule(module: unknown, report: Report): void {
  for (const resource of listOf(attributeOf(module, 'resources')))
    search(attributeOf(resource, 'values'), attributeOf(resource, 'sensitive_values'), [], (what, value) =>
      report(String(attributeOf(resource, 'address')), what, value),
    );
  for (const child of listOf(attributeOf(module, 'child_modules'))) searchStateModule(child, report);
}

function search(
  value: unknown,
  sensitive: unknown,
  path: readonly string[],
  report: (what: string, value: string) => void,
): void {
  if (typeof value === 'string' || typeof value === 'number') {
    const what = secretKind(String(value), path, sensitive === true);
    if (what !== undefined) report(what, String(value));
    return;
  }
  if (typeof value !== 'object' || value === null) return;
  // An expression: what refers to something is no constant, though Terraform may quote it as one.
  if (Array.isArray(attributeOf(value, 'references'))) {
    const constant = attributeOf(value, 'constant_value');
    const kind = typeof constant === 'string' ? secretKind(constant, [], false) : undefined;
    if (kind !== undefined) report(kind, constant as string);
    return;
  }
  for (const [key, each] of Object.entries(value))
    search(
      each,
      sensitive === true || (sensitive as Record<string, unknown> | null)?.[key],
      [...path, key],
      report,
    );
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

function entriesOf(value: unknown): [string, unknown][] {
  return isObject(value) ? Object.entries(value) : [];
}
