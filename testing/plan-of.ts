import { rmSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join } from 'node:path';
import { type TerraformStack, Testing } from 'cdktf';
import type { Change, PlanAction, TerraformPlan } from '../modules/plan/terraform-plan';
import type { OfflineOptions } from '../planning/offline-configuration';
import { offlinePlan } from '../planning/offline-plan';

/** What a plan would do, in a form that is the same on every machine. */
export interface Plan {
  readonly stack: string;
  /** By address. Data sources are not in it. */
  readonly resources: Readonly<Record<string, PlannedResource>>;
  readonly outputs: Readonly<Record<string, unknown>>;
  /** The whole, as `terraform show -json` prints it. */
  readonly json: TerraformPlan;
}

export interface PlannedResource {
  readonly actions: readonly (PlanAction | 'import')[];
  /** Absent values are left out; JSON in a text is shown as `{ "(JSON)": … }`. */
  readonly values: unknown;
}

/** In the place of a value that only the apply will tell. */
export const KNOWN_AFTER_APPLY = '(known after apply)';

/**
 * A real `terraform plan` of a stack that does not exist yet, with fake credentials: nothing is asked of AWS or of a database.
 * What its look-ups find is supplied: clusters, instances and proxies have stand-ins as the stack wants them, anything
 * else is given in `found`. Takes Terraform and the providers as Terraform itself finds them.
 * Account ids are replaced by `(account)`, paths of this machine by `(project)` and `(home)`.
 * @throws OfflineError with Terraform's own message, or with the look-up that is missing
 */
export async function planOf(stack: TerraformStack, options: OfflineOptions = {}): Promise<Plan> {
  // Ties references between stacks together, as an App does before it writes any.
  stack.prepareStack();
  const folder = Testing.fullSynth(stack);
  try {
    const name = stack.node.id;
    const json = await offlinePlan(join(folder, 'stacks', basename(name)), options);
    return normalised(name, json, accountsOf(stack.toTerraform()));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Addresses at which two plans differ: in what is done, or in a planned value. Sorted. */
export function changedAddresses(before: Plan, after: Plan): string[] {
  const addresses = new Set([...Object.keys(before.resources), ...Object.keys(after.resources)]);
  const text = (plan: Plan, address: string) => JSON.stringify(plan.resources[address]);
  return [...addresses].filter((address) => text(before, address) !== text(after, address)).sort();
}

/** The parts of a plan that say what would be, redacted. @param accounts those of the stack, which are redacted first */
export function normalised(stack: string, json: TerraformPlan, accounts: readonly string[] = []): Plan {
  const changes = (json.resource_changes ?? []).filter(({ mode }) => mode === 'managed');
  const resources = Object.fromEntries(
    sortedBy(changes, ({ address }) => address).map(({ address, change }) => [
      address,
      {
        actions: change.importing ? (['import'] as const) : change.actions,
        values: readable(plannedValue(change)),
      },
    ]),
  );
  const outputs = Object.fromEntries(
    sortedBy(Object.entries(json.output_changes ?? {}), ([name]) => name).map(([name, change]) => [
      name,
      readable(plannedValue(change)),
    ]),
  );
  const redact = redaction(JSON.stringify([resources, outputs]), accounts);
  return { stack, resources: redact(resources), outputs: redact(outputs), json };
}

function plannedValue({ after, after_unknown: unknown, after_sensitive: sensitive }: Change): unknown {
  return merged(after, unknown, sensitive);
}

function merged(value: unknown, unknown: unknown, sensitive: unknown): unknown {
  if (sensitive === true) return value === null ? null : '(sensitive)';
  if (unknown === true) return KNOWN_AFTER_APPLY;
  if (Array.isArray(value) || Array.isArray(unknown)) {
    const length = Math.max(lengthOf(value), lengthOf(unknown));
    return Array.from({ length }, (_, index) =>
      merged(at(value, index), at(unknown, index), at(sensitive, index)),
    );
  }
  if (isObject(value) || isObject(unknown)) {
    const keys = new Set([...keysOf(value), ...keysOf(unknown)]);
    return Object.fromEntries(
      [...keys].map((key) => [key, merged(at(value, key), at(unknown, key), at(sensitive, key))]),
    );
  }
  return value;
}

/** Without null, with sorted keys, and with the JSON in texts opened. */
function readable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(readable);
  if (isObject(value))
    return Object.fromEntries(
      keysOf(value)
        .sort()
        .filter((key) => value[key] !== null && value[key] !== undefined)
        .map((key) => [key, readable(value[key])]),
    );
  if (typeof value === 'string' && /^\s*[{[]/.test(value))
    try {
      return { '(JSON)': readable(JSON.parse(value)) };
    } catch {
      // A text that only begins like JSON.
    }
  return value;
}

/** Replaces, in keys and values, account ids and the folders of this machine. */
function redaction(text: string, known: readonly string[]): <T>(value: T) => T {
  const inArns = [...text.matchAll(/\barn:[a-z-]+:[a-z0-9-]*:[a-z0-9-]*:(\d{12}):/g)].map(
    ([, id = '']) => id,
  );
  const replacements: [RegExp, string][] = [...new Set([...known, ...inArns])].map((id, index) => [
    new RegExp(`\\b${id}\\b`, 'g'),
    index === 0 ? '(account)' : `(account ${index + 1})`,
  ]);
  const folders = [
    [process.cwd(), '(project)'],
    [homedir(), '(home)'],
  ] as const;
  for (const [path, name] of folders)
    if (path.length > 1)
      replacements.push([new RegExp(`${path.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')}(?![\\w-])`, 'g'), name]);
  const redactText = (given: string) =>
    replacements.reduce((redacted, [pattern, by]) => redacted.replace(pattern, () => by), given);
  const redact = (value: unknown): unknown => {
    if (typeof value === 'string') return redactText(value);
    if (Array.isArray(value)) return value.map(redact);
    if (!isObject(value)) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [redactText(key), redact(each)]));
  };
  return redact as <T>(value: T) => T;
}

function accountsOf(synthesized: unknown): string[] {
  const { provider } = synthesized as {
    provider?: Record<string, readonly { allowed_account_ids?: unknown }[]>;
  };
  return [provider?.['aws'] ?? []]
    .flat()
    .flatMap(({ allowed_account_ids: ids }) => (Array.isArray(ids) ? ids : []))
    .filter((id) => typeof id === 'string' && /^\d{12}$/.test(id));
}

function sortedBy<T>(values: readonly T[], key: (value: T) => string): T[] {
  // By code units: a locale would sort differently on another machine.
  return [...values].sort((one, other) => (key(one) < key(other) ? -1 : 1));
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function keysOf(value: unknown): string[] {
  return isObject(value) ? Object.keys(value) : [];
}

function lengthOf(value: unknown): number {
  return Array.isArray(value) ? value.length : 0;
}

function at(value: unknown, key: string | number): unknown {
  return typeof value === 'object' && value !== null
    ? (value as Record<string | number, unknown>)[key]
    : undefined;
}
