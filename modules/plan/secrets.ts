import { attributeOf } from './connect-access';
import type { Change, TerraformPlan } from './terraform-plan';

/** A secret in a plan. Never what it is. */
export interface PlannedSecret {
  /** Of the resource, output, variable or provider. */
  readonly address: string;
  /** The attribute, in words. */
  readonly what: string;
}

/** What a plan without credentials writes where a provider wants a key or a password. */
export const NO_SECRET = 'offline';

/** Attributes that hold nothing but secrets. */
export const SECRET_NAMES =
  /^(password|password_wo|master_password|master_password_wo|secret|secret_string|secret_binary|secret_key|private_key|private_key_pem|access_token|session_token|token|auth_token)$/;

/** Texts that are secrets wherever they stand. */
const SECRET_TEXTS: readonly (readonly [RegExp, string])[] = [
  [/-----BEGIN [A-Z ]*PRIVATE KEY-----/, 'a private key'],
  [/X-Amz-Signature=[0-9a-f]{64}/, 'a token'],
  [/\bpostgres(ql)?:\/\/[^\s:/@]+:[^\s:/@]+@/, 'a password in a connection string'],
];

/** Every secret that a plan shows in clear, wherever in it: Terraform marks sensitive values, and writes them all the same. */
export function plannedSecrets(plan: TerraformPlan): PlannedSecret[] {
  const found = new Map<string, PlannedSecret>();
  const add = (address: string, what: string) => found.set(`${address} ${what}`, { address, what });
  const changes: [string, Change][] = [
    ...(plan.resource_changes ?? []).map(({ address, change }): [string, Change] => [address, change]),
    ...Object.entries(plan.output_changes ?? {}).map(([name, change]): [string, Change] => [
      `output.${name}`,
      change,
    ]),
  ];
  for (const [address, change] of changes) {
    search(change.after, change.after_sensitive, [], (what) => add(address, what));
    search(change.before, change.before_sensitive, [], (what) => add(address, what));
  }
  for (const [name, { value }] of Object.entries(plan.variables ?? {}))
    search(value, false, [name], (what) => add(`var.${name}`, what));
  for (const [key, provider] of Object.entries(plan.configuration?.provider_config ?? {}))
    search(provider.expressions, false, [], (what) => add(`provider.${key}`, what));
  const { resources = [], ...module } = plan.configuration?.root_module ?? {};
  for (const { address, expressions } of resources)
    search(expressions, false, [], (what) => add(address, what));
  search(module, false, [], (what) => add('configuration', what));
  // Data sources that were read.
  for (const { address, values, sensitive_values: sensitive } of priorData(plan.prior_state))
    search(values, sensitive, [], (what) => add(address, what));
  return [...found.values()];
}

function search(
  value: unknown,
  sensitive: unknown,
  path: readonly string[],
  report: (what: string) => void,
): void {
  if (typeof value === 'string') {
    if (value === '' || value === NO_SECRET || value.startsWith(`${NO_SECRET}:`)) return;
    const name = path.findLast((step) => !/^(\d+|constant_value)$/.test(step)) ?? '';
    const text = SECRET_TEXTS.find(([pattern]) => pattern.test(value));
    if (sensitive === true || SECRET_NAMES.test(name))
      report(name === '' ? 'a sensitive value' : `the value of ${name}`);
    else if (text) report(name === '' ? text[1] : `${text[1]} in ${name}`);
    return;
  }
  // An expression: what refers to something is no constant, though Terraform may quote it as one.
  if (typeof value !== 'object' || value === null || Array.isArray(attributeOf(value, 'references'))) return;
  for (const [key, each] of Object.entries(value))
    search(each, sensitive === true || attributeOf(sensitive, key), [...path, key], report);
}

function priorData(state: unknown): { address: string; values: unknown; sensitive_values: unknown }[] {
  const { values } = (state ?? {}) as { values?: { root_module?: { resources?: unknown[] } } };
  return ((values?.root_module?.resources ?? []) as { mode?: string }[]).filter(
    ({ mode }) => mode === 'data',
  ) as never;
}
